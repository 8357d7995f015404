import { queryError } from '../condition.js'
import { int64, type Int64 } from '../value.js'
import { asBuffer } from '@orbit-ts/base'
import { invalidText, requireSize } from './bad-input.js'
import { compareInt64, compareNumbers, identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

const INTEGER = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/

/** @throws invalid_text_representation, numeric_value_out_of_range */
export function parseInteger(text: string, min: number, max: number, typeName: string): number {
  const length = text.length
  // The everyday case: up to nine digits, perhaps a sign.
  if (length > 0 && length < 10) {
    const isNegative = text.charCodeAt(0) === 45
    let value = 0
    let at = isNegative ? 1 : 0
    if (at < length) {
      for (; at < length; at++) {
        const digit = text.charCodeAt(at) - 48
        if (digit < 0 || digit > 9) break
        value = value * 10 + digit
      }
      if (at === length) {
        if (isNegative) value = value === 0 ? 0 : -value
        if (value >= min && value <= max) return value
        throw valueOutOfRange(text, typeName)
      }
    }
  }
  const match = INTEGER.exec(text)
  if (match === null) throw invalidText(typeName, text)
  const value = Number(match[1])
  if (value < min || value > max) throw valueOutOfRange(text, typeName)
  return value + 0
}

function valueOutOfRange(text: string, typeName: string): Error {
  return queryError('numeric_value_out_of_range', `value "${text}" is out of range for type ${typeName}`)
}

/** @throws invalid_text_representation, numeric_value_out_of_range */
export function parseInt8(text: string): Int64 {
  if (text.length < 10) {
    return parseInteger(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'bigint')
  }
  const match = INTEGER.exec(text)
  if (match === null) throw invalidText('bigint', text)
  const digits = match[1] ?? ''
  const number = Number(digits)
  if (Number.isSafeInteger(number)) return number + 0
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
  if (BigInt.asIntN(64, value) !== value) throw valueOutOfRange(text, 'bigint')
  return int64(value)
}

export const int2 = defineType<number>({
  oid: 21,
  name: 'int2',
  displayName: 'smallint',
  category: 'N',
  length: 2,
  parse: (text) => parseInteger(text, -0x8000, 0x7fff, 'smallint'),
  format: String,
  encode: (writer, value) => {
    const at = writer.reserve(2)
    writer.view.setInt16(at, value)
  },
  decode: (bytes) => {
    requireSize(bytes, 2)
    return asBuffer(bytes).readInt16BE(0)
  },
  compare: compareNumbers,
  hashKey: identity,
})

export const int4 = defineType<number>({
  oid: 23,
  name: 'int4',
  displayName: 'integer',
  category: 'N',
  length: 4,
  parse: (text) => parseInteger(text, -0x8000_0000, 0x7fff_ffff, 'integer'),
  format: String,
  encode: (writer, value) => {
    const at = writer.reserve(4)
    writer.view.setInt32(at, value)
  },
  decode: (bytes) => {
    requireSize(bytes, 4)
    return asBuffer(bytes).readInt32BE(0)
  },
  compare: compareNumbers,
  hashKey: identity,
})

export const int8 = defineType<Int64>({
  oid: 20,
  name: 'int8',
  displayName: 'bigint',
  category: 'N',
  length: 8,
  parse: parseInt8,
  format: String,
  encode: (writer, value) => {
    const at = writer.reserve(8)
    writer.view.setBigInt64(at, BigInt(value))
  },
  decode: (bytes) => {
    requireSize(bytes, 8)
    return int64(asBuffer(bytes).readBigInt64BE(0))
  },
  compare: compareInt64,
  hashKey: identity,
})
