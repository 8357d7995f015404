/**
 * How large one value may get. What works on a value does so without giving others a turn, and holds it in memory as a
 * whole, so these are lower than PostgreSQL's gigabyte.
 */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from './condition.js'

/** Characters (UTF-16 units) of a text, and bytes of a `bytea`. */
export const LENGTH_MAX = 134_217_728
/** Elements of an array, of all its dimensions. */
export const ELEMENTS_MAX = 16_777_216
/** Strings, numbers, true, false, null, arrays and objects of a `jsonb`. */
export const NODES_MAX = 1_048_576

/** @throws program_limit_exceeded */
export function requireLength(length: number): void {
  if (length > LENGTH_MAX) throw tooLarge(`it has more than ${LENGTH_MAX} characters or bytes`)
}

/** @throws program_limit_exceeded */
export function requireElements(count: number): void {
  if (count <= ELEMENTS_MAX) return
  throw queryError('program_limit_exceeded', `array size exceeds the maximum allowed (${ELEMENTS_MAX})`)
}

/** @throws program_limit_exceeded */
export function requireNodes(count: number): void {
  if (count > NODES_MAX) throw tooLarge(`it has more than ${NODES_MAX} values as JSON`)
}

function tooLarge(detail: string): OrbitError {
  return queryError('program_limit_exceeded', 'a value is too large', { detail })
}
