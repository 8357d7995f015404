/** Values of types that the typed API takes and shows in PostgreSQL's text form. */
import { OrbitError, defined } from '@orbit-ts/base'
import { ByteWriter, type Datum } from '@orbit-ts/storage'
import type { ScalarType } from '../../../scalar/data-type.js'
import { Interval } from '../../../scalar/temporal/interval.js'
import { TimeWithZone } from '../../../scalar/temporal/time-with-zone.js'
import { systemTypes } from '../../../scalar/types/system-types.js'
import type { Value } from '../../../scalar/value.js'
import type { BaseType, ColumnType } from './column-type.js'
import type { Mismatch } from './parse-value.js'
import { PLAIN_CONTEXT } from './plain-context.js'
import { intervalBytes, intervalOf, timetzBytes, timetzOf } from './stored-interval.js'

export function sqlText(type: ColumnType, datum: Datum): unknown {
  if (datum.kind !== 'bytes') return undefined
  // Only SQL knows the fields of composite types.
  if (type.base === 'composite') return datum.value
  const scalar = scalarOf(type)
  return scalar.format(valueOf(type, scalar, Buffer.from(datum.value)), PLAIN_CONTEXT)
}

function valueOf({ base }: ColumnType, scalar: ScalarType, bytes: Buffer): Value {
  if (base === 'interval') return intervalOf(bytes, 0)
  if (base === 'timetz') return timetzOf(bytes, 0)
  return scalar.decode(bytes, -1, PLAIN_CONTEXT)
}

/** What is given is shown by an example. */
const EXAMPLES: Partial<Record<BaseType, string>> = {
  interval: 'an interval such as "1 day 02:00:00"',
  timetz: 'a time such as "13:45:00+02"',
  composite: 'given in SQL: the typed API does not take values of composite types',
}

export function parseSqlText(type: ColumnType, value: unknown): Datum | Mismatch {
  const accepts = EXAMPLES[type.base] ?? `text such as PostgreSQL shows for ${type.base}`
  if (typeof value !== 'string' || type.base === 'composite') return { kind: 'mismatch', accepts }
  try {
    const scalar = scalarOf(type)
    return datumOf(scalar, scalar.parse(value, -1, PLAIN_CONTEXT))
  } catch (error) {
    if (!(error instanceof OrbitError) || error.code !== 'VALUE_INVALID') throw error
  }
  return { kind: 'mismatch', accepts }
}

function datumOf(scalar: ScalarType, value: Value): Datum {
  if (value instanceof Interval) return { kind: 'bytes', value: intervalBytes(value) }
  if (value instanceof TimeWithZone) return { kind: 'bytes', value: timetzBytes(value) }
  if (typeof value === 'string') return { kind: 'text', value }
  if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'int', value }
  const writer = new ByteWriter()
  scalar.encode(writer, value, PLAIN_CONTEXT)
  return { kind: 'bytes', value: writer.toBytes() }
}

function scalarOf({ base }: ColumnType): ScalarType {
  return defined(
    systemTypes.find(({ name }) => name === base),
    `the type ${base}`,
  )
}
