import type { Command } from 'commander'
import { usageError } from '../terminal/report-error.js'

/** A whole number of the command line. @throws INVALID_ARGUMENT */
export function parseCount(
  flag: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= min && count <= max) return count
  throw usageError(flag, `${JSON.stringify(text)} is not a whole number from ${min} to ${max}`)
}

/** A JSON object of the command line. @throws INVALID_ARGUMENT */
export function parseJsonObject(flag: string, text: string | undefined): object | undefined {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw usageError(
      flag,
      `${JSON.stringify(text.slice(0, 100))} is not JSON: ${error instanceof Error ? error.message : ''}`,
    )
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw usageError(flag, 'a JSON object is expected, such as {"state":"WA"}')
}

/** One word out of a few. @throws INVALID_ARGUMENT with the nearest one */
export function parseChoice<T extends string>(flag: string, given: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === given)
  if (found !== undefined) return found
  throw usageError(flag, `"${given}" is not one of ${choices.join(', ')}`)
}

/** Refuses options that say how one object is read or written. @throws INVALID_ARGUMENT */
export function refuseWithAll(command: Command, names: readonly string[]): void {
  const given = command.options.find((option) => {
    const name = option.attributeName()
    return names.includes(name) && command.getOptionValueSource(name) === 'cli'
  })
  if (given !== undefined)
    throw usageError(given.long ?? '', 'it is about one object, and --all about every one')
}
