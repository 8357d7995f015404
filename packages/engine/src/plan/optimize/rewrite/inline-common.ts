import { defined } from '@orbit-ts/base'
import { columnExpression } from '../../expressions/conditions.js'
import { rewriteExpression } from '../../expressions/map-arguments.js'
import { isVolatilePlan } from '../../expressions/volatility.js'
import type { ColumnIds } from '../../logical/column-ids.js'
import { copyPlan } from '../../logical/copy-plan.js'
import { mapExpressions } from '../../logical/plan-expressions.js'
import { inputsOf, mapInputs } from '../../logical/plan-inputs.js'
import type { CommonDefinition, CommonScanPlan, LogicalPlan, WithPlan } from '../../logical-plan.js'

/** Operators of the copies of a plan: copies of copies would soon be millions. What is larger is computed once instead. */
const COPIED_MAX = 1000

/** A plan to be written where it is read; the first place takes it, the others get copies. */
interface Inlined {
  readonly plan: LogicalPlan
  isTaken: boolean
}

/**
 * Writes what WITH names into the places that read it, where PostgreSQL does: plans that are read once (or where the
 * query says NOT MATERIALIZED), unless they are recursive, volatile or change rows.
 */
export function inlineCommon(plan: LogicalPlan, ids: ColumnIds): LogicalPlan {
  return inline(plan, new Map(), ids)
}

function inline(plan: LogicalPlan, inlined: Map<number, Inlined>, ids: ColumnIds): LogicalPlan {
  if (plan.kind === 'common-scan') return inlineScan(plan, inlined, ids)
  if (plan.kind === 'with') return inlineWith(plan, inlined, ids)
  const mapped = mapInputs(plan, (input) => inline(input, inlined, ids))
  return mapExpressions(mapped, (expression) =>
    rewriteExpression(expression, (part) => {
      if (part.kind !== 'subquery') return part
      const inner = inline(part.plan, inlined, ids)
      return inner === part.plan ? part : { ...part, plan: inner }
    }),
  )
}

function inlineWith(plan: WithPlan, inlined: Map<number, Inlined>, ids: ColumnIds): LogicalPlan {
  const kept: CommonDefinition[] = []
  for (const definition of plan.definitions) {
    const own = inline(definition.plan, inlined, ids)
    if (isInlined(definition, own)) inlined.set(definition.id, { plan: own, isTaken: false })
    else kept.push({ ...definition, plan: own })
  }
  const body = inline(plan.body, inlined, ids)
  return kept.length === 0 ? body : { ...plan, definitions: kept, body }
}

function isInlined({ isMaterialized, uses }: CommonDefinition, plan: LogicalPlan): boolean {
  const isWanted = isMaterialized === false || (isMaterialized === undefined && uses <= 1)
  if (!isWanted || isVolatilePlan(plan) || contains(plan, 'recursive')) return false
  if (uses > 1 && sizeOf(plan) * uses > COPIED_MAX) return false
  // The names that a plan gives inside are unique in the statement, so it can be there once only.
  return uses <= 1 || !contains(plan, 'with')
}

/** How many operators a plan has; no more are counted than matter. */
function sizeOf(plan: LogicalPlan): number {
  let size = 1
  for (const input of inputsOf(plan)) {
    if (size > COPIED_MAX) break
    size += sizeOf(input)
  }
  return size
}

function contains(plan: LogicalPlan, kind: LogicalPlan['kind']): boolean {
  return plan.kind === kind || inputsOf(plan).some((input) => contains(input, kind))
}

function inlineScan(
  plan: CommonScanPlan,
  inlined: ReadonlyMap<number, Inlined>,
  ids: ColumnIds,
): LogicalPlan {
  const source = inlined.get(plan.definition)
  if (source === undefined) return plan
  const input = source.isTaken ? copyPlan(source.plan, ids) : source.plan
  source.isTaken = true
  const expressions = plan.ordinals.map((ordinal) =>
    columnExpression(defined(input.columns[ordinal], 'a column of the definition')),
  )
  return { kind: 'project', columns: plan.columns, input, expressions }
}
