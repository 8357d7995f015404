import { compareBytes } from '@orbit-ts/base'

/**
 * Kinds of values in the order in which they sort: for those that JSON has, the order of PostgreSQL's `jsonb`. Values
 * of different kinds are never equal.
 */
export const RANK = {
  string: 1,
  number: 2,
  boolean: 3,
  bytes: 4,
  date: 5,
  array: 6,
  object: 7,
  null: 8,
} as const

export type Rank = (typeof RANK)[keyof typeof RANK]

export function rankOf(value: unknown): Rank {
  switch (typeof value) {
    case 'boolean':
      return RANK.boolean
    case 'number':
    case 'bigint':
      return RANK.number
    case 'string':
      return RANK.string
    case 'undefined':
      return RANK.null
    default:
      return rankOfObject(value)
  }
}

function rankOfObject(value: unknown): Rank {
  if (value === null) return RANK.null
  if (Array.isArray(value)) return RANK.array
  if (value instanceof Uint8Array) return RANK.bytes
  if (value instanceof Date) return RANK.date
  return RANK.object
}

/**
 * A total order over all values: negative, zero or positive. Strings by code point, numbers and bigints by exact value
 * (NaN last), booleans (false first), bytes, dates, arrays element by element, objects by their sorted entries, null
 * and undefined last: the order of `orderBy` ascending.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const rank = rankOf(a)
  const difference = rank - rankOf(b)
  return difference === 0 ? compareSameRank(rank, a, b) : difference
}

function compareSameRank(rank: Rank, a: unknown, b: unknown): number {
  switch (rank) {
    case RANK.boolean:
      return Number(a) - Number(b)
    case RANK.number:
      return compareNumbers(a as number | bigint, b as number | bigint)
    case RANK.string:
      return compareText(a as string, b as string)
    case RANK.bytes:
      return compareBytes(a as Uint8Array, b as Uint8Array)
    case RANK.date:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime())
    case RANK.array:
      return compareArrays(a as readonly unknown[], b as readonly unknown[])
    case RANK.object:
      return compareObjects(a as object, b as object)
    case RANK.null:
      return 0
  }
}

export function valuesEqual(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0
}

/** By exact value, across types; NaN equals itself and is the greatest. */
export function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  // Equal, or one of them is NaN.
  return Number(a !== a) - Number(b !== b)
}

/** By code point: the byte order of UTF-8, where UTF-16 would put U+E000…U+FFFF behind the characters beyond them. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x >= SURROGATE_MIN && y >= SURROGATE_MIN ? codePointRank(x) - codePointRank(y) : x - y
  }
  return a.length - b.length
}

const SURROGATE_MIN = 0xd800
const SURROGATE_MAX = 0xdfff

/** Surrogates stand for code points beyond U+FFFF. */
function codePointRank(unit: number): number {
  return unit > SURROGATE_MAX ? unit - 0x800 : unit + 0x2000
}

/** True when JavaScript's own `<` orders this string against any other as `compareText` does. */
export function sortsNatively(text: string): boolean {
  return !/[\ud800-\uffff]/.test(text)
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const result = compareValues(a[i], b[i])
    if (result !== 0) return result
  }
  return a.length - b.length
}

function compareObjects(a: object, b: object): number {
  const x = sortedEntries(a)
  const y = sortedEntries(b)
  const length = Math.min(x.length, y.length)
  for (let i = 0; i < length; i++) {
    const result = compareValues(x[i]?.[0], y[i]?.[0]) || compareValues(x[i]?.[1], y[i]?.[1])
    if (result !== 0) return result
  }
  return x.length - y.length
}

function sortedEntries(object: object): [string, unknown][] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .sort(([x], [y]) => compareText(x, y))
}
