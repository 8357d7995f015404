import type { Aggregate, PointInput, SeriesSession } from '@orbit-ts/engine'
import { Type, type Static } from 'typebox'
import {
  args,
  asList,
  counted,
  deletedCount,
  json,
  limit,
  oneOrMany,
  result,
  where,
} from './argument-types.js'
import { moment, toMoment } from './moment.js'
import { operationsOf } from './operation.js'
import { readPage } from './page.js'

const define = operationsOf<SeriesSession>('series', (tx, name) => tx.series(name))

const tags = json<Record<string, string>>('The value of every tag.')
const fields = json('Values by field. 64-bit integers are strings of digits.')
const newPoint = Type.Object(
  { timestamp: Type.Optional(moment), tags: Type.Optional(tags), fields },
  { additionalProperties: false },
)
const point = Type.Object({
  timestamp: Type.Integer({ description: 'Milliseconds since the epoch.' }),
  sequence: Type.Integer({ description: 'Tells points of one series and moment apart.' }),
  tags,
  fields,
})
const tagFilter = Type.Optional(
  json<Record<string, string | readonly string[]>>(
    'For each named tag a value, or a list of values. Default: every series.',
  ),
)
const span = {
  tags: tagFilter,
  from: Type.Optional(moment),
  to: Type.Optional(moment),
}
const range = { ...span, where: Type.Optional(where) }

export const seriesOperations = {
  append: define('append', {
    summary: 'Appends points, all or none.',
    args: args({
      points: oneOrMany(newPoint, 'A point {"timestamp", "tags", "fields"}, or a list of points.'),
    }),
    result: result({ points: Type.Array(point) }),
    run: async (series, given) => {
      const points = asList<Static<typeof newPoint>>(given.points).map(toPoint)
      return { points: await series.appendMany(points) }
    },
  }),
  range: define('range', {
    summary: 'Reads points in the order of time.',
    args: args({
      ...range,
      limit: Type.Optional(limit),
      reverse: Type.Optional(Type.Boolean({ description: 'The latest first. Default false.' })),
    }),
    result: result({ points: Type.Array(point), more: Type.Boolean({ description: 'There are more.' }) }),
    run: async (series, query, limits) => {
      const page = await readPage(query.limit, limits, (size) =>
        series.range({ ...withMoments(query), limit: size }),
      )
      return { points: page.items, more: page.more }
    },
  }),
  latest: define('latest', {
    summary: 'Reads the last point of each series.',
    args: args({ tags: tagFilter }),
    result: result({ points: Type.Array(point) }),
    run: async (series, query) => ({ points: await series.latest(query) }),
  }),
  downsample: define('downsample', {
    summary: 'Aggregates points over buckets of time.',
    args: args({
      ...span,
      bucket: Type.Unsafe<number | string>(
        Type.Union([Type.Integer({ minimum: 1 }), Type.String()], {
          description: 'The width of a bucket: milliseconds, or text such as "1h".',
        }),
      ),
      aggregates: json<Record<string, readonly Aggregate[]>>(
        'By field a list of count, sum, min, max, avg, first and last.',
      ),
      groupBy: Type.Optional(Type.Array(Type.String(), { description: 'Tags that keep series apart.' })),
    }),
    result: result({
      buckets: Type.Array(
        Type.Object({
          timestamp: Type.Integer({ description: 'The start of the bucket, milliseconds since the epoch.' }),
          tags,
          values: json('By field and aggregate a number, or null.'),
        }),
      ),
    }),
    run: async (series, query) => ({ buckets: await series.downsample(withMoments(query)) }),
  }),
  list: define('list', {
    summary: 'Lists the series of the collection.',
    args: args({ tags: tagFilter }),
    result: result({
      series: Type.Array(
        Type.Object({
          tags,
          first: Type.Optional(Type.Integer({ description: 'The moment of the first point.' })),
          last: Type.Optional(Type.Integer({ description: 'The moment of the last point.' })),
        }),
      ),
    }),
    run: async (series, query) => ({ series: await series.list(query) }),
  }),
  count: define('count', {
    summary: 'Counts points.',
    args: args(range),
    result: counted,
    run: async (series, query) => ({ count: await series.count(withMoments(query)) }),
  }),
  deleteRange: define('deleteRange', {
    summary: 'Deletes points, a bounded number of them in one call: call it again until it returns 0.',
    args: args(span),
    result: deletedCount,
    run: async (series, query) => ({ deleted: await series.deleteRange(withMoments(query)) }),
  }),
  rollUp: define('rollUp', {
    summary: 'Completes the buckets of every rollup. The server does it by itself at intervals.',
    args: args({ until: Type.Optional(moment), tags: tagFilter }),
    result: result({ moved: Type.Integer({ description: 'Series that have more complete buckets now.' }) }),
    run: async (series, { until, tags: of }) => ({
      moved: await series.rollUp({
        ...(until === undefined ? {} : { until: toMoment(until, 'until') }),
        ...(of === undefined ? {} : { tags: of }),
      }),
    }),
  }),
  applyRetention: define('applyRetention', {
    summary:
      'Deletes what is past its retention, a bounded number in one call. The server does it by itself at intervals.',
    args: args({}),
    result: deletedCount,
    run: async (series) => ({ deleted: await series.applyRetention() }),
  }),
}

function toPoint({ timestamp, ...rest }: Static<typeof newPoint>, index: number): PointInput {
  return timestamp === undefined
    ? rest
    : { ...rest, timestamp: toMoment(timestamp, `point ${index}: timestamp`) }
}

interface Span {
  readonly from?: number | string
  readonly to?: number | string
}

/** The query with its bounds in milliseconds. */
function withMoments<Query extends Span>({
  from,
  to,
  ...rest
}: Query): Omit<Query, 'from' | 'to'> & { from?: number; to?: number } {
  return {
    ...rest,
    ...(from === undefined ? {} : { from: toMoment(from, 'from') }),
    ...(to === undefined ? {} : { to: toMoment(to, 'to') }),
  }
}
