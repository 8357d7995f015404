/**
 * Moves projections above joins, so that what they stand between can be joined in any order. Expressions are computed
 * after the join instead of before it, and conditions of the join are written over what they stand for.
 */
import { columnExpression } from '../../expressions/conditions.js'
import { substitute, substituteInPlan, type Substitution } from '../../expressions/substitute.js'
import { hasSubquery, isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { joinColumns, mapInputs } from '../../logical/plan-inputs.js'
import { columnIds } from '../../logical/unique-keys.js'
import { withColumns } from '../../logical/with-columns.js'
import type { FilterPlan, JoinPlan, LogicalPlan, ProjectPlan } from '../../logical-plan.js'

export function pullUpProjections(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'set-operation':
    case 'with':
    case 'recursive':
    case 'insert':
      // By position: each input keeps its columns in their order.
      return mapInputs(plan, (input) => withColumns(pullUpProjections(input), input.columns))
    default:
  }
  const inside = mapInputs(plan, pullUpProjections)
  switch (inside.kind) {
    case 'filter':
      return pullAboveFilter(inside)
    case 'join':
      return pullAboveJoin(inside)
    default:
      return inside
  }
}

function pullAboveFilter(plan: FilterPlan): LogicalPlan {
  const { input } = plan
  if (input.kind !== 'project' || !isMovable(input)) return plan
  const condition = substitute(plan.condition, substitutionOf(input))
  return {
    ...input,
    input: { kind: 'filter', columns: input.input.columns, input: input.input, condition },
  }
}

function pullAboveJoin(plan: JoinPlan): LogicalPlan {
  const left = movedLeft(plan)
  const right = movedRight(plan)
  if (left === undefined && right === undefined) return plan
  const substitution = new Map([
    ...(left === undefined ? [] : substitutionOf(left)),
    ...(right === undefined ? [] : substitutionOf(right)),
  ])
  const leftInput = left?.input ?? plan.left
  const rightInput = substituteInPlan(right?.input ?? plan.right, substitution)
  const join: JoinPlan = {
    ...plan,
    left: leftInput,
    right: rightInput,
    condition: plan.condition === undefined ? undefined : substitute(plan.condition, substitution),
    columns: joinColumns(plan.type, leftInput, rightInput),
  }
  const expressions = plan.columns.map((column) => {
    const expression = substitution.get(column.id)
    return expression === undefined ? columnExpression(column) : substitute(expression, substitution)
  })
  return { kind: 'project', columns: plan.columns, input: join, expressions }
}

function movedLeft({ type, left }: JoinPlan): ProjectPlan | undefined {
  if (left.kind !== 'project' || !isMovable(left)) return undefined
  // Where rows of nulls stand in for rows of the left side, computed values would not be null.
  return type === 'inner' || type === 'left' || type === 'semi' || type === 'anti' || isPlain(left)
    ? left
    : undefined
}

function movedRight({ type, right }: JoinPlan): ProjectPlan | undefined {
  if (right.kind !== 'project' || !isMovable(right)) return undefined
  return type === 'inner' || type === 'right' || type === 'semi' || type === 'anti' || isPlain(right)
    ? right
    : undefined
}

/** Only columns of its input that are handed on, perhaps under another id: where the input is null, so are they. */
function isPlain({ expressions, input }: ProjectPlan): boolean {
  const own = columnIds(input)
  return expressions.every((expression) => expression.kind === 'column' && own.has(expression.column))
}

function isMovable({ expressions }: ProjectPlan): boolean {
  return !expressions.some((expression) => isVolatile(expression) || hasSubquery(expression))
}

function substitutionOf({ columns, expressions }: ProjectPlan): Substitution {
  const substitution = new Map<ColumnId, Expression>()
  columns.forEach((column, at) => {
    const expression = expressions[at]
    if (expression === undefined) return
    const isSame = expression.kind === 'column' && expression.column === column.id
    if (!isSame) substitution.set(column.id, expression)
  })
  return substitution
}
