import { asBuffer } from '@orbit-ts/base'
import { queryError } from '../condition.js'
import { exponentialText } from '../numeric/float-text.js'
import { roundToSingle } from '../numeric/round-to-single.js'
import type { ScalarContext } from '../scalar-context.js'
import { invalidText, requireSize } from './bad-input.js'
import { trimSpace } from './bool-type.js'
import { compareFloats, identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const HEX_FLOAT = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i

/** @throws invalid_text_representation, numeric_value_out_of_range: neither overflow nor underflow is silent. */
export function parseFloat8(text: string): number {
  return parse(text, 'double precision', identity)
}

type Round = (value: number, text?: string) => number

/** Rounded to single precision. */
export function parseFloat4(text: string): number {
  return parse(text, 'real', (value, written) =>
    written === undefined ? Math.fround(value) : roundToSingle(written, value),
  )
}

function parse(text: string, typeName: string, round: Round): number {
  const trimmed = trimSpace(text)
  if (!FLOAT.test(trimmed)) return parseSpecial(text, trimmed, typeName, round)
  const value = round(Number(trimmed), trimmed)
  const isLost = value === 0 && /[1-9]/.test(trimmed.replace(/[eE].*/, ''))
  if (isLost || !Number.isFinite(value)) {
    throw queryError('numeric_value_out_of_range', `"${trimmed}" is out of range for type ${typeName}`)
  }
  return value
}

function parseSpecial(text: string, trimmed: string, typeName: string, round: Round): number {
  const special = SPECIAL.exec(trimmed)
  if (special !== null) return special[2] === undefined ? NaN : special[1] === '-' ? -Infinity : Infinity
  const hex = HEX_FLOAT.exec(trimmed)
  const digits = (hex?.[2] ?? '') + (hex?.[3] ?? '')
  if (hex === null || digits === '') throw invalidText(typeName, text)
  const exponent = Number(hex[4] ?? 0) - 4 * (hex[3] ?? '').length
  const value = round(Number(BigInt(`0x${digits}`)) * 2 ** exponent)
  return hex[1] === '-' ? -value : value
}

/** The shortest digits that read back as the same number; fewer where `extra_float_digits` is below 1. */
export function formatFloat8(value: number, context: ScalarContext): string {
  const extra = extraDigits(context)
  return extra > 0 ? shortestFloat8(value) : formatPrecision(value, Math.max(15 + extra, 1))
}

export function formatFloat4(value: number, context: ScalarContext): string {
  const extra = extraDigits(context)
  return extra > 0 ? shortestFloat4(value) : formatPrecision(value, Math.max(6 + extra, 1))
}

function extraDigits(context: ScalarContext): number {
  const setting = context.setting('extra_float_digits')
  return setting === '1' || setting === '' ? 1 : Number(setting)
}

/** As PostgreSQL writes it: an exponent below 1e-4 and from 1e15 on. */
export function shortestFloat8(value: number): string {
  const text = String(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const magnitude = Math.abs(value)
  // JavaScript and PostgreSQL change to exponents at other places; between these they write the same.
  if (magnitude >= 1e-4 && magnitude < 1e15) return text
  if (!Number.isFinite(value)) return text
  return scientific(isHalfway(value, text) ? withMoreDigits(value) : text, 15)
}

/**
 * Whether the shortest digits are as far from the value as from its neighbour. JavaScript takes them where reading rounds
 * them to the value; PostgreSQL writes one digit more.
 */
function isHalfway(value: number, text: string): boolean {
  const magnitude = Math.abs(value)
  if (magnitude < EXACT_MAX || magnitude > 1e30) return false
  const shown = wholeOf(text)
  const exact = BigInt(magnitude)
  if (shown === exact) return false
  const unit = 2n ** BigInt(Math.floor(Math.log2(magnitude)) - 52)
  return 2n * (shown > exact ? shown - exact : exact - shown) === unit
}

/** The fewest digits that are nearer to the value than to its neighbours. */
function withMoreDigits(value: number): string {
  for (let digits = 15; digits < 17; digits++) {
    const text = exponentialText(value, digits - 1)
    if (Number(text) === value && !isHalfway(value, text)) return text
  }
  return value.toPrecision(17)
}

/** Whole numbers below it are written in full. */
const EXACT_MAX = 2 ** 53

/** The number that digits with an exponent stand for, without rounding it. */
function wholeOf(text: string): bigint {
  const { digits, exponent } = takeApart(text)
  return BigInt(digits) * 10n ** BigInt(exponent + 1 - digits.length)
}

/** Single precision: an exponent from 1e6 on. */
export function shortestFloat4(value: number): string {
  if (!Number.isFinite(value) || value === 0) return shortestFloat8(value)
  return scientific(shortestSingle(value), 6)
}

function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = exponentialText(value, digits - 1)
    if (Math.fround(Number(text)) === value && !isHalfwaySingle(value, Number(text))) {
      return nearestSingle(value, digits)
    }
  }
  return value.toPrecision(9)
}

/** As {@link isHalfway}; below 2 ** 24 it takes more digits to be between two values. */
function isHalfwaySingle(value: number, shown: number): boolean {
  const magnitude = Math.abs(value)
  if (magnitude < 2 ** 24) return false
  return Math.abs(shown - value) * 2 === 2 ** (Math.floor(Math.log2(magnitude)) - 23)
}

/** Of the texts with so many digits that read back as the value: the nearest one. */
function nearestSingle(value: number, digits: number): string {
  return String(Number(exponentialText(value, digits - 1)))
}

/** Rewrites a number's digits with an exponent when it is below -4 or at least `limit`. */
function scientific(text: string, limit: number): string {
  const { sign, digits, exponent } = takeApart(text)
  if (exponent < -4 || exponent >= limit) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${sign}${digits[0] ?? '0'}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}

/** The significant digits, without zeros at either end, and the power of ten of the first one. */
function takeApart(text: string): { sign: string; digits: string; exponent: number } {
  const sign = text.startsWith('-') ? '-' : ''
  const [mantissa = '', power = '0'] = text.slice(sign.length).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = whole + fraction
  const first = all.search(/[1-9]/)
  const digits = all.slice(first).replace(/0+$/, '')
  return { sign, digits, exponent: Number(power) + whole.length - 1 - first }
}

/** C's `%.*g`. */
function formatPrecision(value: number, precision: number): string {
  if (!Number.isFinite(value) || value === 0) return shortestFloat8(value)
  return scientific(exponentialText(value, precision - 1), precision)
}

export const float8 = defineType<number>({
  oid: 701,
  name: 'float8',
  displayName: 'double precision',
  category: 'N',
  isPreferred: true,
  length: 8,
  parse: parseFloat8,
  format: formatFloat8,
  encode: (writer, value) => {
    const at = writer.reserve(8)
    writer.view.setFloat64(at, value)
  },
  decode: (bytes) => {
    requireSize(bytes, 8)
    return asBuffer(bytes).readDoubleBE(0)
  },
  compare: compareFloats,
  hashKey: identity,
})

export const float4 = defineType<number>({
  oid: 700,
  name: 'float4',
  displayName: 'real',
  category: 'N',
  length: 4,
  parse: parseFloat4,
  format: formatFloat4,
  encode: (writer, value) => {
    const at = writer.reserve(4)
    writer.view.setFloat32(at, value)
  },
  decode: (bytes) => {
    requireSize(bytes, 4)
    return asBuffer(bytes).readFloatBE(0)
  },
  compare: compareFloats,
  hashKey: identity,
})
