import type { OrbitError } from '@orbit-ts/base'
import type { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import { isJsonArray, isJsonObject } from '../../json/format-json.js'
import { makeJsonObject } from '../../json/json-object.js'
import { Jsonb, type JsonNode } from '../../json/jsonb.js'
import { smallJsonb } from '../../json/small-jsonb.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { changeAtPath, type PathChange } from './jsonb-path-change.js'

function invalid(message: string): OrbitError {
  return queryError('invalid_parameter_value', message)
}

const isScalar = (node: JsonNode): boolean => !isJsonArray(node) && !isJsonObject(node)

/** Objects are merged, the right side counts; all else is strung together as elements of an array. */
function concatenate(a: JsonNode, b: JsonNode): JsonNode {
  if (isJsonObject(a) && isJsonObject(b)) return makeJsonObject([...a, ...b])
  return [...(isJsonArray(a) ? a : [a]), ...(isJsonArray(b) ? b : [b])]
}

function deleteKeys(root: JsonNode, keys: ReadonlySet<unknown>): JsonNode {
  if (isJsonObject(root)) return new Map([...root].filter(([key]) => !keys.has(key)))
  if (isJsonArray(root)) return root.filter((element) => typeof element !== 'string' || !keys.has(element))
  throw invalid('cannot delete from scalar')
}

function deleteIndex(root: JsonNode, index: number): JsonNode {
  if (isJsonObject(root)) throw invalid('cannot delete from object using integer index')
  if (!isJsonArray(root)) throw invalid('cannot delete from scalar')
  const at = index < 0 ? root.length + index : index
  return at < 0 || at >= root.length ? root : root.toSpliced(at, 1)
}

/** Changes what is at the path. @param verb for the error when there is nothing to step into */
function atPath({ root }: Jsonb, path: SqlArray, verb: string, change: PathChange): Jsonb {
  requireList(path)
  if (isScalar(root)) throw invalid(`cannot ${verb} path in scalar`)
  const steps = path.elements as readonly (string | null)[]
  return smallJsonb(changeAtPath(root, steps, change))
}

function requireList(array: SqlArray): void {
  if (array.dimensions.length > 1) {
    throw queryError('array_subscript_error', 'wrong number of array subscripts')
  }
}

function set(_: unknown, target: Jsonb, path: SqlArray, value: Jsonb, creates: boolean): Jsonb {
  if (isEmpty(target.root) && !creates && !isScalar(target.root)) return target
  return atPath(target, path, 'set', {
    replace: () => value.root,
    ...(creates ? { create: value.root } : {}),
  })
}

function isEmpty(node: JsonNode): boolean {
  return isJsonArray(node) ? node.length === 0 : isJsonObject(node) && node.size === 0
}

function setLax(
  _: unknown,
  target: Jsonb | null,
  path: SqlArray | null,
  value: Jsonb | null,
  creates: boolean | null,
  treatment: string | null,
): Jsonb | null {
  if (target === null || path === null || creates === null) return null
  if (treatment === null) {
    throw queryError(
      'invalid_parameter_value',
      'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"',
    )
  }
  if (value !== null) return set(_, target, path, value, creates)
  switch (treatment) {
    case 'raise_exception':
      throw queryError('null_value_not_allowed', 'JSON value must not be null', {
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      })
    case 'use_json_null':
      return set(_, target, path, new Jsonb(null), creates)
    case 'delete_key':
      return deletePath(_, target, path)
    case 'return_target':
      return target
    default:
      throw queryError(
        'invalid_parameter_value',
        'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"',
      )
  }
}

function insert(_: unknown, target: Jsonb, path: SqlArray, value: Jsonb, isAfter: boolean): Jsonb {
  return atPath(target, path, 'set', { insert: { value: value.root, isAfter } })
}

function deletePath(_: unknown, target: Jsonb, path: SqlArray): Jsonb {
  if (isEmpty(target.root)) return target
  return atPath(target, path, 'delete', { replace: () => undefined })
}

export const jsonbChange: readonly ScalarFunction[] = [
  scalar('3301 jsonb_concat(jsonb,jsonb) jsonb', (_, a: Jsonb, b: Jsonb) =>
    smallJsonb(concatenate(a.root, b.root)),
  ),
  scalar(
    '3302 jsonb_delete(jsonb,text) jsonb',
    (_, { root }: Jsonb, key: string) => new Jsonb(deleteKeys(root, new Set([key]))),
  ),
  scalar(
    '3343 jsonb_delete(from_json jsonb,variadic path_elems _text) jsonb',
    (_, { root }: Jsonb, keys: SqlArray) => {
      requireList(keys)
      return new Jsonb(deleteKeys(root, new Set(keys.elements)))
    },
  ),
  scalar(
    '3303 jsonb_delete(jsonb,int4) jsonb',
    (_, { root }: Jsonb, index: number) => new Jsonb(deleteIndex(root, index)),
  ),
  scalar('3304 jsonb_delete_path(jsonb,_text) jsonb', deletePath),
  scalar('3305 jsonb_set(jsonb_in jsonb,path _text,replacement jsonb,create_if_missing bool) jsonb', set, {
    defaults: [true],
  }),
  scalar(
    '5054 jsonb_set_lax(jsonb_in jsonb,path _text,replacement jsonb,create_if_missing bool,null_value_treatment text) jsonb nullable',
    setLax,
    { defaults: [true, 'use_json_null'] },
  ),
  scalar('3579 jsonb_insert(jsonb_in jsonb,path _text,replacement jsonb,insert_after bool) jsonb', insert, {
    defaults: [false],
  }),
]
