import { OrbitError } from '@orbit-ts/base'

const DAY = String.raw`(?:\d{4}|[+-]\d{6})-\d\d-\d\d`
const ISO = new RegExp(
  String.raw`^(${DAY})(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3}0*)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$`,
  'i',
)

/**
 * Milliseconds since the epoch: a whole number of them, or ISO 8601 (`2024-05-01`, `2024-05-01 13:45:00.25+02:00`),
 * which is UTC where it names no zone. @throws TYPE_MISMATCH
 */
export function parseMoment(value: unknown): number {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value.trim() : ''
  if (/^-?\d{1,16}$/.test(text)) return Number(text)
  const match = ISO.exec(text)
  const [, day = '', time = '00:00', zone = 'Z'] = match ?? []
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const ms = match === null ? Number.NaN : Date.parse(`${day}T${time}${offset}`)
  // Date.parse takes 2024-02-30 for the first of March.
  const exists = !Number.isNaN(ms) && new Date(Date.parse(`${day}T00:00Z`)).toISOString().startsWith(day)
  if (exists) return ms
  throw new OrbitError(
    'TYPE_MISMATCH',
    `${JSON.stringify(value)?.slice(0, 64) ?? typeof value} is no moment: give milliseconds since the epoch, or ISO 8601 such as "2024-05-01T13:45:00Z"`,
  )
}
