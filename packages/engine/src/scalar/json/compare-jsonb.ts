/** The order of `jsonb`: null, strings, numbers, booleans, arrays, objects; then what they hold. */
import { compareCodePoints } from '../collation/code-points.js'
import { compareNumeric, numericHashKey } from '../numeric/compare-numeric.js'
import { Numeric } from '../numeric/numeric.js'
import { isJsonArray, quoteJson } from './format-json.js'
import type { Jsonb, JsonNode } from './jsonb.js'

export function compareJsonb(a: Jsonb, b: Jsonb): number {
  const [x, y] = [a.root, b.root]
  // Scalars by themselves count as arrays of one element, and sort before real ones of as many.
  if (isScalar(x) && !isScalar(y) && isJsonArray(y)) return y.length === 0 ? 1 : -1
  if (isScalar(y) && !isScalar(x) && isJsonArray(x)) return x.length === 0 ? -1 : 1
  return compareNodes(x, y)
}

function isScalar(node: JsonNode): boolean {
  return node === null || typeof node !== 'object' || node instanceof Numeric
}

/** Values inside of others. */
export function compareNodes(a: JsonNode, b: JsonNode): number {
  const order = rank(a) - rank(b)
  if (order !== 0) return order
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return 0
  if (a instanceof Numeric && b instanceof Numeric) return compareNumeric(a, b)
  if (a instanceof Numeric || b instanceof Numeric) return 0
  if (isJsonArray(a) && isJsonArray(b)) return compareArrays(a, b)
  return isJsonArray(a) || isJsonArray(b) ? 0 : compareObjects(a, b)
}

function rank(node: JsonNode): number {
  if (node === null) return 0
  switch (typeof node) {
    case 'string':
      return 1
    case 'boolean':
      return 3
    default:
      return node instanceof Numeric ? 2 : isJsonArray(node) ? 4 : 5
  }
}

function compareArrays(a: readonly JsonNode[], b: readonly JsonNode[]): number {
  if (a.length !== b.length) return a.length - b.length
  for (const [index, element] of a.entries()) {
    const order = compareNodes(element, b[index] ?? null)
    if (order !== 0) return order
  }
  return 0
}

function compareObjects(a: ReadonlyMap<string, JsonNode>, b: ReadonlyMap<string, JsonNode>): number {
  if (a.size !== b.size) return a.size - b.size
  const others = b.entries()
  for (const [key, value] of a) {
    const [otherKey, otherValue] = others.next().value ?? ['', null]
    const order = compareCodePoints(key, otherKey) || compareNodes(value, otherValue)
    if (order !== 0) return order
  }
  return 0
}

/** Equal for equal values: numbers in one form. */
export function jsonbHashKey({ root }: Jsonb): string {
  return nodeKey(root)
}

function nodeKey(node: JsonNode): string {
  if (node === null || typeof node === 'boolean') return String(node)
  if (typeof node === 'string') return quoteJson(node)
  if (node instanceof Numeric) return `#${numericHashKey(node)}`
  if (isJsonArray(node)) return `[${node.map(nodeKey).join(',')}]`
  return `{${Array.from(node, ([key, value]) => `${quoteJson(key)}:${nodeKey(value)}`).join(',')}}`
}
