/** Patterns of `to_char`, `to_date` and `to_timestamp`, taken apart into fields and what stands between them. */
import { workMeter } from '../../work-meter.js'

/** What a field stands for; those in brackets of one line differ only in how they are written. */
export type DateField =
  | 'AM'
  | 'A.M.'
  | 'AD'
  | 'A.D.'
  | 'CC'
  | 'DAY'
  | 'DY'
  | 'DDD'
  | 'DD'
  | 'D'
  | 'FF1'
  | 'FF2'
  | 'FF3'
  | 'FF4'
  | 'FF5'
  | 'FF6'
  | 'FX'
  | 'HH24'
  | 'HH12'
  | 'IDDD'
  | 'ID'
  | 'IW'
  | 'IYYY'
  | 'IYY'
  | 'IY'
  | 'I'
  | 'J'
  | 'MI'
  | 'MM'
  | 'MONTH'
  | 'MON'
  | 'MS'
  | 'OF'
  | 'Q'
  | 'RM'
  | 'SSSS'
  | 'SS'
  | 'TZH'
  | 'TZM'
  | 'TZ'
  | 'US'
  | 'WW'
  | 'W'
  | 'Y,YYY'
  | 'YYYY'
  | 'YYY'
  | 'YY'
  | 'Y'

/** How names are written: as the field's own name is. */
export type NameCase = 'upper' | 'lower' | 'capital'

export interface FieldNode {
  readonly kind: 'field'
  readonly field: DateField
  /** As it stands in the pattern, for messages. */
  readonly text: string
  readonly nameCase: NameCase
  /** `FM`: no blanks and zeros to fill up with. */
  readonly isFilled: boolean
  /** `TM`: names in the session's language, without blanks. */
  readonly isTranslated: boolean
  /** `TH`, `th`: an ordinal number's ending. */
  readonly ordinal: 'upper' | 'lower' | undefined
}

export type PatternNode =
  | FieldNode
  /** One character: white space, a separator, or any other. */
  | { readonly kind: 'space' | 'separator' | 'character'; readonly text: string }

const SAME: Readonly<Record<string, DateField>> = {
  PM: 'AM',
  'P.M.': 'A.M.',
  BC: 'AD',
  'B.C.': 'A.D.',
  HH: 'HH12',
  SSSSS: 'SSSS',
}

const UPPER = [
  'A.D.',
  'A.M.',
  'AD',
  'AM',
  'B.C.',
  'BC',
  'CC',
  'DAY',
  'DDD',
  'DD',
  'DY',
  'D',
  'FF1',
  'FF2',
  'FF3',
  'FF4',
  'FF5',
  'FF6',
  'FX',
  'HH24',
  'HH12',
  'HH',
  'IDDD',
  'ID',
  'IW',
  'IYYY',
  'IYY',
  'IY',
  'I',
  'J',
  'MI',
  'MM',
  'MONTH',
  'MON',
  'MS',
  'OF',
  'P.M.',
  'PM',
  'Q',
  'RM',
  'SSSSS',
  'SSSS',
  'SS',
  'TZH',
  'TZM',
  'TZ',
  'US',
  'WW',
  'W',
  'Y,YYY',
  'YYYY',
  'YYY',
  'YY',
  'Y',
]
const CAPITALS = ['Day', 'Dy', 'Month', 'Mon']

/** All names of fields, longer ones before those that they begin with. */
const NAMES: readonly string[] = [...UPPER, ...UPPER.map((name) => name.toLowerCase()), ...CAPITALS].sort(
  (a, b) => b.length - a.length,
)

/** Patterns that were read last, and how long they may be. */
const CACHED_MAX = 100
const CACHED_LENGTH_MAX = 1000
/** Of work, for reading a pattern and for what is then written by it. */
const UNITS_PER_CHARACTER = 4
const cache = new Map<string, readonly PatternNode[]>()

export function parseDatePattern(pattern: string): readonly PatternNode[] {
  let nodes = cache.get(pattern)
  if (nodes === undefined) {
    workMeter.workOn(pattern.length * UNITS_PER_CHARACTER)
    nodes = readNodes(pattern)
    if (pattern.length > CACHED_LENGTH_MAX) return nodes
    if (cache.size >= CACHED_MAX) cache.clear()
    cache.set(pattern, nodes)
  }
  return nodes
}

function readNodes(pattern: string): readonly PatternNode[] {
  const nodes: PatternNode[] = []
  for (let at = 0; at < pattern.length;) {
    const field = readField(pattern, at)
    if (field.node !== undefined) {
      nodes.push(field.node)
      at = field.end
      continue
    }
    // What would belong to a field is dropped where none follows.
    at = field.end
    if (at >= pattern.length) break
    if (pattern[at] === '"') at = readQuoted(pattern, at + 1, nodes)
    else {
      // A backslash is there for the double quote behind it.
      if (pattern[at] === '\\' && pattern[at + 1] === '"') at++
      const text = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
      nodes.push(characterNode(text))
      at += text.length
    }
  }
  return nodes
}

function readField(pattern: string, start: number): { node: FieldNode | undefined; end: number } {
  let at = start
  let isFilled = false
  let isTranslated = false
  for (;;) {
    if (pattern.startsWith('FM', at) || pattern.startsWith('fm', at)) isFilled = true
    else if (pattern.startsWith('TM', at) || pattern.startsWith('tm', at)) isTranslated = true
    else break
    at += 2
  }
  const text = NAMES.find((name) => pattern.startsWith(name, at))
  if (text === undefined) return { node: undefined, end: at }
  at += text.length
  let ordinal: FieldNode['ordinal']
  for (;;) {
    if (pattern.startsWith('TH', at)) ordinal = 'upper'
    else if (pattern.startsWith('th', at)) ordinal = 'lower'
    else if (!pattern.startsWith('SP', at)) break
    at += 2
  }
  const upper = text.toUpperCase()
  const field = SAME[upper] ?? (upper as DateField)
  return {
    node: { kind: 'field', field, text, nameCase: caseOf(text), isFilled, isTranslated, ordinal },
    end: at,
  }
}

function caseOf(text: string): NameCase {
  if (CAPITALS.includes(text)) return 'capital'
  return text === text.toLowerCase() ? 'lower' : 'upper'
}

/** Text between double quotes stands for itself. Gives the position behind it. */
function readQuoted(pattern: string, start: number, nodes: PatternNode[]): number {
  let at = start
  while (at < pattern.length && pattern[at] !== '"') {
    if (pattern[at] === '\\' && at + 1 < pattern.length) at++
    const text = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
    nodes.push({ kind: 'character', text })
    at += text.length
  }
  return at + 1
}

function characterNode(text: string): PatternNode {
  if (/^\s$/.test(text)) return { kind: 'space', text }
  return { kind: isSeparator(text) ? 'separator' : 'character', text }
}

/** Printable ASCII but letters and digits. */
export function isSeparator(text: string): boolean {
  return /^[!-/:-@[-`{-~]$/.test(text)
}
