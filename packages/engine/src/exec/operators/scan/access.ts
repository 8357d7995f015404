/** How a scan reads its relation, with the values of one opening. */
import type { AccessPlan, RangePlan } from '../../../plan/physical-plan.js'
import type { Expression } from '../../../plan/expression.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { AccessPath, IndexRange, Relation } from '../../../relation/relation.js'
import type { Compiler } from '../../compile/compiler.js'
import { evaluateAll } from '../../expression/evaluate-all.js'
import { NO_ROW } from '../../expression/evaluator.js'
import { EMPTY_SCOPE } from '../../expression/scope.js'
import { whenKnown } from '../../expression/when-known.js'
import { compileRowOrder, type RowKey } from '../../rows/compare-rows.js'
import type { Run } from '../../run.js'
import { indexOf, indexOrder } from './index-keys.js'
import { KeyBounds } from './key-bounds.js'

/** A promise only where there is something to wait for. */
type Later<T> = T | Promise<T>

export interface Access {
  /** Undefined: there is nothing to be found. */
  path(run: Run): Later<AccessPath | undefined>
  /** The ranges of the index that the path stands for; undefined where all rows are read. */
  ranges(run: Run): Later<readonly IndexRange[] | undefined>
}

export function compileAccess(relation: Relation, plan: AccessPlan, compiler: Compiler): Access {
  switch (plan.kind) {
    case 'all': {
      const path: AccessPath = { kind: 'all' }
      return { path: () => path, ranges: () => undefined }
    }
    case 'points':
      return pointAccess(relation, plan.index, compileKeys(plan.keys, compiler))
    case 'point-array': {
      const values = compileValues([...plan.prefix, plan.array], compiler)
      return pointAccess(relation, plan.index, (run) => whenKnown(values(run), elementKeys))
    }
    case 'ranges':
      return rangeAccess(relation, plan.index, plan.indexOnly, plan.ranges, compiler)
  }
}

type Values = (run: Run) => Later<Row>

function compileValues(expressions: readonly Expression[], compiler: Compiler): Values {
  const evaluators = expressions.map((expression) => compiler.anyEvaluator(expression, EMPTY_SCOPE))
  return (run) => evaluateAll(evaluators, NO_ROW, run)
}

/** Several keys of as many values each. */
function compileKeys(
  keys: readonly (readonly Expression[])[],
  compiler: Compiler,
): (run: Run) => Later<readonly Row[]> {
  const width = keys[0]?.length ?? 0
  const values = compileValues(keys.flat(), compiler)
  if (keys.length === 1) return (run) => whenKnown(values(run), (key) => [key])
  return (run) =>
    whenKnown(values(run), (all) => keys.map((_key, at) => all.slice(at * width, (at + 1) * width)))
}

/** The prefix with each element of the array that is its last value. */
function elementKeys(values: Row): readonly Row[] {
  const array = values.at(-1)
  const prefix = values.slice(0, -1)
  return array instanceof SqlArray ? array.elements.map((element) => [...prefix, element]) : []
}

function pointAccess(
  relation: Relation,
  indexName: string,
  keysOf: (run: Run) => Later<readonly Row[]>,
): Access {
  const index = indexOf(relation, indexName)
  const order = indexOrder(relation, index)
  const pathOf = (keys: readonly Row[]): AccessPath | undefined => {
    const found = inOrder(keys, order)
    const [first] = found
    if (first === undefined) return undefined
    if (index.isUnique && first.length === order.length)
      return { kind: 'points', index: indexName, keys: found }
    return { kind: 'ranges', index: indexName, ranges: found.map(rangeOf), indexOnly: false }
  }
  return {
    path: (run) => whenKnown(keysOf(run), pathOf),
    ranges: (run) => whenKnown(keysOf(run), (keys) => inOrder(keys, order).map(rangeOf)),
  }
}

/** Each key once, in the order of the index; none with a null, which equals nothing. */
function inOrder(all: readonly Row[], order: readonly RowKey[]): Row[] {
  const keys = all.filter((key) => !key.includes(null))
  const [first] = keys
  if (first === undefined || keys.length === 1) return keys
  // Keys may lack the last values of the index.
  const compare = compileRowOrder(order.slice(0, first.length))
  return unique(keys.sort(compare), compare)
}

function rangeOf(prefix: Row): IndexRange {
  return { prefix }
}

function unique(sorted: readonly Row[], compare: (a: Row, b: Row) => number): Row[] {
  return sorted.filter((key, at) => {
    const before = sorted[at - 1]
    return before === undefined || compare(before, key) !== 0
  })
}

function rangeAccess(
  relation: Relation,
  indexName: string,
  indexOnly: boolean,
  plans: readonly RangePlan[],
  compiler: Compiler,
): Access {
  const compiled = plans.map((plan) => compileRange(plan, compiler))
  const bounds = new KeyBounds(indexOrder(relation, indexOf(relation, indexName)))
  const rangesOf = (run: Run): Later<IndexRange[]> => {
    const made = compiled.map((range) => range(run))
    return whenKnown(
      made.some((range) => range instanceof Promise)
        ? Promise.all(made.map((range) => Promise.resolve(range)))
        : (made as Made[]),
      (ranges) => bounds.normalize(ranges.filter((range) => range !== undefined)),
    )
  }
  return {
    path: (run) =>
      whenKnown(rangesOf(run), (ranges) =>
        ranges.length === 0 ? undefined : { kind: 'ranges', index: indexName, ranges, indexOnly },
      ),
    ranges: rangesOf,
  }
}

/** Undefined: nothing can be in it. */
type Made = IndexRange | undefined

function compileRange(plan: RangePlan, compiler: Compiler): (run: Run) => Later<Made> {
  const { lower, upper } = plan
  const bounds = [lower, upper].flatMap((bound) => bound?.value ?? [])
  const values = compileValues([...plan.prefix, ...bounds], compiler)
  return (run) => whenKnown(values(run), (all) => makeRange(plan, all))
}

/** @param values those of the prefix, then those of the bounds that there are */
function makeRange({ prefix: { length }, lower, upper, prefixNulls, notNull }: RangePlan, values: Row): Made {
  const prefix = values.slice(0, length)
  if (values.includes(null, length)) return undefined
  if (prefix.some((value, at) => value === null && prefixNulls?.includes(at) !== true)) return undefined
  const lowerValue = values[length] as Value
  const upperValue = values.at(-1) as Value
  return {
    prefix,
    ...(lower === undefined ? {} : { lower: { value: lowerValue, isInclusive: lower.isInclusive } }),
    ...(upper === undefined ? {} : { upper: { value: upperValue, isInclusive: upper.isInclusive } }),
    ...(notNull === undefined ? {} : { notNull }),
  }
}
