import { createLogger, type Logger } from '@orbit-ts/base'
import type { OrbitConfig } from '@orbit-ts/server'

/** The log on standard error, in the format that was asked for, or the one that suits who reads it. */
export function openLog({ level, format }: OrbitConfig['log']): Logger {
  const pretty = format === undefined ? process.stderr.isTTY : format === 'text'
  return createLogger({ level, pretty })
}
