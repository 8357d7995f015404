import { OrbitError, type ErrorCode } from '@orbit-ts/base'

/** Codes that speak of one record and not of the store or the import as a whole. */
const RECORD_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INVALID_ARGUMENT',
  'LIMIT_EXCEEDED',
  'KEY_TOO_LARGE',
  'VALUE_TOO_LARGE',
  'RECORD_EXISTS',
  'TYPE_MISMATCH',
  'NOT_NULL_VIOLATION',
  'UNIQUE_VIOLATION',
  'CHECK_VIOLATION',
  'FOREIGN_KEY_VIOLATION',
  'DANGLING_EDGE',
  'DIMENSION_MISMATCH',
])

/** True when the record is to blame, so that others can be stored without it. */
export function blamesRecord(error: unknown): error is OrbitError {
  return error instanceof OrbitError && RECORD_CODES.has(error.code)
}
