import { OrbitError, type ErrorCode } from '@orbit-ts/base'

/**
 * An abort that says what stood in the way until then (`details.failure`, a code, and `details.failureReason`): whoever
 * set a deadline can tell why it passed.
 */
export function abortedDuring(aborted: OrbitError, failure: ErrorCode, failureReason: string): OrbitError {
  if (aborted.details['failure'] !== undefined) return aborted
  return new OrbitError(
    'ABORTED',
    aborted.reason,
    { ...aborted.details, failure, failureReason },
    { cause: aborted.cause },
  )
}
