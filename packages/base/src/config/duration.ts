import { OrbitError } from '../errors/orbit-error.js'
import { accepted, leafField, refused, type IsOptional, type LeafField, type LeafOptions } from './field.js'

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export type DurationUnit = keyof typeof UNIT_MS

export interface DurationOptions extends Omit<LeafOptions<number>, 'default'> {
  /** What a plain number counts in files, environment variables and flags. */
  readonly unit: DurationUnit
  /** Milliseconds, or text such as `30s`. */
  readonly default?: number | string
  readonly minMs?: number
  readonly maxMs?: number
}

/**
 * A length of time, in milliseconds once parsed. Written as a number of `unit`, or as text with its own unit: `250ms`,
 * `30s`, `5m`, `2h`, `7d`. In TypeScript code a number under the field's own name is milliseconds.
 */
export function duration<const O extends DurationOptions>(
  options: O,
): LeafField<number, number | string, IsOptional<O>> {
  const {
    unit,
    default: fallback,
    minMs = 0,
    maxMs = Number.MAX_SAFE_INTEGER,
    ...rest
  }: DurationOptions = options
  const must = `must be a number of ${unit} or text such as "30s" or "5m"${limits(minMs, maxMs)}`
  return leafField(
    {
      type: `duration in ${unit}, or text such as "5m"${limits(minMs, maxMs)}`,
      secret: false,
      unit,
      parse(raw, context) {
        const ms = toMs(raw, context.native ? 'ms' : unit)
        return ms === undefined || ms < minMs || ms > maxMs ? refused(must) : accepted(ms)
      },
      format: (ms) => formatDuration(ms, unit),
    },
    { ...rest, ...(fallback === undefined ? {} : { default: defaultMs(fallback) }) },
  )
}

/** `30s` → 30000; undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  return match === null ? undefined : Math.round(Number(match[1]) * UNIT_MS[match[2] as DurationUnit])
}

function toMs(raw: unknown, unit: DurationUnit): number | undefined {
  if (typeof raw === 'number')
    return Number.isFinite(raw) && raw >= 0 ? Math.round(raw * UNIT_MS[unit]) : undefined
  if (typeof raw !== 'string') return undefined
  return /^\d+(\.\d+)?$/.test(raw.trim()) ? Math.round(Number(raw) * UNIT_MS[unit]) : parseDuration(raw)
}

function limits(minMs: number, maxMs: number): string {
  if (maxMs === Number.MAX_SAFE_INTEGER) return minMs === 0 ? '' : `, ${text(minMs)} or longer`
  return `, ${text(minMs)} to ${text(maxMs)}`
}

function formatDuration(ms: number, unit: DurationUnit): string {
  return ms % UNIT_MS[unit] === 0 ? String(ms / UNIT_MS[unit]) : JSON.stringify(text(ms))
}

/** The shortest text with a whole number. */
function text(ms: number): string {
  const units: DurationUnit[] = ['d', 'h', 'm', 's']
  const unit = ms === 0 ? 's' : (units.find((candidate) => ms % UNIT_MS[candidate] === 0) ?? 'ms')
  return `${ms / UNIT_MS[unit]}${unit}`
}

function defaultMs(fallback: number | string): number {
  const parsed: number | undefined = typeof fallback === 'number' ? fallback : parseDuration(fallback)
  if (parsed === undefined)
    throw new OrbitError('INVALID_ARGUMENT', `"${fallback}" is not a duration`, { default: fallback })
  return parsed
}
