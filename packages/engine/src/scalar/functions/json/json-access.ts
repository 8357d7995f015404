import type { OrbitError } from '@orbit-ts/base'
import { type SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { Row } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import { columnsOf } from '../define/columns.js'
import type { AnyFunction } from '../function.js'
import { rawAtPath, rawElement, rawElements, rawField, rawKind, rawMembers, rawText } from './raw-json.js'
import { stripNulls } from './strip-nulls.js'

function invalid(message: string): OrbitError {
  return queryError('invalid_parameter_value', message)
}

const isScalar = (text: string): boolean => !['object', 'array'].includes(rawKind(text))

function asText(value: string | undefined): string | null {
  return value === undefined ? null : rawText(value)
}

/** Null where the path has a null in it. */
function atPath(text: string, path: SqlArray): string | undefined {
  return path.elements.includes(null) ? undefined : rawAtPath(text.trim(), path.elements as readonly string[])
}

function requireObject(functionName: string, text: string): void {
  if (isScalar(text)) throw invalid(`cannot call ${functionName} on a scalar`)
  if (rawKind(text) === 'array') throw invalid(`cannot call ${functionName} on an array`)
}

function requireMembers(text: string): void {
  if (rawKind(text) === 'array') throw invalid('cannot deconstruct an array as an object')
  if (isScalar(text)) throw invalid('cannot deconstruct a scalar')
}

function requireElements(functionName: string, text: string): void {
  if (isScalar(text)) throw invalid(`cannot call ${functionName} on a scalar`)
  if (rawKind(text) === 'object') throw invalid(`cannot call ${functionName} on a non-array`)
}

function arrayLength(_: unknown, text: string): number {
  if (isScalar(text)) throw invalid('cannot get array length of a scalar')
  if (rawKind(text) === 'object') throw invalid('cannot get array length of a non-array')
  return [...rawElements(text)].length
}

function* keys(_: unknown, text: string): Iterable<Row> {
  requireObject('json_object_keys', text)
  for (const { key } of rawMembers(text)) yield [key]
}

function* each(_: unknown, text: string): Iterable<Row> {
  requireMembers(text)
  for (const { key, value } of rawMembers(text)) yield [key, value]
}

function* eachText(_: unknown, text: string): Iterable<Row> {
  requireMembers(text)
  for (const { key, value } of rawMembers(text)) yield [key, rawText(value)]
}

function* elements(_: unknown, text: string): Iterable<Row> {
  requireElements('json_array_elements', text)
  for (const element of rawElements(text)) yield [element]
}

function* elementTexts(_: unknown, text: string): Iterable<Row> {
  requireElements('json_array_elements_text', text)
  for (const element of rawElements(text)) yield [rawText(element)]
}

/** Functions of `json`, which look at its text. */
export const jsonAccess: readonly AnyFunction[] = [
  scalar(
    '3947 json_object_field(from_json json,field_name text) json',
    (_, text: string, key: string) => rawField(text, key) ?? null,
  ),
  scalar('3948 json_object_field_text(from_json json,field_name text) text', (_, text: string, key: string) =>
    asText(rawField(text, key)),
  ),
  scalar(
    '3949 json_array_element(from_json json,element_index int4) json',
    (_, text: string, index: number) => rawElement(text, index) ?? null,
  ),
  scalar(
    '3950 json_array_element_text(from_json json,element_index int4) text',
    (_, text: string, index: number) => asText(rawElement(text, index)),
  ),
  scalar(
    '3951 json_extract_path(from_json json,variadic path_elems _text) json',
    (_, text: string, path: SqlArray) => atPath(text, path) ?? null,
  ),
  scalar(
    '3953 json_extract_path_text(from_json json,variadic path_elems _text) text',
    (_, text: string, path: SqlArray) => asText(atPath(text, path)),
  ),
  scalar('3956 json_array_length(json) int4', arrayLength),
  scalar('3968 json_typeof(json) text', (_, text: string) => rawKind(text)),
  scalar('3261 json_strip_nulls(json) json', (_, text: string) => stripNulls(text)),
  table('3957 json_object_keys(json) text', keys),
  table('3958 json_each(from_json json) record', each, { columns: columnsOf('key text', 'value json') }),
  table('3959 json_each_text(from_json json) record', eachText, {
    columns: columnsOf('key text', 'value text'),
  }),
  table('3955 json_array_elements(from_json json) json', elements, { columns: columnsOf('value json') }),
  table('3969 json_array_elements_text(from_json json) text', elementTexts, {
    columns: columnsOf('value text'),
  }),
]
