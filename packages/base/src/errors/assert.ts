import { OrbitError, type ErrorDetails } from './orbit-error.js'

/** States an invariant of our own code. A failure is a bug in Orbit (`INTERNAL`), never the caller's mistake. */
export function assert(condition: unknown, invariant: string, details?: ErrorDetails): asserts condition {
  if (!condition) throw new OrbitError('INTERNAL', `invariant does not hold: ${invariant}`, details)
}

/** The value, which our own code knows to be there. */
export function defined<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null)
    throw new OrbitError('INTERNAL', `invariant does not hold: ${what} is present`)
  return value
}

/** For the `default` of a switch over a union: a compile error when a case is missing. */
export function unreachable(value: never, what: string): never {
  throw new OrbitError('INTERNAL', `unknown ${what}: ${String(value)}`)
}
