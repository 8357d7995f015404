import { createHash } from 'node:crypto'
import type { OrbitError } from '@orbit-ts/base'
import { queryError, unsupported } from '../../condition.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { characterCount } from './characters.js'
import { decodeBytes, encodeBytes } from './binary-encodings.js'
import { encodingName } from './encoding-names.js'

function digest(algorithm: string): (_: unknown, bytes: Uint8Array) => Uint8Array {
  return (_, bytes) => createHash(algorithm).update(bytes).digest()
}

const md5 = (_: unknown, data: string | Uint8Array): string => createHash('md5').update(data).digest('hex')

function chr(_: unknown, code: number): string {
  if (code === 0) throw queryError('program_limit_exceeded', 'null character not permitted')
  if (code < 0) throw queryError('invalid_parameter_value', 'character number must be positive')
  if (code > 0x10_ffff) throw notACharacter('requested character too large for encoding', code)
  if (code >= 0xd800 && code <= 0xdfff)
    throw notACharacter('requested character not valid for encoding', code)
  return String.fromCodePoint(code)
}

function notACharacter(message: string, code: number): OrbitError {
  return queryError('program_limit_exceeded', `${message}: ${code}`)
}

const NORMAL_FORMS = new Set(['NFC', 'NFD', 'NFKC', 'NFKD'])

function normalize(text: string, form: string): string {
  const name = form.toUpperCase()
  if (!NORMAL_FORMS.has(name)) {
    throw queryError('invalid_parameter_value', `invalid normalization form: ${form}`)
  }
  return text.normalize(name)
}

type Encoding = 'UTF8' | 'LATIN1' | 'SQL_ASCII'

/** @throws feature_not_supported for the encodings that texts cannot be converted from and to */
function encodingNamed(name: string, role: 'source ' | 'destination ' | ''): Encoding {
  const encoding = encodingName(name)
  switch (encoding) {
    case 'UTF8':
    case 'LATIN1':
    case 'SQL_ASCII':
      return encoding
    case undefined:
      throw queryError('invalid_parameter_value', `invalid ${role}encoding name "${name}"`)
    default:
      throw unsupported(`the encoding ${encoding}`)
  }
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding !== 'LATIN1') return decodeUtf8(bytes)
  refuseZero(bytes, encoding)
  return Buffer.from(bytes).toString('latin1')
}

function refuseZero(bytes: Uint8Array, encoding: Encoding): void {
  if (bytes.includes(0)) throw invalidBytes(encoding, [0])
}

function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding !== 'LATIN1') return Buffer.from(text)
  for (const character of text) {
    if (character > '\u00ff') {
      throw queryError(
        'untranslatable_character',
        `character with byte sequence ${hexOf(Buffer.from(character))} in encoding "UTF8" has no equivalent in encoding "LATIN1"`,
      )
    }
  }
  return Buffer.from(text, 'latin1')
}

/** Nothing is known of the characters of SQL_ASCII, so that nothing is converted. */
function convert(bytes: Uint8Array, source: Encoding, destination: Encoding): Uint8Array {
  if (source !== 'SQL_ASCII' && destination !== 'SQL_ASCII') return encode(decode(bytes, source), destination)
  const known = source === 'SQL_ASCII' ? destination : source
  if (known === 'UTF8') decodeUtf8(bytes)
  else refuseZero(bytes, known)
  return bytes
}

function lengthIn(bytes: Uint8Array, encoding: Encoding): number {
  if (encoding === 'UTF8') return characterCount(decodeUtf8(bytes))
  refuseZero(bytes, encoding)
  return bytes.length
}

/** @throws character_not_in_repertoire for bytes that are no text, or a zero byte */
export function decodeUtf8(bytes: Uint8Array): string {
  const at = bytes.indexOf(0)
  if (at >= 0) throw invalidUtf8(bytes, at)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalidUtf8(bytes, firstInvalid(bytes))
  }
}

function firstInvalid(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const size = sequenceLength(bytes[at] ?? 0)
    const sequence = bytes.subarray(at, at + size)
    if (sequence.length < size || Buffer.from(sequence).toString().includes('\ufffd')) return at
    at += size
  }
  return 0
}

function sequenceLength(lead: number): number {
  if ((lead & 0xe0) === 0xc0) return 2
  if ((lead & 0xf0) === 0xe0) return 3
  return (lead & 0xf8) === 0xf0 ? 4 : 1
}

function invalidUtf8(bytes: Uint8Array, at: number): OrbitError {
  return invalidBytes('UTF8', bytes.subarray(at, at + sequenceLength(bytes[at] ?? 0)))
}

function invalidBytes(encoding: Encoding, bytes: Iterable<number>): OrbitError {
  return queryError(
    'character_not_in_repertoire',
    `invalid byte sequence for encoding "${encoding}": ${hexOf(bytes)}`,
  )
}

function hexOf(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
}

export const encodingFunctions: readonly ScalarFunction[] = [
  scalar('2311 md5(text) text', md5),
  scalar('2321 md5(bytea) text', md5),
  scalar('3419 sha224(bytea) bytea', digest('sha224')),
  scalar('3420 sha256(bytea) bytea', digest('sha256')),
  scalar('3421 sha384(bytea) bytea', digest('sha384')),
  scalar('3422 sha512(bytea) bytea', digest('sha512')),
  scalar('1946 encode(bytea,text) text', (_, bytes: Uint8Array, format: string) =>
    encodeBytes(bytes, format),
  ),
  scalar('1947 decode(text,text) bytea', (_, text: string, format: string) => decodeBytes(text, format)),
  scalar('1620 ascii(text) int4', (_, text: string) => text.codePointAt(0) ?? 0),
  scalar('1621 chr(int4) text', chr),
  scalar('2089 to_hex(int4) text', (_, value: number) => (value >>> 0).toString(16)),
  scalar('2090 to_hex(int8) text', (_, value: number | bigint) =>
    BigInt.asUintN(64, BigInt(value)).toString(16),
  ),
  scalar('4350 normalize(text,text) text', (_, text: string, form: string) => normalize(text, form), {
    defaults: ['NFC'],
  }),
  scalar(
    '4351 is_normalized(text,text) bool',
    (_, text: string, form: string) => normalize(text, form) === text,
    { defaults: ['NFC'] },
  ),
  scalar('1714 convert_from(bytea,name) text stable', (_, bytes: Uint8Array, name: string) =>
    decode(bytes, encodingNamed(name, 'source ')),
  ),
  scalar('1717 convert_to(text,name) bytea stable', (_, text: string, name: string) =>
    encode(text, encodingNamed(name, 'destination ')),
  ),
  scalar('1813 convert(bytea,name,name) bytea stable', (_, bytes: Uint8Array, from: string, to: string) =>
    convert(bytes, encodingNamed(from, 'source '), encodingNamed(to, 'destination ')),
  ),
  scalar('1713 length(bytea,name) int4 stable', (_, bytes: Uint8Array, name: string) =>
    lengthIn(bytes, encodingNamed(name, '')),
  ),
]
