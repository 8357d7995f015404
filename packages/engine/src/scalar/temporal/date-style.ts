/** The settings DateStyle and IntervalStyle. */
import type { ScalarContext } from '../scalar-context.js'

export type DateOutput = 'ISO' | 'SQL' | 'Postgres' | 'German'
export type DateOrder = 'MDY' | 'DMY' | 'YMD'

export interface DateStyle {
  readonly output: DateOutput
  /** Of day, month and year in ambiguous input. */
  readonly order: DateOrder
}

const parsed = new Map<string, DateStyle>()
const PARSED_MAX = 100

function orderOf(words: readonly string[], output: DateOutput): DateOrder {
  for (const order of ['DMY', 'YMD', 'MDY'] as const) if (words.includes(order.toLowerCase())) return order
  return output === 'German' ? 'DMY' : 'MDY'
}

/** `ISO, MDY`, as SHOW writes it. */
export function parseDateStyle(setting: string): DateStyle {
  const known = parsed.get(setting)
  if (known !== undefined) return known
  const words = setting.toLowerCase().split(/[\s,]+/)
  const output: DateOutput = words.includes('sql')
    ? 'SQL'
    : words.includes('postgres')
      ? 'Postgres'
      : words.includes('german')
        ? 'German'
        : 'ISO'
  const order: DateOrder = orderOf(words, output)
  if (parsed.size >= PARSED_MAX) parsed.clear()
  const style = { output, order }
  parsed.set(setting, style)
  return style
}

export function dateStyle(context: ScalarContext): DateStyle {
  return parseDateStyle(context.setting('datestyle'))
}

export type IntervalStyle = 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601'

export function intervalStyle(context: ScalarContext): IntervalStyle {
  const setting = context.setting('intervalstyle')
  return setting === 'postgres_verbose' || setting === 'sql_standard' || setting === 'iso_8601'
    ? setting
    : 'postgres'
}
