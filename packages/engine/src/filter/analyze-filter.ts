import { RANK, compareValues, rankOf, type Rank } from './compare-values.js'
import { parseFilter, toFilter, type FilterNode, type Test } from './filter-tree.js'
import type { Filter, FilterScalar } from './filter.js'
import { likeShape } from './like-pattern.js'

export type BoundValue = Exclude<FilterScalar, null>
export type BoundKind = 'boolean' | 'number' | 'string' | 'bytes' | 'date'

export interface Bound {
  readonly value: BoundValue
  readonly inclusive: boolean
}

/** Values of one kind between two bounds, of which at least one is there. */
export interface ValueRange {
  readonly kind: BoundKind
  readonly lower?: Bound
  readonly upper?: Bound
}

/**
 * Which values of a field a record can have if it matches the whole filter: no others, though perhaps not all.
 * With neither `points` nor `range`: any value that is not null.
 */
export interface FieldBounds {
  /** The field or path as `formatPath` writes it. */
  readonly field: string
  /** One of these: distinct, in the order of `compareValues`, never null. Empty: none. */
  readonly points?: readonly BoundValue[]
  readonly range?: ValueRange
  /** Records in which the field is null or missing may match too. */
  readonly nulls: boolean
}

export interface FilterAnalysis {
  /** The bounds that the conditions joined by AND set, by field. */
  readonly fields: ReadonlyMap<string, FieldBounds>
  /** No record can match. */
  readonly impossible: boolean
  /**
   * What is left to check on records whose `usedFields` are within their bounds; undefined when nothing is.
   * The whole filter may always be checked instead.
   */
  residual(usedFields: Iterable<string>): Filter | undefined
}

export interface AnalyzeOptions {
  /**
   * Fields that may hold arrays, of which any element may match: their conditions do not add up, so the narrowest one
   * alone gives the bounds, and all stay in the residual. Default: none.
   */
  readonly isMultiValued?: (field: string) => boolean
}

/** What one condition says of its field. */
interface Piece extends FieldBounds {
  /** The bounds say all that the condition says. */
  readonly exact: boolean
}

interface Analyzed {
  readonly node: FilterNode
  readonly piece: Piece | undefined
}

/**
 * What an index can do for a filter. Conditions inside `$or` and `$not` count as residual.
 * @throws INVALID_ARGUMENT as `checkFilter`.
 */
export function analyzeFilter(filter: object, options: AnalyzeOptions = {}): FilterAnalysis {
  const isMultiValued = options.isMultiValued ?? (() => false)
  const parts: Analyzed[] = conjuncts(parseFilter(filter)).map((node) => ({
    node,
    piece: pieceOf(node, isMultiValued),
  }))
  const fields = new Map<string, FieldBounds>()
  for (const { piece } of parts) {
    if (piece === undefined) continue
    const { field } = piece
    const before = fields.get(field)
    const combine = isMultiValued(field) ? narrower : intersect
    fields.set(field, boundsOf(before === undefined ? piece : combine(before, piece)))
  }
  return {
    fields,
    impossible: [...fields.values()].some(({ points, nulls }) => points?.length === 0 && !nulls),
    residual: (usedFields) => residual(parts, new Set(usedFields)),
  }
}

function conjuncts(node: FilterNode): FilterNode[] {
  return node.kind === 'and' ? node.nodes.flatMap(conjuncts) : [node]
}

function pieceOf(node: FilterNode, isMultiValued: (field: string) => boolean): Piece | undefined {
  if (node.kind !== 'test') return undefined
  if (!isMultiValued(node.path.text)) return singlePiece(node)
  const piece = node.operator === 'contains' ? pointsPiece(node, [node.operand], false) : singlePiece(node)
  return piece === undefined ? undefined : { ...piece, exact: false }
}

function singlePiece(test: Test): Piece | undefined {
  const { operator, operand } = test
  const field = test.path.text
  switch (operator) {
    case 'eq':
      return pointsPiece(test, [operand], true)
    case 'in':
      return pointsPiece(test, operand as readonly unknown[], true)
    case 'gt':
    case 'gte':
      return { field, nulls: false, exact: true, ...atLeast(operand as BoundValue, operator === 'gte') }
    case 'lt':
    case 'lte':
      return { field, nulls: false, exact: true, ...atMost(operand as BoundValue, operator === 'lte') }
    case 'startsWith':
      return { field, nulls: false, exact: true, range: prefixRange(operand as string) }
    case 'like':
      return likePiece(field, operand as string)
    case 'isNull':
      return operand === true
        ? { field, points: [], nulls: true, exact: true }
        : { field, nulls: false, exact: true }
    case 'exists':
      return operand === true ? undefined : { field, points: [], nulls: true, exact: false }
    case 'ne':
      // Null apart, `ne` leaves out too little to be worth a bound.
      return operand === null ? { field, nulls: false, exact: true } : undefined
    default:
      return undefined
  }
}

/** Arrays and objects are never bounds: no index has them as keys. */
function pointsPiece(test: Test, operands: readonly unknown[], exact: boolean): Piece | undefined {
  const points = operands.filter((operand) => operand !== null)
  if (!points.every(isBoundValue)) return undefined
  const nulls = points.length < operands.length
  // `contains: null` looks for an element, not for an absent field.
  if (nulls && test.operator === 'contains') return undefined
  return { field: test.path.text, points: distinct(points), nulls, exact }
}

function likePiece(field: string, pattern: string): Piece {
  const { prefix, kind } = likeShape(pattern)
  if (kind === 'equal') return { field, points: [prefix], nulls: false, exact: true }
  return { field, range: prefixRange(prefix), nulls: false, exact: kind === 'prefix' }
}

function atLeast(value: BoundValue, inclusive: boolean): { range: ValueRange } {
  return { range: { kind: kindOf(value), lower: { value, inclusive } } }
}

function atMost(value: BoundValue, inclusive: boolean): { range: ValueRange } {
  return { range: { kind: kindOf(value), upper: { value, inclusive } } }
}

/** Texts that begin with `prefix` are those from it on, up to the least text after all of them. */
function prefixRange(prefix: string): ValueRange {
  const lower: Bound = { value: prefix, inclusive: true }
  const after = textAfterPrefix(prefix)
  return after === undefined
    ? { kind: 'string', lower }
    : { kind: 'string', lower, upper: { value: after, inclusive: false } }
}

const CODE_POINT_MAX = 0x10ffff
const BEFORE_SURROGATES = 0xd7ff
const AFTER_SURROGATES = 0xe000

/** The least text that sorts after all that begin with `prefix`; undefined when there is none. */
export function textAfterPrefix(prefix: string): string | undefined {
  const characters = Array.from(prefix)
  for (;;) {
    const codePoint = characters.pop()?.codePointAt(0)
    if (codePoint === undefined) return undefined
    if (codePoint >= CODE_POINT_MAX) continue
    const next = codePoint === BEFORE_SURROGATES ? AFTER_SURROGATES : codePoint + 1
    return characters.join('') + String.fromCodePoint(next)
  }
}

function intersect(a: FieldBounds, b: FieldBounds): FieldBounds {
  const { field } = a
  const nulls = a.nulls && b.nulls
  if (a.points !== undefined || b.points !== undefined) {
    const [some, other] = a.points === undefined ? [b, a] : [a, b]
    return { field, points: (some.points ?? []).filter((point) => isWithin(point, other)), nulls }
  }
  if (a.range === undefined || b.range === undefined) {
    const range = a.range ?? b.range
    return range === undefined ? { field, nulls } : { field, range, nulls }
  }
  const range = intersectRanges(a.range, b.range)
  return range === undefined ? { field, points: [], nulls } : { field, range, nulls }
}

/** Undefined when no value is in both. */
function intersectRanges(a: ValueRange, b: ValueRange): ValueRange | undefined {
  if (a.kind !== b.kind) return undefined
  const lower = tighter(a.lower, b.lower, 1)
  const upper = tighter(a.upper, b.upper, -1)
  if (lower !== undefined && upper !== undefined) {
    const order = compareValues(lower.value, upper.value)
    if (order > 0 || (order === 0 && !(lower.inclusive && upper.inclusive))) return undefined
  }
  return { kind: a.kind, ...(lower && { lower }), ...(upper && { upper }) }
}

function tighter(a: Bound | undefined, b: Bound | undefined, sign: 1 | -1): Bound | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const order = compareValues(a.value, b.value) * sign
  if (order === 0) return a.inclusive ? b : a
  return order > 0 ? a : b
}

function isWithin(value: BoundValue, { points, range }: FieldBounds): boolean {
  if (points !== undefined) return points.some((point) => compareValues(point, value) === 0)
  if (range === undefined) return true
  if (kindOf(value) !== range.kind) return false
  const { lower, upper } = range
  if (lower !== undefined && compareValues(value, lower.value) < Number(!lower.inclusive)) return false
  return upper === undefined || compareValues(upper.value, value) >= Number(!upper.inclusive)
}

/** Of bounds that each hold by themselves, those that let fewer values through. */
function narrower(a: FieldBounds, b: FieldBounds): FieldBounds {
  return width(b) < width(a) ? b : a
}

function width({ points, range, nulls }: FieldBounds): number {
  if (nulls) return Infinity
  if (points !== undefined) return points.length
  if (range === undefined) return 1e9
  return range.lower === undefined || range.upper === undefined ? 1e8 : 1e7
}

function residual(parts: readonly Analyzed[], used: ReadonlySet<string>): Filter | undefined {
  const left = parts.filter(({ piece }) => piece === undefined || !piece.exact || !used.has(piece.field))
  const filters = left.map(({ node }) => toFilter(node))
  return filters.length < 2 ? filters[0] : { $and: filters }
}

function boundsOf({ field, points, range, nulls }: FieldBounds): FieldBounds {
  return { field, ...(points && { points }), ...(range && { range }), nulls }
}

function distinct(values: readonly BoundValue[]): BoundValue[] {
  const sorted = values.toSorted(compareValues)
  return sorted.filter((value, i) => i === 0 || compareValues(sorted[i - 1], value) !== 0)
}

const KINDS: Readonly<Partial<Record<Rank, BoundKind>>> = {
  [RANK.boolean]: 'boolean',
  [RANK.number]: 'number',
  [RANK.string]: 'string',
  [RANK.bytes]: 'bytes',
  [RANK.date]: 'date',
}

function isBoundValue(value: unknown): value is BoundValue {
  return KINDS[rankOf(value)] !== undefined
}

function kindOf(value: BoundValue): BoundKind {
  // Every scalar but null is in the table.
  return KINDS[rankOf(value)] as BoundKind
}
