import type { Env, ReusableAbort } from '@orbit-ts/base'
import type { ErrorFields } from '../../../scalar/condition.js'
import type { Value } from '../../../scalar/value.js'
import type { PreparedStatement, SessionEvent, StatementResult } from '../session-contract.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import type { ClientFacts } from './client-facts.js'
import type { Cursor } from './cursors.js'
import type { Listener } from './notifications.js'
import type { SessionContext } from './session-context.js'
import type { SequenceMemory } from './sequence-services.js'
import type { SessionSettings } from './session-settings.js'
import type { SessionTransaction } from './session-transaction.js'
import type { SqlEngine } from './sql-engine.js'
import type { QuerySource } from './query-statement.js'
import type { SessionActivity } from './session-activity.js'
import type { StatementRun } from './statement-run.js'

/** What the statements of one session work on. */
export interface SessionState extends Listener {
  readonly env: Env
  readonly engine: SqlEngine
  readonly processId: number
  readonly settings: SessionSettings
  readonly transaction: SessionTransaction
  readonly scalar: SessionContext
  /** By name, of PREPARE and of the protocol alike. */
  readonly prepared: Map<string, PreparedStatement>
  readonly cursors: Map<string, Cursor>
  readonly sequences: SequenceMemory
  /** Who connected; as whom the session goes on; whose privileges count. */
  readonly authenticatedUser: string
  /** Where from. */
  readonly client: ClientFacts
  readonly sessionUser: string
  readonly user: string
  /** As the last statement saw it. */
  readonly catalog: CatalogSnapshot
  /** What it runs, or ran last, for others to see. */
  readonly activity: SessionActivity
  /** What ends its statements. */
  readonly aborts: ReusableAbort
  emit(event: SessionEvent): void
  /** Runs a query as part of a statement that has begun; its result ends the statement. */
  runQuery(run: StatementRun, source: QuerySource, parameters: readonly Value[]): Promise<StatementResult>
}

/** Tells the client something that is no error, if it wants to hear it. */
export function notice(
  state: Pick<SessionState, 'emit' | 'settings'>,
  severity: 'INFO' | 'NOTICE' | 'WARNING',
  message: string,
  sqlState = severity === 'WARNING' ? '01000' : '00000',
  fields: ErrorFields = {},
): void {
  const wanted = state.settings.get('client_min_messages')
  const isWanted = severity === 'WARNING' ? wanted !== 'error' : wanted !== 'error' && wanted !== 'warning'
  if (isWanted || severity === 'INFO') state.emit({ kind: 'notice', severity, sqlState, message, fields })
}
