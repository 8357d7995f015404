/** `jsonb` documents with a member replaced; members on the way that are not there are made. */
import { queryError } from '../../../../scalar/condition.js'
import { isJsonArray } from '../../../../scalar/json/format-json.js'
import { makeJsonObject } from '../../../../scalar/json/json-object.js'
import { Jsonb, type JsonNode } from '../../../../scalar/json/jsonb.js'

const INTEGER = /^[+-]?\d+$/
const POSITION_MAX = 10_000_000

/** @throws null_value_not_allowed, invalid_parameter_value, invalid_text_representation */
export function setJsonPath(
  document: Jsonb | undefined,
  value: JsonNode,
  written: readonly (string | undefined)[],
): Jsonb {
  const path = written.map((step) => {
    if (step !== undefined) return step
    throw queryError('null_value_not_allowed', 'jsonb subscript in assignment must not be null')
  })
  return new Jsonb(setIn(document?.root, path, 0, value))
}

function setIn(
  node: JsonNode | undefined,
  path: readonly string[],
  level: number,
  value: JsonNode,
): JsonNode {
  const step = path[level]
  if (step === undefined) return value
  if (node === undefined) return made(path, level, value)
  if (node instanceof Map) {
    const inner = setIn((node as ReadonlyMap<string, JsonNode>).get(step), path, level + 1, value)
    return makeJsonObject([...(node as ReadonlyMap<string, JsonNode>), [step, inner]])
  }
  if (isJsonArray(node)) return setInArray(node, path, level, value)
  throw queryError('invalid_parameter_value', 'cannot replace existing key', {
    detail: 'The path assumes key is a composite object, but it is a scalar value.',
  })
}

/** A new document: integers of the path mean arrays, filled up with nulls before them. */
function made(path: readonly string[], level: number, value: JsonNode): JsonNode {
  const step = path[level] ?? ''
  const inner = setIn(undefined, path, level + 1, value)
  if (!INTEGER.test(step)) return makeJsonObject([[step, inner]])
  return placed([], positionOf(step, 0, level), inner)
}

function setInArray(
  array: readonly JsonNode[],
  path: readonly string[],
  level: number,
  value: JsonNode,
): JsonNode {
  const step = path[level] ?? ''
  if (!INTEGER.test(step)) {
    throw queryError(
      'invalid_text_representation',
      `path element at position ${level + 1} is not an integer: "${step}"`,
    )
  }
  const position = positionOf(step, array.length, level)
  return placed(array, position, setIn(array[position], path, level + 1, value))
}

function positionOf(step: string, length: number, level: number): number {
  const written = Number(step)
  const position = written < 0 ? length + written : written
  if (position < 0) {
    throw queryError(
      'invalid_parameter_value',
      `path element at position ${level + 1} is out of range: ${written}`,
    )
  }
  if (position > POSITION_MAX) {
    throw queryError(
      'program_limit_exceeded',
      `number of jsonb array elements exceeds the maximum allowed (${POSITION_MAX})`,
    )
  }
  return position
}

function placed(array: readonly JsonNode[], position: number, value: JsonNode): JsonNode {
  const result = [...array]
  while (result.length < position) result.push(null)
  result[position] = value
  return result
}
