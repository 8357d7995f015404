import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'

const ESCAPE = /\\(?:(\\)|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|)/g

/** The text with `\XXXX`, `\+XXXXXX`, `\uXXXX` and `\UXXXXXXXX` replaced by what they stand for. */
export function unescapeUnicode(text: string): string {
  let pending: number | undefined
  let end = -1
  let result = ''
  let from = 0
  for (const match of text.matchAll(ESCAPE)) {
    const digits = match[2] ?? match[3] ?? match[4] ?? match[5]
    if (digits === undefined && match[1] === undefined) throw invalidEscape()
    if (pending !== undefined && match.index !== end) throw invalidPair()
    result += text.slice(from, match.index)
    from = match.index + match[0].length
    end = from
    if (digits === undefined) {
      if (pending !== undefined) throw invalidPair()
      result += '\\'
      continue
    }
    const code = Number.parseInt(digits, 16)
    if (pending !== undefined) {
      if (code < 0xdc00 || code > 0xdfff) throw invalidPair()
      result += String.fromCharCode(pending, code)
      pending = undefined
    } else if (code >= 0xd800 && code <= 0xdbff) pending = code
    else if (code >= 0xdc00 && code <= 0xdfff) throw invalidPair()
    else if (code === 0 || code > 0x10_ffff) {
      throw queryError('invalid_parameter_value', `invalid Unicode code point: ${hex(code)}`)
    } else result += String.fromCodePoint(code)
  }
  if (pending !== undefined) throw invalidPair()
  return result + text.slice(from)
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0')
}

function invalidPair(): OrbitError {
  return queryError('syntax_error', 'invalid Unicode surrogate pair')
}

function invalidEscape(): OrbitError {
  return queryError('syntax_error', 'invalid Unicode escape', {
    hint: 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.',
  })
}
