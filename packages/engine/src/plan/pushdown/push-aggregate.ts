/** Aggregates of queries as those that the store makes of parts of the rows, with what puts the parts together. */
import type { StoredFunction } from '../../relation/stored-rows.js'
import type { DataType } from '../../scalar/data-type.js'
import { int8 } from '../../scalar/types/integer-types.js'
import { numeric } from '../../scalar/types/numeric-type.js'
import { columnExpression } from '../expressions/conditions.js'
import type { AggregateCall, Expression } from '../expression.js'
import type { OutputColumn } from '../logical-plan.js'
import type { Aggregate, StoreScan } from '../physical-plan.js'
import { averageOf, mergedCount, mergedSum, sumAsInt8, sumAsNumeric } from './merge-aggregates.js'
import type { StoredColumn, StoredScan } from './stored-scan.js'

/** Ids of columns that exist nowhere but between the store's rows and what merges them. */
const FIRST_ID = -1_000_000

/** Digits that a sum of decimals may have, and those that many rows add to a value's own. */
const SUM_DIGITS_MAX = 65
const COUNT_DIGITS = 19

/** By `pg_proc.oid`. Only these are known to give the same answer when they are made of parts. */
const COUNTS: ReadonlySet<number> = new Set([2803, 2147])
const SUMS = new Map([
  [2109, sumAsInt8], // sum(int2)
  [2108, sumAsInt8], // sum(int4)
  [2107, sumAsNumeric], // sum(int8)
  [2114, sumAsNumeric], // sum(numeric)
  [2102, averageOf], // avg(int2)
  [2101, averageOf], // avg(int4)
  [2100, averageOf], // avg(int8)
  [2103, averageOf], // avg(numeric)
])

/** Of float4 and float8: `sum` and `avg`. */
const FLOAT_SUMS: ReadonlySet<number> = new Set([2110, 2111, 2104, 2105])

type Pushed = NonNullable<StoreScan['aggregate']>

/** What the store makes of parts of the rows and how it is merged, or why it is all made here. */
export function pushAggregate(plan: Aggregate, scan: StoredScan): Pushed | string {
  if (plan.groupingSets !== undefined || plan.groupings !== undefined) return 'grouping sets are made here'
  if (plan.strategy === 'sorted') return 'groups are wanted in order'
  const groups: StoredColumn[] = []
  for (const group of plan.groups) {
    const column = scan.columnOf(group)
    if (column === undefined) return 'groups are made of more than columns'
    if (column.type === undefined)
      return `${group.type.scalar.displayName} is not stored as the store compares`
    groups.push(column)
  }
  const functions = new StoredFunctions()
  const aggregates: AggregateCall[] = []
  for (const call of plan.aggregates) {
    const merged = mergedCall(call, scan, functions)
    if (typeof merged === 'string') return merged
    aggregates.push(merged)
  }
  // A store makes groups of something.
  if (functions.all.length === 0 && groups.length === 0) functions.add({ kind: 'count' }, COUNT_TYPE)
  const groupColumns = plan.groups.map((group, at) =>
    outputColumn(functions.all.length + at, group.type, groups[at]?.column.name ?? ''),
  )
  return {
    request: { functions: functions.all, groups: groups.map(({ ordinal }) => ordinal) },
    columns: [...functions.columns, ...groupColumns],
    groups: groupColumns.map(columnExpression),
    aggregates,
  }
}

const COUNT_TYPE: DataType = { scalar: int8, modifier: -1 }
const SUM_TYPE: DataType = { scalar: numeric, modifier: -1 }

/** What the store is asked for, each once. */
class StoredFunctions {
  readonly all: StoredFunction[] = []
  readonly columns: OutputColumn[] = []

  add(wanted: StoredFunction, type: DataType): Expression {
    let at = this.all.findIndex(({ kind, column }) => kind === wanted.kind && column === wanted.column)
    if (at === -1) {
      at = this.all.push(wanted) - 1
      this.columns.push(outputColumn(at, type, wanted.kind))
    }
    return columnExpression(this.columns[at] ?? outputColumn(at, type, wanted.kind))
  }
}

function outputColumn(at: number, type: DataType, name: string): OutputColumn {
  return { id: FIRST_ID - at, name, type }
}

function mergedCall(
  call: AggregateCall,
  scan: StoredScan,
  functions: StoredFunctions,
): AggregateCall | string {
  const { function: fn, args } = call
  const [arg] = args
  if (call.isDistinct) return `${fn.name}(DISTINCT) is made here`
  if (call.filter !== undefined) return 'FILTER is applied here'
  if (call.orderBy.length > 0) return `${fn.name}(ORDER BY) is made here`
  const merge = (merged: AggregateCall['function'], inputs: readonly Expression[]): AggregateCall => ({
    ...call,
    function: merged,
    args: inputs,
  })
  if (COUNTS.has(fn.oid)) {
    const column = arg && scan.columnOf(arg)
    if (arg !== undefined && column === undefined) return `${fn.name}() is of more than a column`
    // A record of nulls is none of the rows that are not null.
    const counted: StoredFunction = { kind: 'count', ...(column && { column: column.ordinal }) }
    return merge(mergedCount(fn), [functions.add(counted, COUNT_TYPE)])
  }
  const result = SUMS.get(fn.oid)
  const isExtreme = fn.name === 'min' || fn.name === 'max'
  if (FLOAT_SUMS.has(fn.oid)) return `${fn.name}() of floats depends on the order of rows`
  if (result === undefined && !isExtreme) return `${fn.name}() is made here`
  const column = arg && scan.columnOf(arg)
  if (column === undefined || arg === undefined) return `${fn.name}() is of more than a column`
  if (column.type === undefined) return `${arg.type.scalar.displayName} is not stored as the store computes`
  const { ordinal, type } = column
  if (isExtreme) {
    const kind = fn.name === 'min' ? 'min' : 'max'
    return merge(fn, [functions.add({ kind, column: ordinal }, arg.type)])
  }
  if (result === undefined) return `${fn.name}() is made here`
  if (type.kind === 'decimal' && type.precision + COUNT_DIGITS > SUM_DIGITS_MAX)
    return `sums of numeric(${type.precision},${type.scale}) may have more digits than the store keeps`
  const sum = functions.add({ kind: 'sum', column: ordinal }, SUM_TYPE)
  const count = functions.add({ kind: 'count', column: ordinal }, COUNT_TYPE)
  return merge(mergedSum(fn, result), [sum, count])
}
