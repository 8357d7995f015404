import type { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import {
  compareInet,
  compareBits,
  inetOf,
  inetText,
  masked,
  networkText,
  readInet,
  sizeOf,
} from '../network/inet.js'
import { invalidBinary, invalidText, requireSize } from './bad-input.js'
import { identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

const FAMILY_FOUR = 2
const FAMILY_SIX = 3

export function parseInet(text: string): string {
  const found = readInet(text.trim() === text ? text : '', false)
  if (found === undefined) throw invalidText('inet', text)
  return inetText(found)
}

export function parseCidr(text: string): string {
  const found = readInet(text.trim() === text ? text : '', true)
  if (found === undefined) throw invalidText('cidr', text)
  if (compareBits(found.bytes, masked(found).bytes, 128) !== 0) {
    throw queryError('invalid_text_representation', `invalid cidr value: "${text}"`, {
      detail: 'Value has bits set to right of mask.',
    })
  }
  return networkText(found)
}

function networkType(oid: number, name: 'inet' | 'cidr', parse: (text: string) => string): ScalarType {
  const isNetwork = name === 'cidr'
  return defineType<string>({
    oid,
    name,
    category: 'I',
    isPreferred: !isNetwork,
    parse,
    format: identity,
    encode: (writer, value) => encode(writer, value, isNetwork),
    decode: (bytes) => decode(bytes, name),
    compare: (a, b) => compareInet(inetOf(a), inetOf(b)),
    // A network is equal to an address with all the same bits.
    hashKey: isNetwork ? (value) => inetText(inetOf(value)) : identity,
  })
}

function encode(writer: ByteWriter, value: string, isNetwork: boolean): void {
  const { family, bits, bytes } = inetOf(value)
  writer.byte(family === 4 ? FAMILY_FOUR : FAMILY_SIX)
  writer.byte(bits)
  writer.byte(isNetwork ? 1 : 0)
  writer.byte(bytes.length)
  writer.bytes(bytes)
}

function decode(data: Uint8Array, name: 'inet' | 'cidr'): string {
  const [number, bits = 0, , size] = data
  if (number !== FAMILY_FOUR && number !== FAMILY_SIX)
    throw invalidBinary(`invalid address family in external "${name}" value`)
  const family = number === FAMILY_FOUR ? 4 : 6
  if (bits > sizeOf(family) * 8) throw invalidBinary(`invalid bits in external "${name}" value`)
  if (size !== sizeOf(family)) throw invalidBinary(`invalid length in external "${name}" value`)
  requireSize(data, 4 + sizeOf(family))
  const inet = { family, bits, bytes: data.slice(4) } as const
  if (name === 'inet') return inetText(inet)
  if (compareBits(inet.bytes, masked(inet).bytes, 128) !== 0)
    throw invalidBinary('invalid external "cidr" value')
  return networkText(inet)
}

export const inet = networkType(869, 'inet', parseInet)
export const cidr = networkType(650, 'cidr', parseCidr)

const SIX_OCTETS = [
  /^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+):([0-9a-f]+):([0-9a-f]+):([0-9a-f]+)$/i,
  /^([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)$/i,
  /^([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})[:-]([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i,
  /^([0-9a-f]{2})([0-9a-f]{2})([.-])([0-9a-f]{2})([0-9a-f]{2})\3([0-9a-f]{2})([0-9a-f]{2})$/i,
  /^([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i,
]

export function macText(octets: Iterable<number>): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':')
}

export function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16))
}

function parseMac(text: string): string {
  const trimmed = text.trim()
  for (const form of SIX_OCTETS) {
    const match = form.exec(trimmed)
    if (match === null) continue
    const octets = match
      .slice(1)
      .filter((part) => part !== '.' && part !== '-')
      .map((part) => Number.parseInt(part, 16))
    if (octets.some((octet) => octet > 255))
      throw queryError('numeric_value_out_of_range', `invalid octet value in "macaddr" value: "${text}"`)
    return macText(octets)
  }
  throw invalidText('macaddr', text)
}

/** Six octets or eight, in groups with one kind of separator. */
function parseMac8(text: string): string {
  const trimmed = text.trim()
  const digits = trimmed.replace(/[:.-]/g, '')
  const separators = new Set(trimmed.match(/[:.-]/g) ?? [])
  const isWhole = trimmed.split(/[:.-]/).every((group) => group !== '' && group.length % 2 === 0)
  if (!/^(?:[0-9a-f]{12}|[0-9a-f]{16})$/i.test(digits) || separators.size > 1 || !isWhole)
    throw invalidText('macaddr8', text)
  const octets = Array.from(Buffer.from(digits, 'hex'))
  return macText(octets.length === 8 ? octets : widened(octets))
}

export function widened(octets: readonly number[]): number[] {
  return [...octets.slice(0, 3), 0xff, 0xfe, ...octets.slice(3)]
}

function macType(oid: number, name: string, length: number, parse: (text: string) => string): ScalarType {
  return defineType<string>({
    oid,
    name,
    category: 'U',
    length,
    parse,
    format: identity,
    encode: (writer, value) => writer.bytes(macBytes(value)),
    decode: (bytes) => {
      if (length === 8 && bytes.length === 6) return macText(widened([...bytes]))
      requireSize(bytes, length)
      return macText(bytes)
    },
    compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
    hashKey: identity,
  })
}

export const macaddr = macType(829, 'macaddr', 6, parseMac)
export const macaddr8 = macType(774, 'macaddr8', 8, parseMac8)
