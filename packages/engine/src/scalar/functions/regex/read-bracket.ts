import { CharacterSetBuilder, isClassName, isOneCharacter, type CharacterSet } from './character-set.js'
import { regexError } from './regex-error.js'
import { readEscape } from './read-escape.js'
import type { RegexOptions } from './regex-options.js'

const CLASS_ESCAPES: Readonly<Record<string, string>> = { d: 'digit', s: 'space', w: 'word' }

/** Names of characters, for `[.hyphen.]`; single characters stand for themselves. */
const CHARACTER_NAMES: Readonly<Record<string, string>> = {
  NUL: '\0',
  tab: '\t',
  newline: '\n',
  space: ' ',
  hyphen: '-',
  'hyphen-minus': '-',
  period: '.',
  comma: ',',
  slash: '/',
  backslash: '\\',
  'left-square-bracket': '[',
  'right-square-bracket': ']',
  circumflex: '^',
  underscore: '_',
}

/** Reads a bracket expression. @param at the position behind the opening bracket */
export function readBracket(
  text: string,
  at: number,
  options: RegexOptions,
): { set: CharacterSet; end: number } {
  return new BracketReader(text, at, options).read()
}

class BracketReader {
  readonly #text: string
  readonly #isAdvanced: boolean
  readonly #stopsAtNewline: boolean
  readonly #builder: CharacterSetBuilder
  #at: number

  constructor(text: string, at: number, options: RegexOptions) {
    this.#text = text
    this.#at = at
    this.#isAdvanced = options.syntax === 'advanced'
    this.#stopsAtNewline = options.stopsAtNewline
    this.#builder = new CharacterSetBuilder(options.isCaseIgnored)
  }

  read(): { set: CharacterSet; end: number } {
    const isNegated = this.#text[this.#at] === '^'
    if (isNegated) this.#at++
    for (let isFirst = true; isFirst || this.#text[this.#at] !== ']'; isFirst = false) {
      if (this.#at >= this.#text.length) throw regexError('brackets [] not balanced')
      this.#item()
    }
    return { set: this.#builder.build(isNegated, isNegated && this.#stopsAtNewline), end: this.#at + 1 }
  }

  #item(): void {
    const named = this.#delimited(':')
    if (named !== undefined) {
      if (!isClassName(named)) throw regexError('invalid character class')
      this.#builder.addClass(named)
      return
    }
    const equivalent = this.#delimited('=')
    if (equivalent !== undefined) {
      this.#builder.addCharacter(characterNamed(equivalent))
      return
    }
    if (this.#classEscape()) return
    const from = this.#endpoint()
    const next = this.#text[this.#at + 1]
    if (this.#text[this.#at] !== '-' || next === ']' || next === undefined) {
      this.#builder.addCharacter(from)
      return
    }
    this.#at++
    const to = this.#endpoint()
    if (to < from) throw regexError('invalid character range')
    this.#builder.addRange(from, to)
  }

  #classEscape(): boolean {
    if (!this.#isAdvanced || this.#text[this.#at] !== '\\') return false
    const letter = this.#text[this.#at + 1] ?? ''
    const name = CLASS_ESCAPES[letter.toLowerCase()]
    if (name === undefined) return false
    this.#at += 2
    if (letter === letter.toLowerCase()) this.#builder.addClass(name)
    else this.#builder.addComplement(name)
    return true
  }

  #endpoint(): number {
    if (this.#at >= this.#text.length) throw regexError('brackets [] not balanced')
    const collating = this.#delimited('.')
    if (collating !== undefined) return characterNamed(collating)
    if (this.#text.startsWith('[:', this.#at) || this.#text.startsWith('[=', this.#at)) {
      throw regexError('invalid character range')
    }
    if (this.#isAdvanced && this.#text[this.#at] === '\\') {
      const { code, end } = readEscape(this.#text, this.#at + 1)
      this.#at = end
      return code
    }
    const code = this.#text.codePointAt(this.#at) ?? 0
    this.#at += code > 0xffff ? 2 : 1
    return code
  }

  /** What stands between `[x` and `x]`. */
  #delimited(mark: string): string | undefined {
    if (!this.#text.startsWith(`[${mark}`, this.#at)) return undefined
    const end = this.#text.indexOf(`${mark}]`, this.#at + 2)
    if (end < 0) throw regexError('brackets [] not balanced')
    const name = this.#text.slice(this.#at + 2, end)
    this.#at = end + 2
    return name
  }
}

function characterNamed(name: string): number {
  const character = CHARACTER_NAMES[name] ?? name
  if (!isOneCharacter(character)) throw regexError('invalid collating element')
  return character.codePointAt(0) ?? 0
}
