/** Functions of `inet`, `cidr`, `macaddr` and `macaddr8`. */
import { queryError } from '../../condition.js'
import {
  compareBits,
  hostText,
  inetOf,
  inetText,
  maskBytes,
  masked,
  networkText,
  sizeOf,
  type Inet,
} from '../../network/inet.js'
import { macBytes, macText, widened } from '../../types/network-types.js'
import { int64, type Int64 } from '../../value.js'
import { comparisons } from '../comparison/comparisons.js'
import { orderedComparisons, primitiveComparisons } from '../comparison/comparison-implementations.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

const bitsMax = ({ family }: Inet): number => sizeOf(family) * 8

/** A value from an address, changed. */
const of = (change: (inet: Inet) => Inet) => (_: unknown, text: string) => inetText(change(inetOf(text)))

function network(_: unknown, text: string): string {
  return networkText(masked(inetOf(text)))
}

function withMask(text: string, bits: number): Inet {
  const inet = inetOf(text)
  if (bits < -1 || bits > bitsMax(inet))
    throw queryError('invalid_parameter_value', `invalid mask length: ${bits}`)
  return { ...inet, bits: bits === -1 ? bitsMax(inet) : bits }
}

function together(name: string, combine: (a: number, b: number) => number) {
  return (_: unknown, one: string, other: string): string => {
    const [a, b] = [inetOf(one), inetOf(other)]
    if (a.family !== b.family)
      throw queryError('invalid_parameter_value', `cannot ${name} inet values of different sizes`)
    const bytes = a.bytes.map((byte, at) => combine(byte, b.bytes[at] ?? 0))
    return inetText({ family: a.family, bytes, bits: Math.max(a.bits, b.bits) })
  }
}

function numberOf({ bytes }: Inet): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function moved(text: string, by: bigint): string {
  const inet = inetOf(text)
  const sum = numberOf(inet) + by
  if (sum < 0n || sum >= 1n << BigInt(bitsMax(inet)))
    throw queryError('numeric_value_out_of_range', 'result is out of range')
  const bytes = Buffer.from(sum.toString(16).padStart(bitsMax(inet) / 4, '0'), 'hex')
  return inetText({ ...inet, bytes: new Uint8Array(bytes) })
}

function distance(_: unknown, one: string, other: string): Int64 {
  const [a, b] = [inetOf(one), inetOf(other)]
  if (a.family !== b.family)
    throw queryError('invalid_parameter_value', 'cannot subtract inet values of different sizes')
  const difference = numberOf(a) - numberOf(b)
  if (BigInt.asIntN(64, difference) !== difference)
    throw queryError('numeric_value_out_of_range', 'result is out of range')
  return int64(difference)
}

/** Whether one network lies in another, by what their masks have to be like. */
function within(one: string, other: string, agree: (a: number, b: number) => boolean): boolean {
  const [a, b] = [inetOf(one), inetOf(other)]
  return (
    a.family === b.family &&
    agree(a.bits, b.bits) &&
    compareBits(a.bytes, b.bytes, Math.min(a.bits, b.bits)) === 0
  )
}

function merge(_: unknown, one: string, other: string): string {
  const [a, b] = [inetOf(one), inetOf(other)]
  if (a.family !== b.family)
    throw queryError('invalid_parameter_value', 'cannot merge addresses from different families')
  let bits = Math.min(a.bits, b.bits)
  while (bits > 0 && compareBits(a.bytes, b.bytes, bits) !== 0) bits--
  return networkText(masked({ ...a, bits }))
}

/** A network without the octets at its end that are not of it. */
function abbreviated(_: unknown, text: string): string {
  const inet = inetOf(text)
  if (inet.family === 4) {
    const octets = inet.bytes.slice(0, Math.max(Math.ceil(inet.bits / 8), 1))
    return `${octets.join('.')}/${inet.bits}`
  }
  const shown = hostText(inet)
  if (inet.bits === 128) return `${shown}/128`
  return `${shown.length > 2 && shown.endsWith('::') ? shown.slice(0, -2) : shown}/${inet.bits}`
}

const macBits = (combine: (a: number, b: number) => number) => (_: unknown, a: string, b: string) => {
  const other = macBytes(b)
  return macText(macBytes(a).map((octet, at) => combine(octet, other[at] ?? 0)))
}
const macNot = (_: unknown, mac: string): string => macText(macBytes(mac).map((octet) => ~octet))
const macTrunc = (_: unknown, mac: string): string =>
  macText(macBytes(mac).map((octet, at) => (at < 3 ? octet : 0)))

export function macOfEight(mac: string): string {
  const octets = [...macBytes(mac)]
  if (octets[3] !== 0xff || octets[4] !== 0xfe) {
    throw queryError('numeric_value_out_of_range', 'macaddr8 data out of range to convert to macaddr', {
      hint: 'Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.',
    })
  }
  return macText([...octets.slice(0, 3), ...octets.slice(5)])
}

export function macToEight(mac: string): string {
  return macText(widened([...macBytes(mac)]))
}

export const networkFunctions: readonly ScalarFunction[] = [
  scalar('598 abbrev(inet) text', (_, text: string) => text),
  scalar('599 abbrev(cidr) text', abbreviated),
  scalar('605 set_masklen(inet,int4) inet', (_, text: string, bits: number) =>
    inetText(withMask(text, bits)),
  ),
  scalar('635 set_masklen(cidr,int4) cidr', (_, text: string, bits: number) =>
    networkText(masked(withMask(text, bits))),
  ),
  scalar('683 network(inet) cidr', network),
  scalar('1715 cidr(inet) cidr', network),
  scalar(
    '696 netmask(inet) inet',
    of((inet) => ({ ...inet, bytes: maskBytes(inet.family, inet.bits), bits: bitsMax(inet) })),
  ),
  scalar(
    '1362 hostmask(inet) inet',
    of((inet) => ({
      ...inet,
      bytes: maskBytes(inet.family, inet.bits).map((byte) => ~byte),
      bits: bitsMax(inet),
    })),
  ),
  scalar(
    '698 broadcast(inet) inet',
    of((inet) => {
      const mask = maskBytes(inet.family, inet.bits)
      return { ...inet, bytes: inet.bytes.map((byte, at) => byte | ~(mask[at] ?? 0)) }
    }),
  ),
  scalar('697 masklen(inet) int4', (_, text: string) => inetOf(text).bits),
  scalar('699 host(inet) text', (_, text: string) => hostText(inetOf(text))),
  scalar('730 text(inet) text', (_, text: string) => networkText(inetOf(text))),
  scalar('711 family(inet) int4', (_, text: string) => inetOf(text).family),
  scalar('4063 inet_merge(inet,inet) cidr', merge),
  scalar(
    '4071 inet_same_family(inet,inet) bool',
    (_, a: string, b: string) => inetOf(a).family === inetOf(b).family,
  ),
  scalar(
    '2627 inetnot(inet) inet',
    of((inet) => ({ ...inet, bytes: inet.bytes.map((byte) => ~byte) })),
  ),
  scalar(
    '2628 inetand(inet,inet) inet',
    together('AND', (a, b) => a & b),
  ),
  scalar(
    '2629 inetor(inet,inet) inet',
    together('OR', (a, b) => a | b),
  ),
  scalar('2630 inetpl(inet,int8) inet', (_, text: string, by: Int64) => moved(text, BigInt(by))),
  scalar('2631 int8pl_inet(int8,inet) inet', (_, by: Int64, text: string) => moved(text, BigInt(by))),
  scalar('2632 inetmi_int8(inet,int8) inet', (_, text: string, by: Int64) => moved(text, -BigInt(by))),
  scalar('2633 inetmi(inet,inet) int8', distance),
  scalar('927 network_sub(inet,inet) bool', (_, a: string, b: string) => within(a, b, (x, y) => x > y)),
  scalar('928 network_subeq(inet,inet) bool', (_, a: string, b: string) => within(a, b, (x, y) => x >= y)),
  scalar('929 network_sup(inet,inet) bool', (_, a: string, b: string) => within(a, b, (x, y) => x < y)),
  scalar('930 network_supeq(inet,inet) bool', (_, a: string, b: string) => within(a, b, (x, y) => x <= y)),
  scalar('3551 network_overlap(inet,inet) bool', (_, a: string, b: string) => within(a, b, () => true)),
  scalar('3144 macaddr_not(macaddr) macaddr', macNot),
  scalar(
    '3145 macaddr_and(macaddr,macaddr) macaddr',
    macBits((a, b) => a & b),
  ),
  scalar(
    '3146 macaddr_or(macaddr,macaddr) macaddr',
    macBits((a, b) => a | b),
  ),
  scalar('753 trunc(macaddr) macaddr', macTrunc),
  scalar('4120 macaddr8_not(macaddr8) macaddr8', macNot),
  scalar(
    '4121 macaddr8_and(macaddr8,macaddr8) macaddr8',
    macBits((a, b) => a & b),
  ),
  scalar(
    '4122 macaddr8_or(macaddr8,macaddr8) macaddr8',
    macBits((a, b) => a | b),
  ),
  scalar('4112 trunc(macaddr8) macaddr8', macTrunc),
  scalar('4125 macaddr8_set7bit(macaddr8) macaddr8', (_, mac: string) =>
    macText(macBytes(mac).map((octet, at) => (at === 0 ? octet | 2 : octet))),
  ),
  scalar('4124 macaddr(macaddr8) macaddr', (_, mac: string) => macOfEight(mac)),
  scalar('4123 macaddr8(macaddr) macaddr8', (_, mac: string) => macToEight(mac)),
  ...comparisons(
    orderedComparisons,
    `
  cmp 926 network_cmp(inet,inet) int4
  eq 920 network_eq(inet,inet) bool
  ne 925 network_ne(inet,inet) bool
  lt 921 network_lt(inet,inet) bool
  le 922 network_le(inet,inet) bool
  gt 923 network_gt(inet,inet) bool
  ge 924 network_ge(inet,inet) bool
  larger 3562 network_larger(inet,inet) inet
  smaller 3563 network_smaller(inet,inet) inet
`,
  ),
  ...comparisons(
    primitiveComparisons,
    `
  cmp 836 macaddr_cmp(macaddr,macaddr) int4
  eq 830 macaddr_eq(macaddr,macaddr) bool
  ne 835 macaddr_ne(macaddr,macaddr) bool
  lt 831 macaddr_lt(macaddr,macaddr) bool
  le 832 macaddr_le(macaddr,macaddr) bool
  gt 833 macaddr_gt(macaddr,macaddr) bool
  ge 834 macaddr_ge(macaddr,macaddr) bool
  cmp 4119 macaddr8_cmp(macaddr8,macaddr8) int4
  eq 4113 macaddr8_eq(macaddr8,macaddr8) bool
  ne 4118 macaddr8_ne(macaddr8,macaddr8) bool
  lt 4114 macaddr8_lt(macaddr8,macaddr8) bool
  le 4115 macaddr8_le(macaddr8,macaddr8) bool
  gt 4116 macaddr8_gt(macaddr8,macaddr8) bool
  ge 4117 macaddr8_ge(macaddr8,macaddr8) bool
`,
  ),
]
