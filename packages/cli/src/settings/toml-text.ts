import { describeSchema, type ConfigEntry } from '@orbit-ts/base'
import { configSchema } from '@orbit-ts/server'

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Patterns of the paths that hold lengths of time, which are milliseconds once they are read. */
const DURATIONS = describeSchema(configSchema)
  .filter(({ type }) => type.startsWith('duration'))
  .map(({ path }) => new RegExp(`^${path.split('<name>').map(escaped).join('[^.]+')}$`))

/** A value as a configuration file has it. Secrets print as `***`. */
export function tomlValue({ path, value }: ConfigEntry): string {
  const isDuration = typeof value === 'number' && DURATIONS.some((pattern) => pattern.test(path))
  return isDuration ? JSON.stringify(durationText(value)) : JSON.stringify(value)
}

/**
 * The configuration in effect as a TOML file.
 * @param withOrigins each value is followed by where it comes from, in a comment
 */
export function tomlText(entries: readonly ConfigEntry[], withOrigins: boolean): string {
  const tables = new Map<string, string[]>()
  for (const entry of entries) {
    const [, table = '', key = entry.path] = /^(.*)\.([^.]+)$/.exec(entry.path) ?? []
    const lines = tables.get(table) ?? []
    lines.push(`${key} = ${tomlValue(entry)}${withOrigins ? `  # ${entry.origin}` : ''}`)
    tables.set(table, lines)
  }
  return [...tables]
    .map(([table, lines]) => [...(table === '' ? [] : [`[${table}]`]), ...lines].join('\n'))
    .join('\n\n')
}

/** `30s`, `250ms`: the longest unit with a whole number. */
function durationText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const
  const unit = ms === 0 ? undefined : units.find(([, length]) => ms % length === 0)
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`
}
