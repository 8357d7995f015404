import { asBuffer, compareBytes, toBinaryString } from '@orbit-ts/base'
import { queryError } from '../condition.js'
import { defineType } from './define-type.js'

/** `\x0aff` (white space between bytes), or the older form with `\\` and `\ooo`. */
export function parseBytea(text: string): Uint8Array {
  return text.startsWith('\\x') ? parseHex(text.slice(2)) : parseEscapes(text)
}

/** Pairs of hexadecimal digits, white space between them. */
export function parseHex(text: string): Uint8Array {
  const digits = /\s/.test(text) ? text.replace(/[ \t\r\n]+/g, '') : text
  const wrong = /[^0-9a-fA-F]/u.exec(digits)
  if (wrong !== null) {
    throw queryError('invalid_parameter_value', `invalid hexadecimal digit: "${wrong[0]}"`)
  }
  if (digits.length % 2 === 1) {
    throw queryError('invalid_parameter_value', 'invalid hexadecimal data: odd number of digits')
  }
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

export function parseEscapes(text: string): Uint8Array {
  if (!text.includes('\\')) return new Uint8Array(Buffer.from(text, 'utf8'))
  const source = Buffer.from(text, 'utf8').toString('latin1')
  const bytes = source.replace(/\\(\\|[0-3][0-7][0-7]|)/g, (_, escaped: string) => {
    if (escaped === '') {
      throw queryError('invalid_text_representation', 'invalid input syntax for type bytea')
    }
    return escaped === '\\' ? '\\' : String.fromCharCode(parseInt(escaped, 8))
  })
  return new Uint8Array(Buffer.from(bytes, 'latin1'))
}

/** As `bytea_output` says: `hex` or `escape`. */
export function formatBytea(bytes: Uint8Array, output: string): string {
  return output === 'escape' ? formatEscapes(bytes) : `\\x${asBuffer(bytes).toString('hex')}`
}

export function formatEscapes(bytes: Uint8Array): string {
  return toBinaryString(bytes).replace(/[\\\0-\x1f\x7f-\xff]/g, (byte) =>
    byte === '\\' ? '\\\\' : `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}

export const bytea = defineType<Uint8Array>({
  oid: 17,
  name: 'bytea',
  category: 'U',
  parse: parseBytea,
  format: (value, context) => formatBytea(value, context.setting('bytea_output')),
  encode: (writer, value) => writer.bytes(value),
  // A copy: the message's memory is used again.
  decode: (bytes) => new Uint8Array(bytes),
  compare: compareBytes,
  hashKey: toBinaryString,
})
