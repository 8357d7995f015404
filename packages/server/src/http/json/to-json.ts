/**
 * What the database returns, as JSON: the same forms that its arguments take, so that what was read can be written
 * back.
 *
 * - 64-bit integers are strings of digits: `"9007199254740993"`.
 * - Bytes are PostgreSQL's hexadecimal text: `"\\x00ff"`.
 * - Moments are ISO 8601 in UTC: `"2024-05-01T13:45:00.000Z"`.
 * - Vectors are arrays of numbers.
 * - The numbers that JSON does not have are strings: `"NaN"`, `"Infinity"`, `"-Infinity"`.
 */
import { asBuffer } from '@orbit-ts/base'

/** The value, or a copy in which everything that JSON does not have is in the forms above. */
export function toJson(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'object':
      return value === null ? null : objectToJson(value)
    default:
      return value
  }
}

function objectToJson(value: object): unknown {
  if (Array.isArray(value)) return arrayToJson(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${asBuffer(value).toString('hex')}`
  if (value instanceof Float32Array) return Array.from(value, toJson)
  return recordToJson(value as Readonly<Record<string, unknown>>)
}

/** Most of what is read needs no change, so nothing is copied before something does. */
function arrayToJson(items: readonly unknown[]): unknown {
  let copy: unknown[] | undefined
  for (let index = 0; index < items.length; index++) {
    const item = toJson(items[index])
    if (item === items[index]) continue
    copy ??= [...items]
    copy[index] = item
  }
  return copy ?? items
}

function recordToJson(record: Readonly<Record<string, unknown>>): unknown {
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(record)) {
    const member = toJson(record[key])
    if (member === record[key]) continue
    // A spread keeps a key `__proto__` as data, so that assigning to it below sets that.
    copy ??= { ...record }
    copy[key] = member
  }
  return copy ?? record
}
