import { queryError } from '../../condition.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { workMeter } from '../../work-meter.js'
import { capitalize, toLower, toUpper } from './change-case.js'
import { characterCount, hasSurrogates, sliceCharacters, unitOffset } from './characters.js'
import { pad, repeat } from './pad.js'
import { replaceAll } from './replace-all.js'
import { trimCharacters } from './trim.js'
import { unescapeUnicode } from './unicode-escapes.js'

/** That are looked at one by one in a unit of work. */
const CHARACTERS_PER_UNIT = 16

const length = (_: unknown, text: string): number => characterCount(text)
/** Blanks at the end of a `char(n)` do not count. */
const paddedLength = (_: unknown, text: string): number => characterCount(text.replace(/ +$/, ''))
const octets = (_: unknown, text: string): number => Buffer.byteLength(text)

/** Characters `start` … `start + count - 1`, from 1; positions before the first are there, but empty. */
export function substring(text: string, start: number, count: number): string {
  if (count < 0) throw queryError('substring_error', 'negative substring length not allowed')
  return sliceCharacters(text, Math.max(start - 1, 0), start - 1 + count)
}

function position(text: string, part: string): number {
  const unit = text.indexOf(part)
  return unit < 0 ? 0 : characterCount(text.slice(0, unit)) + 1
}

function left(text: string, count: number): string {
  return sliceCharacters(text, 0, count >= 0 ? count : characterCount(text) + count)
}

function right(text: string, count: number): string {
  const total = characterCount(text)
  return text.slice(unitOffset(text, count >= 0 ? Math.max(total - count, 0) : Math.min(-count, total)))
}

function reverse(text: string): string {
  const bytes = Buffer.from(text, 'utf16le')
  const units = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length)
  units.reverse()
  if (hasSurrogates(text)) exchangeHalves(units)
  return bytes.toString('utf16le')
}

/** The halves of characters that are pairs, after these were turned around. */
function exchangeHalves(units: Uint16Array): void {
  for (let at = 1; at < units.length; at++) {
    const [first = 0, second = 0] = [units[at - 1], units[at]]
    if ((first & 0xfc00) !== 0xdc00 || (second & 0xfc00) !== 0xd800) continue
    units[at - 1] = second
    units[at] = first
    at++
  }
}

/** Each field between separators, from 1; from the end when `field` is negative. */
function splitPart(text: string, separator: string, field: number): string {
  if (field === 0) throw queryError('invalid_parameter_value', 'field position must not be zero')
  if (text === '') return ''
  workMeter.workOn(text.length / CHARACTERS_PER_UNIT)
  const parts = separator === '' ? [text] : text.split(separator)
  return parts[field > 0 ? field - 1 : parts.length + field] ?? ''
}

function translate(text: string, from: string, to: string): string {
  if (from === '') return text
  workMeter.workOn((text.length + from.length) / CHARACTERS_PER_UNIT)
  const targets = Array.from(to)
  const map = new Map<string, string>()
  let index = 0
  for (const character of from) {
    if (!map.has(character)) map.set(character, targets[index] ?? '')
    index++
  }
  let result = ''
  for (const character of text) result += map.get(character) ?? character
  return result
}

function overlay(text: string, replacement: string, start: number, count: number): string {
  if (start <= 0) throw queryError('substring_error', 'negative substring length not allowed')
  return (
    sliceCharacters(text, 0, start - 1) +
    replacement +
    text.slice(unitOffset(text, Math.max(start - 1 + count, 0)))
  )
}

const REST = Number.MAX_SAFE_INTEGER

const substringFrom = (_: unknown, text: string, start: number): string =>
  sliceCharacters(text, Math.max(start - 1, 0), REST)
const substringOf = (_: unknown, text: string, start: number, count: number): string =>
  substring(text, start, count)

export const textFunctions: readonly ScalarFunction[] = [
  scalar('1258 textcat(text,text) text', (_, a: string, b: string) => a + b),
  scalar('870 lower(text) text', (_, text: string) => toLower(text)),
  scalar('871 upper(text) text', (_, text: string) => toUpper(text)),
  scalar('872 initcap(text) text', (_, text: string) => capitalize(text)),
  scalar('1317 length(text) int4', length),
  scalar('1257 textlen(text) int4', length),
  scalar('1381 char_length(text) int4', length),
  scalar('1369 character_length(text) int4', length),
  scalar('1318 length(bpchar) int4', paddedLength),
  scalar('1372 char_length(bpchar) int4', paddedLength),
  scalar('1367 character_length(bpchar) int4', paddedLength),
  scalar('1374 octet_length(text) int4', octets),
  scalar('1375 octet_length(bpchar) int4', octets),
  scalar('1811 bit_length(text) int4', (_, text: string) => Buffer.byteLength(text) * 8),
  scalar('936 substring(text,int4,int4) text', substringOf),
  scalar('877 substr(text,int4,int4) text', substringOf),
  scalar('937 substring(text,int4) text', substringFrom),
  scalar('883 substr(text,int4) text', substringFrom),
  scalar('849 position(text,text) int4', (_, text: string, part: string) => position(text, part)),
  scalar('868 strpos(text,text) int4', (_, text: string, part: string) => position(text, part)),
  scalar('3696 starts_with(text,text) bool', (_, text: string, part: string) => text.startsWith(part)),
  scalar('3060 left(text,int4) text', (_, text: string, count: number) => left(text, count)),
  scalar('3061 right(text,int4) text', (_, text: string, count: number) => right(text, count)),
  scalar('3062 reverse(text) text', (_, text: string) => reverse(text)),
  scalar('2087 replace(text,text,text) text', (_, text: string, from: string, to: string) =>
    replaceAll(text, from, to),
  ),
  scalar('2088 split_part(text,text,int4) text', (_, text: string, separator: string, field: number) =>
    splitPart(text, separator, field),
  ),
  scalar('878 translate(text,text,text) text', (_, text: string, from: string, to: string) =>
    translate(text, from, to),
  ),
  scalar('1404 overlay(text,text,int4,int4) text', (_, text: string, by: string, at: number, count: number) =>
    overlay(text, by, at, count),
  ),
  scalar('1405 overlay(text,text,int4) text', (_, text: string, by: string, at: number) =>
    overlay(text, by, at, characterCount(by)),
  ),
  scalar('884 btrim(text,text) text', (_, text: string, set: string) =>
    trimCharacters(text, set, true, true),
  ),
  scalar('885 btrim(text) text', (_, text: string) => trimCharacters(text, ' ', true, true)),
  scalar('875 ltrim(text,text) text', (_, text: string, set: string) =>
    trimCharacters(text, set, true, false),
  ),
  scalar('881 ltrim(text) text', (_, text: string) => trimCharacters(text, ' ', true, false)),
  scalar('876 rtrim(text,text) text', (_, text: string, set: string) =>
    trimCharacters(text, set, false, true),
  ),
  scalar('882 rtrim(text) text', (_, text: string) => trimCharacters(text, ' ', false, true)),
  scalar('873 lpad(text,int4,text) text', (_, text: string, length: number, fill: string) =>
    pad(text, length, fill, 'left'),
  ),
  scalar('879 lpad(text,int4) text', (_, text: string, length: number) => pad(text, length, ' ', 'left')),
  scalar('874 rpad(text,int4,text) text', (_, text: string, length: number, fill: string) =>
    pad(text, length, fill, 'right'),
  ),
  scalar('880 rpad(text,int4) text', (_, text: string, length: number) => pad(text, length, ' ', 'right')),
  scalar('1622 repeat(text,int4) text', (_, text: string, count: number) => repeat(text, count)),
  scalar('6198 unistr(text) text', (_, text: string) => unescapeUnicode(text)),
]
