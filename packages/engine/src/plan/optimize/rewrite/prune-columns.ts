/**
 * Leaves out what nobody needs: columns that are read for nothing, computed ones that are not used, joins whose other
 * side can neither add nor take away rows.
 */
import { assert } from '@orbit-ts/base'
import { conjunctsOf } from '../../expressions/conditions.js'
import { substitute } from '../../expressions/substitute.js'
import { hasSubquery, isVolatile } from '../../expressions/volatility.js'
import { walkExpression } from '../../expressions/each-argument.js'
import type { ColumnId, Expression } from '../../expression.js'
import { addColumns, columnsOf, freeColumns, referencedColumns } from '../../logical/free-columns.js'
import { mapInputs, withSides } from '../../logical/plan-inputs.js'
import { columnIds, fixedColumns, isSubset, isUniqueOn, uniqueKeys } from '../../logical/unique-keys.js'
import { withColumns } from '../../logical/with-columns.js'
import type {
  AggregatePlan,
  DistinctPlan,
  JoinPlan,
  LogicalPlan,
  OutputColumn,
  ProjectPlan,
  SetOperationPlan,
  WindowPlan,
} from '../../logical-plan.js'

type Needed = ReadonlySet<ColumnId>

/** The plan with exactly these columns in this order, and no more of anything than they need. */
export function pruneColumns(plan: LogicalPlan, columns: readonly OutputColumn[]): LogicalPlan {
  const needed = new Set(columns.map((column) => column.id))
  return withColumns(prune(plan, needed), columns)
}

/** The plan with at least the needed ones of its columns. */
function prune(plan: LogicalPlan, needed: Needed): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'common-scan': {
      const kept = positionsOf(plan.columns, needed)
      if (kept.length === plan.columns.length) return plan
      return { ...plan, columns: pick(plan.columns, kept), ordinals: pick(plan.ordinals, kept) }
    }
    case 'values': {
      const kept = positionsOf(plan.columns, needed)
      if (kept.length === plan.columns.length) return plan
      return { ...plan, columns: pick(plan.columns, kept), rows: plan.rows.map((row) => pick(row, kept)) }
    }
    case 'project':
      return pruneProject(plan, needed)
    case 'join':
      return pruneJoin(plan, needed)
    case 'aggregate':
      return pruneAggregate(plan, needed)
    case 'window':
      return pruneWindow(plan, needed)
    case 'distinct':
      return pruneDistinct(plan, needed)
    case 'set-operation':
      return pruneSetOperation(plan, needed)
    case 'with': {
      const definitions = plan.definitions.map((definition) => ({
        ...definition,
        plan: pruneColumns(definition.plan, definition.plan.columns),
      }))
      const body = prune(plan.body, needed)
      return { ...plan, definitions, body, columns: body.columns }
    }
    case 'recursive':
    case 'insert':
      return mapInputs(plan, (input) => pruneColumns(input, input.columns))
    case 'lock': {
      const withIds = new Set([...needed, ...plan.targets.map((target) => target.rowId)])
      return mapInputs(plan, (input) => prune(input, withIds))
    }
    case 'update':
    case 'delete':
    case 'merge': {
      const used = referencedColumns(plan).add(plan.rowId)
      return mapInputs(plan, (input) => prune(input, used))
    }
    case 'table-function':
      return plan
    case 'filter':
    case 'sort':
    case 'limit':
    case 'unnest-calls':
      return mapInputs(plan, (input) => prune(input, new Set([...needed, ...referencedColumns(plan)])))
  }
}

function pruneProject(plan: ProjectPlan, needed: Needed): LogicalPlan {
  const kept = plan.columns.flatMap((column, at) => {
    const expression = plan.expressions[at]
    return expression !== undefined && (needed.has(column.id) || isVolatile(expression)) ? [at] : []
  })
  const columns = pick(plan.columns, kept)
  const expressions = pick(plan.expressions, kept)
  const used = new Set<ColumnId>()
  for (const expression of expressions) addColumns(expression, used)
  const input = prune(plan.input, used)
  return simplestProject({ ...plan, columns, expressions, input })
}

/** Without a projection that changes nothing, and with the one below written into it. */
function simplestProject(plan: ProjectPlan): LogicalPlan {
  const { input } = plan
  const isIdentity =
    plan.columns.length === input.columns.length &&
    plan.expressions.every(
      (expression, at) =>
        expression.kind === 'column' &&
        expression.column === plan.columns[at]?.id &&
        expression.column === input.columns[at]?.id,
    )
  if (isIdentity) return input
  if (input.kind !== 'project' || !canMerge(plan, input)) return plan
  const substitution = new Map<ColumnId, Expression>()
  input.columns.forEach((column, at) => {
    const expression = input.expressions[at]
    if (expression !== undefined) substitution.set(column.id, expression)
  })
  const expressions = plan.expressions.map((expression) => substitute(expression, substitution))
  return simplestProject({ ...plan, expressions, input: input.input })
}

/** Whether nothing would be computed twice, or not at all. */
function canMerge(plan: ProjectPlan, input: ProjectPlan): boolean {
  const uses = new Map<ColumnId, number>()
  for (const expression of plan.expressions) {
    walkExpression(expression, (part) => {
      if (part.kind === 'column') uses.set(part.column, (uses.get(part.column) ?? 0) + 1)
      // A plan inside may read the column any number of times.
      if (part.kind === 'subquery') for (const column of columnsOf(part)) uses.set(column, 2)
    })
  }
  return input.expressions.every((expression, at) => {
    if (expression.kind === 'column' || expression.kind === 'constant') return true
    const column = input.columns[at]
    if (column === undefined || isVolatile(expression)) return false
    const count = uses.get(column.id) ?? 0
    return count <= 1 && !(count === 1 && hasSubquery(expression))
  })
}

function pruneJoin(plan: JoinPlan, needed: Needed): LogicalPlan {
  const conditions = conjunctsOf(plan.condition)
  if (plan.type === 'left' && !conditions.some(isVolatile)) {
    const rightIds = columnIds(plan.right)
    const isUnused = plan.right.columns.every((column) => !needed.has(column.id))
    if (isUnused && isUniqueOn(plan.right, fixedColumns(conditions, rightIds)))
      return prune(plan.left, needed)
  }
  const used = new Set(needed)
  if (plan.condition !== undefined) addColumns(plan.condition, used)
  const right = prune(plan.right, used)
  if (plan.isLateral) for (const column of freeColumns(right)) used.add(column)
  const left = prune(plan.left, used)
  return withSides(plan, left, right)
}

function pruneAggregate(plan: AggregatePlan, needed: Needed): LogicalPlan {
  const groupCount = plan.groups.length
  const aggregateCount = plan.aggregates.length
  const isNeeded =
    (offset: number) =>
    (_element: unknown, at: number): boolean =>
      needed.has(plan.columns[offset + at]?.id ?? 0)
  const aggregates = plan.aggregates.filter(isNeeded(groupCount))
  const groupings = plan.groupings?.filter(isNeeded(groupCount + aggregateCount))
  const columns = plan.columns.filter((column, at) => at < groupCount || needed.has(column.id))
  const pruned: AggregatePlan = { ...plan, aggregates, columns, ...(groupings && { groupings }) }
  const used = referencedColumns(pruned)
  return mapInputs(pruned, (input) => prune(input, used))
}

function pruneWindow(plan: WindowPlan, needed: Needed): LogicalPlan {
  const offset = plan.input.columns.length
  const kept = plan.calls.flatMap((_call, at) => (needed.has(plan.columns[offset + at]?.id ?? 0) ? [at] : []))
  if (kept.length === 0) return prune(plan.input, needed)
  const own = pick(plan.columns.slice(offset), kept)
  const calls = pick(plan.calls, kept)
  const used = new Set([...needed, ...referencedColumns({ ...plan, calls })])
  const input = prune(plan.input, used)
  return { ...plan, calls, input, columns: [...input.columns, ...own] }
}

function pruneDistinct(plan: DistinctPlan, needed: Needed): LogicalPlan {
  const { input } = plan
  if (plan.on !== undefined) {
    const used = new Set([...needed, ...referencedColumns(plan)])
    return mapInputs(plan, (inner) => prune(inner, used))
  }
  const ids = columnIds(input)
  const isUnique = uniqueKeys(input).some((key) => !key.allowsEqualNulls && isSubset(key.columns, ids))
  return isUnique ? prune(input, needed) : mapInputs(plan, (inner) => pruneColumns(inner, inner.columns))
}

function pruneSetOperation(plan: SetOperationPlan, needed: Needed): LogicalPlan {
  const isAppend = plan.operation === 'union' && plan.isAll
  const kept = isAppend ? positionsOf(plan.columns, needed) : plan.columns.map((_column, at) => at)
  const side = (input: LogicalPlan): LogicalPlan => pruneColumns(input, pick(input.columns, kept))
  return { ...plan, columns: pick(plan.columns, kept), left: side(plan.left), right: side(plan.right) }
}

function positionsOf(columns: readonly OutputColumn[], needed: Needed): number[] {
  return columns.flatMap((column, at) => (needed.has(column.id) ? [at] : []))
}

function pick<T>(list: readonly T[], positions: readonly number[]): readonly T[] {
  return positions.map((position) => {
    const element = list[position]
    assert(element !== undefined, 'a position within the list')
    return element
  })
}
