import type { LockInfo } from '../../gen/kvrpcpb.js'

/** MySQL's number for a value out of range. */
const OUT_OF_RANGE = 1690
/** TiKV's own, for what has none of MySQL. */
const OTHER = 10_000

/** A plan that the store cannot run: `other_error`. */
export class PlanRefusal extends Error {}

/** A plan that fails on some row: an error within the answer. */
export class EvaluationError extends Error {
  readonly code: number

  constructor(message: string, code: number = OTHER) {
    super(message)
    this.code = code
  }

  static outOfRange(type: string, expression: string): EvaluationError {
    return new EvaluationError(`${type} value is out of range in '${expression}'`, OUT_OF_RANGE)
  }
}

/** A lock that hides what a plan reads. */
export class LockedError extends Error {
  readonly lock: LockInfo

  constructor(lock: LockInfo) {
    super('a key is locked')
    this.lock = lock
  }
}
