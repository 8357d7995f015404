/**
 * Distances of one query to rows of components that lie one after the other, in doubles.
 *
 * Rows are worked on in groups, so that four sums are under way at a time and a component of the query is read once
 * for the group. Each sum adds its components in order, whichever row it is for: the same vector has the same distance
 * bit by bit wherever it stands.
 */

/** Writes the result for row `i` to `out[i]`. `rows` has `count` rows of `query.length` components. */
export type RowKernel = (query: Float64Array, rows: Float32Array, count: number, out: Float64Array) => void

// Every index is within its array, given what a `RowKernel` is called with.
/* eslint-disable @typescript-eslint/no-non-null-assertion */

/** The inner product. */
export const dotRows: RowKernel = (query, rows, count, out) => {
  const size = query.length
  let row = 0
  for (; row + 4 <= count; row += 4) {
    const a = row * size
    const b = a + size
    const c = b + size
    const d = c + size
    let sumA = 0
    let sumB = 0
    let sumC = 0
    let sumD = 0
    for (let i = 0; i < size; i++) {
      const x = query[i]!
      sumA += x * rows[a + i]!
      sumB += x * rows[b + i]!
      sumC += x * rows[c + i]!
      sumD += x * rows[d + i]!
    }
    out[row] = sumA
    out[row + 1] = sumB
    out[row + 2] = sumC
    out[row + 3] = sumD
  }
  for (; row < count; row++) {
    const a = row * size
    let sum = 0
    for (let i = 0; i < size; i++) sum += query[i]! * rows[a + i]!
    out[row] = sum
  }
}

/** The square of the Euclidean distance. */
export const squareRows: RowKernel = (query, rows, count, out) => {
  const size = query.length
  let row = 0
  for (; row + 4 <= count; row += 4) {
    const a = row * size
    const b = a + size
    const c = b + size
    const d = c + size
    let sumA = 0
    let sumB = 0
    let sumC = 0
    let sumD = 0
    for (let i = 0; i < size; i++) {
      const x = query[i]!
      const toA = x - rows[a + i]!
      const toB = x - rows[b + i]!
      const toC = x - rows[c + i]!
      const toD = x - rows[d + i]!
      sumA += toA * toA
      sumB += toB * toB
      sumC += toC * toC
      sumD += toD * toD
    }
    out[row] = sumA
    out[row + 1] = sumB
    out[row + 2] = sumC
    out[row + 3] = sumD
  }
  for (; row < count; row++) {
    const a = row * size
    let sum = 0
    for (let i = 0; i < size; i++) {
      const toA = query[i]! - rows[a + i]!
      sum += toA * toA
    }
    out[row] = sum
  }
}

/** 1 minus the cosine of the angle, for a query of length 1 and rows that are not zero. */
export const cosineRows: RowKernel = (query, rows, count, out) => {
  const size = query.length
  let row = 0
  for (; row + 2 <= count; row += 2) {
    const a = row * size
    const b = a + size
    let sumA = 0
    let sumB = 0
    let squareA = 0
    let squareB = 0
    for (let i = 0; i < size; i++) {
      const x = query[i]!
      const p = rows[a + i]!
      const q = rows[b + i]!
      sumA += x * p
      sumB += x * q
      squareA += p * p
      squareB += q * q
    }
    out[row] = 1 - sumA / Math.sqrt(squareA)
    out[row + 1] = 1 - sumB / Math.sqrt(squareB)
  }
  if (row < count) {
    const a = row * size
    let sumA = 0
    let squareA = 0
    for (let i = 0; i < size; i++) {
      const p = rows[a + i]!
      sumA += query[i]! * p
      squareA += p * p
    }
    out[row] = 1 - sumA / Math.sqrt(squareA)
  }
}
