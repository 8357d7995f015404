import { fromUtf8, utf8 } from '@orbit-ts/base'
import { actorKeys } from '@orbit-ts/storage'
import type { Anomaly } from '@orbit-ts/tikv/testing/histories'
import { collection } from '../models/document/collection.js'
import { graph } from '../models/graph/graph.js'
import { int4, text } from '../models/relational/schema/column-types.js'
import { audit } from '../models/relational/table-database.test.data.js'
import { table } from '../models/relational/table.js'
import type { DatabaseTransaction } from '../txn/database-transaction.js'
import type { Ended, FaultWorkload, Step } from './fault-workload.test.data.js'

const CODES = 6
const OWNERS = 3

const owners = table('owners', { id: int4().primaryKey() })
const claimed = table(
  'claimed',
  { id: int4().primaryKey(), code: text().notNull(), owner: int4().notNull() },
  {
    indexes: [{ name: 'by_code', columns: ['code'], unique: true }],
    foreignKeys: [{ columns: ['owner'], references: { table: 'owners' } }],
  },
)
const papers = collection<{ code: string }>('papers', { indexes: [{ path: 'code', unique: true }] })
const owning = graph('owning', {
  nodes: {
    Owner: {},
    Claim: { properties: { code: 'string' }, indexes: [{ fields: 'code', unique: true }] },
  },
  edges: { OWNS: { from: 'Owner', to: 'Claim', unique: true } },
})

const claimNode = (id: number): string => `claim-${id}`
const ownerNode = (id: number): string => `owner-${id}`
const stateKey = (id: number): Uint8Array => actorKeys.state({ type: 'claim', key: String(id) })
const numberIn = (id: string): number => Number(id.split('-')[1])

/**
 * Claims of a few codes by owners who come and go. A claim is a row, a document, a node with an edge and the state of an
 * actor: unique keys, a foreign key and edges without ends would tell what is torn, lost or there twice.
 */
export const claims: FaultWorkload = {
  name: 'unique codes and owners in all models',
  schema: [owners, claimed, papers, owning],
  refusals: ['UNIQUE_VIOLATION', 'FOREIGN_KEY_VIOLATION', 'RECORD_EXISTS', 'DANGLING_EDGE', 'NODE_HAS_EDGES'],
  fill: async (tx) => {
    for (let owner = 0; owner < OWNERS; owner++) await addOwner(tx, owner)
  },
  next: (dice) => {
    const code = `code-${dice.between(0, CODES - 1)}`
    const owner = dice.between(0, OWNERS - 1)
    return dice.pick([claim, claim, claim, release, release, hireOrFire, look])(code, owner)
  },
  check: async (db, ended) => {
    await audit(db, 'claimed')
    const tx = await db.begin()
    const found = await findClaims(tx)
    await tx.rollback()
    return [...compare('the final state', found), ...checkOutcomes(found.rows, ended)]
  },
}

function claim(code: string, owner: number): Step {
  return {
    label: `claim ${code}`,
    run: async (tx, attempt) => {
      const { id } = attempt
      await tx.table(claimed).insert({ id, code, owner })
      await tx.collection(papers).insert({ id: claimNode(id), code })
      await tx.graph(owning).addNode({ id: claimNode(id), labels: ['Claim'], properties: { code } })
      await tx.graph(owning).addEdge({ type: 'OWNS', from: ownerNode(owner), to: claimNode(id) })
      tx.storage.put(stateKey(id), utf8(code))
      attempt.made.push(id)
    },
  }
}

function release(code: string): Step {
  return {
    label: `release ${code}`,
    run: async (tx, attempt) => {
      const [row] = await tx.table(claimed).find({ where: { code } })
      if (row === undefined) return
      await tx.table(claimed).delete(row.id)
      await tx.collection(papers).delete(claimNode(row.id))
      await tx.graph(owning).deleteNode(claimNode(row.id), { detach: true })
      tx.storage.delete(stateKey(row.id))
      attempt.removed.push(row.id)
    },
  }
}

function hireOrFire(_code: string, owner: number): Step {
  return {
    label: `owner ${owner}`,
    run: async (tx) => {
      if ((await tx.table(owners).get(owner)) === undefined) {
        await addOwner(tx, owner)
        return
      }
      await tx.table(owners).delete(owner)
      await tx.graph(owning).deleteNode(ownerNode(owner))
    },
  }
}

async function addOwner(tx: DatabaseTransaction, owner: number): Promise<void> {
  await tx.table(owners).insert({ id: owner })
  await tx.graph(owning).addNode({ id: ownerNode(owner), labels: ['Owner'] })
}

/** What one snapshot shows of the models must fit together at any time. */
function look(): Step {
  return {
    label: 'look',
    run: async (tx) => {
      const [wrong] = compare('a snapshot', await findClaims(tx))
      if (wrong !== undefined) throw new Error(wrong.detail)
    },
  }
}

/** Claims as each model has them, by number: the code, and the owner where the model knows it. */
interface Found {
  readonly rows: ReadonlyMap<number, string>
  readonly documents: ReadonlyMap<number, string>
  readonly nodes: ReadonlyMap<number, string>
  readonly states: ReadonlyMap<number, string>
  /** Owners by claim. */
  readonly rowOwners: ReadonlyMap<number, number>
  readonly edgeOwners: ReadonlyMap<number, number>
  readonly ownerRows: readonly number[]
  readonly ownerNodes: readonly number[]
}

async function findClaims(tx: DatabaseTransaction): Promise<Found> {
  const rows = await tx.table(claimed).find()
  const documents = await tx.collection(papers).find()
  const nodes = (await collect(tx.graph(owning).scanNodes({}))).map(({ id, properties }) => ({
    id,
    code: 'code' in properties && typeof properties.code === 'string' ? properties.code : '',
  }))
  const edges = await collect(tx.graph(owning).scanEdges({}))
  const states = new Map<number, string>()
  for (const { id } of rows) {
    const state = await tx.storage.get(stateKey(id))
    if (state !== undefined) states.set(id, fromUtf8(state))
  }
  return {
    rows: new Map(rows.map(({ id, code }) => [id, code])),
    documents: new Map(documents.map(({ id, code }) => [numberIn(id), code])),
    nodes: new Map(
      nodes.filter(({ id }) => id.startsWith('claim')).map(({ id, code }) => [numberIn(id), code]),
    ),
    states,
    rowOwners: new Map(rows.map(({ id, owner }) => [id, owner])),
    edgeOwners: new Map(edges.map(({ from, to }) => [numberIn(to), numberIn(from)])),
    ownerRows: (await tx.table(owners).find()).map(({ id }) => id),
    ownerNodes: nodes.filter(({ id }) => id.startsWith('owner')).map(({ id }) => numberIn(id)),
  }
}

async function collect<T>(chunks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const chunk of chunks) all.push(...chunk)
  return all
}

function compare(who: string, found: Found): Anomaly[] {
  const { rows, documents, nodes, states, rowOwners, edgeOwners, ownerRows, ownerNodes } = found
  const textOf = (map: ReadonlyMap<number, unknown>): string =>
    [...map]
      .sort(([a], [b]) => a - b)
      .map(([id, what]) => `${id}=${String(what)}`)
      .join(' ')
  const listOf = (ids: readonly number[]): string => ids.toSorted((a, b) => a - b).join(' ')
  const pairs: readonly (readonly [string, string, string])[] = [
    ['documents', textOf(rows), textOf(documents)],
    ['nodes', textOf(rows), textOf(nodes)],
    ['states of actors', textOf(rows), textOf(states)],
    ['edges', textOf(rowOwners), textOf(edgeOwners)],
    ['nodes of owners', listOf(ownerRows), listOf(ownerNodes)],
  ]
  const torn = pairs.flatMap(([what, expected, got]) =>
    expected === got ? [] : [{ kind: 'torn', detail: `${who}: rows ${expected}, ${what} ${got}` }],
  )
  const twice = new Set(rows.values()).size < rows.size
  const orphans = [...rowOwners].filter(([, owner]) => !ownerRows.includes(owner))
  return [
    ...torn,
    ...(twice ? [{ kind: 'unique', detail: `${who}: a code is there twice: ${textOf(rows)}` }] : []),
    ...orphans.map(([id, owner]) => ({ kind: 'foreign-key', detail: `${who}: ${id} is of ${owner}, gone` })),
  ]
}

/** What was acknowledged is there unless it was, or may have been, taken away; what failed is not. */
function checkOutcomes(rows: ReadonlyMap<number, string>, ended: readonly Ended[]): Anomaly[] {
  const removedBy = (outcomes: readonly string[]): ReadonlySet<number> =>
    new Set(
      ended.flatMap(({ attempt, transaction }) =>
        outcomes.includes(transaction.outcome) ? attempt.removed : [],
      ),
    )
  const gone = removedBy(['committed'])
  const perhapsGone = removedBy(['committed', 'undetermined'])
  return ended.flatMap(({ attempt, transaction: { outcome, client } }) =>
    attempt.made.flatMap((id) => {
      const who = `claim ${id} of ${client}, ${outcome},`
      if (outcome === 'committed' && !rows.has(id) && !perhapsGone.has(id))
        return [{ kind: 'lost-write', detail: `${who} is lost` }]
      if (outcome === 'aborted' && rows.has(id)) return [{ kind: 'aborted-write', detail: `${who} is there` }]
      if (gone.has(id) && rows.has(id)) return [{ kind: 'lost-write', detail: `${who} was taken away` }]
      return []
    }),
  )
}
