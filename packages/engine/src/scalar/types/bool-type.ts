import { defineType } from './define-type.js'
import { invalidText, requireSize } from './bad-input.js'
import { compareBooleans, identity } from './compare-numbers.js'

const WORDS: readonly (readonly [word: string, min: number, value: boolean])[] = [
  ['true', 1, true],
  ['false', 1, false],
  ['yes', 1, true],
  ['no', 1, false],
  ['on', 2, true],
  ['off', 2, false],
  ['1', 1, true],
  ['0', 1, false],
]

/** Whole words and beginnings that can mean one thing only, in any case: `t`, `fal`, `of`. */
export function parseBool(text: string): boolean {
  if (text === 't') return true
  if (text === 'f') return false
  const word = trimSpace(text).toLowerCase()
  for (const [whole, min, value] of WORDS) {
    if (word.length >= min && whole.startsWith(word)) return value
  }
  throw invalidText('boolean', text)
}

/** Without the white space of C's `isspace` around it. */
export function trimSpace(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '')
}

export const bool = defineType<boolean>({
  oid: 16,
  name: 'bool',
  displayName: 'boolean',
  category: 'B',
  isPreferred: true,
  length: 1,
  parse: parseBool,
  format: (value) => (value ? 't' : 'f'),
  encode: (writer, value) => writer.byte(value ? 1 : 0),
  decode: (bytes) => {
    requireSize(bytes, 1)
    return bytes[0] !== 0
  },
  compare: compareBooleans,
  hashKey: identity,
})
