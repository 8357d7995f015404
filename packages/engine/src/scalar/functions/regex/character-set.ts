/** Sets of characters of regular expressions. */
import { workMeter } from '../../work-meter.js'
import { regexError } from './regex-error.js'

/** How long a set may be, as JavaScript writes it. */
const SOURCE_MAX = 100_000
/** Sets that were made last, of those that are short: most are one character. */
const KEPT_MAX = 1000
const KEPT_LENGTH_MAX = 100

/** POSIX's classes. Digits are ASCII's only; the others know all of Unicode. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: '\\p{L}\\p{N}',
  alpha: '\\p{L}\\p{Nl}\\p{No}',
  ascii: '\\u{0}-\\u{7f}',
  blank: ' \\t\\u{1680}\\u{2000}-\\u{2006}\\u{2008}-\\u{200a}\\u{205f}\\u{3000}',
  cntrl: '\\p{Cc}\\u{2028}\\u{2029}',
  digit: '0-9',
  graph: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}',
  lower: '\\p{Ll}',
  print: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}',
  punct: '\\p{P}\\p{S}',
  space:
    ' \\t\\n\\v\\f\\r\\u{1680}\\u{2000}-\\u{2006}\\u{2008}-\\u{200a}\\u{2028}\\u{2029}\\u{205f}\\u{3000}',
  upper: '\\p{Lu}',
  word: '\\p{L}\\p{N}_',
  xdigit: '0-9A-Fa-f',
}

/** Whether a class has that name. */
export function isClassName(name: string): boolean {
  return Object.hasOwn(CLASSES, name)
}

/** A set that is put together piece by piece, then {@link CharacterSetBuilder.build built}. */
export class CharacterSetBuilder {
  readonly #isCaseIgnored: boolean
  #source = ''

  constructor(isCaseIgnored: boolean) {
    this.#isCaseIgnored = isCaseIgnored
  }

  addCharacter(code: number): void {
    this.#requireRoom()
    this.#source += escaped(code)
    if (this.#isCaseIgnored) for (const variant of caseVariants(code)) this.#source += escaped(variant)
  }

  addRange(from: number, to: number): void {
    this.#requireRoom()
    this.#source += `${escaped(from)}-${escaped(to)}`
    if (this.#isCaseIgnored) this.#source += variantsOfRange(from, to)
  }

  addClass(name: string): void {
    // In upper or lower case is all the same when case is ignored.
    const isCased = name === 'lower' || name === 'upper'
    this.#source += CLASSES[isCased && this.#isCaseIgnored ? 'alpha' : name] ?? ''
  }

  /** All that is not in a class. */
  addComplement(name: string): void {
    this.#source += `[^${CLASSES[name] ?? ''}]`
  }

  #requireRoom(): void {
    if (this.#source.length > SOURCE_MAX) throw regexError('regular expression is too complex')
  }

  /** @param exceptNewline a newline is not in the set, whatever else is */
  build(isNegated: boolean, exceptNewline: boolean): CharacterSet {
    if (isNegated) return setOf(`[^${this.#source}${exceptNewline ? '\\n' : ''}]`)
    return setOf(this.#source === '' ? '[]' : `[${this.#source}]`)
  }
}

const keptSets = new Map<string, CharacterSet>()

function setOf(source: string): CharacterSet {
  let set = keptSets.get(source)
  if (set !== undefined) return set
  set = new CharacterSet(source)
  if (keptSets.size >= KEPT_MAX) keptSets.clear()
  if (source.length <= KEPT_LENGTH_MAX) keptSets.set(source, set)
  return set
}

export class CharacterSet {
  /** As JavaScript's regular expressions write it, in Unicode sets mode (`v`). */
  readonly source: string
  readonly #pattern: RegExp
  readonly #ascii = new Uint8Array(128)

  constructor(source: string) {
    this.source = source
    this.#pattern = new RegExp(source, 'v')
    for (let code = 0; code < 128; code++) {
      this.#ascii[code] = this.#pattern.test(String.fromCharCode(code)) ? 1 : 0
    }
  }

  has(code: number): boolean {
    return code < 128 ? this.#ascii[code] === 1 : this.#pattern.test(String.fromCodePoint(code))
  }
}

function escaped(code: number): string {
  return `\\u{${code.toString(16)}}`
}

/** The same letter in the other case, where that is one character too. */
function caseVariants(code: number): number[] {
  const character = String.fromCodePoint(code)
  return [character.toLowerCase(), character.toUpperCase()]
    .filter((each) => each !== character && isOneCharacter(each))
    .map((each) => each.codePointAt(0) ?? code)
}

function variantsOfRange(from: number, to: number): string {
  let source = ''
  workMeter.workOn((to - from) / 2)
  for (let code = from; code <= to; code++)
    for (const variant of caseVariants(code)) source += escaped(variant)
  return source
}

/** The character in lower case, where that is one character. */
export function caseFolded(code: number): number {
  const lower = String.fromCodePoint(code).toLowerCase()
  return isOneCharacter(lower) ? (lower.codePointAt(0) ?? code) : code
}

/** Whether the text is one code point. */
export function isOneCharacter(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)
}
