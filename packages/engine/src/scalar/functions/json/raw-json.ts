/** Parts of a `json` value, which is kept as its text. The text is known to be JSON; parts are given as they are written. */
import { assert } from '@orbit-ts/base'
import { parseJsonText } from '../../json/parse-json.js'

export type RawKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export interface RawMember {
  readonly key: string
  readonly value: string
}

const SPACE = /[ \t\n\r]*/y
const SCALAR = /[^,\]}\s]+/y
const STRING = /"(?:[^"\\]|\\.)*"/sy

export function rawKind(text: string): RawKind {
  switch (text[skipSpace(text, 0)]) {
    case '{':
      return 'object'
    case '[':
      return 'array'
    case '"':
      return 'string'
    case 't':
    case 'f':
      return 'boolean'
    case 'n':
      return 'null'
    default:
      return 'number'
  }
}

/** The members of an object in their order, those with the same key too. */
export function* rawMembers(text: string): Iterable<RawMember> {
  let at = skipSpace(text, skipSpace(text, 0) + 1)
  while (text[at] !== '}') {
    const keyEnd = endOf(STRING, text, at)
    const key = rawString(text.slice(at, keyEnd))
    // Behind the colon.
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, start)
    yield { key, value: text.slice(start, end) }
    at = next(text, end)
  }
}

export function* rawElements(text: string): Iterable<string> {
  let at = skipSpace(text, skipSpace(text, 0) + 1)
  while (text[at] !== ']') {
    const end = valueEnd(text, at)
    yield text.slice(at, end)
    at = next(text, end)
  }
}

/** The value of a key: of several, the last one. Undefined when there is none, or no object. */
export function rawField(text: string, key: string): string | undefined {
  if (rawKind(text) !== 'object') return undefined
  let found: string | undefined
  for (const member of rawMembers(text)) if (member.key === key) found = member.value
  return found
}

/** An element by its index, counted from the end when it is negative. */
export function rawElement(text: string, index: number): string | undefined {
  if (rawKind(text) !== 'array') return undefined
  const elements = [...rawElements(text)]
  return elements[index < 0 ? elements.length + index : index]
}

/** What a path of keys and indexes leads to. */
export function rawAtPath(text: string, path: readonly string[]): string | undefined {
  let value: string | undefined = text
  for (const step of path) {
    if (value === undefined) return undefined
    if (rawKind(value) === 'array') {
      value = /^\s*[+-]?\d+\s*$/.test(step) ? rawElement(value, Number(step)) : undefined
    } else value = rawField(value, step)
  }
  return value
}

/** As text: a string without its quotes, null for JSON's null. */
export function rawText(value: string): string | null {
  switch (rawKind(value)) {
    case 'null':
      return null
    case 'string':
      return rawString(value.trim())
    default:
      return value
  }
}

/** @throws untranslatable_character for escapes that are no text */
function rawString(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1)
  const text = parseJsonText(token)
  assert(typeof text === 'string', 'a token in quotes is a string')
  return text
}

/** Behind the comma, or at the closing bracket. */
function next(text: string, at: number): number {
  const end = skipSpace(text, at)
  return text[end] === ',' ? skipSpace(text, end + 1) : end
}

/** Where the value ends that begins there. */
function valueEnd(text: string, start: number): number {
  const opening = text[start]
  if (opening === '"') return endOf(STRING, text, start)
  if (opening !== '{' && opening !== '[') return endOf(SCALAR, text, start)
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOf(STRING, text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return text.length
}

function skipSpace(text: string, at: number): number {
  return endOf(SPACE, text, at)
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
