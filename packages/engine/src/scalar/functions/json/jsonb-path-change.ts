/** Values of `jsonb` changed at a path of keys and indexes. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { isJsonArray, isJsonObject } from '../../json/format-json.js'
import type { JsonNode } from '../../json/jsonb.js'
import { makeJsonObject } from '../../json/json-object.js'

/** What to do with the place that the path leads to. */
export interface PathChange {
  /** Of what is there: what is to be in its place; undefined deletes it. */
  readonly replace?: (old: JsonNode) => JsonNode | undefined
  /** Where there is nothing at a key, or beyond an array's end: what is to be put there. */
  readonly create?: JsonNode
  /** For an element that is there: put this before or behind it. */
  readonly insert?: { readonly value: JsonNode; readonly isAfter: boolean }
}

export function changeAtPath(
  root: JsonNode,
  path: readonly (string | null)[],
  change: PathChange,
  depth = 0,
): JsonNode {
  const step = path[depth]
  if (step === null) {
    throw queryError('null_value_not_allowed', `path element at position ${depth + 1} is null`)
  }
  if (step === undefined) return root
  const isLast = depth === path.length - 1
  if (isJsonObject(root)) return changeMember(root, step, isLast, path, change, depth)
  return isJsonArray(root) ? changeElement(root, step, isLast, path, change, depth) : root
}

function changeMember(
  object: ReadonlyMap<string, JsonNode>,
  key: string,
  isLast: boolean,
  path: readonly (string | null)[],
  change: PathChange,
  depth: number,
): JsonNode {
  const old = object.get(key)
  if (old === undefined) {
    const created = isLast ? createdBy(change) : undefined
    return created === undefined ? object : makeJsonObject([...object, [key, created]])
  }
  if (!isLast) return withMember(object, key, changeAtPath(old, path, change, depth + 1))
  if (change.insert !== undefined) {
    throw queryError('invalid_parameter_value', 'cannot replace existing key', {
      hint: 'Try using the function jsonb_set to replace key value.',
    })
  }
  return withMember(object, key, change.replace?.(old))
}

/** What may be null, as JSON has it. */
function createdBy({ create, insert }: PathChange): JsonNode | undefined {
  return create === undefined ? insert?.value : create
}

function withMember(
  object: ReadonlyMap<string, JsonNode>,
  key: string,
  value: JsonNode | undefined,
): JsonNode {
  const changed = new Map(object)
  if (value === undefined) changed.delete(key)
  else changed.set(key, value)
  return changed
}

function changeElement(
  array: readonly JsonNode[],
  step: string,
  isLast: boolean,
  path: readonly (string | null)[],
  change: PathChange,
  depth: number,
): JsonNode {
  const wanted = arrayIndex(step, depth)
  const index = wanted < 0 ? array.length + wanted : wanted
  const old = array[index]
  if (old === undefined) {
    const created = isLast ? createdBy(change) : undefined
    if (created === undefined) return array
    return index < 0 ? [created, ...array] : [...array, created]
  }
  if (!isLast) return array.with(index, changeAtPath(old, path, change, depth + 1))
  if (change.insert !== undefined) {
    return array.toSpliced(change.insert.isAfter ? index + 1 : index, 0, change.insert.value)
  }
  const replaced = change.replace?.(old)
  return replaced === undefined ? array.toSpliced(index, 1) : array.with(index, replaced)
}

function arrayIndex(step: string, depth: number): number {
  if (/^\s*[+-]?\d+\s*$/.test(step)) return Number(step)
  throw notAnInteger(step, depth)
}

function notAnInteger(step: string, depth: number): OrbitError {
  return queryError(
    'invalid_text_representation',
    `path element at position ${depth + 1} is not an integer: "${step}"`,
  )
}
