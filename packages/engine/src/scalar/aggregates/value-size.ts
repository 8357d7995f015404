import type { Value } from '../value.js'

/** Roughly how much memory a value holds in a list. */
export function sizeOfValue(value: Value): number {
  if (typeof value === 'string') return 32 + 2 * value.length
  if (value instanceof Uint8Array) return 100 + value.length
  if (value instanceof Float32Array) return 100 + 4 * value.length
  return typeof value === 'object' && value !== null ? 100 : 16
}
