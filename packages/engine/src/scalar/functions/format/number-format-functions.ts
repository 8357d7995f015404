import type { Numeric } from '../../numeric/numeric.js'
import type { Int64 } from '../../value.js'
import { checkInt4, checkInt8 } from '../arithmetic/integer-range.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { formatNumber } from './format-number.js'
import { FloatSource, IntegerSource, NumericSource } from './number-source.js'
import { readNumber } from './read-number.js'

const FLOAT4_DIGITS = 6
const FLOAT8_DIGITS = 15

export const numberFormatFunctions: readonly ScalarFunction[] = [
  scalar('1772 to_char(numeric,text) text stable', (_, value: Numeric, pattern: string) =>
    formatNumber(new NumericSource(value), pattern),
  ),
  scalar('1773 to_char(int4,text) text stable', (_, value: number, pattern: string) =>
    formatNumber(new IntegerSource(value, (shifted) => checkInt4(Number(shifted))), pattern),
  ),
  scalar('1774 to_char(int8,text) text stable', (_, value: Int64, pattern: string) =>
    formatNumber(new IntegerSource(value, checkInt8), pattern),
  ),
  scalar('1775 to_char(float4,text) text stable', (_, value: number, pattern: string) =>
    formatNumber(new FloatSource(value, FLOAT4_DIGITS), pattern),
  ),
  scalar('1776 to_char(float8,text) text stable', (_, value: number, pattern: string) =>
    formatNumber(new FloatSource(value, FLOAT8_DIGITS), pattern),
  ),
  scalar('1777 to_number(text,text) numeric stable', (_, text: string, pattern: string) =>
    readNumber(text, pattern),
  ),
]
