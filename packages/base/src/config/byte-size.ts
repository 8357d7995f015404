import { OrbitError } from '../errors/orbit-error.js'
import { accepted, leafField, refused, type IsOptional, type LeafField, type LeafOptions } from './field.js'

/** Powers of 1000 and of 1024, as they are written apart. */
const UNIT_BYTES = {
  B: 1,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
} as const

type ByteUnit = keyof typeof UNIT_BYTES

const UNITS = new Map(Object.entries(UNIT_BYTES).map(([name, bytes]) => [name.toLowerCase(), bytes]))

export interface ByteSizeOptions extends Omit<LeafOptions<number>, 'default'> {
  /** Bytes, or text such as `64MiB`. */
  readonly default?: number | string
  readonly minBytes?: number
  readonly maxBytes?: number
}

/** A size in bytes: a whole number of them, or text with a unit (`1GB`, `64MiB`). */
export function byteSize<const O extends ByteSizeOptions>(
  options: O,
): LeafField<number, number | string, IsOptional<O>> {
  const {
    default: fallback,
    minBytes = 0,
    maxBytes = Number.MAX_SAFE_INTEGER,
    ...rest
  }: ByteSizeOptions = options
  const limits = limitsText(minBytes, maxBytes)
  return leafField(
    {
      type: `size in bytes, or text such as "64MiB"${limits}`,
      secret: false,
      parse(raw) {
        const bytes = toBytes(raw)
        const isWithin = bytes !== undefined && bytes >= minBytes && bytes <= maxBytes
        return isWithin
          ? accepted(bytes)
          : refused(`must be a number of bytes or text such as "64MiB" or "1GB"${limits}`)
      },
      format: (bytes) =>
        shortest(bytes) === String(bytes) ? String(bytes) : JSON.stringify(shortest(bytes)),
    },
    { ...rest, ...(fallback === undefined ? {} : { default: defaultBytes(fallback) }) },
  )
}

/** `64MiB` → 67108864; undefined when the text is no size. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  if (match === null) return undefined
  const unit = match[2] === '' ? 1 : UNITS.get((match[2] ?? '').toLowerCase())
  const bytes = unit === undefined ? Number.NaN : Number(match[1]) * unit
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined
}

function toBytes(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) && raw >= 0 ? raw : undefined
  return typeof raw === 'string' ? parseByteSize(raw) : undefined
}

function limitsText(minBytes: number, maxBytes: number): string {
  if (maxBytes === Number.MAX_SAFE_INTEGER) return minBytes === 0 ? '' : `, ${shortest(minBytes)} or more`
  return `, ${shortest(minBytes)} to ${shortest(maxBytes)}`
}

/** With the largest unit that leaves a whole number. */
function shortest(bytes: number): string {
  const units: ByteUnit[] = ['TiB', 'GiB', 'MiB', 'KiB', 'GB', 'MB', 'KB']
  const unit = bytes === 0 ? undefined : units.find((candidate) => bytes % UNIT_BYTES[candidate] === 0)
  return unit === undefined ? String(bytes) : `${bytes / UNIT_BYTES[unit]}${unit}`
}

function defaultBytes(fallback: number | string): number {
  const parsed = typeof fallback === 'number' ? fallback : parseByteSize(fallback)
  if (parsed === undefined)
    throw new OrbitError('INVALID_ARGUMENT', `"${fallback}" is not a size`, { default: fallback })
  return parsed
}
