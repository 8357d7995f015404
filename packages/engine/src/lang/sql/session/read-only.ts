import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../../scalar/condition.js'

/** What a read-only transaction refuses with. @param what the command: `INSERT`. */
export function readOnly(what: string): OrbitError {
  return queryError('read_only_sql_transaction', `cannot execute ${what} in a read-only transaction`)
}
