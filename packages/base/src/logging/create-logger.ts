import { pino, type Logger as PinoLogger } from 'pino'
import type { Env } from '../env/env.js'
import { systemEnv } from '../env/system-env.js'
import type { Logger, LogLevel } from './logger.js'
import { prettyLine } from './pretty.js'
import { redact } from './redact.js'

export interface LogDestination {
  /** Receives one line with its end. */
  write(line: string): unknown
}

export interface LoggerOptions {
  readonly level: LogLevel
  /** Lines for people instead of JSON. Default false. */
  readonly pretty?: boolean
  /** Default: standard error, written before the call returns so that no line is lost when the process ends. */
  readonly destination?: LogDestination
  /** Gives the time of each line. Default: the real one. */
  readonly env?: Env
}

const STANDARD_ERROR = 2

/**
 * A logger that writes one JSON object a line: `time` (ISO 8601, UTC), `level`, the fields, `msg`, and under `err` an
 * error with its code, details and stack. Whatever stands under a key such as `authorization`, `password`, `token` or
 * `secret_access_key` is written as `***`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { clock } = options.env ?? systemEnv
  const sink = options.destination ?? pino.destination({ fd: STANDARD_ERROR, sync: true })
  const destination =
    options.pretty === true ? { write: (line: string): unknown => sink.write(prettyLine(line)) } : sink
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { err: serializeError },
    },
    { write: (line) => void destination.write(line) },
  )
  redactChildren(logger)
  return logger
}

/** Pino's own hook for fields, `formatters.bindings`, is not asked for those of a child. */
function redactChildren(logger: PinoLogger): void {
  const child = Reflect.get(logger, 'child') as (this: unknown, fields: object, options?: object) => unknown
  Object.defineProperty(logger, 'child', {
    value(this: unknown, fields: Readonly<Record<string, unknown>>, options?: object): unknown {
      return child.call(this, redact(fields), options)
    },
  })
}

function serializeError(error: unknown): unknown {
  return error instanceof Error ? redact({ ...pino.stdSerializers.err(error) }) : error
}
