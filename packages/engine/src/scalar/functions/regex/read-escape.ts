import { regexError } from './regex-error.js'

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  B: 92,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
}

/** Reads what stands for one character behind a backslash. @param at the position behind the backslash */
export function readEscape(text: string, at: number): { code: number; end: number } {
  const letter = text[at]
  if (letter === undefined) throw regexError('invalid escape \\ sequence')
  const simple = SIMPLE[letter]
  if (simple !== undefined) return { code: simple, end: at + 1 }
  if (!/[a-zA-Z0-9]/.test(letter)) {
    const code = text.codePointAt(at) ?? 0
    return { code, end: at + (code > 0xffff ? 2 : 1) }
  }
  const match = NUMERIC.exec(text.slice(at))
  if (match === null) throw regexError('invalid escape \\ sequence')
  const [whole, control, four, eight, hex, octal] = match
  const code =
    control === undefined
      ? Number.parseInt(four ?? eight ?? hex ?? octal ?? '', octal === undefined ? 16 : 8)
      : control.charCodeAt(0) & 0x1f
  if (code > 0x10_ffff) throw regexError('invalid escape \\ sequence')
  return { code, end: at + whole.length }
}

const NUMERIC = /^(?:c(.)|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]+)|([0-7]{1,3}))/s
