import { mapAll } from '../expressions/map-arguments.js'
import { mapAggregate, mapSortKeys, mapWindowCall } from '../expressions/map-calls.js'
import type { Expression } from '../expression.js'
import type {
  Assignment,
  DeletePlan,
  InsertPlan,
  LogicalPlan,
  MergeAction,
  MergePlan,
  UpdatePlan,
} from '../logical-plan.js'

type Mapping = (expression: Expression) => Expression
export type ChangePlan = InsertPlan | UpdatePlan | DeletePlan | MergePlan

type Visit = (expression: Expression) => void

/** Calls `visit` for each expression of the plan itself, not of its inputs. */
export function eachExpression(plan: LogicalPlan, visit: Visit): void {
  mapExpressions(plan, (expression) => {
    visit(expression)
    return expression
  })
}

/** The plan with its own expressions replaced by what `map` makes of them; the same object when all stay the same. */
export function mapExpressions(plan: LogicalPlan, map: Mapping): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'common-scan':
    case 'set-operation':
    case 'with':
    case 'recursive':
    case 'lock':
      return plan
    case 'values': {
      const rows = mapAll(plan.rows, (row) => mapAll(row, map))
      return rows === plan.rows ? plan : { ...plan, rows }
    }
    case 'filter': {
      const condition = map(plan.condition)
      return condition === plan.condition ? plan : { ...plan, condition }
    }
    case 'project': {
      const expressions = mapAll(plan.expressions, map)
      return expressions === plan.expressions ? plan : { ...plan, expressions }
    }
    case 'join': {
      const condition = optional(plan.condition, map)
      return condition === plan.condition ? plan : { ...plan, condition }
    }
    case 'aggregate': {
      const groups = mapAll(plan.groups, map)
      const aggregates = mapAll(plan.aggregates, (call) => mapAggregate(call, map))
      return groups === plan.groups && aggregates === plan.aggregates ? plan : { ...plan, groups, aggregates }
    }
    case 'window': {
      const partitionBy = mapAll(plan.partitionBy, map)
      const orderBy = mapSortKeys(plan.orderBy, map)
      const calls = mapAll(plan.calls, (call) => mapWindowCall(call, map))
      const isSame = partitionBy === plan.partitionBy && orderBy === plan.orderBy && calls === plan.calls
      return isSame ? plan : { ...plan, partitionBy, orderBy, calls }
    }
    case 'sort': {
      const keys = mapSortKeys(plan.keys, map)
      return keys === plan.keys ? plan : { ...plan, keys }
    }
    case 'limit': {
      const limit = optional(plan.limit, map)
      const offset = optional(plan.offset, map)
      const withTies = plan.withTies === undefined ? undefined : mapSortKeys(plan.withTies, map)
      if (limit === plan.limit && offset === plan.offset && withTies === plan.withTies) return plan
      return { ...plan, limit, offset, ...(withTies === undefined ? {} : { withTies }) }
    }
    case 'distinct': {
      if (plan.on === undefined) return plan
      const on = mapAll(plan.on, map)
      return on === plan.on ? plan : { ...plan, on }
    }
    case 'table-function':
    case 'unnest-calls': {
      const calls = mapAll(plan.calls, (call) => {
        const args = mapAll(call.args, map)
        return args === call.args ? call : { ...call, args }
      })
      return calls === plan.calls ? plan : { ...plan, calls }
    }
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return mapChange(plan, map)
  }
}

/** Expressions of a modifying plan: what it assigns, checks and gives back. */
export function mapChange(plan: ChangePlan, map: Mapping): ChangePlan {
  switch (plan.kind) {
    case 'insert':
      return mapReturning(mapOnConflict(plan, map), map)
    case 'update': {
      const assignments = mapAssignments(plan.assignments, map)
      return mapReturning(assignments === plan.assignments ? plan : { ...plan, assignments }, map)
    }
    case 'delete':
      return mapReturning(plan, map)
    case 'merge': {
      const actions = mapAll(plan.actions, (action) => mapAction(action, map))
      return actions === plan.actions ? plan : { ...plan, actions }
    }
  }
}

function mapOnConflict(plan: InsertPlan, map: Mapping): InsertPlan {
  const update = plan.onConflict?.update
  if (plan.onConflict === undefined || update === undefined) return plan
  const assignments = mapAssignments(update.assignments, map)
  const condition = optional(update.condition, map)
  if (assignments === update.assignments && condition === update.condition) return plan
  const mapped = { ...update, assignments, ...(condition === undefined ? {} : { condition }) }
  return { ...plan, onConflict: { ...plan.onConflict, update: mapped } }
}

function mapReturning<P extends InsertPlan | UpdatePlan | DeletePlan>(plan: P, map: Mapping): P {
  if (plan.returning === undefined) return plan
  const expressions = mapAll(plan.returning.expressions, map)
  return expressions === plan.returning.expressions
    ? plan
    : { ...plan, returning: { ...plan.returning, expressions } }
}

function mapAction(action: MergeAction, map: Mapping): MergeAction {
  const condition = optional(action.condition, map)
  const withCondition =
    condition === action.condition ? action : { ...action, ...(condition && { condition }) }
  const inner = action.action
  if (inner.kind !== 'update' && inner.kind !== 'insert') return withCondition
  const assignments = mapAssignments(inner.assignments, map)
  return assignments === inner.assignments
    ? withCondition
    : { ...withCondition, action: { ...inner, assignments } }
}

function mapAssignments(assignments: readonly Assignment[], map: Mapping): readonly Assignment[] {
  return mapAll(assignments, (assignment) => {
    const expression = optional(assignment.expression, map)
    return expression === assignment.expression ? assignment : { ...assignment, expression }
  })
}

function optional(expression: Expression | undefined, map: Mapping): Expression | undefined {
  return expression === undefined ? undefined : map(expression)
}
