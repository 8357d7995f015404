/** Values of types that the typed API takes and shows in PostgreSQL's text form. */
import { OrbitError } from '@orbit-ts/base'
import type { Datum } from '@orbit-ts/storage'
import type { ScalarType } from '../../../scalar/data-type.js'
import type { ColumnType } from './column-type.js'
import type { Mismatch } from './parse-value.js'
import { PLAIN_CONTEXT } from './plain-context.js'
import { intervalBytes, intervalOf, timetzBytes, timetzOf } from './stored-interval.js'
import { Interval } from '../../../scalar/temporal/interval.js'
import { TimeWithZone } from '../../../scalar/temporal/time-with-zone.js'

export function sqlText(type: ColumnType, datum: Datum): unknown {
  if (datum.kind !== 'bytes') return undefined
  // Only SQL knows the fields of composite types.
  if (type.base === 'composite') return datum.value
  const bytes = Buffer.from(datum.value)
  const value = type.base === 'interval' ? intervalOf(bytes, 0) : timetzOf(bytes, 0)
  return scalarOf(type).format(value, PLAIN_CONTEXT)
}

export function parseSqlText(type: ColumnType, value: unknown): Datum | Mismatch {
  const accepts =
    type.base === 'interval'
      ? 'an interval such as "1 day 02:00:00"'
      : type.base === 'timetz'
        ? 'a time such as "13:45:00+02"'
        : 'given in SQL: the typed API does not take values of composite types'
  if (typeof value !== 'string' || type.base === 'composite') return { kind: 'mismatch', accepts }
  try {
    const parsed = scalarOf(type).parse(value, -1, PLAIN_CONTEXT)
    if (parsed instanceof Interval) return { kind: 'bytes', value: intervalBytes(parsed) }
    if (parsed instanceof TimeWithZone) return { kind: 'bytes', value: timetzBytes(parsed) }
  } catch (error) {
    if (!(error instanceof OrbitError) || error.code !== 'VALUE_INVALID') throw error
  }
  return { kind: 'mismatch', accepts }
}

function scalarOf({ base }: ColumnType): ScalarType {
  throw new OrbitError('INTERNAL', `there is no type ${base}`)
}
