import { toHex } from '@orbit-ts/base'
import type { JsonFilter, JsonValue } from './table-input.js'

/** A value as JSON, in the form that `parseValue` of its column's type takes back. */
export function toJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return safeNumber(value) ?? value.toString()
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : numberText(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Uint8Array) return `\\x${toHex(value)}`
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) return mapEntries(value)
  // What JSON has no word for is left for the validation of the definition to refuse.
  return (value ?? null) as JsonValue
}

/** The filter with its literals as JSON. */
export function filterToJson(filter: object): JsonFilter {
  return mapEntries(filter)
}

function mapEntries(value: object): { readonly [key: string]: JsonValue } {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return Object.fromEntries(entries.map(([key, entry]) => [key, toJson(entry)]))
}

function safeNumber(value: bigint): number | undefined {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
