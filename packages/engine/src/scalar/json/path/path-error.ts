import type { OrbitError } from '@orbit-ts/base'
import { queryError, type Condition } from '../../condition.js'

/** What a path met with in the document: an error of the query, or in a predicate the answer "unknown". */
export class PathError extends Error {
  readonly error: OrbitError

  constructor(condition: Condition, message: string, error: OrbitError = queryError(condition, message)) {
    super(message)
    this.error = error
  }

  static of(error: OrbitError): PathError {
    return new PathError('data_exception', error.message, error)
  }
}
