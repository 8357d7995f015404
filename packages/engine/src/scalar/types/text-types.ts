import { asBuffer } from '@orbit-ts/base'
import type { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import { compareCodePoints, countCodePoints, firstCodePoints } from '../collation/code-points.js'
import type { Collation, ScalarType } from '../data-type.js'
import { invalidBinary } from './bad-input.js'
import { identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

/** What a length is kept with in a modifier. */
const HEADER = 4
const LENGTH_MAX = 10_485_760
/** Bytes of a `name`, without the zero at its end. */
export const NAME_BYTES_MAX = 63

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws character_not_in_repertoire */
export function decodeText(bytes: Uint8Array): string {
  const text = tryDecode(bytes)
  if (text !== undefined && !text.includes('\0')) return text
  const hex = Array.from(firstInvalid(bytes), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
  throw queryError('character_not_in_repertoire', `invalid byte sequence for encoding "UTF8": ${hex}`)
}

function tryDecode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** The first character that is none: as many bytes as its first byte announces. */
function firstInvalid(bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0
    const size = first < 0xc0 || first >= 0xf8 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    const character = bytes.subarray(at, at + size)
    if (first === 0 || character.length < size || tryDecode(character) === undefined) return character
    at += size
  }
  return bytes
}

function encodeText(writer: ByteWriter, value: string): void {
  writer.text(value)
}

export function compareText(a: string, b: string, collation: Collation | undefined): number {
  return collation === undefined ? compareCodePoints(a, b) : collation.compare(a, b)
}

function lengthModifier(typeName: string): (values: readonly number[]) => number {
  return (values) => {
    const [length] = values
    if (length === undefined || values.length > 1) {
      throw queryError('invalid_parameter_value', 'invalid type modifier')
    }
    if (length < 1) {
      throw queryError('invalid_parameter_value', `length for type ${typeName} must be at least 1`)
    }
    if (length > LENGTH_MAX) {
      throw queryError('invalid_parameter_value', `length for type ${typeName} cannot exceed ${LENGTH_MAX}`)
    }
    return length + HEADER
  }
}

const formatLength = (modifier: number): string => (modifier < 0 ? '' : `(${modifier - HEADER})`)

export const text = defineType<string>({
  oid: 25,
  name: 'text',
  category: 'S',
  isPreferred: true,
  isCollatable: true,
  parse: identity,
  format: identity,
  encode: encodeText,
  decode: decodeText,
  compare: compareText,
  hashKey: identity,
})

/** The value cut to so many characters; all that an assignment may cut off are spaces. */
function shorten(value: string, length: number, isExplicit: boolean, typeName: string): string {
  if (value.length <= length || countCodePoints(value) <= length) return value
  const kept = firstCodePoints(value, length)
  if (!isExplicit && /[^ ]/.test(value.slice(kept.length))) {
    throw queryError('string_data_right_truncation', `value too long for type ${typeName}(${length})`)
  }
  return kept
}

function applyVarchar(value: string, modifier: number, isExplicit: boolean): string {
  return modifier < 0 ? value : shorten(value, modifier - HEADER, isExplicit, 'character varying')
}

export const varchar = defineType<string>({
  oid: 1043,
  name: 'varchar',
  displayName: 'character varying',
  category: 'S',
  isCollatable: true,
  parse: (value, modifier) => applyVarchar(value, modifier, false),
  format: identity,
  encode: encodeText,
  decode: (bytes, modifier) => applyVarchar(decodeText(bytes), modifier, false),
  compare: compareText,
  hashKey: identity,
  applyModifier: applyVarchar,
  makeModifier: lengthModifier('varchar'),
  formatModifier: formatLength,
})

function applyBpchar(value: string, modifier: number, isExplicit: boolean): string {
  if (modifier < 0) return value
  const length = modifier - HEADER
  const kept = shorten(value, length, isExplicit, 'character')
  const missing = length - countCodePoints(kept)
  return missing > 0 ? kept + ' '.repeat(missing) : kept
}

/** Without the spaces that pad it, which mean nothing. */
export function trimPadding(value: string): string {
  let end = value.length
  while (end > 0 && value.charCodeAt(end - 1) === 32) end--
  return end === value.length ? value : value.slice(0, end)
}

export const bpchar = defineType<string>({
  oid: 1042,
  name: 'bpchar',
  displayName: 'character',
  category: 'S',
  isCollatable: true,
  parse: (value, modifier) => applyBpchar(value, modifier, false),
  format: identity,
  encode: encodeText,
  decode: (bytes, modifier) => applyBpchar(decodeText(bytes), modifier, false),
  compare: (a, b, collation) => compareText(trimPadding(a), trimPadding(b), collation),
  hashKey: trimPadding,
  applyModifier: applyBpchar,
  makeModifier: lengthModifier('char'),
  formatModifier: formatLength,
})

/** At most 63 bytes; no character is cut in two. */
export function truncateName(value: string): string {
  if (value.length * 3 <= NAME_BYTES_MAX) return value
  const bytes = Buffer.from(value, 'utf8')
  if (bytes.length <= NAME_BYTES_MAX) return value
  let end = NAME_BYTES_MAX
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

export const name = defineType<string>({
  oid: 19,
  name: 'name',
  category: 'S',
  length: 64,
  isCollatable: true,
  parse: truncateName,
  format: identity,
  encode: encodeText,
  decode: (bytes) => truncateName(decodeText(bytes)),
  compare: compareText,
  hashKey: identity,
})

/** The value is one character of code 0 to 255: a byte; empty stands for the byte 0. */
function parseChar(value: string): string {
  const octal = /^\\([0-3][0-7][0-7])$/.exec(value)
  const byte = octal === null ? Buffer.from(value, 'utf8')[0] : parseInt(octal[1] ?? '', 8)
  return byte === undefined || byte === 0 ? '' : String.fromCharCode(byte)
}

function formatChar(value: string): string {
  const byte = value.charCodeAt(0)
  return byte >= 0x80 ? `\\${byte.toString(8)}` : value
}

export const char: ScalarType = defineType<string>({
  oid: 18,
  name: 'char',
  displayName: '"char"',
  category: 'Z',
  length: 1,
  parse: parseChar,
  format: formatChar,
  encode: (writer, value) => writer.byte(value === '' ? 0 : value.charCodeAt(0)),
  decode: (bytes) => {
    if (bytes.length !== 1) throw invalidBinary('incorrect binary data format')
    return bytes[0] === 0 ? '' : asBuffer(bytes).toString('latin1')
  },
  compare: compareCodePoints,
  hashKey: identity,
})

/** A literal whose type nobody has said. */
export const unknown = defineType<string>({
  oid: 705,
  name: 'unknown',
  category: 'X',
  length: -2,
  parse: identity,
  format: identity,
  encode: encodeText,
  decode: decodeText,
  compare: undefined,
  hashKey: undefined,
})

export const cstring = defineType<string>({
  oid: 2275,
  name: 'cstring',
  category: 'P',
  length: -2,
  parse: identity,
  format: identity,
  encode: encodeText,
  decode: decodeText,
  compare: undefined,
  hashKey: undefined,
})

/** The name of a cursor. */
export const refcursor = defineType<string>({
  oid: 1790,
  name: 'refcursor',
  category: 'U',
  parse: identity,
  format: identity,
  encode: encodeText,
  decode: decodeText,
  compare: undefined,
  hashKey: undefined,
})
