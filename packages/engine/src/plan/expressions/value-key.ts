import { SqlArray } from '../../scalar/array/sql-array.js'
import { Jsonb, type JsonNode } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import { MultirangeValue, RangeValue } from '../../scalar/ranges/range-value.js'
import { type RecordValue } from '../../scalar/record-value.js'
import { Interval } from '../../scalar/temporal/interval.js'
import { TimeWithZone } from '../../scalar/temporal/time-with-zone.js'
import type { Value } from '../../scalar/value.js'

/** A text that is the same for two values only when nothing can tell them apart (1.0 and 1.00 differ). */
export function valueKey(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`
  if (value instanceof Float32Array) return `v${value.join(',')}`
  if (value instanceof Numeric) return `${value.special ?? value.digits}e-${value.scale}`
  if (value instanceof Interval) return `i${value.months},${value.days},${value.micros}`
  if (value instanceof TimeWithZone) return `z${value.micros},${value.offsetSeconds}`
  if (value instanceof Jsonb) return `j${jsonKey(value.root)}`
  if (value instanceof SqlArray) return arrayKey(value)
  if (value instanceof RangeValue) return rangeKey(value)
  if (value instanceof MultirangeValue) return `m${value.ranges.map(rangeKey).join()}`
  return recordKey(value)
}

function rangeKey({ isEmpty, lower, upper, lowerInclusive, upperInclusive }: RangeValue): string {
  return `r${isEmpty}${lowerInclusive}${upperInclusive}(${valueKey(lower)},${valueKey(upper)})`
}

function arrayKey(array: SqlArray): string {
  const dimensions = array.dimensions.map((dimension) => `${dimension.lower}+${dimension.length}`)
  return `[${dimensions.join('x')}:${array.elements.map(valueKey).join(',')}]`
}

function recordKey(record: RecordValue): string {
  return `(${record.values.map(valueKey).join(',')})`
}

function jsonKey(node: JsonNode): string {
  if (node === null || typeof node === 'boolean') return String(node)
  if (typeof node === 'string') return JSON.stringify(node)
  if (node instanceof Numeric) return valueKey(node)
  if (node instanceof Map) {
    const members = [...(node as ReadonlyMap<string, JsonNode>)]
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonKey(member)}`).join(',')}}`
  }
  return `[${(node as readonly JsonNode[]).map(jsonKey).join(',')}]`
}
