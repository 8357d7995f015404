import { OrbitError } from '@orbit-ts/base'
import { otherApiVersion } from '../codec/other-api-version.js'
import type { KvPair } from '../gen/kvrpcpb.js'
import { sendFailureIsUndetermined } from '../region/undetermined.js'

const BUSY = /server is busy|scheduler is busy|too busy/i

/** An error that a raw response carries as text. */
export function rawError(method: string, message: string): OrbitError {
  const mismatch = otherApiVersion(message, method)
  if (mismatch !== undefined) return mismatch
  const code = BUSY.test(message) ? 'SERVER_BUSY' : 'STORE_REFUSED'
  return new OrbitError(code, `${method} was refused by the server: ${message}`, { method, message })
}

/** @throws what the first pair with an error says: raw answers without a field for errors put them there. */
export function requirePairs(method: string, pairs: readonly KvPair[]): void {
  for (const { error } of pairs) {
    if (error !== undefined)
      throw rawError(
        method,
        [error.abort, error.retryable].find((text) => text !== '') ?? 'a pair has an error',
      )
  }
}

/**
 * A write whose answer was lost may have been done: says so instead of the error that ended the attempts.
 * @param answerLost an attempt before the one that failed had no answer
 */
export function undeterminedWrite(method: string, error: unknown, answerLost: boolean): unknown {
  return answerLost || sendFailureIsUndetermined(error) ? writeOutcomeUnknown(method, error) : error
}

export function writeOutcomeUnknown(method: string, cause: unknown): OrbitError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new OrbitError(
    'COMMIT_UNDETERMINED',
    `${method}: an answer was lost, so the write may or may not have been done; read before you repeat it${why}`,
    { method },
    { cause },
  )
}
