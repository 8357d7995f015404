/** pgvector's functions. Sums are taken in double precision. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { innerProduct, l1Distance, l2DistanceSquared, norm, requireSameSize } from './vector-distance.js'

function cosineDistance(a: Float32Array, b: Float32Array): number {
  const similarity = innerProduct(a, b) / (norm(a) * norm(b))
  // Rounding must not lead out of the range that there is; NaN stays.
  return 1 - (similarity > 1 ? 1 : similarity < -1 ? -1 : similarity)
}

function sphericalDistance(a: Float32Array, b: Float32Array): number {
  return Math.acos(Math.min(1, Math.max(-1, innerProduct(a, b)))) / Math.PI
}

function combined(a: Float32Array, b: Float32Array, combine: (x: number, y: number) => number): Float32Array {
  requireSameSize(a, b)
  return checked(a.map((x, index) => combine(x, b[index] ?? 0)))
}

function checked(vector: Float32Array): Float32Array {
  if (vector.some((x) => !Number.isFinite(x))) throw overflow()
  return vector
}

function overflow(): OrbitError {
  return queryError('numeric_value_out_of_range', 'value out of range: overflow')
}

function normalized(vector: Float32Array): Float32Array {
  const length = norm(vector)
  return length === 0 ? new Float32Array(vector.length) : vector.map((x) => x / length)
}

function subvector(vector: Float32Array, start: number, count: number): Float32Array {
  const from = Math.max(start - 1, 0)
  const part = count < 1 ? new Float32Array(0) : vector.slice(from, Math.max(start - 1 + count, from))
  if (part.length === 0) throw queryError('data_exception', 'vector must have at least 1 dimension')
  return part
}

function concatenated(a: Float32Array, b: Float32Array): Float32Array {
  const result = new Float32Array(a.length + b.length)
  result.set(a)
  result.set(b, a.length)
  return result
}

const l2 = (_: unknown, a: Float32Array, b: Float32Array): number => Math.sqrt(l2DistanceSquared(a, b))
const cosine = (_: unknown, a: Float32Array, b: Float32Array): number => cosineDistance(a, b)
const manhattan = (_: unknown, a: Float32Array, b: Float32Array): number => l1Distance(a, b)

export const vectorFunctions: readonly ScalarFunction[] = [
  scalar('90100 l2_distance(vector,vector) float8', l2),
  scalar('90101 inner_product(vector,vector) float8', (_, a: Float32Array, b: Float32Array) =>
    innerProduct(a, b),
  ),
  scalar('90102 cosine_distance(vector,vector) float8', cosine),
  scalar('90103 l1_distance(vector,vector) float8', manhattan),
  scalar(
    '90104 vector_negative_inner_product(vector,vector) float8',
    (_, a: Float32Array, b: Float32Array) => 0 - innerProduct(a, b),
  ),
  scalar('90105 vector_l2_squared_distance(vector,vector) float8', (_, a: Float32Array, b: Float32Array) =>
    l2DistanceSquared(a, b),
  ),
  scalar('90106 vector_spherical_distance(vector,vector) float8', (_, a: Float32Array, b: Float32Array) =>
    sphericalDistance(a, b),
  ),
  scalar('90107 vector_dims(vector) int4', (_, vector: Float32Array) => vector.length),
  scalar('90108 vector_norm(vector) float8', (_, vector: Float32Array) => norm(vector)),
  scalar('90109 l2_normalize(vector) vector', (_, vector: Float32Array) => normalized(vector)),
  scalar(
    '90110 subvector(vector,int4,int4) vector',
    (_, vector: Float32Array, start: number, count: number) => subvector(vector, start, count),
  ),
  scalar('90111 vector_add(vector,vector) vector', (_, a: Float32Array, b: Float32Array) =>
    combined(a, b, (x, y) => x + y),
  ),
  scalar('90112 vector_sub(vector,vector) vector', (_, a: Float32Array, b: Float32Array) =>
    combined(a, b, (x, y) => x - y),
  ),
  scalar('90113 vector_mul(vector,vector) vector', (_, a: Float32Array, b: Float32Array) =>
    combined(a, b, (x, y) => x * y),
  ),
  scalar('90114 vector_concat(vector,vector) vector', (_, a: Float32Array, b: Float32Array) =>
    concatenated(a, b),
  ),
]
