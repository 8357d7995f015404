import type { Relation, RelationColumn, RelationContext, ScanRequest } from '../../../../relation/relation.js'
import { assert } from '@orbit-ts/base'
import type { Row, Value } from '../../../../scalar/value.js'

/** The values of a row by the names of its columns; what is left out is null. */
export type SystemRow = Readonly<Record<string, Value>>

/** Computes the rows of a relation of the catalog. */
export type SystemRows = (context: RelationContext) => Iterable<SystemRow> | Promise<Iterable<SystemRow>>

const BATCH_SIZE = 1024

/** A relation whose rows are computed from the catalog whenever they are read. */
export class SystemRelation implements Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind = 'catalog'
  readonly columns: readonly RelationColumn[]
  readonly indexes = []
  readonly statistics = undefined
  readonly #rows: SystemRows

  constructor(facts: Pick<Relation, 'oid' | 'schema' | 'name' | 'columns'>, rows: SystemRows) {
    this.oid = facts.oid
    this.schema = facts.schema
    this.name = facts.name
    this.columns = facts.columns
    this.#rows = rows
  }

  async *scan(context: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    assert(request.access.kind === 'all', 'a relation without indexes is read as a whole')
    const names = request.columns.map((ordinal) => this.columns[ordinal]?.name ?? '')
    let batch: Row[] = []
    let left = request.limit ?? Infinity
    for (const row of await this.#rows(context)) {
      if (left-- <= 0) break
      batch.push(names.map((name) => row[name] ?? null))
      if (batch.length < BATCH_SIZE) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }
}
