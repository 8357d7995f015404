import { queryError } from '../../../scalar/condition.js'
import { tooDeep } from '../parse/parse-statements.js'

/** What JavaScript itself refuses, because it would be too large or too deep, as an error of the statement. */
export function limitError(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error
  if (/call stack/.test(error.message)) return tooDeep()
  return /^Invalid (string|array|typed array|array buffer) length|allocation/.test(error.message)
    ? queryError('program_limit_exceeded', 'a value is too large', {}, error)
    : error
}
