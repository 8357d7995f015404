/** Points by time, by a tag and time, and by all tags and time. */
import { compareCodePoints } from '../../scalar/collation/code-points.js'
import type { Point } from '../../models/timeseries/points.js'
import { openSeries } from '../../models/timeseries/open-series.js'
import type { SeriesDefinition } from '../../models/timeseries/series-input.js'
import type { SeriesIdentity } from '../../models/timeseries/series-record.js'
import type { Value } from '../../scalar/value.js'
import type { IndexRange, RelationContext } from '../relation.js'
import { columnIndex, type IndexRead, type ModelIndex } from './model-index.js'
import { isInTextRange, onlyText, textRange, type TextRange } from './text-range.js'

/** Of the columns of points; the tags follow. */
const TIME = 0
const SEQUENCE = 1
const FIRST_TAG = 2
/** Bytes that the value of a tag has at most. */
const TAG_BYTES_MAX = 1024

export type AnyPoint = Point<Record<string, string>, Record<string, unknown>>

export function seriesIndexes(name: string, definition: SeriesDefinition): ModelIndex<AnyPoint>[] {
  const { tags, fields } = definition
  const columnCount = FIRST_TAG + tags.length + fields.length
  const indexOf = (positions: readonly number[]): ModelIndex<AnyPoint> => {
    // Points of one series are in order of their sequence, too.
    const isWhole = positions.length === tags.length
    const ordinals = [...positions.map((at) => FIRST_TAG + at), TIME, ...(isWhole ? [SEQUENCE] : [])]
    const own = [...positions.map((at) => tags[at] ?? ''), 'time'].join()
    return {
      index: columnIndex(
        own,
        ordinals.map((key) => ({ key })),
        columnCount,
      ),
      read: (context, ranges, options) => readPoints(context, name, positions, ranges, options),
    }
  }
  const all = tags.map((_, at) => at)
  return [
    ...(tags.length === 0 ? [] : [indexOf(all)]),
    ...(tags.length < 2 ? [] : all.map((at) => indexOf([at]))),
    indexOf([]),
  ]
}

/** @param positions of the tags by which the index is in order before time */
async function* readPoints(
  { models }: RelationContext,
  name: string,
  positions: readonly number[],
  ranges: readonly IndexRange[],
  { isReverse, limit, signal }: IndexRead,
): AsyncGenerator<readonly AnyPoint[]> {
  const { object, reader, registry } = await openSeries(models, name, 'read')
  const { tags } = object.definition
  for (const range of isReverse ? ranges.toReversed() : ranges) {
    const wanted = positions.map((_, at) => textRange(range, at))
    const times = timesOf(range, positions.length)
    if (times === undefined || wanted.some((texts) => texts === undefined || !canBeTag(texts))) continue
    const only = wanted.map((texts) => texts && onlyText(texts))
    const named = positions.flatMap((position, at): [string, string][] => {
      const [tag, value] = [tags[position], only[at]]
      return tag === undefined || value === undefined ? [] : [[tag, value]]
    })
    const found = (await registry.locate(Object.fromEntries(named))).filter(({ tagValues }) =>
      positions.every((position, at) => isInTextRange(tagValues[position] ?? '', wanted[at] ?? {})),
    )
    const accepts = sequenceTest(range, positions.length + 1)
    for (const records of groupsOf(found, positions, isReverse)) {
      signal.throwIfAborted()
      const points = reader.merged(
        records,
        { ...times, reverse: isReverse },
        accepts === undefined ? limit : undefined,
      )
      // What the reader gives has the tags and fields of the definition.
      for await (const chunk of points as AsyncIterable<AnyPoint[]>)
        yield accepts === undefined ? chunk : chunk.filter(accepts)
    }
  }
}

function canBeTag(texts: TextRange): boolean {
  const text = onlyText(texts)
  return text === undefined || Buffer.byteLength(text) <= TAG_BYTES_MAX
}

/** Series with the same values of these tags together, in order of those. */
function groupsOf(
  records: readonly SeriesIdentity[],
  positions: readonly number[],
  isReverse: boolean,
): SeriesIdentity[][] {
  if (records.length === 0) return []
  const sign = isReverse ? -1 : 1
  const compare = (a: SeriesIdentity, b: SeriesIdentity): number => {
    for (const position of positions) {
      const order = compareCodePoints(a.tagValues[position] ?? '', b.tagValues[position] ?? '')
      if (order !== 0) return order * sign
    }
    return 0
  }
  const groups: SeriesIdentity[][] = []
  for (const record of records.toSorted(compare)) {
    const last = groups.at(-1)
    const [first] = last ?? []
    if (last !== undefined && first !== undefined && compare(first, record) === 0) last.push(record)
    else groups.push([record])
  }
  return groups
}

interface Times {
  /** Milliseconds; the first that counts. */
  readonly from: number | undefined
  /** The first that does not count any more. */
  readonly to: number | undefined
}

/** What a range says of the time at a position; undefined: no time is in it. */
function timesOf({ prefix, lower, upper }: IndexRange, position: number): Times | undefined {
  if (position > prefix.length) return { from: undefined, to: undefined }
  const point = prefix[position]
  if (point !== undefined)
    return point === null ? undefined : within(startAt(point, true), endAt(point, true))
  if (lower?.value === null || upper?.value === null) return undefined
  return within(
    lower === undefined ? -Infinity : startAt(lower.value, lower.isInclusive),
    upper === undefined ? Infinity : endAt(upper.value, upper.isInclusive),
  )
}

function within(from: number, to: number): Times | undefined {
  if (from >= to) return undefined
  return { from: from === -Infinity ? undefined : from, to: to === Infinity ? undefined : to }
}

/** The first whole millisecond after microseconds, or at them. */
function startAt(micros: Value, isInclusive: boolean): number {
  return isInclusive ? Math.ceil(thousandth(micros)) : Math.floor(thousandth(micros)) + 1
}

/** The first whole millisecond that is not before them any more. */
function endAt(micros: Value, isInclusive: boolean): number {
  return startAt(micros, !isInclusive)
}

/** The fraction is made a half, which rounds to the same sides. */
function thousandth(micros: Value): number {
  if (typeof micros !== 'bigint' && !Number.isFinite(micros)) return Number(micros)
  const rest = typeof micros === 'bigint' ? Number(micros % 1000n) : Number(micros) % 1000
  const whole =
    typeof micros === 'bigint' ? Number((micros - BigInt(rest)) / 1000n) : (Number(micros) - rest) / 1000
  return whole + Math.sign(rest) / 2
}

/** What a range says of the sequence at a position. */
function sequenceTest(
  { prefix, lower, upper }: IndexRange,
  position: number,
): ((point: AnyPoint) => boolean) | undefined {
  if (position > prefix.length) return undefined
  const point = prefix[position]
  if (point !== undefined) return ({ sequence }) => point !== null && sequence === Number(point)
  if (lower === undefined && upper === undefined) return undefined
  return ({ sequence }) =>
    (lower === undefined || isBeyond(sequence, lower)) &&
    (upper === undefined || isBeyond(-sequence, { ...upper, value: -Number(upper.value) }))
}

function isBeyond(sequence: number, { value, isInclusive }: NonNullable<IndexRange['lower']>): boolean {
  const bound = Number(value)
  return sequence > bound || (isInclusive && sequence === bound)
}
