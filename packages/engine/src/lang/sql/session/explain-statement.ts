import { queryError } from '../../../scalar/condition.js'
import { explainJson } from '../../../plan/explain/explain-json.js'
import { explainPlan } from '../../../plan/explain/explain-plan.js'
import { explainText } from '../../../plan/explain/explain-text.js'
import type { Row, Value } from '../../../scalar/value.js'
import { json, text } from '../../../scalar/types/system-types.js'
import { nodeKind } from '../parse/tree.js'
import type { StatementResult } from '../session-contract.js'
import { checkPrivileges } from './check-privileges.js'
import { QUERY_TAGS, computed, requirePrepared } from './describe-statement.js'
import { explainOptions } from './explain-options.js'
import { executeArguments } from './execute-arguments.js'
import type { LiftedQuery } from './lifted-plans.js'
import { currentPlan, drain, sourceOf, startPlan, type QuerySource } from './query-statement.js'
import { runPlanned, type PlanOf } from './run-planned.js'
import type { StatementScope } from './statement-scope.js'
import { rowsInMemory } from './rows-in-memory.js'
import type { SessionState } from './session-state.js'
import type { StatementRun } from './statement-run.js'
import { innerQuery } from './utility-tags.js'

/** EXPLAIN of a query, or of a prepared one. With ANALYZE it is run, and all that it changes stays changed. */
export async function runExplain(
  state: SessionState,
  run: StatementRun,
  source: QuerySource,
  parameters: readonly Value[],
): Promise<StatementResult> {
  const { node } = source.tree
  if (!('ExplainStmt' in node)) throw queryError('syntax_error', 'EXPLAIN is expected')
  const options = explainOptions(node.ExplainStmt)
  const scope = await run.scope()
  const { clock } = state.env
  const startedMs = clock.monotonicMs()
  const inner = await explained(state, scope, source, parameters)
  const planOf: PlanOf = (catalog) => ({
    plan: currentPlan(state, inner.source, catalog),
    values: inner.parameters,
  })
  const explain = async (
    { plan, values }: LiftedQuery,
    current: StatementScope,
  ): Promise<StatementResult> => {
    checkPrivileges(current.catalog, state.user, plan.bound.privileges)
    const plannedMs = clock.monotonicMs()
    let figures
    if (options.analyze) {
      const { execution } = startPlan(state, plan, values, current, { isMeasured: true })
      await drain(execution)
      figures = execution.counters
    }
    const endedMs = clock.monotonicMs()
    const shown = {
      costs: options.costs,
      verbose: options.verbose,
      timing: options.timing,
      ...(options.summary ? { planningMs: plannedMs - startedMs } : {}),
      ...(options.summary && options.analyze ? { executionMs: endedMs - plannedMs } : {}),
    }
    const root = explainPlan(plan.executable, state.scalar, shown, figures)
    const isJson = options.format === 'json'
    const rows: Row[] = isJson ? [[explainJson(root, shown)]] : explainText(root, shown).map((line) => [line])
    return rowsInMemory([computed('QUERY PLAN', isJson ? json : text)], rows, 'EXPLAIN')
  }
  return runPlanned(state, run, planOf, explain, scope)
}

async function explained(
  state: SessionState,
  scope: StatementScope,
  source: QuerySource,
  parameters: readonly Value[],
): Promise<{ source: QuerySource; parameters: readonly Value[] }> {
  const tree = innerQuery(source.tree)
  if (tree === undefined) throw queryError('syntax_error', 'EXPLAIN needs a statement')
  if ('ExecuteStmt' in tree.node) {
    const prepared = requirePrepared(state, tree.node.ExecuteStmt.name ?? '')
    const values = await executeArguments(state, scope, tree.node.ExecuteStmt, prepared.parameters)
    return { source: sourceOf(prepared), parameters: values }
  }
  if (!QUERY_TAGS.has(nodeKind(tree.node)))
    throw queryError('feature_not_supported', `EXPLAIN of ${nodeKind(tree.node)} is not supported`)
  const { parameterTypes } = source
  return { source: { tree, parameterTypes, plan: undefined, isUnprepared: true }, parameters }
}
