/** Bytes as text: the formats of `encode` and `decode`. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'

export function encodeBytes(bytes: Uint8Array, format: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (format.toLowerCase()) {
    case 'hex':
      return buffer.toString('hex')
    case 'base64':
      return buffer.toString('base64').replace(/(.{76})(?=.)/g, '$1\n')
    case 'escape':
      return escapeBytes(bytes)
    default:
      throw unknownFormat(format)
  }
}

export function decodeBytes(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case 'hex':
      return decodeHex(text)
    case 'base64':
      return decodeBase64(text)
    case 'escape':
      return unescapeBytes(text)
    default:
      throw unknownFormat(format)
  }
}

function unknownFormat(format: string): OrbitError {
  return queryError('invalid_parameter_value', `unrecognized encoding: "${format}"`)
}

function escapeBytes(bytes: Uint8Array): string {
  let result = ''
  for (const byte of bytes) {
    if (byte === 0 || byte > 127) result += `\\${byte.toString(8).padStart(3, '0')}`
    else if (byte === 92) result += '\\\\'
    else result += String.fromCharCode(byte)
  }
  return result
}

function unescapeBytes(text: string): Uint8Array {
  const source = Buffer.from(text)
  const bytes: number[] = []
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] ?? 0
    if (byte !== 92) bytes.push(byte)
    else if (source[i + 1] === 92) {
      bytes.push(92)
      i++
    } else {
      const octal = source.toString('latin1', i + 1, i + 4)
      if (!/^[0-3][0-7]{2}$/.test(octal)) {
        throw queryError('invalid_text_representation', 'invalid input syntax for type bytea')
      }
      bytes.push(Number.parseInt(octal, 8))
      i += 3
    }
  }
  return Uint8Array.from(bytes)
}

function decodeHex(text: string): Uint8Array {
  let digits = ''
  for (const character of text) {
    if (/[ \n\t\r]/.test(character) && digits.length % 2 === 0) continue
    if (!/^[0-9a-fA-F]$/.test(character)) {
      throw queryError('invalid_parameter_value', `invalid hexadecimal digit: "${character}"`)
    }
    digits += character
  }
  if (digits.length % 2 !== 0) {
    throw queryError('invalid_parameter_value', 'invalid hexadecimal data: odd number of digits')
  }
  return Buffer.from(digits, 'hex')
}

function decodeBase64(text: string): Uint8Array {
  let digits = ''
  let padding = 0
  for (const character of text) {
    if (/[ \n\t\r]/.test(character)) continue
    if (character === '=') {
      const inGroup = (digits.length + padding) % 4
      if (inGroup < 2) throw base64Error('unexpected "=" while decoding base64 sequence')
      padding++
    } else if (/^[A-Za-z0-9+/]$/.test(character) && padding === 0) digits += character
    else throw base64Error(`invalid symbol "${character}" found while decoding base64 sequence`)
  }
  if ((digits.length + padding) % 4 !== 0) {
    throw queryError('invalid_parameter_value', 'invalid base64 end sequence', {
      hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
    })
  }
  return Buffer.from(digits, 'base64')
}

function base64Error(message: string): OrbitError {
  return queryError('invalid_parameter_value', message)
}
