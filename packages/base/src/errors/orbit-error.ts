import { ERROR_CODES, type ErrorCode, type Retry } from './codes.js'

/** Structured facts about an error: JSON values only, never a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>

const BRAND = Symbol.for('orbit-ts.error')

/**
 * The one error class of Orbit. Test `code`, or `retry` to decide whether to run the work again.
 * The message begins with the code, names what is wrong and says what to do.
 */
export class OrbitError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  /** The message without the code in front. */
  readonly reason: string
  readonly [BRAND] = true

  constructor(code: ErrorCode, reason: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(`${code}: ${reason}`, options)
    this.name = 'OrbitError'
    this.code = code
    this.reason = reason
    this.details = details
  }

  /** What the caller may do now; see {@link Retry}. */
  get retry(): Retry {
    return ERROR_CODES[this.code].retry
  }

  /** True for errors of every copy of this package that is loaded. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /** The error itself when it is an `OrbitError`, otherwise one of `code` with the original as its cause. */
  static from(error: unknown, code: ErrorCode = 'INTERNAL'): OrbitError {
    if (error instanceof OrbitError) return error
    const reason = error instanceof Error ? error.message : String(error)
    return new OrbitError(code, reason, {}, { cause: error })
  }
}

/** True when `error` is an {@link OrbitError} with this code. */
export function hasCode(error: unknown, code: ErrorCode): error is OrbitError {
  return error instanceof OrbitError && error.code === code
}
