/** Strings of bits. A value is the text of its digits, so that the order of texts is the order of bit strings. */
import { asBuffer } from '@orbit-ts/base'
import type { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import { invalidBinary } from './bad-input.js'
import { identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

const LENGTH_MAX = 83_886_080

/** Binary digits, also after a `b`; hexadecimal ones after an `x`. */
export function parseBits(text: string): string {
  const first = text.charAt(0)
  if (first === 'x' || first === 'X') return ofHex(text.slice(1))
  const digits = first === 'b' || first === 'B' ? text.slice(1) : text
  const wrong = /[^01]/u.exec(digits)
  if (wrong !== null)
    throw queryError('invalid_text_representation', `"${wrong[0]}" is not a valid binary digit`)
  return digits
}

function ofHex(digits: string): string {
  const wrong = /[^0-9a-fA-F]/u.exec(digits)
  if (wrong !== null)
    throw queryError('invalid_text_representation', `"${wrong[0]}" is not a valid hexadecimal digit`)
  return Array.from(digits, (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')
}

function encode(writer: ByteWriter, bits: string): void {
  const at = writer.reserve(4)
  writer.view.setInt32(at, bits.length)
  for (let start = 0; start < bits.length; start += 8)
    writer.byte(Number.parseInt(bits.slice(start, start + 8).padEnd(8, '0'), 2))
}

function decode(bytes: Uint8Array): string {
  if (bytes.length < 4) throw queryError('protocol_violation', 'insufficient data left in message')
  const length = asBuffer(bytes).readInt32BE(0)
  if (length < 0 || bytes.length - 4 !== Math.ceil(length / 8))
    throw invalidBinary('invalid length in external bit string')
  let bits = ''
  for (const byte of bytes.subarray(4)) bits += byte.toString(2).padStart(8, '0')
  return bits.slice(0, length)
}

/** Cut or filled up with zeros on the right by an explicit cast; otherwise of the right length already. */
function applyFixed(bits: string, length: number, isExplicit: boolean): string {
  if (length < 0 || bits.length === length) return bits
  if (!isExplicit) {
    throw queryError(
      'string_data_length_mismatch',
      `bit string length ${bits.length} does not match type bit(${length})`,
    )
  }
  return bits.slice(0, length).padEnd(length, '0')
}

function applyVarying(bits: string, length: number, isExplicit: boolean): string {
  if (length < 0 || bits.length <= length) return bits
  if (isExplicit) return bits.slice(0, length)
  throw queryError('string_data_right_truncation', `bit string too long for type bit varying(${length})`)
}

function bitType(
  facts: Pick<ScalarType, 'oid' | 'name' | 'displayName' | 'isPreferred'>,
  apply: (bits: string, length: number, isExplicit: boolean) => string,
): ScalarType {
  return defineType<string>({
    ...facts,
    category: 'V',
    parse: (text, modifier) => apply(parseBits(text), modifier, false),
    format: identity,
    encode,
    decode: (bytes, modifier) => apply(decode(bytes), modifier, false),
    compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
    hashKey: identity,
    applyModifier: apply,
    makeModifier: (values) => lengthOf(values, facts.name),
    formatModifier: (length) => (length < 0 ? '' : `(${length})`),
  })
}

function lengthOf([length, ...others]: readonly number[], name: string): number {
  if (length === undefined || others.length > 0)
    throw queryError('invalid_parameter_value', 'invalid type modifier')
  if (length < 1) throw queryError('invalid_parameter_value', `length for type ${name} must be at least 1`)
  if (length > LENGTH_MAX)
    throw queryError('invalid_parameter_value', `length for type ${name} cannot exceed ${LENGTH_MAX}`)
  return length
}

export const bit = bitType({ oid: 1560, name: 'bit', displayName: 'bit', isPreferred: false }, applyFixed)
export const varbit = bitType(
  { oid: 1562, name: 'varbit', displayName: 'bit varying', isPreferred: true },
  applyVarying,
)
