import { compareCodePoints } from '../../collation/code-points.js'
import { queryError } from '../../condition.js'
import type { Collation, DataType } from '../../data-type.js'
import { compareFloats } from '../../types/compare-numbers.js'
import type { Int64, Value } from '../../value.js'
import type { ComparisonImplementations } from './comparisons.js'

/** The same for all types of a call. */
function fixed(
  implementations: Record<keyof ComparisonImplementations, ReturnType<ComparisonImplementations['eq']>>,
): ComparisonImplementations {
  const { eq, ne, lt, le, gt, ge, cmp, larger, smaller } = implementations
  return {
    eq: () => eq,
    ne: () => ne,
    lt: () => lt,
    le: () => le,
    gt: () => gt,
    ge: () => ge,
    cmp: () => cmp,
    larger: () => larger,
    smaller: () => smaller,
  }
}

/** JavaScript's operators, which compare numbers with bigints too. */
export const primitiveComparisons = fixed({
  eq: (_, a: Int64, b: Int64) => a === b,
  ne: (_, a: Int64, b: Int64) => a !== b,
  lt: (_, a: Int64, b: Int64) => a < b,
  le: (_, a: Int64, b: Int64) => a <= b,
  gt: (_, a: Int64, b: Int64) => a > b,
  ge: (_, a: Int64, b: Int64) => a >= b,
  cmp: (_, a: Int64, b: Int64) => (a < b ? -1 : a > b ? 1 : 0),
  larger: (_, a: Int64, b: Int64) => (a > b ? a : b),
  smaller: (_, a: Int64, b: Int64) => (a < b ? a : b),
})

export const floatComparisons = fixed({
  eq: (_, a: number, b: number) => a === b || (a !== a && b !== b),
  ne: (_, a: number, b: number) => a !== b && (a === a || b === b),
  lt: (_, a: number, b: number) => a < b || (a === a && b !== b),
  le: (_, a: number, b: number) => a <= b || b !== b,
  gt: (_, a: number, b: number) => a > b || (a !== a && b === b),
  ge: (_, a: number, b: number) => a >= b || a !== a,
  cmp: (_, a: number, b: number) => compareFloats(a, b),
  larger: (_, a: number, b: number) => (compareFloats(a, b) > 0 ? a : b),
  smaller: (_, a: number, b: number) => (compareFloats(a, b) < 0 ? a : b),
})

/** By the order of the first operand's type. */
export const orderedComparisons: ComparisonImplementations = {
  eq: (types) => {
    const order = orderOf(types, 'equality')
    return (_, a: Value, b: Value) => order(a, b) === 0
  },
  ne: (types) => {
    const order = orderOf(types, 'equality')
    return (_, a: Value, b: Value) => order(a, b) !== 0
  },
  lt: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => order(a, b) < 0
  },
  le: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => order(a, b) <= 0
  },
  gt: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => order(a, b) > 0
  },
  ge: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => order(a, b) >= 0
  },
  cmp: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => Math.sign(order(a, b))
  },
  larger: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => (order(a, b) > 0 ? a : b)
  },
  smaller: (types) => {
    const order = orderOf(types)
    return (_, a: Value, b: Value) => (order(a, b) < 0 ? a : b)
  },
}

function byOrder(compare: (a: string, b: string) => number): ComparisonImplementations {
  return fixed({
    eq: (_, a: string, b: string) => compare(a, b) === 0,
    ne: (_, a: string, b: string) => compare(a, b) !== 0,
    lt: (_, a: string, b: string) => compare(a, b) < 0,
    le: (_, a: string, b: string) => compare(a, b) <= 0,
    gt: (_, a: string, b: string) => compare(a, b) > 0,
    ge: (_, a: string, b: string) => compare(a, b) >= 0,
    cmp: (_, a: string, b: string) => Math.sign(compare(a, b)),
    larger: (_, a: string, b: string) => (compare(a, b) > 0 ? a : b),
    smaller: (_, a: string, b: string) => (compare(a, b) < 0 ? a : b),
  })
}

/** By code points. */
export const patternComparisons = byOrder(compareCodePoints)

/** By code points, without the blanks at the end. */
export const blankPaddedPatternComparisons = byOrder((a, b) =>
  compareCodePoints(a.replace(/ +$/, ''), b.replace(/ +$/, '')),
)

/** Strings are equal when they are the same, whatever the collation. */
export const textComparisons: ComparisonImplementations = {
  ...orderedComparisons,
  eq: () => (_, a: string, b: string) => a === b,
  ne: () => (_, a: string, b: string) => a !== b,
}

/**
 * The order of the values of a call's first argument, with the call's collation.
 * @throws undefined_function for types without an order
 */
export function orderOf(
  types: readonly DataType[],
  purpose: 'equality' | 'ordering' = 'ordering',
): (a: Value, b: Value) => number {
  const type = types[0]?.scalar
  const compare = type?.compare
  const key = type?.hashKey
  // Equality alone, as of arrays of access list items: no value comes before another.
  if (compare === undefined && purpose === 'equality' && key !== undefined)
    return (a, b) => (key(a) === key(b) ? 0 : 1)
  if (compare === undefined) {
    throw queryError(
      'undefined_function',
      purpose === 'equality'
        ? `could not identify an equality operator for type ${type?.displayName ?? 'unknown'}`
        : `could not identify an ordering operator for type ${type?.displayName ?? 'unknown'}`,
    )
  }
  const collation = collationOf(types)
  return (a, b) => compare(a, b, collation)
}

/** The collation that holds for a call. */
export function collationOf(types: readonly DataType[]): Collation | undefined {
  for (const type of types) if (type.collation !== undefined) return type.collation
  return undefined
}
