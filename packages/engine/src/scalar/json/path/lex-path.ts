/** The tokens of a path. */
import { queryError } from '../../condition.js'

export interface PathToken {
  readonly kind: 'word' | 'string' | 'number' | 'variable' | 'symbol' | 'end'
  /** Without quotes and escapes. */
  readonly text: string
  /** As it was written; empty where the text had ended before the token was known. */
  readonly source: string
}

const SPACE = /(?:[ \t\n\r\f]|\/\*[^]*?\*\/)*/y
const SYMBOL = /\*\*|&&|\|\||==|!=|<>|<=|>=|[?%.[\]{}()|&,:*+\-/<>=!@$]/y
const NUMBER = /(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
/** Whatever is no symbol, space or quote. */
const WORD = /(?:\\[^]|[^?%$.[\]{}()|!=<>&@#,*:\-+/\\" \t\n\r\f])+/y
const STRING = /"((?:[^"\\]|\\[^])*)"/y

/** @throws syntax_error */
export function lexPath(text: string): PathToken[] {
  const tokens: PathToken[] = []
  for (let at = skipSpace(text, 0); at < text.length;) {
    const { token, end } = nextToken(text, at)
    tokens.push(token)
    at = skipSpace(text, end)
  }
  return tokens
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at
  SPACE.test(text)
  return SPACE.lastIndex
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function nextToken(text: string, at: number): { token: PathToken; end: number } {
  const first = text.charAt(at)
  if (first === '"') return quoted(text, at, 'string', at)
  if (first === '$') {
    if (text.charAt(at + 1) === '"') return quoted(text, at + 1, 'variable', at)
    const name = match(WORD, text, at + 1)
    if (name !== null)
      return {
        token: { kind: 'variable', text: unescape(name[0]), source: `$${name[0]}` },
        end: at + 1 + name[0].length,
      }
  }
  const number = match(NUMBER, text, at)
  if (number !== null) return { token: numberToken(text, at, number[0]), end: at + number[0].length }
  const symbol = match(SYMBOL, text, at)
  if (symbol !== null) {
    return { token: { kind: 'symbol', text: symbol[0], source: symbol[0] }, end: at + symbol[0].length }
  }
  const word = match(WORD, text, at)
  if (word === null) throw syntaxError('syntax error', first)
  const end = at + word[0].length
  return { token: { kind: 'word', text: unescape(word[0]), source: end === text.length ? '' : word[0] }, end }
}

function numberToken(text: string, at: number, digits: string): PathToken {
  const next = /^[^?%$.[\]{}()|!=<>&@#,*:\-+/\\" \t\n\r\f]/u.exec(text.slice(at + digits.length))
  if (next !== null) throw syntaxError('trailing junk after numeric literal', digits + next[0])
  return { kind: 'number', text: digits, source: digits }
}

function quoted(
  text: string,
  at: number,
  kind: 'string' | 'variable',
  start: number,
): { token: PathToken; end: number } {
  const found = match(STRING, text, at)
  if (found === null) throw syntaxError('unexpected end of quoted string', '')
  const end = at + found[0].length
  return { token: { kind, text: unescape(found[1] ?? ''), source: text.slice(start, end) }, end }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g,
    (_, braced: string | undefined, four: string | undefined, two: string | undefined, letter = '') => {
      const hex = braced ?? four ?? two
      if (hex !== undefined) return characterOf(parseInt(hex, 16), four !== undefined)
      if (letter === 'u' || letter === 'x') {
        throw syntaxError(
          letter === 'u' ? 'invalid Unicode escape sequence' : 'invalid hexadecimal character sequence',
          text,
        )
      }
      return ESCAPES[letter as string] ?? (letter as string)
    },
  )
}

function characterOf(code: number, isUnit: boolean): string {
  if (code === 0) {
    throw queryError('untranslatable_character', 'unsupported Unicode escape sequence', {
      detail: '\\u0000 cannot be converted to text.',
    })
  }
  return isUnit ? String.fromCharCode(code) : String.fromCodePoint(Math.min(code, 0x10_ffff))
}

/** @param near the text that was not understood; empty at the end */
export function syntaxError(message: string, near: string): Error {
  const where = near === '' ? 'at end of' : `at or near "${near}" of`
  return queryError('syntax_error', `${message} ${where} jsonpath input`)
}
