import { queryError, unsupported } from '../../../scalar/condition.js'
import type { Row, Value } from '../../../scalar/value.js'
import { runDefinition } from '../ddl/run-definition.js'
import type { StatementTree } from '../parse/tree.js'
import {
  nodeKind,
  type DiscardStmt,
  type ExecuteStmt,
  type LockStmt,
  type PrepareStmt,
} from '../parse/tree.js'
import type { StatementResult } from '../session-contract.js'
import { runExplain } from './explain-statement.js'
import { rowsInMemory } from './rows-in-memory.js'
import { runCopy } from './copy-statement.js'
import { closeCursor, declareCursor, fetchFrom } from './cursor-statements.js'
import { QUERY_TAGS, describeStatement, requirePrepared, showColumns } from './describe-statement.js'
import { executeArguments, preparedTypes } from './execute-arguments.js'
import { changedTables, lockForChange, lockTables } from './lock-statement.js'
import { listen, notify, unlisten } from './notifications.js'
import { sourceOf, type QuerySource } from './query-statement.js'
import { readOnly } from './read-only.js'
import { renewed, runAgainWhenStale } from './run-planned.js'
import type { SessionState } from './session-state.js'
import { runSet, setAuthorization } from './setting-statements.js'
import type { StatementRun } from './statement-run.js'
import { closeCursors, runTransactionStatement } from './transaction-statements.js'
import { innerQuery } from './utility-tags.js'

/** SELECT, INSERT, UPDATE, DELETE, MERGE. */
export function isQuery({ node }: StatementTree): boolean {
  return QUERY_TAGS.has(nodeKind(node))
}

/** ROLLBACK and its kin: they end the failure. */
export function mayRunInFailedTransaction({ node }: StatementTree): boolean {
  return (
    'TransactionStmt' in node &&
    ['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_ROLLBACK_TO'].includes(
      node.TransactionStmt.kind ?? '',
    )
  )
}

/** Everything but queries. */
export async function runUtility(
  state: SessionState,
  run: StatementRun,
  source: QuerySource,
  parameters: readonly Value[],
): Promise<StatementResult> {
  const { node } = source.tree
  if ('CopyStmt' in node) return runCopy(state, run, source, node.CopyStmt)
  if ('ExecuteStmt' in node) return runExecute(state, run, node.ExecuteStmt)
  if ('TransactionStmt' in node) {
    const tag = await runTransactionStatement(state, node.TransactionStmt)
    await run.succeed()
    return { kind: 'command', tag }
  }
  const result = await runSimple(state, run, source, parameters)
  await run.succeed()
  return typeof result === 'string' ? { kind: 'command', tag: result } : result
}

/** Statements whose work is done when this returns: the command tag, or rows that wait in memory. */
async function runSimple(
  state: SessionState,
  run: StatementRun,
  source: QuerySource,
  parameters: readonly Value[],
): Promise<StatementResult | string> {
  const { node } = source.tree
  if ('VariableSetStmt' in node) {
    // A role may be one that has just been made.
    const name = node.VariableSetStmt.name?.toLowerCase()
    const isRole = name === 'role' || name === 'session_authorization'
    const catalog = isRole ? (await run.scope()).catalog : state.catalog
    return runSet(state, node.VariableSetStmt, catalog)
  }
  if ('VariableShowStmt' in node) return runShow(state, node.VariableShowStmt.name ?? '')
  if ('ExplainStmt' in node) return runExplain(state, run, source, parameters)
  if ('PrepareStmt' in node) return runPrepare(state, run, source, node.PrepareStmt)
  if ('DeallocateStmt' in node) return runDeallocate(state, node.DeallocateStmt.name)
  if ('DeclareCursorStmt' in node) {
    const query: QuerySource = {
      tree: innerQuery(source.tree) ?? source.tree,
      parameterTypes: source.parameterTypes,
      plan: undefined,
      isUnprepared: true,
    }
    return declareCursor(state, node.DeclareCursorStmt, query, parameters, await run.scope())
  }
  if ('FetchStmt' in node) return fetchFrom(state, run, node.FetchStmt)
  if ('ClosePortalStmt' in node) return closeCursor(state, node.ClosePortalStmt.portalname)
  if ('DiscardStmt' in node) return runDiscard(state, node.DiscardStmt)
  if ('LockStmt' in node) return runLock(state, run, node.LockStmt)
  if ('CheckPointStmt' in node) return 'CHECKPOINT'
  if ('NotifyStmt' in node) {
    await run.scope()
    notify(state, node.NotifyStmt.conditionname ?? '', node.NotifyStmt.payload ?? '')
    return 'NOTIFY'
  }
  if ('ListenStmt' in node) {
    await run.scope()
    listen(state, node.ListenStmt.conditionname ?? '')
    return 'LISTEN'
  }
  if ('UnlistenStmt' in node) {
    await run.scope()
    unlisten(state, node.UnlistenStmt.conditionname)
    return 'UNLISTEN'
  }
  if ('DoStmt' in node) throw unsupported('DO')
  if ('CallStmt' in node) throw unsupported('CALL')
  if (state.transaction.isReadOnly) throw readOnly(nodeKind(node).replace(/Stmt$/, '').toUpperCase())
  const changed = changedTables(node)
  return runAgainWhenStale(state, run, async (scope) => {
    const hasWaited = changed.length > 0 && (await lockForChange(state, scope, changed))
    return runDefinition(source.tree, { state, scope: hasWaited ? await renewed(state, scope) : scope })
  })
}

function runShow(state: SessionState, name: string): StatementResult {
  const rows: Row[] =
    name.toLowerCase() === 'all'
      ? state.settings.all().map(({ definition, value }) => [definition.name, value, definition.description])
      : [[state.settings.show(name)]]
  return rowsInMemory(showColumns(state, name), rows, 'SHOW')
}

async function runPrepare(
  state: SessionState,
  run: StatementRun,
  source: QuerySource,
  statement: PrepareStmt,
): Promise<string> {
  const name = statement.name ?? ''
  if (state.prepared.has(name))
    throw queryError('duplicate_prepared_statement', `prepared statement "${name}" already exists`)
  const tree = innerQuery(source.tree)
  if (tree === undefined || !isQuery(tree))
    throw queryError('syntax_error', 'utility statements cannot be prepared')
  const scope = await run.scope()
  const inner: QuerySource = { tree, parameterTypes: preparedTypes(state, scope, statement), plan: undefined }
  const described = await describeStatement(state, inner, async () => scope.catalog)
  const prepared = {
    statement: { text: source.tree.text, offset: tree.offset, tree },
    source: inner,
    ...described,
  }
  state.prepared.set(name, prepared)
  return 'PREPARE'
}

async function runExecute(
  state: SessionState,
  run: StatementRun,
  statement: ExecuteStmt,
): Promise<StatementResult> {
  const prepared = requirePrepared(state, statement.name ?? '')
  const scope = await run.scope()
  const parameters = await executeArguments(state, scope, statement, prepared.parameters)
  return state.runQuery(run, sourceOf(prepared), parameters)
}

function runDeallocate(state: SessionState, name: string | undefined): string {
  if (name === undefined) {
    state.prepared.clear()
    return 'DEALLOCATE ALL'
  }
  requirePrepared(state, name)
  state.prepared.delete(name)
  return 'DEALLOCATE'
}

async function runDiscard(state: SessionState, { target }: DiscardStmt): Promise<string> {
  if (target === 'DISCARD_ALL') {
    if (state.transaction.isBlock)
      throw queryError('active_sql_transaction', 'DISCARD ALL cannot run inside a transaction block')
    await closeCursors(state, () => true)
    state.prepared.clear()
    state.sequences.clear()
    state.settings.resetAll()
    setAuthorization(state, undefined, false)
    state.engine.notifications.unlisten(state)
    state.engine.locks.releaseAll(state, 'session')
    await state.engine.dropTemporary(state)
    return 'DISCARD ALL'
  }
  if (target === 'DISCARD_TEMP') {
    await state.engine.dropTemporary(state)
    return 'DISCARD TEMP'
  }
  if (target === 'DISCARD_PLANS') return 'DISCARD PLANS'
  state.sequences.clear()
  return 'DISCARD SEQUENCES'
}

async function runLock(state: SessionState, run: StatementRun, statement: LockStmt): Promise<string> {
  if (!state.transaction.isBlock)
    throw queryError('no_active_sql_transaction', 'LOCK TABLE can only be used in transaction blocks')
  await lockTables(state, await run.scope(), statement)
  return 'LOCK TABLE'
}
