/** Functions of bit strings; see `types/bit-types.ts` for their values. */
import { queryError } from '../../condition.js'
import { outOfRange } from '../../types/bad-input.js'
import { int64, type Int64 } from '../../value.js'
import { comparisons } from '../comparison/comparisons.js'
import { primitiveComparisons } from '../comparison/comparison-implementations.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

function together(name: string, combine: (a: boolean, b: boolean) => boolean) {
  return (_: unknown, a: string, b: string): string => {
    if (a.length !== b.length) {
      throw queryError('string_data_length_mismatch', `cannot ${name} bit strings of different sizes`)
    }
    let bits = ''
    for (let at = 0; at < a.length; at++) bits += combine(a[at] === '1', b[at] === '1') ? '1' : '0'
    return bits
  }
}

export const andBits = together('AND', (a, b) => a && b)
export const orBits = together('OR', (a, b) => a || b)
export const exclusiveOrBits = together('XOR', (a, b) => a !== b)

function not(_: unknown, bits: string): string {
  return bits.replace(/[01]/g, (bit) => (bit === '0' ? '1' : '0'))
}

/** To the left, or to the right by a negative number; what comes in is zero. */
function shifted(bits: string, by: number): string {
  const { length } = bits
  if (Math.abs(by) >= length) return '0'.repeat(length)
  return by >= 0 ? bits.slice(by).padEnd(length, '0') : bits.slice(0, length + by).padStart(length, '0')
}

function substring(_: unknown, bits: string, start: number, length = Infinity): string {
  if (length < 0) throw queryError('substring_error', 'negative substring length not allowed')
  const first = Math.max(start, 1)
  return bits.slice(first - 1, Math.max(start + length - 1, first - 1))
}

function overlay(_: unknown, bits: string, by: string, start: number, length = by.length): string {
  if (start <= 0) throw queryError('substring_error', 'negative substring length not allowed')
  return bits.slice(0, start - 1) + by + bits.slice(Math.max(start - 1 + length, 0))
}

function position(_: unknown, bits: string, wanted: string): number {
  return bits === '' ? 0 : bits.indexOf(wanted) + 1
}

function requireIndex(bits: string, at: number): void {
  if (at >= 0 && at < bits.length) return
  throw queryError('array_subscript_error', `bit index ${at} out of valid range (0..${bits.length - 1})`)
}

function getBit(_: unknown, bits: string, at: number): number {
  requireIndex(bits, at)
  return bits[at] === '1' ? 1 : 0
}

function setBit(_: unknown, bits: string, at: number, to: number): string {
  requireIndex(bits, at)
  if (to !== 0 && to !== 1) throw queryError('invalid_parameter_value', 'new bit must be 0 or 1')
  return bits.slice(0, at) + String(to) + bits.slice(at + 1)
}

/** The lowest bits of an integer; beyond what it has it is filled up by its sign. */
export function bitsOfInteger(value: Int64, length: number): string {
  const size = length <= 0 ? 1 : length
  return BigInt.asUintN(size, BigInt(value)).toString(2).padStart(size, '0')
}

export function integerOfBits(bits: string, size: 32 | 64): Int64 {
  if (bits.length > size) throw outOfRange(size === 32 ? 'integer' : 'bigint')
  return bits === '' ? 0 : int64(BigInt.asIntN(size, BigInt(`0b${bits}`)))
}

export const bitFunctions: readonly ScalarFunction[] = [
  scalar('1673 bitand(bit,bit) bit', andBits),
  scalar('1674 bitor(bit,bit) bit', orBits),
  scalar('1675 bitxor(bit,bit) bit', exclusiveOrBits),
  scalar('1676 bitnot(bit) bit', not),
  scalar('1677 bitshiftleft(bit,int4) bit', (_, bits: string, by: number) => shifted(bits, by)),
  scalar('1678 bitshiftright(bit,int4) bit', (_, bits: string, by: number) => shifted(bits, -by)),
  scalar('1679 bitcat(varbit,varbit) varbit', (_, a: string, b: string) => a + b),
  scalar('1680 substring(bit,int4,int4) bit', substring),
  scalar('1699 substring(bit,int4) bit', substring),
  scalar('3030 overlay(bit,bit,int4,int4) bit', overlay),
  scalar('3031 overlay(bit,bit,int4) bit', overlay),
  scalar('1698 position(bit,bit) int4', position),
  scalar('3032 get_bit(bit,int4) int4', getBit),
  scalar('3033 set_bit(bit,int4,int4) bit', setBit),
  scalar('6162 bit_count(bit) int8', (_, bits: string) => bits.replaceAll('0', '').length),
  scalar('1681 length(bit) int4', (_, bits: string) => bits.length),
  scalar('1812 bit_length(bit) int4', (_, bits: string) => bits.length),
  scalar('1682 octet_length(bit) int4', (_, bits: string) => Math.ceil(bits.length / 8)),
  ...comparisons(
    primitiveComparisons,
    `
  cmp 1596 bitcmp(bit,bit) int4
  eq 1581 biteq(bit,bit) bool
  ne 1582 bitne(bit,bit) bool
  lt 1595 bitlt(bit,bit) bool
  le 1594 bitle(bit,bit) bool
  gt 1593 bitgt(bit,bit) bool
  ge 1592 bitge(bit,bit) bool
  cmp 1672 varbitcmp(varbit,varbit) int4
  eq 1666 varbiteq(varbit,varbit) bool
  ne 1667 varbitne(varbit,varbit) bool
  lt 1671 varbitlt(varbit,varbit) bool
  le 1670 varbitle(varbit,varbit) bool
  gt 1669 varbitgt(varbit,varbit) bool
  ge 1668 varbitge(varbit,varbit) bool
`,
  ),
]
