import { requireNodes } from '../value-limits.js'
import { Jsonb, type JsonNode } from './jsonb.js'

/**
 * A `jsonb` put together from others. Parts may be in it several times over, so it may be much larger than it takes to
 * make it.
 * @throws program_limit_exceeded
 */
export function smallJsonb(root: JsonNode): Jsonb {
  countNodes(root, 0)
  return new Jsonb(root)
}

function countNodes(node: JsonNode, before: number): number {
  let count = before + 1
  if (Array.isArray(node)) {
    requireNodes(count + node.length)
    for (const element of node as readonly JsonNode[]) count = countNodes(element, count)
  } else if (node instanceof Map) {
    requireNodes(count + node.size)
    for (const value of (node as ReadonlyMap<string, JsonNode>).values()) count = countNodes(value, count)
  }
  requireNodes(count)
  return count
}
