import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'

export function regexError(reason: string): OrbitError {
  return queryError('invalid_regular_expression', `invalid regular expression: ${reason}`)
}
