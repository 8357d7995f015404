import { defined, type OrbitError } from '@orbit-ts/base'
import type { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { ScalarType } from '../../data-type.js'
import { quoteJson } from '../../json/format-json.js'
import { makeJsonObject } from '../../json/json-object.js'
import { Jsonb, type JsonNode } from '../../json/jsonb.js'
import { smallJsonb } from '../../json/small-jsonb.js'
import type { RecordValue } from '../../record-value.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import { elementTypeOf } from '../array/element-equality.js'
import { bound, scalar } from '../define/scalar-function.js'
import { variadicAny, type VariadicImplementation } from '../define/variadic-any.js'
import type { ScalarFunction } from '../function.js'
import { arrayText, jsonNodeOf, jsonTextOf, recordText } from './json-text-of.js'
import { keyText } from './json-keys.js'

type TypeAt = (index: number) => ScalarType

function textAt(context: ScalarContext, typeAt: TypeAt, values: readonly Value[], index: number): string {
  const value = values[index] ?? null
  return value === null ? 'null' : jsonTextOf(typeAt(index))(context, value)
}

function bindJsonArray(typeAt: TypeAt): VariadicImplementation {
  return (context, _, values) =>
    values === null
      ? null
      : `[${values.map((__, index) => textAt(context, typeAt, values, index)).join(', ')}]`
}

function bindJsonObject(typeAt: TypeAt): VariadicImplementation {
  return (context, _, values) => {
    if (values === null) return null
    requirePairs(values, 'json_build_object')
    const members: string[] = []
    for (let index = 0; index < values.length; index += 2) {
      const key = values[index] ?? null
      if (key === null) {
        throw queryError('invalid_parameter_value', `argument ${index + 1} cannot be null`, {
          hint: 'Object keys should be text.',
        })
      }
      members.push(
        `${quoteJson(keyText(typeAt(index))(context, key))} : ${textAt(context, typeAt, values, index + 1)}`,
      )
    }
    return `{${members.join(', ')}}`
  }
}

function bindJsonbArray(typeAt: TypeAt): VariadicImplementation {
  return (context, _, values) =>
    values === null
      ? null
      : smallJsonb(
          values.map((value, index) => (value === null ? null : jsonNodeOf(typeAt(index))(context, value))),
        )
}

function bindJsonbObject(typeAt: TypeAt): VariadicImplementation {
  return (context, _, values) => {
    if (values === null) return null
    requirePairs(values, 'jsonb_build_object')
    const entries: [string, JsonNode][] = []
    for (let index = 0; index < values.length; index += 2) {
      const key = values[index] ?? null
      const value = values[index + 1] ?? null
      if (key === null) throw invalid(`argument ${index + 1}: key must not be null`)
      entries.push([
        keyText(typeAt(index))(context, key),
        value === null ? null : jsonNodeOf(typeAt(index + 1))(context, value),
      ])
    }
    return smallJsonb(makeJsonObject(entries))
  }
}

function requirePairs(values: readonly Value[], name: string): void {
  if (values.length % 2 !== 0) {
    throw queryError('invalid_parameter_value', 'argument list must have even number of elements', {
      hint: `The arguments of ${name}() must consist of alternating keys and values.`,
    })
  }
}

function invalid(message: string): OrbitError {
  return queryError('invalid_parameter_value', message)
}

/** Keys and values of `{a,1,b,2}` or `{{a,1},{b,2}}`. */
function pairsOf({ dimensions, elements }: SqlArray): [string | null, string | null][] {
  const [, second] = dimensions
  if (dimensions.length > 2) {
    throw queryError('array_subscript_error', 'wrong number of array subscripts')
  }
  if (second !== undefined && second.length !== 2) {
    throw queryError('array_subscript_error', 'array must have two columns')
  }
  if (elements.length % 2 !== 0) {
    throw queryError('array_subscript_error', 'array must have even number of elements')
  }
  const texts = elements as readonly (string | null)[]
  return Array.from({ length: texts.length / 2 }, (_, index) => [
    texts[2 * index] ?? null,
    texts[2 * index + 1] ?? null,
  ])
}

function pairsOfTwo(keys: SqlArray, values: SqlArray): [string | null, string | null][] {
  if (keys.dimensions.length > 1 || keys.dimensions.length !== values.dimensions.length) {
    throw queryError('array_subscript_error', 'wrong number of array subscripts')
  }
  if (keys.elements.length !== values.elements.length) {
    throw queryError('array_subscript_error', 'mismatched array dimensions')
  }
  const texts = values.elements as readonly (string | null)[]
  return keys.elements.map((key, index) => [key as string | null, texts[index] ?? null])
}

function requireKey(key: string | null): string {
  if (key === null) throw queryError('null_value_not_allowed', 'null value not allowed for object key')
  return key
}

function jsonObject(pairs: readonly [string | null, string | null][]): string {
  const members = pairs.map(
    ([key, value]) => `${quoteJson(requireKey(key))} : ${value === null ? 'null' : quoteJson(value)}`,
  )
  return `{${members.join(', ')}}`
}

function jsonbObject(pairs: readonly [string | null, string | null][]): Jsonb {
  return smallJsonb(makeJsonObject(pairs.map(([key, value]) => [requireKey(key), value])))
}

/** Functions that make JSON of SQL's values. */
export const jsonBuilding: readonly ScalarFunction[] = [
  bound('3176 to_json(anyelement) json stable', ([type]) => {
    const textOf = jsonTextOf(defined(type, 'the type of the argument').scalar)
    return (context, value: Value) => textOf(context, value)
  }),
  bound('3787 to_jsonb(anyelement) jsonb stable', ([type]) => {
    const nodeOf = jsonNodeOf(defined(type, 'the type of the argument').scalar)
    return (context, value: Value) => smallJsonb(nodeOf(context, value))
  }),
  bound('3153 array_to_json(anyarray) json stable', (types) => {
    const element = elementTypeOf(types)
    return (context, array: SqlArray) => arrayText(context, array, element)
  }),
  bound('3154 array_to_json(anyarray,bool) json stable', (types) => {
    const element = elementTypeOf(types)
    return (context, array: SqlArray, isPretty: boolean) => arrayText(context, array, element, isPretty)
  }),
  scalar('3155 row_to_json(record) json stable', (context, record: RecordValue) =>
    recordText(context, record),
  ),
  scalar('3156 row_to_json(record,bool) json stable', (context, record: RecordValue, isPretty: boolean) =>
    recordText(context, record, isPretty),
  ),
  variadicAny('3198 json_build_array(variadic any) json nullable stable', bindJsonArray),
  scalar('3199 json_build_array() json nullable stable', () => '[]'),
  variadicAny('3200 json_build_object(variadic any) json nullable stable', bindJsonObject),
  scalar('3201 json_build_object() json nullable stable', () => '{}'),
  variadicAny('3271 jsonb_build_array(variadic any) jsonb nullable stable', bindJsonbArray),
  scalar('3272 jsonb_build_array() jsonb nullable stable', () => new Jsonb([])),
  variadicAny('3273 jsonb_build_object(variadic any) jsonb nullable stable', bindJsonbObject),
  scalar('3274 jsonb_build_object() jsonb nullable stable', () => new Jsonb(new Map())),
  scalar('3202 json_object(_text) json', (_, array: SqlArray) => jsonObject(pairsOf(array))),
  scalar('3203 json_object(_text,_text) json', (_, keys: SqlArray, values: SqlArray) =>
    jsonObject(pairsOfTwo(keys, values)),
  ),
  scalar('3263 jsonb_object(_text) jsonb', (_, array: SqlArray) => jsonbObject(pairsOf(array))),
  scalar('3264 jsonb_object(_text,_text) jsonb', (_, keys: SqlArray, values: SqlArray) =>
    jsonbObject(pairsOfTwo(keys, values)),
  ),
]
