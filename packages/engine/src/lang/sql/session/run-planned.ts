/**
 * Statements that work by definitions: they wait for whoever keeps their tables locked before they are planned, and are
 * run again where a definition turns out to be another one while they run, or when they are committed.
 *
 * Invariants:
 * 1. A plan is of the catalog in whose scope it runs.
 * 2. A statement is run again only while nothing of its result has been handed on, and from where it began: what it did
 *    before is undone, its locks apart.
 */
import type { PlanExecution } from '../../../exec/compiled-plan.js'
import { isStaleRelation } from '../../../relation/stale-relation.js'
import type { Row } from '../../../scalar/value.js'
import type { BoundStatement } from '../bind/bind-context.js'
import { loadCatalog } from '../catalog/load-catalog.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'
import type { LiftedQuery } from './lifted-plans.js'
import { lockForQuery } from './lock-statement.js'
import type { SessionState } from './session-state.js'
import { isOvertaken, type StatementMark } from './session-transaction.js'
import type { StatementRun } from './statement-run.js'
import type { StatementScope } from './statement-scope.js'

/** The plan as it is with a catalog, and the values of its parameters. */
export type PlanOf = (catalog: LoadedCatalog) => LiftedQuery

export interface ReadyQuery {
  readonly query: LiftedQuery
  readonly scope: StatementScope
}

/** How often a statement is run again. Each time somebody else has changed a definition; this many times nobody does. */
const RESTARTS_MAX = 100

/** The plan, once nobody keeps the statement from its tables; at once where nobody does. */
export function readyQuery(
  state: SessionState,
  planOf: PlanOf,
  scope: StatementScope,
): ReadyQuery | Promise<ReadyQuery> {
  const query = planOf(scope.catalog)
  const waiting = lockForQuery(state, query.plan.bound, scope.signal)
  return waiting === undefined ? { query, scope } : readyAfter(waiting, state, planOf, scope)
}

/** Whoever kept it waiting may have changed the tables. */
async function readyAfter(
  waiting: Promise<void>,
  state: SessionState,
  planOf: PlanOf,
  scope: StatementScope,
): Promise<ReadyQuery> {
  await waiting
  return readyQuery(state, planOf, await renewed(state, scope))
}

/** The statement goes on with what is committed by now. */
export async function renewed(state: SessionState, scope: StatementScope): Promise<StatementScope> {
  const { context } = scope
  await context.storage.refresh()
  const catalog = await loadCatalog(context)
  state.scalar.start(catalog)
  return { ...scope, catalog, snapshot: context.storage.snapshotCount, cachedSince: undefined }
}

/** Does `work` with the plan of a query. @param begun where the statement has begun already */
export async function runPlanned<T>(
  state: SessionState,
  run: StatementRun,
  planOf: PlanOf,
  work: (query: LiftedQuery, scope: StatementScope) => Promise<T>,
  begun?: StatementScope,
): Promise<T> {
  const { transaction } = state
  let first = begun
  for (let restarts = 0; ; restarts++) {
    const pending = readyQuery(state, planOf, first ?? (await run.scope()))
    first = undefined
    const { query, scope } = pending instanceof Promise ? await pending : pending
    const mark = mayRunAgain(query.plan.bound) ? transaction.mark() : undefined
    try {
      const result = await work(query, scope)
      transaction.unmark(mark)
      return result
    } catch (error) {
      await goBack(state, error, mark, restarts)
    }
  }
}

/** Does `work`, which plans for itself. */
export async function runAgainWhenStale<T>(
  state: SessionState,
  run: StatementRun,
  work: (scope: StatementScope) => Promise<T>,
): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    const scope = await run.scope()
    const mark = state.transaction.mark()
    try {
      const result = await work(scope)
      state.transaction.unmark(mark)
      return result
    } catch (error) {
      await goBack(state, error, mark, restarts)
    }
  }
}

/** Only after a lock a statement reads anything that was committed after it began. */
export function mayRunAgain({ isModifying, isLocking }: BoundStatement): boolean {
  return isModifying || isLocking
}

/**
 * The batches of an execution. Of a statement that may have to be run again the first is there already, and with it
 * everything that the statement changes.
 */
export async function begunBatches(
  execution: PlanExecution,
  bound: BoundStatement,
): Promise<AsyncIterator<Row[], void>> {
  const batches = execution[Symbol.asyncIterator]()
  if (!mayRunAgain(bound)) return batches
  let first: IteratorResult<Row[], void> | undefined = await batches.next()
  return {
    next: async () => {
      const next = first ?? (await batches.next())
      first = undefined
      return next
    },
    return: async () => (await batches.return?.()) ?? { done: true, value: undefined },
  }
}

/** Back to where the statement began. @throws the error of a statement that is not to be run again */
async function goBack(
  { transaction }: SessionState,
  error: unknown,
  mark: StatementMark | undefined,
  restarts: number,
): Promise<void> {
  if (restarts >= RESTARTS_MAX) throw error
  // Its transaction has been rolled back already.
  if (isOvertaken(error)) return
  if (!isStaleRelation(error) || !(await transaction.restartStatement(mark))) throw error
}
