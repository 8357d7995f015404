import type { OrbitError } from '@orbit-ts/base'
import type { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import {
  formatJsonb,
  formatJsonbPretty,
  isJsonArray,
  isJsonObject,
  jsonTypeName,
} from '../../json/format-json.js'
import { Jsonb, type JsonNode } from '../../json/jsonb.js'
import type { Row } from '../../value.js'
import { columnsOf } from '../define/columns.js'
import { scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'

function invalid(message: string): OrbitError {
  return queryError('invalid_parameter_value', message)
}

export function fieldOf(node: JsonNode, key: string): JsonNode | undefined {
  return isJsonObject(node) ? node.get(key) : undefined
}

export function elementOf(node: JsonNode, index: number): JsonNode | undefined {
  return isJsonArray(node) ? node[index < 0 ? node.length + index : index] : undefined
}

/** The same, where a single scalar counts as an array of itself. */
function elementOfRoot(root: JsonNode, index: number): JsonNode | undefined {
  return isJsonArray(root) || isJsonObject(root) ? elementOf(root, index) : elementOf([root], index)
}

/** What a path of keys and indexes leads to; undefined when nothing, or when a step of it is null. */
export function nodeAtPath(root: JsonNode, path: SqlArray): JsonNode | undefined {
  let node: JsonNode | undefined = root
  for (const step of path.elements as readonly (string | null)[]) {
    if (node === undefined || step === null) return undefined
    if (isJsonArray(node)) node = /^\s*[+-]?\d+$/.test(step) ? elementOf(node, Number(step)) : undefined
    else node = fieldOf(node, step)
  }
  return node
}

function boxed(node: JsonNode | undefined): Jsonb | null {
  return node === undefined ? null : new Jsonb(node)
}

/** As text: a string without its quotes, null for JSON's null. */
export function nodeText(node: JsonNode | undefined): string | null {
  if (node === undefined || node === null) return null
  return typeof node === 'string' ? node : formatJsonb(node)
}

function arrayLength(_: unknown, { root }: Jsonb): number {
  if (isJsonArray(root)) return root.length
  throw invalid(`cannot get array length of a ${isJsonObject(root) ? 'non-array' : 'scalar'}`)
}

function members(functionName: string, root: JsonNode): ReadonlyMap<string, JsonNode> {
  if (isJsonObject(root)) return root
  throw invalid(`cannot call ${functionName} on a non-object`)
}

function elements(root: JsonNode): readonly JsonNode[] {
  if (isJsonArray(root)) return root
  throw invalid(`cannot extract elements from ${isJsonObject(root) ? 'an object' : 'a scalar'}`)
}

function* keys(_: unknown, { root }: Jsonb): Iterable<Row> {
  if (!isJsonObject(root)) {
    throw invalid(`cannot call jsonb_object_keys on ${isJsonArray(root) ? 'an array' : 'a scalar'}`)
  }
  for (const key of root.keys()) yield [key]
}

function* each(_: unknown, { root }: Jsonb): Iterable<Row> {
  for (const [key, value] of members('jsonb_each', root)) yield [key, new Jsonb(value)]
}

function* eachText(_: unknown, { root }: Jsonb): Iterable<Row> {
  for (const [key, value] of members('jsonb_each_text', root)) yield [key, nodeText(value)]
}

function* eachElement(_: unknown, { root }: Jsonb): Iterable<Row> {
  for (const element of elements(root)) yield [new Jsonb(element)]
}

function* eachElementText(_: unknown, { root }: Jsonb): Iterable<Row> {
  for (const element of elements(root)) yield [nodeText(element)]
}

function withoutNulls(node: JsonNode): JsonNode {
  if (isJsonArray(node)) return node.map(withoutNulls)
  if (!isJsonObject(node)) return node
  const kept = new Map<string, JsonNode>()
  for (const [key, value] of node) if (value !== null) kept.set(key, withoutNulls(value))
  return kept
}

export const jsonbAccess: readonly AnyFunction[] = [
  scalar(
    '3478 jsonb_object_field(from_json jsonb,field_name text) jsonb',
    (_, { root }: Jsonb, key: string) => boxed(fieldOf(root, key)),
  ),
  scalar(
    '3214 jsonb_object_field_text(from_json jsonb,field_name text) text',
    (_, { root }: Jsonb, key: string) => nodeText(fieldOf(root, key)),
  ),
  scalar(
    '3215 jsonb_array_element(from_json jsonb,element_index int4) jsonb',
    (_, { root }: Jsonb, index: number) => boxed(elementOfRoot(root, index)),
  ),
  scalar(
    '3216 jsonb_array_element_text(from_json jsonb,element_index int4) text',
    (_, { root }: Jsonb, index: number) => nodeText(elementOfRoot(root, index)),
  ),
  scalar(
    '3217 jsonb_extract_path(from_json jsonb,variadic path_elems _text) jsonb',
    (_, { root }: Jsonb, path: SqlArray) => boxed(nodeAtPath(root, path)),
  ),
  scalar(
    '3940 jsonb_extract_path_text(from_json jsonb,variadic path_elems _text) text',
    (_, { root }: Jsonb, path: SqlArray) => nodeText(nodeAtPath(root, path)),
  ),
  scalar('3207 jsonb_array_length(jsonb) int4', arrayLength),
  scalar('3210 jsonb_typeof(jsonb) text', (_, { root }: Jsonb) => jsonTypeName(root)),
  scalar('3306 jsonb_pretty(jsonb) text', (_, { root }: Jsonb) => formatJsonbPretty(root)),
  scalar('3262 jsonb_strip_nulls(jsonb) jsonb', (_, { root }: Jsonb) => new Jsonb(withoutNulls(root))),
  table('3931 jsonb_object_keys(jsonb) text', keys),
  table('3208 jsonb_each(from_json jsonb) record', each, { columns: columnsOf('key text', 'value jsonb') }),
  table('3932 jsonb_each_text(from_json jsonb) record', eachText, {
    columns: columnsOf('key text', 'value text'),
  }),
  table('3219 jsonb_array_elements(from_json jsonb) jsonb', eachElement, {
    columns: columnsOf('value jsonb'),
  }),
  table('3465 jsonb_array_elements_text(from_json jsonb) text', eachElementText, {
    columns: columnsOf('value text'),
  }),
]
