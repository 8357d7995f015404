/** From most to least; `silent` logs nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogMethod {
  (message: string): void
  /** Put an error under `err`. */
  (fields: object, message?: string): void
}

/** What Orbit's packages log through. A `pino` logger is one. */
export interface Logger {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  /** A logger that adds these fields to every line. */
  child(fields: Record<string, unknown>): Logger
  isLevelEnabled(level: string): boolean
}

const ignore = (): void => undefined

/** Logs nothing: the default of components that were given no logger. */
export const silentLogger: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silentLogger,
  isLevelEnabled: () => false,
}
