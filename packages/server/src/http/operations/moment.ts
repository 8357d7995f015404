import { OrbitError } from '@orbit-ts/base'
import { Type } from 'typebox'

/** A moment as an argument. */
export const moment = Type.Unsafe<number | string>(
  Type.Union([Type.Integer(), Type.String()], {
    description: 'Milliseconds since the epoch, or ISO 8601 such as "2024-05-01T13:45:00Z".',
  }),
)

const ISO_8601 = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i

/** Text without an offset is UTC; digits are milliseconds. */
export function toMoment(value: number | string, field: string): number {
  if (typeof value === 'number') return value
  if (/^-?\d+$/.test(value)) return Number(value)
  const zoned =
    /(Z|[+-]\d{2}:?\d{2})$/i.test(value) || /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : `${value}Z`
  const ms = ISO_8601.test(value) ? Date.parse(zoned) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: "${value.slice(0, 60)}" is no moment; write milliseconds since the epoch, or ISO 8601 such as "2024-05-01T13:45:00Z"`,
    { field },
  )
}
