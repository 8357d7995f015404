/**
 * Makes joins of subqueries: EXISTS, IN, NOT IN and comparisons with ANY become semi and anti joins, scalar subqueries
 * left joins, lateral joins ordinary ones. What depends on the outer query in a way that no join can express stays an
 * expression, run for each row.
 */
import { columnExpression, conjunctsOf, isConstant } from '../../../expressions/conditions.js'
import { simplify } from '../../../expressions/simplify.js'
import { isVolatile, isVolatilePlan } from '../../../expressions/volatility.js'
import type { Expression, SubqueryExpression } from '../../../expression.js'
import { emptyPlan, filterPlan, joinPlan, refersTo } from '../../../logical/build-plans.js'
import { copyPlan } from '../../../logical/copy-plan.js'
import { isNeverNull, notNullColumns } from '../../../logical/not-null.js'
import { mapInputs } from '../../../logical/plan-inputs.js'
import { columnIds } from '../../../logical/unique-keys.js'
import { withColumns } from '../../../logical/with-columns.js'
import type { FilterPlan, JoinPlan, LogicalPlan, ProjectPlan } from '../../../logical-plan.js'
import { operatorCall } from '../../../expressions/conditions.js'
import type { RewriteContext } from '../rewrite-context.js'
import { simplifyPlan } from '../simplify-plan.js'
import { extractCorrelations, type Extracted } from './extract-correlations.js'
import { costsLess } from './costs-less.js'
import { isPlainCondition } from './plain-condition.js'
import { ScalarSubqueries } from './scalar-subqueries.js'
import { scalarAggregateJoin } from './scalar-aggregate.js'

export function pullUpSubqueries(plan: LogicalPlan, context: RewriteContext): LogicalPlan {
  const inside = mapInputs(plan, (input) => pullUpSubqueries(input, context))
  switch (inside.kind) {
    case 'filter':
      return pullFromFilter(inside, context)
    case 'project':
      return pullFromProject(inside, context)
    case 'join':
      return inside.isLateral ? withoutLateral(inside, context) : inside
    default:
      return inside
  }
}

/** The plan of a subquery, ready to become a side of a join. */
function preparedSubquery(plan: LogicalPlan, context: RewriteContext): LogicalPlan {
  const own = context.joined.has(plan) ? copyPlan(plan, context.ids) : plan
  context.joined.add(plan)
  return pullUpSubqueries(simplifyPlan(own, context.scalar), context)
}

function pullFromFilter(plan: FilterPlan, context: RewriteContext): LogicalPlan {
  const conditions = conjunctsOf(plan.condition)
  let { input } = plan
  const rest: Expression[] = []
  for (const condition of conditions) {
    // There may be thousands that are no subqueries.
    if (!isSubqueryTest(condition)) {
      rest.push(condition)
      continue
    }
    const others = conditions.filter((other) => other !== condition)
    const joined = joinOfCondition(input, condition, others, context)
    if (joined === undefined) rest.push(condition)
    else input = joined
  }
  const scalars = new ScalarSubqueries(input, context, rest, preparedSubquery)
  const replaced = rest.map((condition) => scalars.replaceIn(condition))
  return withColumns(filterPlan(scalars.input, replaced), plan.columns)
}

function isSubqueryTest(condition: Expression): boolean {
  return (condition.kind === 'not' ? condition.arg : condition).kind === 'subquery'
}

function pullFromProject(plan: ProjectPlan, context: RewriteContext): LogicalPlan {
  const scalars = new ScalarSubqueries(plan.input, context, [], preparedSubquery)
  const expressions = plan.expressions.map((expression) => scalars.replaceIn(expression))
  return scalars.input === plan.input ? plan : { ...plan, expressions, input: scalars.input }
}

/** The join that keeps the rows of `input` for which the condition is true. */
function joinOfCondition(
  input: LogicalPlan,
  condition: Expression,
  others: readonly Expression[],
  context: RewriteContext,
): LogicalPlan | undefined {
  const isNegated = condition.kind === 'not'
  const subquery = isNegated ? condition.arg : condition
  if (subquery.kind !== 'subquery' || isVolatilePlan(subquery.plan)) return undefined
  if (context.kept.has(subquery.plan) || subquery.left?.some(isVolatile)) return undefined
  const join = (): LogicalPlan | undefined => {
    switch (subquery.mode) {
      case 'exists':
        return joinOfExists(input, subquery, isNegated, others, context)
      case 'any':
        return joinOfAny(input, subquery, isNegated, others, context)
      case 'all':
        return isNegated ? undefined : joinOfAll(input, subquery, others, context)
      default:
        return undefined
    }
  }
  const joined = join()
  if (joined === undefined) context.kept.add(subquery.plan)
  return joined
}

function joinOfExists(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  isNegated: boolean,
  others: readonly Expression[],
  context: RewriteContext,
): LogicalPlan | undefined {
  // Without a correlation it is asked once, and no join is needed.
  if (!refersTo(subquery.plan, input)) return undefined
  const right = withoutOutput(preparedSubquery(subquery.plan, context))
  if (right.kind === 'aggregate' && right.groups.length === 0 && right.groupingSets === undefined) {
    return isNegated ? emptyPlan(input.columns) : input
  }
  const extracted = extractCorrelations(right, columnIds(input), context.ids)
  if (extracted === undefined || extracted.conditions.length === 0) return undefined
  const joined = joinPlan(isNegated ? 'anti' : 'semi', input, extracted.plan, extracted.conditions)
  return isBetter(joined, extracted, input, others, subquery, context) ? joined : undefined
}

/** Whether there are rows does not depend on what they look like, how often they come or in which order. */
function withoutOutput(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'project':
      return plan.expressions.some(isVolatile) ? plan : withoutOutput(plan.input)
    case 'sort':
    case 'distinct':
      return withoutOutput(plan.input)
    case 'limit': {
      const { limit, offset } = plan
      const hasOffset = offset !== undefined && !isConstant(offset, 0)
      const isSome =
        limit === undefined || (limit.kind === 'constant' && limit.value !== 0 && isCount(limit.value))
      return isSome && !hasOffset ? withoutOutput(plan.input) : plan
    }
    default:
      return plan
  }
}

function isCount(value: unknown): boolean {
  return value === null || (typeof value === 'number' && value > 0)
}

function joinOfAny(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  isNegated: boolean,
  others: readonly Expression[],
  context: RewriteContext,
): LogicalPlan | undefined {
  const { left = [], operators = [], comparison } = subquery
  if (left.length !== 1 && comparison !== 'eq') return undefined
  return joinOfComparisons(input, subquery, isNegated, others, context, (right) =>
    left.map((one, at) => {
      const [operator, column] = [operators[at], right.columns[at]]
      return operator && column && operatorCall(operator, one, columnExpression(column), subquery.type)
    }),
  )
}

/** `x <> ALL (…)`: no row is equal. `x > ALL (…)`: for no row it is not so. */
function joinOfAll(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  others: readonly Expression[],
  context: RewriteContext,
): LogicalPlan | undefined {
  const { left: [one] = [], operators: [operator] = [] } = subquery
  if (subquery.left?.length !== 1 || one === undefined || operator === undefined) return undefined
  return joinOfComparisons(input, subquery, true, others, context, ({ columns: [column] }) => [
    column &&
      simplify(
        {
          kind: 'not',
          type: subquery.type,
          arg: operatorCall(operator, one, columnExpression(column), subquery.type),
        },
        context.scalar,
      ),
  ])
}

function joinOfComparisons(
  input: LogicalPlan,
  subquery: SubqueryExpression,
  isNegated: boolean,
  others: readonly Expression[],
  context: RewriteContext,
  compare: (right: LogicalPlan) => readonly (Expression | undefined)[],
): LogicalPlan | undefined {
  const right = preparedSubquery(subquery.plan, context)
  const conditions = compare(right).filter((condition) => condition !== undefined)
  if (conditions.length === 0 || conditions.some(isVolatile)) return undefined
  const extracted = extractCorrelations(right, columnIds(input), context.ids)
  if (extracted === undefined) return undefined
  if (!isNegated) {
    const joined = joinPlan('semi', input, extracted.plan, [...conditions, ...extracted.conditions])
    return isBetter(joined, extracted, input, others, subquery, context) ? joined : undefined
  }
  if (isNeverUnknown(subquery, input, right)) {
    const joined = joinPlan('anti', input, extracted.plan, [...conditions, ...extracted.conditions])
    return isBetter(joined, extracted, input, others, subquery, context) ? joined : undefined
  }
  // One condition alone says whether a match is unknown; with others the subquery is left to be run by itself.
  if (extracted.conditions.length > 0 || conditions.length > 1) return undefined
  return { ...joinPlan('anti', input, extracted.plan, conditions), isNullAware: true }
}

/** Whether comparing can never give null: nothing that is compared is null. */
function isNeverUnknown(
  { left = [], operators = [] }: SubqueryExpression,
  input: LogicalPlan,
  right: LogicalPlan,
): boolean {
  const ofInput = notNullColumns(input)
  const ofRight = notNullColumns(right)
  return (
    left.every((one) => isNeverNull(one, ofInput)) &&
    right.columns.every((column) => ofRight.has(column.id)) &&
    operators.every((operator) => operator.comparison !== undefined)
  )
}

/** Whether a join costs less than running the subquery for each row; a plain scan is always better joined. */
function isBetter(
  joined: LogicalPlan,
  extracted: Extracted,
  input: LogicalPlan,
  others: readonly Expression[],
  subquery: SubqueryExpression,
  context: RewriteContext,
): boolean {
  if (isSimple(extracted.plan) || !refersTo(subquery.plan, input)) return true
  const filtered = (plan: LogicalPlan): LogicalPlan => filterPlan(plan, others.filter(isPlainCondition))
  const rows = context.estimate(filtered(input))
  const perRow = context.estimate(subquery.plan)
  return context.estimate(filtered(joined)).totalCost <= rows.totalCost + rows.rows * perRow.totalCost
}

function isSimple(plan: LogicalPlan): boolean {
  return plan.kind === 'scan' || ((plan.kind === 'filter' || plan.kind === 'project') && isSimple(plan.input))
}

/** A lateral join as an ordinary one, if its right side depends on the left by conditions only. */
function withoutLateral(join: JoinPlan, context: RewriteContext): LogicalPlan {
  if (join.type === 'right' || join.type === 'full') return join
  const conditions = conjunctsOf(join.condition)
  const outer = columnIds(join.left)
  const extracted = extractCorrelations(join.right, outer, context.ids)
  if (extracted === undefined) return scalarAggregateJoin(join, context) ?? join
  const joined = joinPlan(join.type, join.left, extracted.plan, [...conditions, ...extracted.conditions])
  const isWorthIt = isSimple(extracted.plan) || !extracted.isEager || costsLess(joined, join, context)
  return isWorthIt ? withColumns(joined, join.columns) : join
}
