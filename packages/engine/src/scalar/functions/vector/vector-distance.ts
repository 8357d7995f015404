import { queryError } from '../../condition.js'

/** @throws data_exception */
export function requireSameSize(a: Float32Array, b: Float32Array): void {
  if (a.length !== b.length) {
    throw queryError('data_exception', `different vector dimensions ${a.length} and ${b.length}`)
  }
}

export function innerProduct(a: Float32Array, b: Float32Array): number {
  requireSameSize(a, b)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

export function l2DistanceSquared(a: Float32Array, b: Float32Array): number {
  requireSameSize(a, b)
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    sum += difference * difference
  }
  return sum
}

export function l1Distance(a: Float32Array, b: Float32Array): number {
  requireSameSize(a, b)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0))
  return sum
}

export function norm(vector: Float32Array): number {
  let sum = 0
  for (const x of vector) sum += x * x
  return Math.sqrt(sum)
}
