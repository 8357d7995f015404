import { columnExpression } from '../../../expressions/conditions.js'
import { mapArguments } from '../../../expressions/map-arguments.js'
import { isVolatilePlan } from '../../../expressions/volatility.js'
import type { Expression, SubqueryExpression } from '../../../expression.js'
import { filterPlan, joinPlan, refersTo } from '../../../logical/build-plans.js'
import { columnIds, fixedColumns, isUniqueOn } from '../../../logical/unique-keys.js'
import type { JoinPlan, LogicalPlan } from '../../../logical-plan.js'
import { COST } from '../../cost/costs.js'
import type { RewriteContext } from '../rewrite-context.js'
import { extractCorrelations } from './extract-correlations.js'
import { isPlainCondition } from './plain-condition.js'
import { aggregateJoin } from './scalar-aggregate.js'

/** The plan of a subquery as one side of a join: its own subqueries are pulled up first. */
export type PrepareSubquery = (plan: LogicalPlan, context: RewriteContext) => LogicalPlan

/** Makes left joins of scalar subqueries in expressions over one input. */
export class ScalarSubqueries {
  #input: LogicalPlan
  readonly #context: RewriteContext
  /** Conditions that rows of the input have to meet besides, for estimating how many there are. */
  readonly #conditions: readonly Expression[]
  readonly #prepare: PrepareSubquery

  constructor(
    input: LogicalPlan,
    context: RewriteContext,
    conditions: readonly Expression[],
    prepare: PrepareSubquery,
  ) {
    this.#prepare = prepare
    this.#input = input
    this.#context = context
    this.#conditions = conditions.filter(isPlainCondition)
  }

  /** The input, joined with all that has been replaced so far. */
  get input(): LogicalPlan {
    return this.#input
  }

  /** What may not be evaluated for each row, because a condition is asked before it, is left as it is. */
  replaceIn(expression: Expression): Expression {
    if (expression.kind === 'case' || expression.kind === 'coalesce') return expression
    if (expression.kind === 'subquery' && expression.mode === 'scalar') return this.#replace(expression)
    return mapArguments(expression, (argument) => this.replaceIn(argument))
  }

  #replace(subquery: SubqueryExpression): Expression {
    const context = this.#context
    const { plan } = subquery
    if (context.kept.has(plan) || isVolatilePlan(plan) || !refersTo(plan, this.#input)) return subquery
    const joined = this.#join(subquery)
    if (joined === undefined) {
      context.kept.add(plan)
      return subquery
    }
    this.#input = joined.join
    return joined.value
  }

  #join(subquery: SubqueryExpression): { readonly join: JoinPlan; readonly value: Expression } | undefined {
    const context = this.#context
    const right = this.#prepare(subquery.plan, context)
    const [column] = right.columns
    if (column === undefined) return undefined
    const aggregated = aggregateJoin(this.#input, right, context)
    if (aggregated !== undefined) {
      const value = aggregated.values.get(column.id)
      return value !== undefined && this.#isBetter(aggregated.join.right, subquery)
        ? { join: aggregated.join, value }
        : undefined
    }
    const extracted = extractCorrelations(right, columnIds(this.#input), context.ids)
    if (extracted === undefined || extracted.isEager) return undefined
    const { plan, conditions } = extracted
    // One row at most is found for each outer row, or there would have to be an error.
    if (!isUniqueOn(plan, fixedColumns(conditions, columnIds(plan)))) return undefined
    return { join: joinPlan('left', this.#input, plan, conditions), value: columnExpression(column) }
  }

  /** Whether computing all groups costs less than one for each row. */
  #isBetter(groups: LogicalPlan, subquery: SubqueryExpression): boolean {
    const context = this.#context
    const { rows } = context.estimate(filterPlan(this.#input, this.#conditions))
    const perRow = context.estimate(subquery.plan).totalCost + COST.subplan
    return context.estimate(groups).totalCost + rows * COST.hashProbe <= rows * perRow
  }
}
