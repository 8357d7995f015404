/** SQL's values as JSON: of each type as text, or taken apart. */
import type { SqlArray } from '../../array/sql-array.js'
import type { ScalarType } from '../../data-type.js'
import { formatJsonb, quoteJson } from '../../json/format-json.js'
import { type Jsonb, type JsonNode } from '../../json/jsonb.js'
import { parseJsonText } from '../../json/parse-json.js'
import type { RecordValue } from '../../record-value.js'
import type { ScalarContext } from '../../scalar-context.js'
import { isoDate, isoMoment, isoTimestamp } from './iso-json.js'
import type { Int64, Value } from '../../value.js'
import { requireNodes } from '../../value-limits.js'

export type JsonTextOf = (context: ScalarContext, value: Value) => string

const NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'])
const JSON_NUMBER = /^-?\d/

/** How values of a type, not null, are written as JSON. */
export function jsonTextOf(type: ScalarType): JsonTextOf {
  if (NUMBERS.has(type.name)) return (context, value) => numberText(type.format(value, context))
  switch (type.name) {
    case 'bool':
      return (_, value) => (value === true ? 'true' : 'false')
    case 'json':
      return (_, value) => value as string
    case 'jsonb':
      return (_, value) => formatJsonb((value as Jsonb).root)
    case 'date':
      return (_, value) => quoteJson(isoDate(value as number))
    case 'timestamp':
      return (_, value) => quoteJson(isoTimestamp(value as Int64))
    case 'timestamptz':
      return (context, value) => quoteJson(isoMoment(value as Int64, context.timeZone))
  }
  if (isArray(type)) {
    const element = type.element
    return (context, value) => arrayText(context, value as SqlArray, element)
  }
  if (isRecord(type)) return (context, value) => recordText(context, value as RecordValue)
  return (context, value) => quoteJson(type.format(value, context))
}

/** Arrays of nameless records are a pseudo-type, and still arrays. */
function isArray(type: ScalarType): type is ScalarType & { readonly element: ScalarType } {
  return type.element !== undefined && (type.category === 'A' || type.name === '_record')
}

function isRecord(type: ScalarType): boolean {
  return type.category === 'C' || type.name === 'record' || type.fields !== undefined
}

/** Whether values of the type are arrays or records, which begin on lines of their own in lists. */
export function isNested(type: ScalarType): boolean {
  return isArray(type) || isRecord(type)
}

/** NaN and infinities are no numbers in JSON. */
function numberText(text: string): string {
  return JSON_NUMBER.test(text) ? text : quoteJson(text)
}

/** @param isPretty with each element of the outermost level on a line of its own */
export function arrayText(
  context: ScalarContext,
  array: SqlArray,
  element: ScalarType,
  isPretty = false,
): string {
  requireNodes(array.elements.length)
  const textOf = jsonTextOf(element)
  const texts = array.elements.map((value) => (value === null ? 'null' : textOf(context, value)))
  if (array.dimensions.length === 0) return '[]'
  return array.dimensions
    .map(({ length }) => length)
    .reduceRight<string[]>(
      (parts, length, level) => grouped(parts, length, isPretty && level === 0 ? ',\n ' : ','),
      texts,
    )
    .join('')
}

function grouped(parts: readonly string[], length: number, separator: string): string[] {
  const groups: string[] = []
  for (let at = 0; at < parts.length; at += length)
    groups.push(`[${parts.slice(at, at + length).join(separator)}]`)
  return groups
}

export function recordText(context: ScalarContext, record: RecordValue, isPretty = false): string {
  const members = record.fields.map(({ name, type }, index) => {
    const value = record.values[index] ?? null
    return `${quoteJson(name)}:${value === null ? 'null' : jsonTextOf(type.scalar)(context, value)}`
  })
  return `{${members.join(isPretty ? ',\n ' : ',')}}`
}

/** The same as nodes, for `jsonb`. */
export function jsonNodeOf(type: ScalarType): (context: ScalarContext, value: Value) => JsonNode {
  if (type.name === 'jsonb') return (_, value) => (value as Jsonb).root
  const textOf = jsonTextOf(type)
  return (context, value) => (value === null ? null : parseJsonText(textOf(context, value)))
}
