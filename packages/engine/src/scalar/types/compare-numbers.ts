/** Orders of primitive values; none allocates. */

export function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Numbers and bigints mixed, infinities too. */
export function compareInt64(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** NaN is equal to itself and above everything. */
export function compareFloats(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  const aIsNaN = a !== a
  return aIsNaN === (b !== b) ? 0 : aIsNaN ? 1 : -1
}

export function compareBooleans(a: boolean, b: boolean): number {
  return a === b ? 0 : a ? 1 : -1
}

export function identity<V>(value: V): V {
  return value
}
