import { SqlArray } from '../../scalar/array/sql-array.js'
import { Jsonb, type JsonNode } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import { RecordValue } from '../../scalar/record-value.js'
import { Interval } from '../../scalar/temporal/interval.js'
import type { Value } from '../../scalar/value.js'

/** Roughly how many bytes a value takes where it is stored. */
export function valueBytes(value: Value): number {
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value === 'number' || typeof value === 'bigint') return 8
  if (typeof value === 'string') return value.length + 1
  if (value instanceof Uint8Array) return value.length + 1
  if (value instanceof Float32Array) return value.byteLength + 4
  if (value instanceof Numeric) return 8 + (value.digits === 0n ? 0 : value.digits.toString(16).length / 2)
  if (value instanceof Interval) return 16
  if (value instanceof SqlArray) return 20 + total(value.elements)
  if (value instanceof RecordValue) return 24 + total(value.values)
  return value instanceof Jsonb ? jsonBytes(value.root) : 12
}

function total(values: readonly Value[]): number {
  let sum = 0
  for (const value of values) sum += valueBytes(value)
  return sum
}

function jsonBytes(node: JsonNode): number {
  if (node === null || typeof node === 'boolean') return 4
  if (typeof node === 'string') return node.length + 4
  if (node instanceof Numeric) return valueBytes(node)
  let sum = 8
  if (node instanceof Map) {
    for (const [key, member] of node as ReadonlyMap<string, JsonNode>)
      sum += key.length + 4 + jsonBytes(member)
    return sum
  }
  for (const element of node as readonly JsonNode[]) sum += jsonBytes(element)
  return sum
}
