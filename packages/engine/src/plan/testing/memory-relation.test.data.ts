import { defined } from '@orbit-ts/base'
import { compileRowOrder } from '../../exec/rows/compare-rows.js'
import { KeyBounds } from '../../exec/operators/scan/key-bounds.js'
import { ROW_ID_ORDINAL } from '../logical-plan.js'
import type { Expression } from '../expression.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Row, Value } from '../../scalar/value.js'
import type { IndexRange, Relation, RelationIndex, ScanRequest } from '../../relation/relation.js'
import type { RelationStatistics } from '../statistics/relation-statistics.js'

export interface TestColumn {
  readonly name: string
  readonly type: DataType
  readonly isNotNull?: boolean
}

export interface TestIndex {
  readonly name: string
  readonly columns: readonly number[]
  readonly isUnique?: boolean
  readonly isPrimary?: boolean
  readonly descending?: readonly number[]
  /** Instead of `columns`: what is indexed, and its value for a row. */
  readonly expression?: { readonly key: Expression; readonly of: (row: Row) => Value }
  readonly predicate?: { readonly condition: Expression; readonly of: (row: Row) => boolean }
}

let lastOid = 50_000

/** A relation whose rows are an array; it counts what is read of it. */
export class MemoryRelation implements Relation {
  readonly oid = ++lastOid
  readonly schema = 'public'
  readonly kind = 'table'
  readonly name: string
  readonly columns: Relation['columns']
  readonly indexes: readonly RelationIndex[]
  statistics: RelationStatistics | undefined
  readonly rows: Row[]
  rowsRead = 0
  readonly #tests: readonly TestIndex[]

  constructor(
    name: string,
    columns: readonly TestColumn[],
    indexes: readonly TestIndex[] = [],
    rows: readonly Row[] = [],
    statistics?: RelationStatistics,
  ) {
    this.name = name
    this.columns = columns.map((column) => ({ isNotNull: false, hasDefault: false, ...column }))
    this.#tests = indexes
    this.indexes = indexes.map((index) => this.#define(index))
    this.rows = [...rows]
    this.statistics = statistics
  }

  async *scan(_context: unknown, request: ScanRequest): AsyncGenerator<Row[]> {
    let found = this.#find(request)
    if (request.isReverse === true) found = found.reverse()
    if (request.limit !== undefined) found = found.slice(0, request.limit)
    const rows = found.map((row) =>
      request.columns.map((ordinal) =>
        ordinal === ROW_ID_ORDINAL ? this.rows.indexOf(row) : (row[ordinal] as Value),
      ),
    )
    this.rowsRead += rows.length
    for (let at = 0; at < rows.length; at += 7) yield rows.slice(at, at + 7)
  }

  #define(index: TestIndex): RelationIndex {
    const keys = index.expression === undefined ? index.columns : [index.expression.key]
    return {
      name: index.name,
      isPrimary: index.isPrimary === true,
      isUnique: index.isUnique === true,
      nullsNotDistinct: false,
      keys: keys.map((key, at) => {
        const isDescending = index.descending?.includes(at) === true
        return { key, isDescending, nullsFirst: isDescending }
      }),
      ...(index.predicate && { predicate: index.predicate.condition }),
      covers: index.isPrimary === true ? this.columns.map((_column, at) => at) : index.columns,
    }
  }

  #find({ access }: ScanRequest): Row[] {
    if (access.kind === 'all') return [...this.rows]
    if (access.kind === 'rows') return access.ids.map((id) => defined(this.rows[Number(id)], 'a row'))
    const at = this.indexes.findIndex((index) => index.name === access.index)
    const index = defined(this.indexes[at], access.index)
    const test = defined(this.#tests[at], access.index)
    const keyOf = (row: Row): Row =>
      test.expression === undefined
        ? test.columns.map((ordinal) => row[ordinal] as Value)
        : [test.expression.of(row)]
    const order = index.keys.map(({ key, isDescending, nullsFirst }, position) => ({
      position,
      type: typeof key === 'number' ? defined(this.columns[key], 'a column').type : key.type,
      isDescending,
      nullsFirst,
    }))
    const compare = compileRowOrder(order)
    const ranges: readonly IndexRange[] =
      access.kind === 'ranges' ? access.ranges : access.keys.map((prefix) => ({ prefix }))
    const bounds = new KeyBounds(order)
    return this.rows
      .filter((row) => test.predicate?.of(row) !== false && bounds.contains(ranges, keyOf(row)))
      .sort((a, b) => compare(keyOf(a), keyOf(b)))
  }
}
