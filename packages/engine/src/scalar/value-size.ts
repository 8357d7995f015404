/** Roughly how much memory values take. */
import { SqlArray } from './array/sql-array.js'
import { Jsonb, type JsonNode } from './json/jsonb.js'
import { Numeric } from './numeric/numeric.js'
import { MultirangeValue, RangeValue } from './ranges/range-value.js'
import { RecordValue } from './record-value.js'
import type { Value } from './value.js'

/** An array object and its elements' header. */
const LIST_BYTES = 48
const SLOT_BYTES = 8
/** A number that is not a small integer is an object. */
const NUMBER_BYTES = 12
const OBJECT_BYTES = 40

/** Beyond the slot that it is in. */
export function sizeOfValue(value: Value): number {
  switch (typeof value) {
    case 'string':
      return 24 + value.length
    case 'number':
      return NUMBER_BYTES
    case 'bigint':
      return 24
    case 'boolean':
      return 0
    default:
      return value === null ? 0 : sizeOfObject(value)
  }
}

function sizeOfObject(value: NonNullable<Value> & object): number {
  if (value instanceof Numeric) return 2 * OBJECT_BYTES
  if (value instanceof Uint8Array || value instanceof Float32Array) return 2 * OBJECT_BYTES + value.byteLength
  if (value instanceof SqlArray) return 2 * OBJECT_BYTES + sizeOfAll(value.elements)
  if (value instanceof RecordValue) return OBJECT_BYTES + sizeOfAll(value.values)
  if (value instanceof RangeValue) return OBJECT_BYTES + sizeOfValue(value.lower) + sizeOfValue(value.upper)
  if (value instanceof MultirangeValue) return OBJECT_BYTES + sizeOfAll(value.ranges)
  if (value instanceof Jsonb) return OBJECT_BYTES + sizeOfNode(value.root)
  return OBJECT_BYTES
}

function sizeOfAll(values: readonly Value[]): number {
  let bytes = LIST_BYTES
  for (const value of values) bytes += SLOT_BYTES + sizeOfValue(value)
  return bytes
}

/** Of a node of a `jsonb`, beyond the slot that it is in. */
export function sizeOfNode(node: JsonNode): number {
  if (node === null || typeof node === 'boolean') return 0
  if (typeof node === 'string') return 24 + node.length
  if (node instanceof Numeric) return 2 * OBJECT_BYTES
  let bytes = LIST_BYTES
  if (node instanceof Map) {
    for (const [key, value] of node as ReadonlyMap<string, JsonNode>) {
      bytes += 2 * OBJECT_BYTES + key.length + sizeOfNode(value)
    }
    return bytes
  }
  for (const element of node as readonly JsonNode[]) bytes += SLOT_BYTES + sizeOfNode(element)
  return bytes
}
