import type { Point, PointInput } from '../../models/timeseries/points.js'
import type { FieldType, SeriesDefinition } from '../../models/timeseries/series-input.js'
import { SeriesSession } from '../../models/timeseries/series-session.js'
import { queryError, unsupported } from '../../scalar/condition.js'
import { plainText, type Value } from '../../scalar/value.js'
import type { WriteRow } from '../relation.js'
import { givenObject } from './given-values.js'
import type { ModelEdits } from './model-writer.js'

type Tags = Record<string, string>
type Fields = Record<string, unknown>

/** `time`, `sequence`, the tags, the fields. Points are appended, and neither changed nor deleted one by one. */
export function seriesEdits(
  name: string,
  { tags, fields }: SeriesDefinition,
): ModelEdits<Point<Tags, Fields>> {
  const pointOf = (row: WriteRow): PointInput<Tags, Fields> => {
    const [time, sequence, ...others] = row
    if (sequence !== undefined && sequence !== null)
      throw unsupported(`giving the sequence of a point of "${name}"`)
    const given = <T>(names: readonly T[], from: number) =>
      names.flatMap((each, i): [T, Value][] => {
        const value = others[from + i]
        return value === undefined || value === null ? [] : [[each, value]]
      })
    return {
      ...(time === undefined || time === null ? {} : { timestamp: milliseconds(name, time) }),
      tags: Object.fromEntries(given(tags, 0).map(([tag, value]) => [tag, plainText(value)])),
      fields: Object.fromEntries(
        given(fields, tags.length).map(([field, value]) => [field.name, fieldOf(field.type, value)]),
      ),
    }
  }
  return {
    keyOf: ({ timestamp, sequence, tags: own }) => JSON.stringify([timestamp, sequence, own]),
    keyOfRow: () => undefined,
    get: () => Promise.reject(unsupported(`locking or changing points of "${name}"`)),
    storeKeys: () => Promise.reject(unsupported(`locking or changing points of "${name}"`)),
    insert: (models, rows) => new SeriesSession<Tags, Fields>(models, name).appendMany(rows.map(pointOf)),
  }
}

function milliseconds(name: string, micros: Value): number {
  const value = typeof micros === 'bigint' ? Number(micros) : micros
  if (typeof value === 'number' && Number.isSafeInteger(value) && value % 1000 === 0) return value / 1000
  throw queryError('invalid_parameter_value', `the series "${name}" keeps times in whole milliseconds`, {
    hint: `Use date_trunc('milliseconds', …).`,
  })
}

function fieldOf(type: FieldType, value: Value): unknown {
  if (type === 'int64') return typeof value === 'number' ? BigInt(value) : value
  return type === 'json' ? givenObject('a field', value) : value
}
