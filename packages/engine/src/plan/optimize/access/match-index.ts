/** Finds out which conditions an index answers, and how: as whole keys, or as ranges of its entries. */
import { SqlArray } from '../../../scalar/array/sql-array.js'
import { conjunctsOf, constantExpression, disjunctsOf } from '../../expressions/conditions.js'
import type { ColumnId, Expression } from '../../expression.js'
import type { AccessPlan, RangePlan } from '../../physical-plan.js'
import type { RelationIndex } from '../../../relation/relation.js'
import type { IndexKey } from './index-keys.js'
import { keyCondition, type KeyBound, type KeyCondition } from './key-conditions.js'

/** Ranges that a list of constants may be written out into. */
const EXPANDED_MAX = 500

/** The rows come in the order of the index. */
export interface IndexMatch {
  /** Conditions that hold for all rows found. */
  readonly settled: ReadonlySet<Expression>
  /** Conditions by which fewer entries are read, settled or not. */
  readonly used: ReadonlySet<Expression>
  readonly access: AccessPlan & { readonly kind: 'points' | 'point-array' | 'ranges' }
  /** Ranges or keys that are looked for. */
  readonly openings: number
  /** All keys of a unique index have been given: each opening finds one row at most. */
  readonly isUniquePoint: boolean
}

export interface MatchOptions {
  readonly index: RelationIndex
  readonly keys: readonly IndexKey[]
  readonly own: ReadonlySet<ColumnId>
}

/** The whole index, for its order or because it holds all that is needed. */
export function wholeIndex(index: RelationIndex): IndexMatch {
  return {
    settled: new Set(),
    used: new Set(),
    access: { kind: 'ranges', index: index.name, ranges: [{ prefix: [] }], indexOnly: false },
    openings: 1,
    isUniquePoint: false,
  }
}

/** The best use of an index for conditions, and that of each OR among them. */
export function matchIndex(options: MatchOptions, conditions: readonly Expression[]): readonly IndexMatch[] {
  const matches: IndexMatch[] = []
  const plain = matchConjunction(options, conditions)
  if (plain !== undefined) matches.push(toMatch(options, [plain]))
  for (const condition of conditions) {
    if (condition.kind !== 'or') continue
    const match = matchDisjunction(options, condition, conditions)
    if (match !== undefined) matches.push(match)
  }
  return matches
}

/** What is known of the first keys of an index: equal to these values, or to an element of an array; then bounds. */
interface Conjunction {
  readonly prefixes: readonly Prefix[]
  /** Of the key after the prefix, of which there is one only. */
  readonly array?: Expression
  readonly range?: Pick<RangePlan, 'lower' | 'upper' | 'notNull'>
  readonly settled: ReadonlySet<Expression>
  readonly used: ReadonlySet<Expression>
}

interface Prefix {
  readonly values: readonly Expression[]
  readonly nulls: readonly number[]
}

const NO_PREFIX: readonly Prefix[] = [{ values: [], nulls: [] }]

/** What conditions say of the first keys: equalities as far as they go, then bounds of the next key. */
function matchConjunction(
  { keys, own, index }: MatchOptions,
  conditions: readonly Expression[],
): Conjunction | undefined {
  const settled = new Set<Expression>()
  const used = new Set<Expression>()
  const settle = (condition: Expression): void => {
    if (index.isLossy !== true) settled.add(condition)
    used.add(condition)
  }
  let prefixes = NO_PREFIX
  for (const [position, key] of keys.entries()) {
    const found = conditionsOn(key, conditions, own)
    const point = found.find(({ said }) => said.kind === 'equal' || said.kind === 'null')
    if (point !== undefined) {
      settle(point.condition)
      prefixes = prefixes.map((prefix) => extended(prefix, point.said, key))
      continue
    }
    const next = keys[position + 1]
    const isLast = next === undefined || conditionsOn(next, conditions, own).length === 0
    const list = listOf(found)
    const expanded = list === undefined ? undefined : expandedBy(prefixes, list.array, key, isLast)
    if (list !== undefined && expanded !== undefined) {
      settle(list.condition)
      if (expanded === 'array') return { prefixes, array: list.array, settled, used }
      prefixes = expanded
      continue
    }
    const range = rangeOf(found, index.isLossy === true ? new Set() : settled, used)
    if (range !== undefined) return { prefixes, range, settled, used }
    break
  }
  return used.size === 0 ? undefined : { prefixes, settled, used }
}

function listOf(found: readonly Found[]): { condition: Expression; array: Expression } | undefined {
  for (const { condition, said } of found) if (said.kind === 'any') return { condition, array: said.array }
  return undefined
}

/**
 * The prefixes with each element of a list behind them; `array` where the list is best left as it is, and undefined
 * where it cannot be used.
 */
function expandedBy(
  prefixes: readonly Prefix[],
  array: Expression,
  key: IndexKey,
  isLast: boolean,
): readonly Prefix[] | 'array' | undefined {
  const isSingle = prefixes.length === 1 && prefixes[0]?.nulls.length === 0
  if (isLast && isSingle) return 'array'
  const elements = elementsOf(array)
  if (elements === undefined || elements.length * prefixes.length > EXPANDED_MAX) {
    return isSingle ? 'array' : undefined
  }
  return prefixes.flatMap((prefix) =>
    elements.map((value) => extended(prefix, { kind: 'equal', value }, key)),
  )
}

interface Found {
  readonly condition: Expression
  readonly said: KeyCondition
}

function conditionsOn(key: IndexKey, conditions: readonly Expression[], own: ReadonlySet<ColumnId>): Found[] {
  const found: Found[] = []
  for (const condition of conditions) {
    const said = keyCondition(condition, key, own)
    if (said !== undefined) found.push({ condition, said })
  }
  return found
}

function extended(prefix: Prefix, said: KeyCondition, key: IndexKey): Prefix {
  if (said.kind === 'equal') return { values: [...prefix.values, said.value], nulls: prefix.nulls }
  // Only `equal` and `null` extend a prefix; a null stands for itself, whatever its type.
  const type = key.expression?.type
  const value = type === undefined ? undefined : constantExpression(null, type)
  return {
    values: value === undefined ? prefix.values : [...prefix.values, value],
    nulls: [...prefix.nulls, prefix.values.length],
  }
}

/** The first lower and the first upper bound; further ones are left to be checked. */
function rangeOf(
  found: readonly Found[],
  settled: Set<Expression>,
  used: Set<Expression>,
): Conjunction['range'] | undefined {
  let lower: KeyBound | undefined
  let upper: KeyBound | undefined
  let notNull = false
  for (const { condition, said } of found) {
    if (said.kind === 'not null') {
      notNull = true
      settled.add(condition)
      used.add(condition)
    }
    if (said.kind !== 'range') continue
    const isTaken =
      (said.lower !== undefined && lower !== undefined) || (said.upper !== undefined && upper !== undefined)
    if (isTaken) continue
    lower ??= said.lower
    upper ??= said.upper
    used.add(condition)
    if (said.isLossy !== true) settled.add(condition)
  }
  if (lower === undefined && upper === undefined && !notNull) return undefined
  return { ...(lower && { lower }), ...(upper && { upper }), ...(notNull && { notNull }) }
}

/** One condition of several alternatives, each of which the index answers, with what holds besides. */
function matchDisjunction(
  options: MatchOptions,
  or: Expression,
  conditions: readonly Expression[],
): IndexMatch | undefined {
  const others = conditions.filter((condition) => condition !== or)
  const branches: Conjunction[] = []
  let settled: Set<Expression> | undefined
  let isWhole = true
  const alternatives = disjunctsOf(or)
  if (alternatives.length > EXPANDED_MAX) return undefined
  for (const alternative of alternatives) {
    const own = conjunctsOf(alternative)
    const branch = matchConjunction(options, [...own, ...others])
    if (branch === undefined || !own.some((condition) => branch.used.has(condition))) return undefined
    if (branch.array !== undefined && elementsOf(branch.array) === undefined) return undefined
    branches.push(branch)
    isWhole &&= own.every((condition) => branch.settled.has(condition))
    const shared: Set<Expression> = settled ?? new Set(others)
    settled = new Set([...shared].filter((condition) => branch.settled.has(condition)))
  }
  const used = new Set([...(settled ?? []), or])
  const match = toMatch(options, branches)
  return { ...match, used, settled: new Set([...(settled ?? []), ...(isWhole ? [or] : [])]) }
}

function toMatch({ index, keys }: MatchOptions, branches: readonly Conjunction[]): IndexMatch {
  const [first] = branches
  const settled = first?.settled ?? new Set()
  const used = first?.used ?? new Set()
  const { name } = index
  if (branches.length === 1 && first?.array !== undefined) {
    const prefix = first.prefixes[0]?.values ?? []
    return {
      settled,
      used,
      access: { kind: 'point-array', index: name, prefix, array: first.array },
      openings: elementsOf(first.array)?.length ?? UNKNOWN_ELEMENTS,
      isUniquePoint: index.isUnique && prefix.length + 1 === keys.length,
    }
  }
  const ranges = branches.flatMap(rangesOf)
  const hasNulls = ranges.some((range) => range.prefixNulls !== undefined)
  const isWhole = index.isUnique && ranges.every((range) => range.prefix.length === keys.length)
  const access: IndexMatch['access'] =
    isWhole && !hasNulls
      ? { kind: 'points', index: name, keys: ranges.map((range) => range.prefix) }
      : { kind: 'ranges', index: name, ranges, indexOnly: false }
  const isUniquePoint = isWhole && (!hasNulls || index.nullsNotDistinct)
  return { settled, used, access, openings: ranges.length, isUniquePoint }
}

/** Elements that an array is taken to have whose value is not known. */
const UNKNOWN_ELEMENTS = 10

function rangesOf({ prefixes, array, range }: Conjunction): RangePlan[] {
  const elements = array === undefined ? undefined : elementsOf(array)
  return prefixes.flatMap(({ values, nulls }): RangePlan[] => {
    const prefixNulls = nulls.length === 0 ? {} : { prefixNulls: nulls }
    if (elements === undefined) return [{ prefix: values, ...prefixNulls, ...range }]
    return elements.map((element) => ({ prefix: [...values, element], ...prefixNulls }))
  })
}

/** The values of a list as expressions, nulls left out; undefined when they are not known. */
function elementsOf(array: Expression): readonly Expression[] | undefined {
  if (array.kind === 'array' && !array.isNested) return array.elements
  const element = array.type.scalar.element
  if (array.kind !== 'constant' || !(array.value instanceof SqlArray) || element === undefined)
    return undefined
  const type = { ...array.type, scalar: element, modifier: -1 }
  return array.value.elements
    .filter((value) => value !== null)
    .map((value) => constantExpression(value, type))
}
