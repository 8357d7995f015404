/** Paths from their text. */
import { queryError } from '../../condition.js'
import { matcherFor } from '../../functions/regex/regex-cache.js'
import { negateNumeric } from '../../numeric/arithmetic.js'
import { parseNumeric } from '../../numeric/parse-numeric.js'
import {
  isPredicate,
  type ArithmeticOperator,
  type ComparisonOperator,
  type JsonPath,
  type PathMethod,
  type PathNode,
  type PathPredicate,
  type PathStep,
} from './json-path.js'
import { regexOptions } from './regex-options.js'
import { lexPath, syntaxError, type PathToken } from './lex-path.js'

/** @throws syntax_error, invalid_text_representation, invalid_regular_expression */
export function parsePath(text: string): JsonPath {
  const tokens = lexPath(text)
  if (tokens.length === 0) {
    throw queryError('invalid_text_representation', `invalid input syntax for type jsonpath: "${text}"`)
  }
  return new PathParser(tokens).parse()
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<>', '<', '<=', '>', '>='])
const METHODS: ReadonlySet<string> = new Set([
  ...['type', 'size', 'abs', 'floor', 'ceiling', 'double', 'keyvalue', 'datetime'],
])
const END: PathToken = { kind: 'end', text: '', source: '' }
const NESTING_MAX = 200

class PathParser {
  readonly #tokens: readonly PathToken[]
  #at = 0
  #filters = 0
  #subscripts = 0
  #nesting = 0

  constructor(tokens: readonly PathToken[]) {
    this.#tokens = tokens
  }

  parse(): JsonPath {
    const mode = this.#peek()
    const hasMode = mode.kind === 'word' && (mode.text === 'strict' || mode.text === 'lax')
    if (hasMode) this.#at++
    const root = this.#or()
    if (this.#peek() !== END) throw this.#unexpected()
    return { isStrict: hasMode && mode.text === 'strict', root }
  }

  #peek(): PathToken {
    return this.#tokens[this.#at] ?? END
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'symbol' && token.text === text
  }

  #isWord(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'word' && token.text === text
  }

  #take(text: string): boolean {
    if (!this.#isSymbol(text)) return false
    this.#at++
    return true
  }

  #takeWord(text: string): boolean {
    if (!this.#isWord(text)) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected()
  }

  #unexpected(): Error {
    return syntaxError('syntax error', this.#peek().source)
  }

  #nested<T>(parse: () => T): T {
    if (++this.#nesting > NESTING_MAX) throw queryError('statement_too_complex', 'stack depth limit exceeded')
    const result = parse()
    this.#nesting--
    return result
  }

  #or(): PathNode {
    let left = this.#and()
    while (this.#isSymbol('||')) {
      const predicate = this.#asPredicate(left)
      this.#at++
      left = { kind: 'or', left: predicate, right: this.#asPredicate(this.#and()) }
    }
    return left
  }

  #and(): PathNode {
    let left = this.#comparison()
    while (this.#isSymbol('&&')) {
      const predicate = this.#asPredicate(left)
      this.#at++
      left = { kind: 'and', left: predicate, right: this.#asPredicate(this.#comparison()) }
    }
    return left
  }

  #asPredicate(node: PathNode): PathPredicate {
    if (!isPredicate(node)) throw this.#unexpected()
    return node
  }

  #comparison(): PathNode {
    if (this.#take('!')) return { kind: 'not', arg: this.#delimited() }
    const left = this.#sum()
    if (isPredicate(left)) return left
    const token = this.#peek()
    if (token.kind === 'symbol' && COMPARISONS.has(token.text)) {
      this.#at++
      const operator = (token.text === '<>' ? '!=' : token.text) as ComparisonOperator
      const right = this.#sum()
      if (isPredicate(right)) throw this.#unexpected()
      return { kind: 'comparison', operator, left, right }
    }
    if (this.#takeWord('starts')) return this.#startsWith(left)
    if (this.#takeWord('like_regex')) return this.#likeRegex(left)
    return left
  }

  #startsWith(left: PathNode): PathPredicate {
    if (!this.#takeWord('with')) throw this.#unexpected()
    const token = this.#peek()
    this.#at++
    if (token.kind === 'string')
      return { kind: 'starts', left, right: { kind: 'literal', value: token.text } }
    if (token.kind === 'variable')
      return { kind: 'starts', left, right: { kind: 'variable', name: token.text } }
    this.#at--
    throw this.#unexpected()
  }

  #likeRegex(left: PathNode): PathPredicate {
    const pattern = this.#string()
    const flags = this.#takeWord('flag') ? normalFlags(this.#string()) : ''
    matcherFor(pattern, regexOptions(flags))
    return { kind: 'regex', left, pattern, flags }
  }

  #string(): string {
    const token = this.#peek()
    if (token.kind !== 'string') throw this.#unexpected()
    this.#at++
    return token.text
  }

  /** What `!` takes: a predicate in parentheses, or `exists (…)`. */
  #delimited(): PathPredicate {
    if (this.#isWord('exists')) return this.#exists()
    this.#expect('(')
    const predicate = this.#asPredicate(this.#nested(() => this.#or()))
    this.#expect(')')
    return predicate
  }

  #exists(): PathPredicate {
    this.#at++
    this.#expect('(')
    const arg = this.#nested(() => this.#or())
    if (isPredicate(arg)) throw this.#unexpected()
    this.#expect(')')
    return { kind: 'exists', arg }
  }

  #sum(): PathNode {
    let left = this.#product()
    while (this.#isSymbol('+') || this.#isSymbol('-')) left = this.#arithmetic(left, () => this.#product())
    return left
  }

  #product(): PathNode {
    let left = this.#signed()
    while (this.#isSymbol('*') || this.#isSymbol('/') || this.#isSymbol('%')) {
      left = this.#arithmetic(left, () => this.#signed())
    }
    return left
  }

  #arithmetic(left: PathNode, parseRight: () => PathNode): PathNode {
    if (isPredicate(left)) throw this.#unexpected()
    const operator = this.#peek().text as ArithmeticOperator
    this.#at++
    const right = parseRight()
    if (isPredicate(right)) throw this.#unexpected()
    return { kind: 'arithmetic', operator, left, right }
  }

  #signed(): PathNode {
    for (const operator of ['+', '-'] as const) {
      if (!this.#take(operator)) continue
      const arg = this.#nested(() => this.#signed())
      if (isPredicate(arg)) throw this.#unexpected()
      const isNumber = arg.kind === 'literal' && typeof arg.value === 'object' && arg.value !== null
      if (!isNumber) return { kind: 'sign', operator, arg }
      return operator === '+' ? arg : { kind: 'literal', value: negateNumeric(arg.value) }
    }
    return this.#accessors()
  }

  #accessors(): PathNode {
    const start = this.#primary()
    const steps: PathStep[] = []
    // A number can have no steps unless it is in parentheses: `1.a` would be read as one.
    for (let step = this.#step(); step !== undefined; step = this.#step()) steps.push(step)
    return steps.length === 0 ? start : { kind: 'steps', start, steps }
  }

  #primary(): PathNode {
    const token = this.#peek()
    this.#at++
    switch (token.kind) {
      case 'string':
        return { kind: 'literal', value: token.text }
      case 'number':
        return { kind: 'literal', value: parseNumeric(token.text) }
      case 'variable':
        return { kind: 'variable', name: token.text }
      case 'word':
        return this.#wordPrimary(token.text)
      default:
        return this.#symbolPrimary(token.text)
    }
  }

  #wordPrimary(word: string): PathNode {
    switch (word) {
      case 'true':
      case 'false':
        return { kind: 'literal', value: word === 'true' }
      case 'null':
        return { kind: 'literal', value: null }
      case 'last':
        if (this.#subscripts === 0) {
          throw queryError('syntax_error', 'LAST is allowed only in array subscripts')
        }
        return { kind: 'last' }
      case 'exists':
        this.#at--
        return this.#exists()
      default:
        this.#at--
        throw this.#unexpected()
    }
  }

  #symbolPrimary(symbol: string): PathNode {
    if (symbol === '$') return { kind: 'root' }
    if (symbol === '@') {
      if (this.#filters === 0) throw queryError('syntax_error', '@ is not allowed in root expressions')
      return { kind: 'current' }
    }
    if (symbol === '(') return this.#parenthesized()
    this.#at--
    throw this.#unexpected()
  }

  #parenthesized(): PathNode {
    const inner = this.#nested(() => this.#or())
    this.#expect(')')
    if (!isPredicate(inner))
      return inner.kind === 'steps' ? { kind: 'steps', start: inner, steps: [] } : inner
    if (!this.#takeWord('is')) return inner
    if (!this.#takeWord('unknown')) throw this.#unexpected()
    return { kind: 'unknown', arg: inner }
  }

  #step(): PathStep | undefined {
    if (this.#take('.')) return this.#member()
    if (this.#take('[')) return this.#brackets()
    if (this.#take('?')) return this.#filter()
    return undefined
  }

  #filter(): PathStep {
    this.#expect('(')
    this.#filters++
    const predicate = this.#asPredicate(this.#nested(() => this.#or()))
    this.#filters--
    this.#expect(')')
    return { kind: 'filter', predicate }
  }

  #brackets(): PathStep {
    if (this.#take('*')) {
      this.#expect(']')
      return { kind: 'any element' }
    }
    this.#subscripts++
    const ranges: { from: PathNode; to: PathNode | undefined }[] = []
    do {
      const from = this.#nested(() => this.#sum())
      const to = this.#takeWord('to') ? this.#nested(() => this.#sum()) : undefined
      if (isPredicate(from) || (to !== undefined && isPredicate(to))) throw this.#unexpected()
      ranges.push({ from, to })
    } while (this.#take(','))
    this.#subscripts--
    this.#expect(']')
    return { kind: 'subscripts', ranges }
  }

  #member(): PathStep {
    if (this.#take('*')) return { kind: 'any key' }
    if (this.#take('**')) return this.#descend()
    const token = this.#peek()
    if (token.kind !== 'word' && token.kind !== 'string') throw this.#unexpected()
    this.#at++
    if (token.kind === 'string' || !this.#isSymbol('(')) return { kind: 'key', name: token.text }
    if (!METHODS.has(token.text)) throw this.#unexpected()
    this.#at++
    const template = token.text === 'datetime' && this.#peek().kind === 'string' ? this.#string() : undefined
    this.#expect(')')
    const name = token.text as PathMethod
    return template === undefined ? { kind: 'method', name } : { kind: 'method', name, template }
  }

  #descend(): PathStep {
    if (!this.#take('{')) return { kind: 'descend', from: 0, to: Infinity }
    const from = this.#level()
    const to = this.#takeWord('to') ? this.#level() : from
    this.#expect('}')
    return { kind: 'descend', from, to }
  }

  #level(): number {
    if (this.#takeWord('last')) return Infinity
    const token = this.#peek()
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.#unexpected()
    this.#at++
    return Number(token.text)
  }
}

/** Each flag once, in the order that PostgreSQL shows. @throws syntax_error, feature_not_supported */
function normalFlags(flags: string): string {
  for (const flag of flags) {
    if (!'ismxq'.includes(flag)) {
      throw queryError('syntax_error', 'invalid input syntax for type jsonpath', {
        detail: `Unrecognized flag character "${flag}" in LIKE_REGEX predicate.`,
      })
    }
  }
  if (flags.includes('x') && !flags.includes('q'))
    throw queryError(
      'feature_not_supported',
      'XQuery "x" flag (expanded regular expressions) is not implemented',
    )
  return ['i', 's', 'm', 'x', 'q'].filter((flag) => flags.includes(flag)).join('')
}
