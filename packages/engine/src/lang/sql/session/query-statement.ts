import { queryError } from '../../../scalar/condition.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { PlanExecution } from '../../../exec/compiled-plan.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import type { StatementTree } from '../parse/tree.js'
import type { ParsedStatement, PreparedStatement, ResultColumn } from '../session-contract.js'
import { cachedExecution } from './cached-execution.js'
import { checkPrivileges } from './check-privileges.js'
import { planKey, planQuery, type QueryPlan } from './query-plan.js'
import { readOnly } from './read-only.js'
import { readyQuery, type PlanOf } from './run-planned.js'
import type { SessionState } from './session-state.js'
import { StatementExecution } from './statement-execution.js'
import type { StatementScope } from './statement-scope.js'

/** A query that was prepared, with the plan that was good last. */
export interface QuerySource {
  readonly tree: StatementTree
  /** As the client gave them. */
  readonly parameterTypes: readonly (DataType | undefined)[]
  plan: QueryPlan | undefined
  /** Nobody has been told of its columns yet. Default: somebody was. */
  readonly isUnprepared?: true
}

/** A prepared statement as the session keeps it. */
export interface Prepared extends PreparedStatement {
  readonly source: QuerySource
}

export function treeOf({ tree }: ParsedStatement): StatementTree {
  // `parse` made it.
  return tree as StatementTree
}

/** What a statement is run from. */
export function sourceOf(statement: PreparedStatement | ParsedStatement): QuerySource {
  if (!('statement' in statement))
    return { tree: treeOf(statement), parameterTypes: [], plan: undefined, isUnprepared: true }
  // `prepare` made it.
  return (statement as Prepared).source
}

/** The plan for a query as things are now. @throws feature_not_supported when its columns have changed since */
export function currentPlan(state: SessionState, source: QuerySource, catalog: CatalogSnapshot): QueryPlan {
  const key = planKey(state, catalog)
  const known = source.plan
  if (known?.key === key) return known
  const plan = planQuery(state, source.tree, source.parameterTypes, catalog, key)
  const isFixed = known !== undefined && source.isUnprepared !== true
  if (isFixed && !sameColumns(known.bound.columns, plan.bound.columns))
    throw queryError('feature_not_supported', 'cached plan must not change result type')
  source.plan = plan
  return plan
}

export interface QueryRun {
  readonly plan: QueryPlan
  readonly execution: PlanExecution
}

/**
 * Begins to run a query as a part of a statement, once nobody keeps it from its tables; rows come as `execution` is
 * read.
 */
export async function startQuery(
  state: SessionState,
  source: QuerySource,
  parameters: readonly Value[],
  scope: StatementScope,
): Promise<QueryRun> {
  const planOf: PlanOf = (catalog) => ({ plan: currentPlan(state, source, catalog), values: parameters })
  const { query, scope: current } = await readyQuery(state, planOf, scope)
  return startPlan(state, query.plan, parameters, current)
}

/** Begins to run a plan that is good for the statement's catalog, and keeps its tables locked. */
export function startPlan(
  state: SessionState,
  plan: QueryPlan,
  parameters: readonly Value[],
  scope: StatementScope,
  options: { readonly isMeasured?: boolean } = {},
): QueryRun {
  if (parameters.length < plan.bound.parameters.length)
    throw queryError('undefined_parameter', `there is no parameter $${parameters.length + 1}`)
  checkPrivileges(scope.catalog, state.user, plan.bound.privileges)
  requireWritable(state, plan)
  const executionContext = new StatementExecution(state, parameters, scope)
  const run = (): PlanExecution => plan.compiled.run(executionContext, options)
  const cachedSince = options.isMeasured === true ? undefined : scope.cachedSince
  return { plan, execution: cachedExecution(state, plan, parameters, cachedSince, run) }
}

/** The rows of a query, and the command tag once they have been read. */
export function queryTag(
  { plan, execution }: Pick<QueryRun, 'plan' | 'execution'>,
  rowCount: number,
): string {
  switch (plan.bound.kind) {
    case 'select':
      return `SELECT ${rowCount}`
    case 'insert':
      return `INSERT 0 ${execution.changedRows}`
    default:
      return `${plan.bound.kind.toUpperCase()} ${execution.changedRows}`
  }
}

/** Reads to the end, for statements without rows. */
export async function drain(rows: AsyncIterable<Row[]>): Promise<number> {
  let count = 0
  for await (const batch of rows) count += batch.length
  return count
}

function requireWritable({ transaction }: SessionState, { bound }: QueryPlan): void {
  if (!transaction.isReadOnly) return
  if (bound.isModifying) throw readOnly(bound.kind.toUpperCase())
  if (bound.isLocking) throw readOnly('SELECT FOR UPDATE')
}

function sameColumns(
  a: readonly ResultColumn[] | undefined,
  b: readonly ResultColumn[] | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.length === b.length &&
    a.every(({ type }, at) => {
      const other = b[at]?.type
      return type.scalar.oid === other?.scalar.oid && type.modifier === other.modifier
    })
  )
}
