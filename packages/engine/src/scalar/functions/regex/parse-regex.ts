/** Reads PostgreSQL's regular expressions ("advanced" and POSIX's "extended" ones). */
import { unsupported } from '../../condition.js'
import { STATES_MAX } from './automaton.js'
import { CharacterSetBuilder } from './character-set.js'
import { readBracket } from './read-bracket.js'
import { readEscape } from './read-escape.js'
import { regexError } from './regex-error.js'
import type { Boundary, Regex, RegexNode, RepeatNode } from './regex-node.js'
import { withOption, type RegexOptions } from './regex-options.js'

const EMPTY: RegexNode = { kind: 'concat', items: [] }
/** What a bound may say at most. */
const REPEAT_MAX = 255

/** @throws invalid_regular_expression */
export function parseRegex(pattern: string, options: RegexOptions): Regex {
  const start = readPrefix(pattern, options)
  if (start.options.syntax === 'basic') throw unsupported('the basic syntax of regular expressions')
  return new RegexParser(start.text, start.options).parse()
}

/** Takes off what stands before the expression: `***:`, `***=`, and `(?…)` with options. */
function readPrefix(pattern: string, options: RegexOptions): { text: string; options: RegexOptions } {
  let text = pattern
  if (options.syntax === 'literal') return { text, options }
  if (text.startsWith('***')) {
    if (text[3] === '=') return { text: text.slice(4), options: { ...options, syntax: 'literal' } }
    if (text[3] !== ':') throw regexError('quantifier operand invalid')
    text = text.slice(4)
    options = { ...options, syntax: 'advanced' }
  }
  const embedded = options.syntax === 'advanced' ? /^\(\?([a-zA-Z]+)/.exec(text) : null
  if (embedded === null) return { text, options }
  for (const letter of embedded[1] ?? '') {
    const next = letter === 'g' ? undefined : withOption(options, letter)
    if (next === undefined) throw regexError('invalid embedded option')
    options = next
  }
  const rest = text.slice(embedded[0].length)
  if (!rest.startsWith(')')) throw regexError('invalid embedded option')
  return { text: rest.slice(1), options }
}

const BOUNDARY_ESCAPES: Readonly<Record<string, Boundary>> = {
  A: 'text start',
  Z: 'text end',
  m: 'word start',
  M: 'word end',
  y: 'word edge',
  Y: 'no word edge',
}

const CLASS_ESCAPES: Readonly<Record<string, string>> = { d: 'digit', s: 'space', w: 'word' }

class RegexParser {
  readonly #text: string
  readonly #options: RegexOptions
  #at = 0
  #nodeCount = 0
  #groupCount = 0
  #hasBackReferences = false
  readonly #closedGroups = new Set<number>()

  constructor(text: string, options: RegexOptions) {
    this.#text = text
    this.#options = options
  }

  parse(): Regex {
    const root = this.#options.syntax === 'literal' ? this.#literal() : this.#alternatives(0)
    if (this.#at < this.#text.length) throw regexError('parentheses () not balanced')
    return { root, groupCount: this.#groupCount, hasBackReferences: this.#hasBackReferences }
  }

  #literal(): RegexNode {
    this.#at = this.#text.length
    return {
      kind: 'concat',
      items: Array.from(this.#text, (each) => {
        this.#count()
        return this.#character(each.codePointAt(0) ?? 0)
      }),
    }
  }

  /** Each node is a state at least. */
  #count(): void {
    if (++this.#nodeCount > STATES_MAX) throw regexError('regular expression is too complex')
  }

  get #isAdvanced(): boolean {
    return this.#options.syntax === 'advanced'
  }

  #alternatives(depth: number): RegexNode {
    const branches = [this.#branch(depth)]
    while (this.#take('|')) branches.push(this.#branch(depth))
    return branches.length === 1 ? (branches[0] ?? EMPTY) : { kind: 'or', branches }
  }

  #branch(depth: number): RegexNode {
    const items: RegexNode[] = []
    for (;;) {
      this.#skipBlank()
      const next = this.#text[this.#at]
      if (next === undefined || next === '|') break
      // In POSIX's syntax a lone parenthesis stands for itself.
      if (next === ')' && (depth > 0 || this.#isAdvanced)) break
      items.push(this.#quantified(depth))
    }
    return items.length === 1 ? (items[0] ?? EMPTY) : { kind: 'concat', items }
  }

  #quantified(depth: number): RegexNode {
    this.#count()
    const atom = this.#atom(depth)
    this.#skipBlank()
    const bounds = this.#bounds()
    if (bounds === undefined) return atom
    if (atom.kind === 'boundary' || atom.kind === 'look') throw regexError('quantifier operand invalid')
    const isShort = this.#isAdvanced && this.#take('?')
    this.#skipBlank()
    const at = this.#at
    if (this.#bounds() !== undefined && this.#at > at) throw regexError('quantifier operand invalid')
    const prefersShort: RepeatNode['prefersShort'] = bounds.isFixed ? undefined : isShort
    return { kind: 'repeat', item: atom, min: bounds.min, max: bounds.max, prefersShort }
  }

  #bounds(): { min: number; max: number; isFixed: boolean } | undefined {
    if (this.#take('*')) return { min: 0, max: Infinity, isFixed: false }
    if (this.#take('+')) return { min: 1, max: Infinity, isFixed: false }
    if (this.#take('?')) return { min: 0, max: 1, isFixed: false }
    if (!this.#opensBound()) return undefined
    const match = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#text.slice(this.#at))
    if (match === null) {
      throw regexError(
        this.#text.includes('}', this.#at) ? 'invalid repetition count(s)' : 'braces {} not balanced',
      )
    }
    this.#at += match[0].length
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === '' ? Infinity : Number(match[3])
    if (min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX) || min > max) {
      throw regexError('invalid repetition count(s)')
    }
    return { min, max, isFixed: match[2] === undefined }
  }

  /** A brace begins a bound when a digit follows; in POSIX's syntax always. */
  #opensBound(): boolean {
    if (this.#text[this.#at] !== '{') return false
    return !this.#isAdvanced || /\d/.test(this.#text[this.#at + 1] ?? '')
  }

  #atom(depth: number): RegexNode {
    const next = this.#text[this.#at] ?? ''
    if (next === '*' || next === '+' || next === '?' || this.#opensBound()) {
      throw regexError('quantifier operand invalid')
    }
    switch (next) {
      case '(':
        return this.#parenthesis(depth)
      case '[':
        return this.#bracket()
      case '\\':
        return this.#escape()
      case '.':
        this.#at++
        return this.#anyCharacter()
      case '^':
        this.#at++
        return { kind: 'boundary', boundary: this.#options.anchorsAtLines ? 'line start' : 'text start' }
      case '$':
        this.#at++
        return { kind: 'boundary', boundary: this.#options.anchorsAtLines ? 'line end' : 'text end' }
      default: {
        const code = this.#text.codePointAt(this.#at) ?? 0
        this.#at += code > 0xffff ? 2 : 1
        return this.#character(code)
      }
    }
  }

  #parenthesis(depth: number): RegexNode {
    this.#at++
    if (this.#isAdvanced) {
      if (this.#take('?:')) return this.#closed(this.#alternatives(depth + 1))
      for (const [mark, isAhead, isNegated] of LOOKS) {
        if (!this.#take(mark)) continue
        const item = this.#closed(this.#alternatives(depth + 1))
        return { kind: 'look', isAhead, isNegated, item }
      }
      if (this.#text[this.#at] === '?') throw regexError('quantifier operand invalid')
    }
    const index = ++this.#groupCount
    const item = this.#closed(this.#alternatives(depth + 1))
    this.#closedGroups.add(index)
    return { kind: 'group', index, item }
  }

  #closed(node: RegexNode): RegexNode {
    if (!this.#take(')')) throw regexError('parentheses () not balanced')
    return node
  }

  #bracket(): RegexNode {
    for (const [mark, boundary] of [
      ['[[:<:]]', 'word start'],
      ['[[:>:]]', 'word end'],
    ] as const) {
      if (this.#take(mark)) return { kind: 'boundary', boundary }
    }
    const { set, end } = readBracket(this.#text, this.#at + 1, this.#options)
    this.#at = end
    return { kind: 'set', set }
  }

  #escape(): RegexNode {
    const next = this.#text[this.#at + 1]
    if (next === undefined) throw regexError('invalid escape \\ sequence')
    if (!this.#isAdvanced) {
      const code = this.#text.codePointAt(this.#at + 1) ?? 0
      this.#at += code > 0xffff ? 3 : 2
      return this.#character(code)
    }
    const boundary = BOUNDARY_ESCAPES[next]
    const className = CLASS_ESCAPES[next.toLowerCase()]
    if (boundary !== undefined || className !== undefined) {
      this.#at += 2
      return boundary === undefined
        ? this.#class(className ?? '', next !== next.toLowerCase())
        : { kind: 'boundary', boundary }
    }
    return this.#backReference() ?? this.#escapedCharacter()
  }

  #class(name: string, isNegated: boolean): RegexNode {
    const builder = new CharacterSetBuilder(false)
    builder.addClass(name)
    return { kind: 'set', set: builder.build(isNegated, isNegated && this.#options.stopsAtNewline) }
  }

  /** `\1` is one always; more digits only as far as there are so many groups. */
  #backReference(): RegexNode | undefined {
    const digits = /^[1-9]\d*/.exec(this.#text.slice(this.#at + 1))?.[0]
    if (digits === undefined) return undefined
    const isLong = digits.length > 1 && Number(digits) <= this.#groupCount
    if (digits.length > 1 && !isLong) return undefined
    const index = Number(digits)
    if (!this.#closedGroups.has(index)) throw regexError('invalid backreference number')
    this.#at += 1 + digits.length
    this.#hasBackReferences = true
    return { kind: 'back', index, isCaseIgnored: this.#options.isCaseIgnored }
  }

  #escapedCharacter(): RegexNode {
    const { code, end } = readEscape(this.#text, this.#at + 1)
    this.#at = end
    return this.#character(code)
  }

  #character(code: number): RegexNode {
    const builder = new CharacterSetBuilder(this.#options.isCaseIgnored)
    builder.addCharacter(code)
    return { kind: 'set', set: builder.build(false, false) }
  }

  #anyCharacter(): RegexNode {
    return { kind: 'set', set: new CharacterSetBuilder(false).build(true, this.#options.stopsAtNewline) }
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** Leaves out comments, and in the expanded syntax white space. */
  #skipBlank(): void {
    if (!this.#isAdvanced) return
    const blank = this.#options.isExpanded ? /^(?:\s|#[^\n]*|\(\?#[^)]*\))*/ : /^(?:\(\?#[^)]*\))*/
    this.#at += blank.exec(this.#text.slice(this.#at))?.[0].length ?? 0
  }
}

const LOOKS = [
  ['?=', true, false],
  ['?!', true, true],
  ['?<=', false, false],
  ['?<!', false, true],
] as const
