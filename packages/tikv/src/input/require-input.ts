/**
 * What a program may hand in although its types forbid it, or although no number forbids it: found before anything is
 * sent or changed. Text in place of bytes would otherwise be stored as zeros.
 */
import { isUint8Array } from 'node:util/types'
import { didYouMean, OrbitError } from '@orbit-ts/base'

/** @throws INVALID_ARGUMENT */
export function requireBytes(field: string, value: unknown): void {
  // Those of another realm (a test runner's) are none of this one's instances.
  if (value instanceof Uint8Array || isUint8Array(value)) return
  throw refused(field, `${field} is ${kindOf(value)}; give a Uint8Array, such as utf8("…") makes of text`)
}

/** @throws INVALID_ARGUMENT, also for an empty key */
export function requireKey(key: unknown): void {
  requireBytes('key', key)
  if ((key as Uint8Array).length > 0) return
  throw refused('key', 'key is empty; a key has at least one byte')
}

/** @throws INVALID_ARGUMENT */
export function requireKeys(keys: unknown): void {
  if (!Array.isArray(keys)) throw refused('keys', `keys is ${kindOf(keys)}; give an array of keys`)
  for (const key of keys) requireKey(key)
}

/** @throws INVALID_ARGUMENT */
export function requireRange(range: unknown): void {
  if (!isObject(range)) throw refused('range', `range is ${kindOf(range)}; give { start, end }`)
  requireBytes('range.start', range['start'])
  requireBytes('range.end', range['end'])
}

/** A number in the bounds, undefined for the default. Without `max`, Infinity is one. @throws INVALID_ARGUMENT */
export function requireNumber(field: string, value: unknown, min: number, max = Infinity): void {
  if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return
  const shown = typeof value === 'number' ? String(value) : kindOf(value)
  const limit = max === Infinity ? '' : ` to ${max}`
  throw refused(field, `${field} is ${shown}; give a number from ${min}${limit}`)
}

/** A `bigint` that fits into 64 bits, undefined for the default. @throws INVALID_ARGUMENT */
export function requireUint64(field: string, value: unknown): void {
  if (value === undefined || (typeof value === 'bigint' && value >= 0n && value < 1n << 64n)) return
  const shown = typeof value === 'bigint' ? String(value) : kindOf(value)
  throw refused(field, `${field} is ${shown}; give a bigint from 0 to 2^64 - 1`)
}

/** One of the choices, undefined for the default. @throws INVALID_ARGUMENT */
export function requireChoice(field: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.some((choice) => choice === value)) return
  const shown = typeof value === 'string' ? value : kindOf(value)
  throw refused(field, `${field} is "${shown}"; give ${choices.join(', ')}${didYouMean(shown, choices)}`)
}

/** @throws INVALID_ARGUMENT */
export function requireSignal(signal: unknown): void {
  if (signal === undefined || (isObject(signal) && typeof signal['addEventListener'] === 'function')) return
  throw refused('signal', `signal is ${kindOf(signal)}; give an AbortSignal`)
}

/** Options are optional, but not null. @throws INVALID_ARGUMENT */
export function requireOptionsObject(options: unknown): void {
  if (isObject(options)) return
  throw refused('options', `options is ${kindOf(options)}; give an object, or leave it out`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Never the value itself: it may be a key, or a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}

function refused(field: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', reason, { field })
}
