/** Places for a text in every model, for workloads that treat them all alike. */
import { defined, fromUtf8, utf8 } from '@orbit-ts/base'
import { actorKeys } from '@orbit-ts/storage'
import { collection } from '../models/document/collection.js'
import { graph } from '../models/graph/graph.js'
import { text } from '../models/relational/schema/column-types.js'
import { table } from '../models/relational/table.js'
import type { DatabaseTransaction } from '../txn/database-transaction.js'

export interface Cell {
  readonly name: string
  create(tx: DatabaseTransaction, value: string): Promise<unknown>
  get(tx: DatabaseTransaction): Promise<string>
  put(tx: DatabaseTransaction, value: string): Promise<unknown>
}

const rows = table('cell_rows', { id: text().primaryKey(), value: text().notNull() })
const documents = collection<{ value: string }>('cell_documents')
const net = graph('cell_net', {
  nodes: { Cell: { properties: { value: 'string' } } },
  edges: { LINK: { properties: { value: 'string' }, unique: true } },
})

export const cellSchema = [rows, documents, net]

function rowCell(id: string): Cell {
  return {
    name: `row ${id}`,
    create: (tx, value) => tx.table(rows).insert({ id, value }),
    get: async (tx) => defined(await tx.table(rows).get(id), `row ${id}`).value,
    put: (tx, value) => tx.table(rows).update(id, { value }),
  }
}

function documentCell(id: string): Cell {
  return {
    name: `document ${id}`,
    create: (tx, value) => tx.collection(documents).insert({ id, value }),
    get: async (tx) => defined(await tx.collection(documents).get(id), `document ${id}`).value,
    put: (tx, value) => tx.collection(documents).merge(id, { value }),
  }
}

function nodeCell(id: string): Cell {
  return {
    name: `node ${id}`,
    create: (tx, value) => tx.graph(net).addNode({ id, labels: ['Cell'], properties: { value } }),
    get: async (tx) => defined(await tx.graph(net).getNode(id), `node ${id}`).properties.value,
    put: (tx, value) => tx.graph(net).updateNode(id, { properties: { value } }),
  }
}

function edgeCell(from: string, to: string): Cell {
  const key = { type: 'LINK', from, to } as const
  return {
    name: `edge ${from}-${to}`,
    create: (tx, value) => tx.graph(net).addEdge({ ...key, properties: { value } }),
    get: async (tx) => {
      const [edge] = await tx.graph(net).getEdges([key])
      return defined(edge, `edge ${from}-${to}`).properties.value
    },
    put: (tx, value) => tx.graph(net).updateEdge(key, { properties: { value } }),
  }
}

/** As an actor's host writes its state: through the storage transaction, beside what the models write. */
function actorCell(id: string): Cell {
  const key = actorKeys.state({ type: 'cell', key: id })
  const put = async (tx: DatabaseTransaction, value: string): Promise<void> =>
    tx.storage.put(key, utf8(value))
  return {
    name: `actor ${id}`,
    create: put,
    get: async (tx) => fromUtf8(defined(await tx.storage.get(key), `state of actor ${id}`)),
    put,
  }
}

/** Nodes before the edges between them. */
export const cells: readonly Cell[] = [
  rowCell('a'),
  rowCell('b'),
  documentCell('a'),
  documentCell('b'),
  nodeCell('a'),
  nodeCell('b'),
  edgeCell('a', 'b'),
  actorCell('a'),
  actorCell('b'),
]
