/** Which index answers a query, and what of it is read. */
import type { Datum, IndexBound, IndexBounds } from '@orbit-ts/storage'
import type {
  Bound,
  BoundKind,
  BoundValue,
  FieldBounds,
  FilterAnalysis,
} from '../../filter/analyze-filter.js'
import type { OrderBy } from '../../filter/filter.js'
import type { PropertyIndex } from './graph-types.js'

/** Ranges of an index that one query may read. */
const RANGES_MAX = 1000

export interface IndexPlan {
  readonly index: PropertyIndex
  /** In the order in which they are read. */
  readonly ranges: readonly IndexBounds[]
  readonly isReverse: boolean
  /** The records come in the order asked for. */
  readonly isSorted: boolean
  /** The fields whose bounds are in `ranges`. */
  readonly bounded: readonly FieldBounds[]
}

type Order = readonly Required<OrderBy>[]

/** A part of one column: one value, or those between two bounds. */
type Slice = { readonly point: Datum } | { readonly lower?: IndexBound; readonly upper?: IndexBound }

/** The index that narrows the filter most, else one that has the order; undefined when none helps. */
export function planIndex(
  indexes: readonly PropertyIndex[],
  analyze: (index: PropertyIndex) => FilterAnalysis,
  order: Order,
): IndexPlan | undefined {
  let best: IndexPlan | undefined
  let bestScore = 0
  for (const index of indexes) {
    const plan = planFor(index, analyze(index), order)
    const score = plan.bounded.reduce((sum, bounds) => sum + weight(bounds), 0) + (plan.isSorted ? 0.5 : 0)
    if (score > bestScore) {
      best = plan
      bestScore = score
    }
  }
  return best
}

/** One value is worth more than a range, and a range more than the order alone. */
function weight({ points, range, nulls }: FieldBounds): number {
  if (points !== undefined) return points.length + Number(nulls) === 1 ? 4 : 3
  if (range === undefined) return 0
  return range.lower === undefined || range.upper === undefined ? 1 : 2
}

function planFor(index: PropertyIndex, analysis: FilterAnalysis, order: Order): IndexPlan {
  const bounded: FieldBounds[] = []
  let prefixes: Datum[][] = [[]]
  let column = 0
  for (; column < index.fields.length; column++) {
    const bounds = boundsOf(index, column, analysis)
    if (bounds?.points === undefined) break
    const points = [...(bounds.nulls ? [NULL] : []), ...bounds.points.flatMap(datumOf)]
    if (prefixes.length * points.length > RANGES_MAX) break
    prefixes = prefixes.flatMap((prefix) => points.map((point) => [...prefix, point]))
    bounded.push(bounds)
  }
  const fixed = new Set(bounded.map(({ field }) => field))
  const bounds = boundsOf(index, column, analysis)
  if (bounds?.range !== undefined) bounded.push(bounds)
  const direction = prefixes.length === 1 ? sortDirection(index, column, analysis, order, fixed) : undefined
  const isReverse = direction === 'desc'
  const slices = slicesOf(bounds, direction)
  const ranges = prefixes.flatMap((equal) => slices.map((slice) => within(equal, slice)))
  return { index, ranges, isReverse, isSorted: direction !== undefined, bounded }
}

function within(equal: readonly Datum[], slice: Slice): IndexBounds {
  return 'point' in slice ? { equal: [...equal, slice.point] } : { equal, ...slice }
}

function boundsOf(index: PropertyIndex, column: number, analysis: FilterAnalysis): FieldBounds | undefined {
  const field = index.fields[column]
  return field === undefined ? undefined : analysis.fields.get(field.path.text)
}

/** The slices of the column after the equal ones; nulls are put where the order wants them. */
function slicesOf(bounds: FieldBounds | undefined, direction: 'asc' | 'desc' | undefined): Slice[] {
  const values: Slice = bounds === undefined ? NOT_NULL : rangeSlice(bounds)
  if (bounds === undefined && direction === undefined) return [{}]
  if (bounds !== undefined && !bounds.nulls) return [values]
  return direction === 'asc' ? [values, { point: NULL }] : [{ point: NULL }, values]
}

/**
 * The direction in which the index has the order from `column` on; undefined when it has not. `fixed` fields have one
 * value each, so that they do not matter.
 */
function sortDirection(
  index: PropertyIndex,
  column: number,
  analysis: FilterAnalysis,
  order: Order,
  fixed: ReadonlySet<string>,
): 'asc' | 'desc' | undefined {
  const isFixed = index.fields.slice(0, column).every((field) => field.isScalar)
  const rest = isFixed ? order.filter(({ field }) => !fixed.has(field)) : order
  const direction = (rest[0] ?? order[0])?.direction
  const fits = rest.every(({ field, direction: each }, i) => {
    const indexed = index.fields[column + i]
    if (indexed === undefined || each !== direction || indexed.path.text !== field || !indexed.isScalar)
      return false
    // Nulls stand at the other end of the index; only those of the first field are read separately.
    return i === 0 || indexed.isRequired || analysis.fields.get(field)?.nulls === false
  })
  return fits ? direction : undefined
}

const NULL: Datum = { kind: 'null' }
const NOT_NULL: Slice = { lower: { datum: { kind: 'min' }, inclusive: true } }

function rangeSlice({ range }: FieldBounds): Slice {
  if (range === undefined) return NOT_NULL
  const ends = KIND_ENDS[range.kind]
  if (ends === undefined) return NOTHING
  return { lower: bound(range.lower) ?? ends.lower, upper: bound(range.upper) ?? ends.upper }
}

/** The first and last values of a kind, as properties store them. Bytes and dates are in no property. */
const KIND_ENDS: Readonly<Partial<Record<BoundKind, { lower: IndexBound; upper: IndexBound }>>> = {
  boolean: { lower: inclusive({ kind: 'int', value: 0 }), upper: inclusive({ kind: 'int', value: 1 }) },
  number: {
    lower: inclusive({ kind: 'float', value: -Infinity }),
    upper: inclusive({ kind: 'float', value: Infinity }),
  },
  string: {
    lower: inclusive({ kind: 'text', value: '' }),
    // The kind that follows text.
    upper: { datum: { kind: 'int', value: -(2n ** 63n) }, inclusive: false },
  },
}
const NOTHING: Slice = {
  lower: { datum: { kind: 'max' }, inclusive: false },
  upper: { datum: { kind: 'max' }, inclusive: false },
}

function inclusive(datum: Datum): IndexBound {
  return { datum, inclusive: true }
}

/** A bigint may lie between two doubles: the nearest one is let in, and the filter decides. */
function bound(given: Bound | undefined): IndexBound | undefined {
  const [datum] = given === undefined ? [] : datumOf(given.value)
  if (given === undefined || datum === undefined) return undefined
  return { datum, inclusive: given.inclusive || typeof given.value === 'bigint' }
}

/** None for a value that no property can hold. */
function datumOf(value: BoundValue): Datum[] {
  switch (typeof value) {
    case 'string':
      return /\p{Surrogate}/u.test(value) ? [] : [{ kind: 'text', value }]
    case 'number':
    case 'bigint':
      return [{ kind: 'float', value: Number(value) }]
    case 'boolean':
      return [{ kind: 'int', value: Number(value) }]
    default:
      return []
  }
}
