/**
 * PostgreSQL's binary form: number of groups, weight of the first, sign, display scale (two bytes each), then groups of
 * four decimal digits, two bytes each.
 */
import { asBuffer } from '@orbit-ts/base'
import type { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import { SCALE_MAX } from './numeric-limits.js'
import { Numeric } from './numeric.js'

const SIGNS = { nan: 0xc000, infinity: 0xd000, '-infinity': 0xf000 } as const
const NEGATIVE = 0x4000

export function encodeNumeric(writer: ByteWriter, value: Numeric): void {
  if (value.special !== undefined) {
    // Infinities are said to have a scale of 0x20, as PostgreSQL's own do.
    writeHeader(writer, 0, 0, SIGNS[value.special], value.special === 'nan' ? 0 : 0x20)
    return
  }
  const groups = groupsOf(value)
  const sign = value.digits < 0n ? NEGATIVE : 0
  writeHeader(writer, groups.digits.length, groups.weight, sign, value.scale)
  for (const group of groups.digits) writeUint16(writer, group)
}

function writeHeader(writer: ByteWriter, count: number, weight: number, sign: number, scale: number): void {
  writeUint16(writer, count)
  writeUint16(writer, weight & 0xffff)
  writeUint16(writer, sign)
  writeUint16(writer, scale)
}

function writeUint16(writer: ByteWriter, value: number): void {
  const at = writer.reserve(2)
  writer.view.setUint16(at, value)
}

/** Groups of four digits from the point outwards, without those of zero at either end. */
function groupsOf(value: Numeric): { digits: number[]; weight: number } {
  const padding = (4 - (value.scale % 4)) % 4
  const text = (value.digits < 0n ? -value.digits : value.digits).toString() + '0'.repeat(padding)
  const fractionGroups = (value.scale + padding) / 4
  const digits: number[] = []
  for (let end = text.length; end > 0; end -= 4) digits.push(Number(text.slice(Math.max(0, end - 4), end)))
  digits.reverse()
  let weight = digits.length - fractionGroups - 1
  const first = digits.findIndex((group) => group !== 0)
  if (first < 0) return { digits: [], weight: 0 }
  weight -= first
  let last = digits.length
  while (digits[last - 1] === 0) last--
  return { digits: digits.slice(first, last), weight }
}

/** @throws invalid_binary_representation */
export function decodeNumeric(bytes: Uint8Array): Numeric {
  const buffer = asBuffer(bytes)
  if (buffer.length < 8) throw queryError('protocol_violation', 'insufficient data left in message')
  const count = buffer.readUInt16BE(0)
  const weight = buffer.readInt16BE(2)
  const sign = buffer.readUInt16BE(4)
  const scale = buffer.readUInt16BE(6)
  if (buffer.length !== 8 + count * 2) throw invalid('incorrect binary data format')
  const special = decodeSpecial(sign)
  if (special !== undefined) return special
  if (sign !== 0 && sign !== NEGATIVE) throw invalid('invalid sign in external "numeric" value')
  if (scale > SCALE_MAX) throw invalid('invalid scale in external "numeric" value')
  return fromGroups(buffer, count, weight, scale, sign === NEGATIVE)
}

function decodeSpecial(sign: number): Numeric | undefined {
  switch (sign) {
    case SIGNS.nan:
      return Numeric.NAN
    case SIGNS.infinity:
      return Numeric.INFINITY
    case SIGNS['-infinity']:
      return Numeric.NEGATIVE_INFINITY
    default:
      return undefined
  }
}

/** Digits beyond the display scale are dropped. */
function fromGroups(
  buffer: Buffer,
  count: number,
  weight: number,
  scale: number,
  isNegative: boolean,
): Numeric {
  let text = ''
  for (let i = 0; i < count; i++) {
    const group = buffer.readUInt16BE(8 + i * 2)
    if (group > 9999) throw invalid('invalid digit in external "numeric" value')
    text += String(group).padStart(4, '0')
  }
  // Where the point is, from the beginning of the text; then the text is cut or filled up to the scale.
  const point = (weight + 1) * 4
  const length = point + scale
  const kept = length <= 0 ? '0' : text.length >= length ? text.slice(0, length) : text.padEnd(length, '0')
  const digits = BigInt(kept)
  return new Numeric(isNegative ? -digits : digits, scale)
}

function invalid(reason: string): Error {
  return queryError('invalid_binary_representation', reason)
}
