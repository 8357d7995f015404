/** The text of a date, a time or an interval cut into fields. What a field means is found out later. */
import { Refused } from './refused.js'
import { isDatetimeWord } from './datetime-words.js'

export type TokenKind =
  | 'date' // digits and separators, or letters with separators: 1999-01-08, 8-Jan-99, america/new_york
  | 'time' // digits with colons
  | 'zone' // a sign and digits
  | 'number'
  | 'word' // letters, lower case
  | 'special' // a sign and letters

export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const FIELDS_MAX = 25
const LENGTH_MAX = 128

const PATTERNS = {
  space: /[ \t\n\v\f\r]+/y,
  time: /\d+:[\d:.]*/y,
  number: /\d+/y,
  fraction: /\.\d*/y,
  letters: /[a-z]+/y,
  dateRest: /[+\-/_.:a-z0-9]+/y,
  signedNumber: /([+-])[ \t\n\v\f\r]*(\d[\d:.-]*)/y,
  signedWord: /([+-])[ \t\n\v\f\r]*([a-z]+)/y,
  punctuation: /[!-/:-@[-`{-~]/y,
}

/** @throws Refused */
export function tokenize(text: string): Token[] {
  const source = text.toLowerCase()
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  while (at < source.length) {
    if (take(PATTERNS.space) !== null) continue
    const token = nextToken(source, at, take)
    if (token !== undefined) {
      if (tokens.length >= FIELDS_MAX || token.text.length > LENGTH_MAX) throw new Refused('format')
      tokens.push(token)
    } else if (take(PATTERNS.punctuation) === null) {
      throw new Refused('format')
    }
  }
  return tokens
}

type Take = (pattern: RegExp) => RegExpExecArray | null

function nextToken(source: string, start: number, take: Take): Token | undefined {
  const first = source.charCodeAt(start)
  if (first >= 48 && first <= 57) return numericToken(source, start, take)
  if (first === 46) return { kind: 'number', text: take(PATTERNS.fraction)?.[0] ?? '' }
  if (first >= 97 && first <= 122) return wordToken(source, take)
  if (first !== 43 && first !== 45) return undefined
  const number = take(PATTERNS.signedNumber)
  if (number !== null) return { kind: 'zone', text: (number[1] ?? '') + (number[2] ?? '') }
  const word = take(PATTERNS.signedWord)
  if (word === null) throw new Refused('format')
  return { kind: 'special', text: (word[1] ?? '') + (word[2] ?? '') }
}

function numericToken(source: string, start: number, take: Take): Token {
  const time = take(PATTERNS.time)
  if (time !== null) return { kind: 'time', text: time[0] }
  const digits = take(PATTERNS.number)?.[0] ?? ''
  const delimiter = source[start + digits.length]
  if (delimiter !== '-' && delimiter !== '/' && delimiter !== '.') return { kind: 'number', text: digits }
  const separator = delimiter === '-' ? '-' : delimiter === '/' ? '/' : '\\.'
  const second = take(new RegExp(`[${separator}]\\d+`, 'y'))
  if (second === null) {
    // A month may be written out: 8-Jan-1999.
    const rest = take(new RegExp(`[${separator}][a-z0-9${separator}]*`, 'y'))?.[0] ?? ''
    return { kind: 'date', text: digits + rest }
  }
  const text = digits + second[0]
  const third = take(new RegExp(`[${separator}][\\d${separator}]*`, 'y'))
  if (third !== null) return { kind: 'date', text: text + third[0] }
  return { kind: delimiter === '.' ? 'number' : 'date', text }
}

/** A word; with punctuation in it, a date with a month's name or a time zone. */
function wordToken(source: string, take: Take): Token {
  const word = take(PATTERNS.letters)?.[0] ?? ''
  PATTERNS.dateRest.lastIndex = PATTERNS.letters.lastIndex
  const next = source[PATTERNS.letters.lastIndex] ?? ''
  const isDate = /[-/.]/.test(next) || (/[+\d]/.test(next) && !isDatetimeWord(word))
  if (!isDate) return { kind: 'word', text: word }
  return { kind: 'date', text: word + (take(PATTERNS.dateRest)?.[0] ?? '') }
}
