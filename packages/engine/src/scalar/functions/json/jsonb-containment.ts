import type { SqlArray } from '../../array/sql-array.js'
import { compareNodes } from '../../json/compare-jsonb.js'
import { isJsonArray, isJsonObject } from '../../json/format-json.js'
import type { Jsonb, JsonNode } from '../../json/jsonb.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

/** Whether all of `part` is somewhere in `whole`, level by level. An array contains a single scalar too, at the top only. */
function contains(whole: JsonNode, part: JsonNode): boolean {
  if (isJsonArray(whole) && !isJsonArray(part) && !isJsonObject(part)) return hasElement(whole, part)
  return containsNode(whole, part)
}

function containsNode(whole: JsonNode, part: JsonNode): boolean {
  if (isJsonObject(whole) && isJsonObject(part)) {
    for (const [key, value] of part) {
      const own = whole.get(key)
      if (own === undefined || !containsNode(own, value)) return false
    }
    return true
  }
  if (isJsonArray(whole) && isJsonArray(part)) return part.every((element) => hasElement(whole, element))
  return !isContainer(whole) && !isContainer(part) && compareNodes(whole, part) === 0
}

function hasElement(whole: readonly JsonNode[], element: JsonNode): boolean {
  return whole.some((own) =>
    isContainer(element) ? containsNode(own, element) : !isContainer(own) && compareNodes(own, element) === 0,
  )
}

function isContainer(node: JsonNode): boolean {
  return isJsonArray(node) || isJsonObject(node)
}

/** Whether the text is a key of an object, an element of an array, or the value itself. */
function exists(root: JsonNode, text: string): boolean {
  if (isJsonObject(root)) return root.has(text)
  return isJsonArray(root) ? root.includes(text) : root === text
}

function texts({ elements }: SqlArray): readonly string[] {
  return elements.filter((element) => typeof element === 'string')
}

export const jsonbContainment: readonly ScalarFunction[] = [
  scalar('4046 jsonb_contains(jsonb,jsonb) bool', (_, whole: Jsonb, part: Jsonb) =>
    contains(whole.root, part.root),
  ),
  scalar('4050 jsonb_contained(jsonb,jsonb) bool', (_, part: Jsonb, whole: Jsonb) =>
    contains(whole.root, part.root),
  ),
  scalar('4047 jsonb_exists(jsonb,text) bool', (_, { root }: Jsonb, text: string) => exists(root, text)),
  scalar('4048 jsonb_exists_any(jsonb,_text) bool', (_, { root }: Jsonb, keys: SqlArray) =>
    texts(keys).some((key) => exists(root, key)),
  ),
  scalar('4049 jsonb_exists_all(jsonb,_text) bool', (_, { root }: Jsonb, keys: SqlArray) =>
    texts(keys).every((key) => exists(root, key)),
  ),
]
