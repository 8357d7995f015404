/** Between the numbers, booleans and `"char"`. */
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import type { Cast } from '../functions/function.js'
import {
  numericFromFloat4,
  numericFromFloat8,
  numericFromInt,
  numericToFloat4,
  numericToFloat8,
  numericToInt2,
  numericToInt4,
  numericToInt8,
} from '../numeric/convert-numeric.js'
import type { Numeric } from '../numeric/numeric.js'
import { roundHalfEven } from '../temporal/decode-clock.js'
import { outOfRange } from '../types/bad-input.js'
import { bool } from '../types/bool-type.js'
import { float4, float8 } from '../types/float-types.js'
import { int2, int4, int8 } from '../types/integer-types.js'
import { numeric } from '../types/numeric-type.js'
import { bpchar, char, text, varchar } from '../types/text-types.js'
import { int64, type Int64 } from '../value.js'
import { castBy, relabel } from './define-cast.js'

/** @throws numeric_value_out_of_range */
function toInt(value: number | bigint, max: number, typeName: string): number {
  const number = Number(value)
  if (!(number <= max && number >= -max - 1)) throw outOfRange(typeName)
  return number + 0
}

export function toInt4(value: number | bigint): number {
  return toInt(value, 0x7fff_ffff, 'integer')
}

export function toInt2(value: number | bigint): number {
  return toInt(value, 0x7fff, 'smallint')
}

/** Halves to even, as floating-point numbers are rounded. */
export function floatToInt8(value: number): Int64 {
  const rounded = roundHalfEven(value)
  if (!(rounded < 2 ** 63 && rounded >= -(2 ** 63))) throw outOfRange('bigint')
  return Number.isSafeInteger(rounded) ? rounded + 0 : int64(BigInt(rounded))
}

/** @throws numeric_value_out_of_range where a finite number has no single form */
export function toFloat4(value: number): number {
  const single = Math.fround(value)
  if (!Number.isFinite(single) && Number.isFinite(value)) {
    throw queryError('numeric_value_out_of_range', 'value out of range: overflow')
  }
  if (single === 0 && value !== 0) {
    throw queryError('numeric_value_out_of_range', 'value out of range: underflow')
  }
  return single
}

const INTEGERS: readonly Cast[] = [
  relabel(int2, int4, 'implicit'),
  relabel(int2, int8, 'implicit'),
  relabel(int4, int8, 'implicit'),
  castBy<Int64>(int8, int4, 'assignment', toInt4),
  castBy<Int64>(int8, int2, 'assignment', toInt2),
  castBy<number>(int4, int2, 'assignment', toInt2),
]

const FROM_INTEGERS: readonly Cast[] = [int2, int4, int8].flatMap((type) => [
  castBy<Int64>(type, numeric, 'implicit', numericFromInt),
  castBy<Int64>(type, float8, 'implicit', Number),
  castBy<Int64>(type, float4, 'implicit', (value) => Math.fround(Number(value))),
])

const FROM_FLOATS: readonly Cast[] = [
  relabel(float4, float8, 'implicit'),
  castBy<number>(float8, float4, 'assignment', toFloat4),
  castBy<number>(float4, numeric, 'assignment', numericFromFloat4),
  castBy<number>(float8, numeric, 'assignment', numericFromFloat8),
  ...[float4, float8].flatMap((type) => [
    castBy<number>(type, int8, 'assignment', floatToInt8),
    castBy<number>(type, int4, 'assignment', (value) => toInt4(roundHalfEven(value))),
    castBy<number>(type, int2, 'assignment', (value) => toInt2(roundHalfEven(value))),
  ]),
]

const FROM_NUMERIC: readonly Cast[] = [
  castBy<Numeric>(numeric, float4, 'implicit', numericToFloat4),
  castBy<Numeric>(numeric, float8, 'implicit', numericToFloat8),
  castBy<Numeric>(numeric, int8, 'assignment', numericToInt8),
  castBy<Numeric>(numeric, int4, 'assignment', numericToInt4),
  castBy<Numeric>(numeric, int2, 'assignment', numericToInt2),
]

const boolToText = (target: ScalarType): Cast =>
  castBy<boolean>(bool, target, 'assignment', (value) => (value ? 'true' : 'false'))

const OTHERS: readonly Cast[] = [
  castBy<boolean>(bool, int4, 'explicit', Number),
  castBy<number>(int4, bool, 'explicit', (value) => value !== 0),
  boolToText(text),
  boolToText(varchar),
  boolToText(bpchar),
  // A byte with its sign.
  castBy<string>(char, int4, 'explicit', (value) => ((value === '' ? 0 : value.charCodeAt(0)) << 24) >> 24),
  castBy<number>(int4, char, 'explicit', (value) => {
    if (value < -128 || value > 127) throw outOfRange('"char"')
    return value === 0 ? '' : String.fromCharCode(value & 0xff)
  }),
]

export const numberCasts: readonly Cast[] = [
  ...INTEGERS,
  ...FROM_INTEGERS,
  ...FROM_FLOATS,
  ...FROM_NUMERIC,
  ...OTHERS,
]
