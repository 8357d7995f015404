import { queryError } from '../../../scalar/condition.js'
import type { SettingDefinition } from './setting-definitions.js'

const TRUE = ['on', 'true', 'yes', '1']
const FALSE = ['off', 'false', 'no', '0']

const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ms: { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  s: { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 },
  min: { ms: 1 / 60_000, s: 1 / 60, min: 1, h: 60, d: 1440 },
  MB: { B: 1 / 1024 ** 2, kB: 1 / 1024, MB: 1, GB: 1024, TB: 1024 ** 2 },
  kB: { B: 1 / 1024, kB: 1, MB: 1024, GB: 1024 ** 2, TB: 1024 ** 3 },
  '8kB': { B: 1 / 8192, kB: 1 / 8, MB: 128, GB: 131_072, TB: 134_217_728 },
  B: { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 },
}

/** The value in the form it is kept in. @throws invalid_parameter_value as PostgreSQL words it */
export function parseSetting(definition: SettingDefinition, text: string): string {
  switch (definition.kind) {
    case 'string':
      return text
    case 'bool':
      return parseBoolean(definition, text)
    case 'enum':
      return parseChoice(definition, definition.values, text)
    default:
      return parseNumber(definition, text)
  }
}

/** As SHOW writes it: with a unit where that is shorter. */
export function showSetting(definition: SettingDefinition, value: string): string {
  if (definition.kind !== 'integer' || definition.unit === undefined) return value
  const count = Number(value)
  if (count <= 0) return value
  const factors = Object.entries(FACTORS[definition.unit] ?? {}).sort(([, a], [, b]) => b - a)
  const [unit, factor] = factors.find(([, size]) => size >= 1 && count % size === 0) ?? [definition.unit, 1]
  return `${count / factor}${unit}`
}

function parseBoolean(definition: SettingDefinition, text: string): string {
  const given = text.toLowerCase()
  const isPrefix = (word: string): boolean => given !== '' && given !== 'o' && word.startsWith(given)
  if (TRUE.some(isPrefix)) return 'on'
  if (FALSE.some(isPrefix)) return 'off'
  throw queryError('invalid_parameter_value', `parameter "${definition.name}" requires a Boolean value`)
}

function parseChoice(definition: SettingDefinition, values: readonly string[], text: string): string {
  const found = values.find((value) => value === text.toLowerCase())
  if (found !== undefined) return found
  throw queryError('invalid_parameter_value', `invalid value for parameter "${definition.name}": "${text}"`, {
    hint: `Available values: ${values.join(', ')}.`,
  })
}

function parseNumber(
  definition: SettingDefinition & { readonly kind: 'integer' | 'real' },
  text: string,
): string {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*$/i.exec(text)
  const unit = match?.[2] ?? ''
  const factors = definition.unit === undefined ? {} : (FACTORS[definition.unit] ?? {})
  const factor = unit === '' ? 1 : factors[unit]
  if (match === null || factor === undefined) {
    const units = Object.keys(factors)
    throw queryError(
      'invalid_parameter_value',
      `invalid value for parameter "${definition.name}": "${text}"`,
      units.length === 0
        ? {}
        : { hint: `Valid units for this parameter are ${units.map((each) => `"${each}"`).join(', ')}.` },
    )
  }
  const exact = Number(match[1]) * factor
  const value = definition.kind === 'integer' ? Math.round(exact) : exact
  if (value >= definition.min && value <= definition.max) return String(value)
  const suffix = definition.unit === undefined ? '' : ` ${definition.unit}`
  throw queryError(
    'invalid_parameter_value',
    `${value}${suffix} is outside the valid range for parameter "${definition.name}" (${definition.min} .. ${definition.max})`,
  )
}
