import { queryError } from '../../condition.js'
import { addNumeric, multiplyNumeric } from '../../numeric/arithmetic.js'
import { numericToInt8 } from '../../numeric/convert-numeric.js'
import { Numeric } from '../../numeric/numeric.js'
import { parseNumeric } from '../../numeric/parse-numeric.js'
import { powerOfTen } from '../../numeric/powers-of-ten.js'
import { truncateNumeric } from '../../numeric/round-numeric.js'
import type { Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']

/** With at most five digits in the largest unit that leaves them, rounded half up. */
function prettyBytes(bytes: bigint): string {
  let value = bytes
  const limit = 10n * 1024n
  if (magnitude(value) < limit) return `${value} ${UNITS[0]}`
  // One bit more than the unit needs is kept, to round by.
  value /= 512n
  for (let unit = 1; ; unit++) {
    const isLast = unit === UNITS.length - 1
    if (isLast || magnitude(value) < limit * 2n - 1n) return `${halfRounded(value)} ${UNITS[unit]}`
    value /= 1024n
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

function halfRounded(value: bigint): bigint {
  return (value + (value < 0n ? -1n : 1n)) / 2n
}

function prettyNumeric(size: Numeric): string {
  if (!size.isFinite) return `${size.toString()} PB`
  const whole = truncateNumeric(size, 0).digits
  // What is shown in bytes keeps its fraction.
  if (magnitude(size.digits) < 10_240n * powerOfTen(size.scale)) return `${size.toString()} bytes`
  return prettyBytes(whole)
}

const SIZE = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\s]*)\s*$/

function parseSize(text: string): Int64 {
  const match = SIZE.exec(text)
  if (match === null) throw queryError('invalid_parameter_value', `invalid size: "${text}"`)
  const unit = match[2] ?? ''
  const power = unit === '' ? 0 : UNITS.findIndex((each) => each.toLowerCase() === unit.toLowerCase())
  if (power < 0) {
    throw queryError('invalid_parameter_value', `invalid size: "${text}"`, {
      detail: `Invalid size unit: "${unit}".`,
      hint: 'Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".',
    })
  }
  const factor = new Numeric(1024n ** BigInt(power), 0)
  return numericToInt8(addNumeric(multiplyNumeric(parseNumeric(match[1] ?? '0'), factor), Numeric.ZERO))
}

export const sizeFunctions: readonly ScalarFunction[] = [
  scalar('2288 pg_size_pretty(int8) text', (_, bytes: Int64) => prettyBytes(BigInt(bytes))),
  scalar('3166 pg_size_pretty(numeric) text', (_, size: Numeric) => prettyNumeric(size)),
  scalar('3334 pg_size_bytes(text) int8', (_, text: string) => parseSize(text)),
]
