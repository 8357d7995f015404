/** JSON from its text, with exact numbers, and with the reasons that PostgreSQL gives for what is none. */
import { queryError } from '../condition.js'
import { parseNumeric } from '../numeric/parse-numeric.js'
import { Jsonb, type JsonNode } from './jsonb.js'
import { NODES_MAX, requireNodes } from '../value-limits.js'
import { makeJsonObject } from './json-object.js'

/** Levels of arrays and objects in each other. */
const DEPTH_MAX = 1000

/** @throws invalid_text_representation, untranslatable_character, statement_too_complex */
export function parseJsonb(text: string): Jsonb {
  return new Jsonb(new JsonParser(text, true).parse())
}

/** The text itself, once it is known to be JSON. @throws invalid_text_representation, statement_too_complex */
export function checkJson(text: string): string {
  if (text.length > NODES_MAX) requireFewValues(text)
  // The runtime's own parser takes the same grammar and is much faster; it only cannot say what is wrong.
  try {
    JSON.parse(text)
  } catch {
    new JsonParser(text, false).parse()
  }
  return text
}

/** What separates values shows how many they are, before they are taken apart. */
function requireFewValues(text: string): void {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at)
        break
      case 0x2c: // ,
      case 0x5b: // [
      case 0x7b: // {
        requireNodes(++count)
    }
  }
}

/** The position of the quote that ends the string that begins there. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return text.length
}

/** A JSON text as nodes; unlike `jsonb`, escapes that are no characters are let through. */
export function parseJsonText(text: string): JsonNode {
  return new JsonParser(text, true).parse()
}

const SPACE = /[ \t\n\r]*/y
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** What belongs to a token that is none: letters, digits, and all beyond ASCII. */
const WORD = /[A-Za-z0-9_\u0080-\uffff]*/y
const NUMBER_LIKE = /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?[A-Za-z0-9_\u0080-\uffff]*/y

/** Letters, digits and what counts as such: right after a number they spoil it. */
function isWordCode(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code >= 0x80
  )
}

class JsonParser {
  readonly #text: string
  /** Whether strings are wanted: then their escapes have to be characters. */
  readonly #isDecoding: boolean
  #at = 0
  #count = 0

  constructor(text: string, isDecoding: boolean) {
    this.#text = text
    this.#isDecoding = isDecoding
  }

  parse(): JsonNode {
    const root = this.#value(0)
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#expected('end of input')
    return root
  }

  #value(depth: number): JsonNode {
    requireNodes(++this.#count)
    this.#skipSpace()
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x22:
        return this.#string()
      case 0x7b:
        return this.#object(depth)
      case 0x5b:
        return this.#array(depth)
      case 0x74:
        return this.#keyword('true', true)
      case 0x66:
        return this.#keyword('false', false)
      case 0x6e:
        return this.#keyword('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonNode {
    this.#enter(depth)
    const entries: [string, JsonNode][] = []
    if (this.#take('}')) return makeJsonObject(entries)
    for (let wanted = 'string or "}"'; ; wanted = 'string') {
      if (this.#text.charCodeAt(this.#at) !== 0x22) throw this.#expected(wanted)
      const key = this.#string()
      if (!this.#take(':')) throw this.#expected('":"')
      entries.push([key, this.#value(depth + 1)])
      if (this.#take('}')) return makeJsonObject(entries)
      if (!this.#take(',')) throw this.#expected('"," or "}"')
      this.#skipSpace()
    }
  }

  #array(depth: number): JsonNode {
    this.#enter(depth)
    const elements: JsonNode[] = []
    if (this.#take(']')) return elements
    for (;;) {
      elements.push(this.#value(depth + 1))
      if (this.#take(']')) return elements
      if (!this.#take(',')) throw this.#expected('"," or "]"')
    }
  }

  #enter(depth: number): void {
    if (depth >= DEPTH_MAX) {
      throw queryError('statement_too_complex', 'stack depth limit exceeded', {
        hint: `Use JSON of at most ${DEPTH_MAX} levels.`,
      })
    }
    this.#at++
    this.#skipSpace()
  }

  #skipSpace(): void {
    // Most tokens have none before them.
    if (this.#text.charCodeAt(this.#at) > 0x20) return
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    this.#at = SPACE.lastIndex
  }

  #take(character: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #keyword<V extends boolean | null>(word: string, value: V): V {
    const end = this.#at + word.length
    if (!this.#text.startsWith(word, this.#at) || this.#match(WORD) !== word) throw this.#wrongValue()
    this.#at = end
    return value
  }

  #number(): JsonNode {
    NUMBER.lastIndex = this.#at
    const token = NUMBER.exec(this.#text)?.[0]
    const next = this.#text.charCodeAt(NUMBER.lastIndex)
    // A point without digits after it spoils a whole number; after a fraction it is a token of its own.
    const isSpoilt = isWordCode(next) || (next === 0x2e && token !== undefined && !/[.eE]/.test(token))
    if (token === undefined || isSpoilt) throw this.#wrongValue()
    this.#at = NUMBER.lastIndex
    return parseNumeric(token)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0] ?? ''
  }

  #string(): string {
    PLAIN_STRING.lastIndex = this.#at
    if (PLAIN_STRING.test(this.#text)) {
      const text = this.#text.slice(this.#at + 1, PLAIN_STRING.lastIndex - 1)
      this.#at = PLAIN_STRING.lastIndex
      return text
    }
    return this.#escapedString()
  }

  #escapedString(): string {
    const start = this.#at
    let value = ''
    /** The first half of a pair that waits for the second. */
    let high = 0
    for (this.#at++; ;) {
      const code = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(code)) throw this.#invalidToken(start, this.#text.length)
      if (code < 0x20) {
        const hex = code.toString(16).padStart(2, '0')
        throw this.#invalid(`Character with value 0x${hex} must be escaped.`)
      }
      if (code !== 0x5c) {
        if (high !== 0) throw this.#loneSurrogate()
        this.#at++
        if (code === 0x22) return value
        value += String.fromCharCode(code)
        continue
      }
      const escaped = this.#escape(start)
      if (!this.#isDecoding) continue
      if (escaped >= 0xd800 && escaped <= 0xdbff) {
        if (high !== 0) throw this.#invalid('Unicode high surrogate must not follow a high surrogate.')
        high = escaped
        continue
      }
      const isLow = escaped >= 0xdc00 && escaped <= 0xdfff
      if (isLow !== (high !== 0)) throw this.#loneSurrogate()
      value += isLow ? String.fromCharCode(high, escaped) : String.fromCharCode(escaped)
      high = 0
    }
  }

  /** The code unit that an escape sequence stands for. */
  #escape(start: number): number {
    const letter = this.#text[this.#at + 1]
    if (letter === undefined) throw this.#invalidToken(start, this.#text.length)
    if (letter !== 'u') {
      const code = ESCAPES[letter]
      if (code === undefined) {
        const character = String.fromCodePoint(this.#text.codePointAt(this.#at + 1) ?? 0)
        throw this.#invalid(`Escape sequence "\\${character}" is invalid.`)
      }
      this.#at += 2
      return code
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6)
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) {
      const end = this.#at + 2 + (/^[0-9a-fA-F]*/.exec(hex)?.[0].length ?? 0)
      if (end >= this.#text.length) throw this.#invalidToken(start, this.#text.length)
      throw this.#invalid('"\\u" must be followed by four hexadecimal digits.')
    }
    const code = parseInt(hex, 16)
    if (code === 0 && this.#isDecoding) {
      throw queryError('untranslatable_character', 'unsupported Unicode escape sequence', {
        detail: '\\u0000 cannot be converted to text.',
      })
    }
    this.#at += 6
    return code
  }

  #loneSurrogate(): Error {
    return this.#invalid('Unicode low surrogate must follow a high surrogate.')
  }

  /** No value begins here. */
  #wrongValue(): Error {
    return this.#expected('JSON value')
  }

  #expected(what: string): Error {
    this.#skipSpace()
    if (this.#at >= this.#text.length) return this.#invalid('The input string ended unexpectedly.')
    return this.#invalid(`Expected ${what}, but found "${this.#token()}".`)
  }

  /** The token at the position. @throws when it is none itself */
  #token(): string {
    const start = this.#at
    const first = this.#text.charAt(start)
    if (first === '"') {
      this.#string()
      return this.#text.slice(start, this.#at)
    }
    if (/[{}[\]:,]/.test(first)) return first
    NUMBER.lastIndex = start
    const number = NUMBER.exec(this.#text)?.[0]
    const isNumberLike = /[-0-9]/.test(first)
    const whole = this.#match(isNumberLike ? NUMBER_LIKE : WORD)
    if (isNumberLike ? whole === number : ['true', 'false', 'null'].includes(whole)) return whole
    throw this.#invalidToken(start, start + Math.max(whole.length, 1))
  }

  #invalidToken(start: number, end: number): Error {
    return this.#invalid(`Token "${this.#text.slice(start, end)}" is invalid.`)
  }

  #invalid(detail: string): Error {
    return queryError('invalid_text_representation', 'invalid input syntax for type json', { detail })
  }
}

const ESCAPES: Readonly<Record<string, number>> = {
  '"': 0x22,
  '\\': 0x5c,
  '/': 0x2f,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
}
