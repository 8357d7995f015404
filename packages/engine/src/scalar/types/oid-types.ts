/** Numbers that PostgreSQL gives to objects, transactions and rows. */
import { asBuffer } from '@orbit-ts/base'
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import { int64, type Int64 } from '../value.js'
import { invalidText, requireSize } from './bad-input.js'
import { compareInt64, compareNumbers, identity } from './compare-numbers.js'
import { defineType, type TypeDefinition } from './define-type.js'

const OID = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/

/** Negative numbers count from the end, as C's unsigned integers do. */
export function parseOid(text: string): number {
  const match = OID.exec(text)
  if (match === null) throw invalidText('oid', text)
  const value = Number(match[1])
  if (value < -0x8000_0000 || value > 0xffff_ffff) {
    throw queryError('numeric_value_out_of_range', `value "${text}" is out of range for type oid`)
  }
  return value >>> 0
}

type Unsigned = Pick<TypeDefinition<number>, 'length' | 'format' | 'encode' | 'decode' | 'hashKey'>

/** What all types of four unsigned bytes have in common. */
export const UNSIGNED: Unsigned = {
  length: 4,
  format: String,
  encode: (writer, value) => writer.uint32BE(value),
  decode: (bytes) => {
    requireSize(bytes, 4)
    return asBuffer(bytes).readUInt32BE(0)
  },
  hashKey: identity,
}

export const oid = defineType<number>({
  ...UNSIGNED,
  oid: 26,
  name: 'oid',
  category: 'N',
  isPreferred: true,
  parse: parseOid,
  compare: compareNumbers,
})

/** C's `strtoul` with any base: what cannot be read is 0. */
function parseUnsigned(text: string): bigint {
  const match = /^\s*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9]\d*))/.exec(text)
  if (match === null) return 0n
  const [, sign, hex, octal, decimal] = match
  const value = hex !== undefined ? BigInt(`0x${hex}`) : BigInt(decimal ?? `0o0${octal ?? ''}`)
  return sign === '-' ? -value : value
}

function transactionNumber(oidOfType: number, name: string): ScalarType {
  return defineType<number>({
    ...UNSIGNED,
    oid: oidOfType,
    name,
    category: 'U',
    parse: (text) => Number(BigInt.asUintN(32, parseUnsigned(text))),
    // They go round in a circle: equality only.
    compare: undefined,
  })
}

export const xid = transactionNumber(28, 'xid')
export const cid = transactionNumber(29, 'cid')

export const xid8 = defineType<Int64>({
  oid: 5069,
  name: 'xid8',
  category: 'U',
  length: 8,
  parse: (text) => int64(BigInt.asUintN(64, parseUnsigned(text))),
  format: String,
  encode: (writer, value) => {
    const at = writer.reserve(8)
    writer.view.setBigUint64(at, BigInt(value))
  },
  decode: (bytes) => {
    requireSize(bytes, 8)
    return int64(asBuffer(bytes).readBigUInt64BE(0))
  },
  compare: compareInt64,
  hashKey: identity,
})

/** Where a row is: block and place in it, `(0,1)`; kept as that text. */
const TID = /^\s*\(\s*(-?\d+),\s*(\d+)\)/

function tidParts(value: string): [block: number, place: number] {
  const match = TID.exec(value)
  const block = Number(match?.[1])
  return [block < 0 ? block + 0x1_0000_0000 : block, Number(match?.[2])]
}

export const tid = defineType<string>({
  oid: 27,
  name: 'tid',
  category: 'U',
  length: 6,
  parse: (text) => {
    const [block, place] = tidParts(text)
    if (!(block <= 0xffff_ffff && place <= 0xffff)) throw invalidText('tid', text)
    return `(${block},${place})`
  },
  format: identity,
  encode: (writer, value) => {
    const [block, place] = tidParts(value)
    writer.uint32BE(block)
    const at = writer.reserve(2)
    writer.view.setUint16(at, place)
  },
  decode: (bytes) => {
    requireSize(bytes, 6)
    const buffer = asBuffer(bytes)
    return `(${buffer.readUInt32BE(0)},${buffer.readUInt16BE(4)})`
  },
  compare: (a, b) => {
    const [blockA, placeA] = tidParts(a)
    const [blockB, placeB] = tidParts(b)
    return compareNumbers(blockA, blockB) || compareNumbers(placeA, placeB)
  },
  hashKey: identity,
})

/** A place in the log: `16/B374D848`. */
export const pgLsn = defineType<Int64>({
  oid: 3220,
  name: 'pg_lsn',
  category: 'U',
  length: 8,
  parse: (text) => {
    const match = /^([0-9a-fA-F]{1,8})\/([0-9a-fA-F]{1,8})$/.exec(text)
    if (match === null) throw invalidText('pg_lsn', text)
    return int64((BigInt(`0x${match[1] ?? ''}`) << 32n) | BigInt(`0x${match[2] ?? ''}`))
  },
  format: (value) => {
    const bits = BigInt(value)
    return `${(bits >> 32n).toString(16)}/${(bits & 0xffff_ffffn).toString(16)}`.toUpperCase()
  },
  encode: (writer, value) => {
    const at = writer.reserve(8)
    writer.view.setBigUint64(at, BigInt(value))
  },
  decode: (bytes) => {
    requireSize(bytes, 8)
    return int64(asBuffer(bytes).readBigUInt64BE(0))
  },
  compare: compareInt64,
  hashKey: identity,
})
