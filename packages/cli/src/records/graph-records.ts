import type {
  CatalogObject,
  DatabaseTransaction,
  EdgeInput,
  GraphDefinition,
  GraphEdge,
  NodeInput,
} from '@orbit-ts/engine'
import { namesCell, textCell } from './cell-codec.js'
import { PropertyColumns } from './property-columns.js'
import type { JsonRecord, RecordColumn, RecordQuery, RecordTarget } from './record-target.js'

/** Nodes of a graph: `{ "id": "SEA", "labels": ["Airport"], "properties": { "name": "Seattle" } }`. */
export class NodeRecords implements RecordTarget {
  readonly kind = 'nodes'
  readonly what: string
  readonly objectId: number
  readonly emptyIsNull = false
  readonly #name: string
  readonly #columns: PropertyColumns

  constructor({ name, id, definition }: CatalogObject<GraphDefinition>) {
    this.#name = name
    this.what = `nodes of graph "${name}"`
    this.objectId = id
    const declared = definition.labels.map((label) => label.properties)
    const types = definition.open ? [...declared, undefined] : declared
    this.#columns = new PropertyColumns('properties', { id: textCell, labels: namesCell }, types)
  }

  column(header: string): RecordColumn {
    return this.#columns.column(header)
  }

  fromJson(record: JsonRecord): unknown {
    return record
  }

  operation(records: readonly unknown[]): { readonly op: string; readonly args: object } {
    return { op: 'addNodes', args: { nodes: records } }
  }

  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown> {
    return tx.graph(this.#name).addNodes(records as readonly NodeInput[])
  }

  scan(tx: DatabaseTransaction, { where, label }: RecordQuery): AsyncIterable<readonly object[]> {
    return tx.graph(this.#name).scanNodes({
      ...(where === undefined ? {} : { where }),
      ...(label === undefined ? {} : { label }),
    })
  }

  async columns(tx: DatabaseTransaction, query: RecordQuery): Promise<RecordColumn[]> {
    return this.#columns.columns(this.#columns.isOpen ? await this.#columns.found(this.scan(tx, query)) : [])
  }
}

/** Of a type of which there is one edge between two nodes. */
function withoutEmptyId(edge: GraphEdge): object {
  const { id, ...rest } = edge
  return id === '' ? rest : edge
}

/**
 * Edges of a graph: `{ "type": "FLIGHT", "from": "SEA", "to": "SFO", "id": "…", "properties": { "count": 7 } }`. Types
 * of which there is one edge between two nodes have no id.
 */
export class EdgeRecords implements RecordTarget {
  readonly kind = 'edges'
  readonly what: string
  readonly objectId: number
  readonly emptyIsNull = false
  readonly #name: string
  readonly #columns: PropertyColumns

  constructor({ name, id, definition }: CatalogObject<GraphDefinition>) {
    this.#name = name
    this.what = `edges of graph "${name}"`
    this.objectId = id
    const declared = definition.types.map((type) => type.properties)
    const types = definition.open ? [...declared, undefined] : declared
    const fixed = { type: textCell, from: textCell, to: textCell, id: textCell }
    this.#columns = new PropertyColumns('properties', fixed, types)
  }

  column(header: string): RecordColumn {
    return this.#columns.column(header)
  }

  fromJson(record: JsonRecord): unknown {
    return record
  }

  operation(records: readonly unknown[]): { readonly op: string; readonly args: object } {
    return { op: 'addEdges', args: { edges: records } }
  }

  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown> {
    return tx.graph(this.#name).addEdges(records as readonly EdgeInput[])
  }

  async *scan(tx: DatabaseTransaction, { where, type }: RecordQuery): AsyncIterable<readonly object[]> {
    const edges = tx.graph(this.#name).scanEdges({
      ...(where === undefined ? {} : { where }),
      ...(type === undefined ? {} : { type }),
    })
    for await (const chunk of edges) yield chunk.map(withoutEmptyId)
  }

  async columns(tx: DatabaseTransaction, query: RecordQuery): Promise<RecordColumn[]> {
    return this.#columns.columns(this.#columns.isOpen ? await this.#columns.found(this.scan(tx, query)) : [])
  }
}
