/** Patterns of `to_char` and `to_number` for numbers, taken apart. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { workMeter } from '../../work-meter.js'

export type NumberField =
  | '9'
  | '0'
  | '.'
  | ','
  | 'D'
  | 'G'
  | 'L'
  | 'B'
  | 'S'
  | 'MI'
  | 'PL'
  | 'SG'
  | 'PR'
  | 'RN'
  | 'TH'
  | 'V'
  | 'EEEE'
  | 'FM'

export type NumberNode =
  | { readonly kind: 'field'; readonly field: NumberField; readonly isLower: boolean }
  | { readonly kind: 'text'; readonly text: string }

export interface NumberPattern {
  readonly nodes: readonly NumberNode[]
  /** Digits before and after the point. */
  readonly before: number
  readonly after: number
  readonly hasPoint: boolean
  /** Digits by which `V` shifts the point. */
  readonly shift: number
  readonly hasShift: boolean
  /** How many digits there are before the first `0`, which is shown whatever the number is; undefined without one. */
  readonly zeroFrom: number | undefined
  /** Up to which digit there are zeros. */
  readonly zeroTo: number
  readonly isFilled: boolean
  readonly isBlank: boolean
  /** Where `S` stands. */
  readonly sign: 'before' | 'after' | undefined
  readonly hasMinus: boolean
  readonly hasPlus: boolean
  readonly hasBrackets: boolean
  readonly isRoman: boolean
  readonly isScientific: boolean
}

const NAMES = [
  'EEEE',
  'FM',
  'MI',
  'PL',
  'PR',
  'RN',
  'SG',
  'SP',
  'TH',
  ',',
  '.',
  '0',
  '9',
  'B',
  'D',
  'G',
  'L',
  'S',
  'V',
  'C',
]

const CACHED_MAX = 100
const CACHED_LENGTH_MAX = 1000
/** Of work, for reading a pattern and for what is then written by it. */
const UNITS_PER_CHARACTER = 8
const cache = new Map<string, NumberPattern>()

/** @throws syntax_error for fields that do not go together */
export function parseNumberPattern(pattern: string): NumberPattern {
  let parsed = cache.get(pattern)
  if (parsed === undefined) {
    workMeter.workOn(pattern.length * UNITS_PER_CHARACTER)
    parsed = new PatternReader(readNodes(pattern)).read()
    if (pattern.length > CACHED_LENGTH_MAX) return parsed
    if (cache.size >= CACHED_MAX) cache.clear()
    cache.set(pattern, parsed)
  }
  return parsed
}

function readNodes(pattern: string): NumberNode[] {
  const nodes: NumberNode[] = []
  for (let at = 0; at < pattern.length;) {
    const name = NAMES.find(
      (each) => pattern.startsWith(each, at) || pattern.startsWith(each.toLowerCase(), at),
    )
    if (name !== undefined) {
      if (name !== 'SP' && name !== 'C') {
        nodes.push({ kind: 'field', field: name as NumberField, isLower: pattern[at] !== name[0] })
      }
      at += name.length
      continue
    }
    if (pattern[at] === '"') {
      const end = quotedEnd(pattern, at + 1)
      for (const text of pattern.slice(at + 1, end).replace(/\\(.)/gs, '$1'))
        nodes.push({ kind: 'text', text })
      at = end + 1
      continue
    }
    if (pattern[at] === '\\' && pattern[at + 1] === '"') at++
    const text = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
    nodes.push({ kind: 'text', text })
    at += text.length
  }
  return nodes
}

function quotedEnd(pattern: string, start: number): number {
  let at = start
  while (at < pattern.length && pattern[at] !== '"') at += pattern[at] === '\\' ? 2 : 1
  return at
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

class PatternReader {
  readonly #pattern: Mutable<NumberPattern>

  constructor(nodes: readonly NumberNode[]) {
    this.#pattern = {
      nodes,
      before: 0,
      after: 0,
      hasPoint: false,
      shift: 0,
      hasShift: false,
      zeroFrom: undefined,
      zeroTo: 0,
      isFilled: false,
      isBlank: false,
      sign: undefined,
      hasMinus: false,
      hasPlus: false,
      hasBrackets: false,
      isRoman: false,
      isScientific: false,
    }
  }

  read(): NumberPattern {
    let digitsBeforeSign = -1
    for (const node of this.#pattern.nodes) {
      if (node.kind !== 'field') continue
      if (this.#pattern.isScientific && node.field !== 'EEEE')
        throw invalid('"EEEE" must be the last pattern used')
      if (node.field === 'S' && !this.#pattern.hasPoint) digitsBeforeSign = this.#pattern.before
      this.#take(node.field)
    }
    // A sign that stands before the point, but behind all digits, is at the end.
    if (this.#pattern.sign === 'before' && digitsBeforeSign === this.#pattern.before)
      this.#pattern.sign = 'after'
    return this.#pattern
  }

  #take(field: NumberField): void {
    const pattern = this.#pattern
    switch (field) {
      case '9':
        this.#digit('9')
        if (pattern.hasShift) pattern.shift++
        else if (pattern.hasPoint) pattern.after++
        else pattern.before++
        return
      case '0':
        this.#digit('0')
        if (!pattern.hasPoint) pattern.zeroFrom ??= pattern.before
        if (pattern.hasPoint) pattern.after++
        else pattern.before++
        pattern.zeroTo = pattern.before + pattern.after
        return
      case 'B':
        if (pattern.before === 0 && pattern.after === 0 && pattern.zeroFrom === undefined)
          pattern.isBlank = true
        return
      case '.':
      case 'D':
        if (pattern.hasPoint) throw invalid('multiple decimal points')
        if (pattern.hasShift) throw invalid('cannot use "V" and decimal point together')
        pattern.hasPoint = true
        return
      case 'V':
        if (pattern.hasPoint) throw invalid('cannot use "V" and decimal point together')
        pattern.hasShift = true
        return
      case 'FM':
        pattern.isFilled = true
        return
      case 'RN':
        pattern.isRoman = true
        return
      case 'EEEE':
        this.#scientific()
        return
      default:
        this.#takeSign(field)
    }
  }

  #digit(field: string): void {
    if (this.#pattern.hasBrackets) throw invalid(`"${field}" must be ahead of "PR"`)
  }

  #takeSign(field: NumberField): void {
    const pattern = this.#pattern
    const hasOther = pattern.hasPlus || pattern.hasMinus
    switch (field) {
      case 'S':
        if (pattern.sign !== undefined) throw invalid('cannot use "S" twice')
        if (hasOther || pattern.hasBrackets) throw invalid('cannot use "S" and "PL"/"MI"/"SG"/"PR" together')
        pattern.sign = pattern.hasPoint ? 'after' : 'before'
        return
      case 'MI':
        if (pattern.sign !== undefined) throw invalid('cannot use "S" and "MI" together')
        pattern.hasMinus = true
        return
      case 'PL':
        if (pattern.sign !== undefined) throw invalid('cannot use "S" and "PL" together')
        pattern.hasPlus = true
        return
      case 'SG':
        if (pattern.sign !== undefined) throw invalid('cannot use "S" and "SG" together')
        pattern.hasMinus = true
        pattern.hasPlus = true
        return
      case 'PR':
        if (pattern.sign !== undefined || hasOther) {
          throw invalid('cannot use "PR" and "S"/"PL"/"MI"/"SG" together')
        }
        pattern.hasBrackets = true
        return
      default:
      // What stands between the digits has no meaning of its own.
    }
  }

  #scientific(): void {
    const pattern = this.#pattern
    if (pattern.isScientific) throw invalid('cannot use "EEEE" twice')
    const hasOther =
      pattern.isBlank ||
      pattern.isFilled ||
      pattern.sign !== undefined ||
      pattern.hasBrackets ||
      pattern.hasMinus ||
      pattern.hasPlus ||
      pattern.isRoman ||
      pattern.hasShift
    if (hasOther) {
      throw queryError('syntax_error', '"EEEE" is incompatible with other formats', {
        detail: '"EEEE" may only be used together with digit and decimal point patterns.',
      })
    }
    pattern.isScientific = true
  }
}

function invalid(message: string): OrbitError {
  return queryError('syntax_error', message)
}
