/**
 * Filters as functions. Negation is pushed down to the conditions, so that two-valued functions suffice at run time:
 * each condition is compiled either to "is true" or to "is false", and unknown is neither.
 */
import { unreachable } from '@orbit-ts/base'
import { compareText, compareValues, rankOf, sortsNatively, valuesEqual } from './compare-values.js'
import { parseFilter, type FilterNode, type Test } from './filter-tree.js'
import { compileLike } from './like-pattern.js'
import { Reached, readPath, type Path } from './path.js'

export type Predicate = (record: unknown) => boolean

/**
 * The filter as a function of a record, for many records.
 * @throws INVALID_ARGUMENT as `checkFilter`.
 */
export function compileFilter(filter: object): Predicate {
  return compile(parseFilter(filter), true)
}

function compile(node: FilterNode, wanted: boolean): Predicate {
  switch (node.kind) {
    case 'test':
      return compileTest(node, wanted)
    case 'not':
      return compile(node.node, !wanted)
    case 'and':
    case 'or': {
      const parts = node.nodes.map((part) => compile(part, wanted))
      return (node.kind === 'and') === wanted ? every(parts) : some(parts)
    }
    default:
      return unreachable(node, 'filter node')
  }
}

function every(parts: readonly Predicate[]): Predicate {
  const [first, second] = parts
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (parts.length === 2) return (record) => first(record) && second(record)
  return (record) => {
    for (const part of parts) if (!part(record)) return false
    return true
  }
}

function some(parts: readonly Predicate[]): Predicate {
  const [first, second] = parts
  if (first === undefined) return () => false
  if (second === undefined) return first
  if (parts.length === 2) return (record) => first(record) || second(record)
  return (record) => {
    for (const part of parts) if (part(record)) return true
    return false
  }
}

function compileTest({ path, operator, operand }: Test, wanted: boolean): Predicate {
  switch (operator) {
    case 'eq':
      return operand === null ? absent(path, wanted) : anyOf(path, equalTo(operand), wanted)
    case 'ne':
      return operand === null ? absent(path, !wanted) : not(anyOf(path, equalTo(operand), true), wanted)
    case 'in':
      return inList(path, operand as readonly unknown[], wanted)
    case 'notIn':
      return inList(path, operand as readonly unknown[], !wanted)
    case 'isNull':
      return absent(path, (operand === true) === wanted)
    case 'exists':
      return present(path, (operand === true) === wanted)
    case 'contains':
      return contains(path, operand, wanted)
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return anyOf(path, ordered(operator, operand), wanted)
    case 'like':
    case 'ilike':
      return anyOf(path, textTest(compileLike(operand as string, operator === 'ilike')), wanted)
    case 'startsWith':
      return anyOf(
        path,
        textTest((text) => text.startsWith(operand as string)),
        wanted,
      )
    default:
      return unreachable(operator, 'operator')
  }
}

/** A condition on one value: whether it is surely true, and whether it is surely false. Neither: unknown. */
interface ValueTest {
  readonly yes: (value: unknown) => boolean
  readonly no: (value: unknown) => boolean
}

/** Whether any value that the path reaches meets the test, with the elements of an array each counting as one. */
function anyOf(path: Path, { yes, no }: ValueTest, wanted: boolean): Predicate {
  const onOne = wanted
    ? (value: unknown): boolean => yes(value) || (Array.isArray(value) && value.some(yes))
    : (value: unknown): boolean => (Array.isArray(value) ? !yes(value) && value.every(no) : no(value))
  const onMany = wanted
    ? (values: readonly unknown[]): boolean => values.some(onOne)
    : (values: readonly unknown[]): boolean => values.length > 0 && values.every(onOne)
  return onPath(path, onOne, onMany)
}

function onPath(
  path: Path,
  onOne: (value: unknown) => boolean,
  onMany: (values: readonly unknown[]) => boolean,
): Predicate {
  const { steps } = path
  const walk: Predicate = (record) => {
    const found = readPath(record, steps)
    return found instanceof Reached ? onMany(found.values) : onOne(found)
  }
  const [step] = steps
  if (steps.length > 1 || step === undefined || step.inherited) return walk
  const { key } = step
  // A field of a plain record, the common case, without the walk.
  return (record) =>
    typeof record === 'object' && record !== null && !Array.isArray(record)
      ? onOne((record as Readonly<Record<string, unknown>>)[key])
      : walk(record)
}

function absent(path: Path, wanted: boolean): Predicate {
  return onPath(
    path,
    (value) => (value === null || value === undefined) === wanted,
    (values) => values.every((value) => value === null) === wanted,
  )
}

function present(path: Path, wanted: boolean): Predicate {
  return onPath(
    path,
    (value) => (value !== undefined) === wanted,
    (values) => values.length > 0 === wanted,
  )
}

function not(predicate: Predicate, negated: boolean): Predicate {
  return negated ? (record) => !predicate(record) : predicate
}

function inList(path: Path, list: readonly unknown[], wanted: boolean): Predicate {
  const values = list.filter((value) => value !== null)
  const test = memberOf(values)
  if (values.length === list.length) return anyOf(path, test, wanted)
  // With null in the list nothing is unknown.
  return not(some([absent(path, true), anyOf(path, test, true)]), !wanted)
}

function contains(path: Path, element: unknown, wanted: boolean): Predicate {
  const has = (value: unknown): boolean =>
    Array.isArray(value) && value.some((item) => valuesEqual(item, element))
  const test: (value: unknown) => boolean = wanted
    ? has
    : (value) => value !== null && value !== undefined && !has(value)
  return onPath(
    path,
    test,
    wanted ? (values) => values.some(test) : (values) => values.length > 0 && values.every(test),
  )
}

function equalTo(operand: unknown): ValueTest {
  const yes = equality(operand)
  return { yes, no: (value) => value !== null && value !== undefined && !yes(value) }
}

function equality(operand: unknown): (value: unknown) => boolean {
  switch (typeof operand) {
    case 'string':
    case 'boolean':
      return (value) => value === operand
    case 'number':
      if (Number.isNaN(operand)) break
      return (value) => value === operand || (typeof value === 'bigint' && valuesEqual(value, operand))
    default:
  }
  return (value) => valuesEqual(value, operand)
}

/** One look-up for strings and integers, a binary search for the rest, however long the list. */
function memberOf(list: readonly unknown[]): ValueTest {
  const direct = new Set<unknown>()
  const others: unknown[] = []
  for (const value of list) {
    const small = smallInteger(value)
    if (small !== undefined) direct.add(small)
    else if (typeof value === 'string' || typeof value === 'boolean') direct.add(value)
    else others.push(value)
  }
  others.sort(compareValues)
  const yes = (value: unknown): boolean =>
    direct.has(typeof value === 'bigint' ? Number(value) : value) ||
    (others.length > 0 && isAmong(others, value))
  return { yes, no: (value) => value !== null && value !== undefined && !yes(value) }
}

/** The value as a number when no other integer has the same double, so that numbers and bigints meet in one set. */
function smallInteger(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

function isAmong(sorted: readonly unknown[], value: unknown): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const result = compareValues(value, sorted[middle])
    if (result === 0) return true
    if (result < 0) high = middle
    else low = middle + 1
  }
  return false
}

function textTest(match: (text: string) => boolean): ValueTest {
  return {
    yes: (value) => typeof value === 'string' && match(value),
    no: (value) => typeof value === 'string' && !match(value),
  }
}

type Order = 'gt' | 'gte' | 'lt' | 'lte'

const HOLDS: Readonly<Record<Order, (comparison: number) => boolean>> = {
  gt: (comparison) => comparison > 0,
  gte: (comparison) => comparison >= 0,
  lt: (comparison) => comparison < 0,
  lte: (comparison) => comparison <= 0,
}

/** True or false for values of the operand's kind, unknown for all others. */
function ordered(operator: Order, operand: unknown): ValueTest {
  if (typeof operand === 'number' && !Number.isNaN(operand)) return orderedNumber(operator, operand)
  if (typeof operand === 'string') return orderedText(operator, operand)
  const rank = rankOf(operand)
  const holds = HOLDS[operator]
  return {
    yes: (value) => rankOf(value) === rank && holds(compareValues(value, operand)),
    no: (value) => rankOf(value) === rank && !holds(compareValues(value, operand)),
  }
}

function orderedNumber(operator: Order, operand: number): ValueTest {
  const holds = numberComparison(operator, operand)
  const isNumber = (value: unknown): value is number | bigint =>
    typeof value === 'number' || typeof value === 'bigint'
  return {
    yes: (value) => isNumber(value) && holds(value),
    no: (value) => isNumber(value) && !holds(value),
  }
}

/** NaN is the greatest number, while JavaScript finds it neither less nor greater. */
function numberComparison(operator: Order, operand: number): (value: number | bigint) => boolean {
  switch (operator) {
    case 'gt':
      return (value) => value > operand || value !== value
    case 'gte':
      return (value) => value >= operand || value !== value
    case 'lt':
      return (value) => value < operand
    case 'lte':
      return (value) => value <= operand
  }
}

function orderedText(operator: Order, operand: string): ValueTest {
  const holds = HOLDS[operator]
  const order = sortsNatively(operand)
    ? (value: string): number => (value < operand ? -1 : Number(value > operand))
    : (value: string): number => compareText(value, operand)
  return textTest((value) => holds(order(value)))
}
