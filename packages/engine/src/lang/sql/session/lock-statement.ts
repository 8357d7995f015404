import { queryError, unsupported } from '../../../scalar/condition.js'
import type { LockStmt } from '../parse/tree.js'
import type { StatementScope } from './query-statement.js'
import type { SessionState } from './session-state.js'

/** ACCESS SHARE, ROW SHARE and ROW EXCLUSIVE: what every query and change takes anyway. */
const HARMLESS_MODE_MAX = 3

/** LOCK TABLE, in the modes that keep nobody away. */
export function lockTables(state: SessionState, { catalog }: StatementScope, statement: LockStmt): void {
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue
    const { schemaname: schema, relname: name = '' } = node.RangeVar
    if (catalog.findClass({ schema, name }, state.scalar.session.searchPath) === undefined)
      throw queryError('undefined_table', `relation "${name}" does not exist`)
  }
  if ((statement.mode ?? 0) > HARMLESS_MODE_MAX)
    throw unsupported('LOCK TABLE in a mode that keeps others away')
}
