/** Functions about other sessions of the server. */
import type { Value } from '../../../scalar/value.js'
import { queryError } from '../../../scalar/condition.js'
import type { OpenSession } from './sql-session.js'
import { notice, type SessionState } from './session-state.js'
import type { StatementScope } from './statement-scope.js'

/** `pg_cancel_backend`, `pg_terminate_backend`. @returns false, with a warning, when there is no such session */
export function signalBackend(
  state: SessionState,
  { catalog }: StatementScope,
  kind: 'cancel' | 'terminate',
  processId: Value | undefined,
): boolean {
  const target: Pick<OpenSession, 'sessionUser' | 'emit'> | undefined = state.engine.sessions.get(
    Number(processId),
  )
  if (target === undefined) {
    notice(state, 'WARNING', `PID ${Number(processId)} is not a PostgreSQL server process`)
    return false
  }
  const isSuperuser = (name: string): boolean =>
    catalog.roles().some((role) => role.name === name && role.isSuperuser)
  const what = kind === 'cancel' ? 'cancel query' : 'terminate process'
  if (!isSuperuser(state.user)) {
    if (isSuperuser(target.sessionUser))
      throw queryError('insufficient_privilege', `must be a superuser to ${what} of superuser process`)
    if (target.sessionUser !== state.user) {
      const whose = kind === 'cancel' ? 'query is being canceled' : 'process is being terminated'
      throw queryError(
        'insufficient_privilege',
        `must be a member of the role whose ${whose} or member of pg_signal_backend`,
      )
    }
  }
  target.emit({ kind })
  return true
}
