/** Upper and lower case, one character for one: `ß` stays what it is in upper case, as in PostgreSQL. */

import { workMeter } from '../../work-meter.js'

const ASCII = /^[\x00-\x7f]*$/
/** Two in lower case, or another one at the end of a word. */
const OTHERWISE_LOWER = /[\u0130\u03a3]/
/** That are changed one by one in a unit of work. */
const CHARACTERS_PER_UNIT = 4

export function toLower(text: string): string {
  // What is one character in lower case whatever stands around it.
  if (ASCII.test(text) || !OTHERWISE_LOWER.test(text)) return text.toLowerCase()
  workMeter.workOn(text.length / CHARACTERS_PER_UNIT)
  let result = ''
  for (const character of text) result += lowerOf(character)
  return result
}

export function toUpper(text: string): string {
  const whole = text.toUpperCase()
  // No character is shorter in upper case: as long, none has become two.
  if (whole.length === text.length) return whole
  workMeter.workOn(text.length / CHARACTERS_PER_UNIT)
  let result = ''
  for (const character of text) result += upperOf(character)
  return result
}

/** The first letter of each word in upper case, the others in lower case. Words are of letters and digits. */
export function capitalize(text: string): string {
  workMeter.workOn(text.length / CHARACTERS_PER_UNIT)
  let result = ''
  let isInWord = false
  for (const character of text) {
    result += isInWord ? lowerOf(character) : upperOf(character)
    isInWord = WORD_CHARACTER.test(character)
  }
  return result
}

const WORD_CHARACTER = /[\p{L}\p{N}]/u

function lowerOf(character: string): string {
  // The one letter that becomes two in Unicode's full mapping.
  if (character === '\u0130') return 'i'
  const lower = character.toLowerCase()
  return isSingle(lower) ? lower : character
}

function upperOf(character: string): string {
  const upper = character.toUpperCase()
  return isSingle(upper) ? upper : character
}

function isSingle(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)
}
