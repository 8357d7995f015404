/**
 * Moves conditions to where they take rows away first: below projections, joins, groups, windows and set operations,
 * and draws conclusions from them on the way (equal columns have equal constants; an outer join whose padded rows are
 * dropped anyway is an ordinary one).
 */
import { conjunctsOf, isConstant } from '../../expressions/conditions.js'
import { simplifyCondition } from '../../expressions/simplify.js'
import { substitute, type Substitution } from '../../expressions/substitute.js'
import { hasSubquery, isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { emptyPlan, filterPlan } from '../../logical/build-plans.js'
import { columnsOf } from '../../logical/free-columns.js'
import { mapInputs } from '../../logical/plan-inputs.js'
import { columnIds } from '../../logical/unique-keys.js'
import { withColumns } from '../../logical/with-columns.js'
import type {
  AggregatePlan,
  LogicalPlan,
  OutputColumn,
  ProjectPlan,
  SetOperationPlan,
} from '../../logical-plan.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { NO_DEMAND, type Demand } from './demand.js'
import { partition } from './partition.js'
import { pushIntoRegion } from './push-into-joins.js'

export function pushFilters(plan: LogicalPlan, scalar: ScalarContext): LogicalPlan {
  return new FilterPusher(scalar).push(plan, NO_DEMAND)
}

export class FilterPusher {
  readonly scalar: ScalarContext

  constructor(scalar: ScalarContext) {
    this.scalar = scalar
  }

  /** The plan with the conditions in effect; its columns are the same, perhaps in another order. */
  push(plan: LogicalPlan, demand: Demand): LogicalPlan {
    switch (plan.kind) {
      case 'filter':
      case 'join':
        return pushIntoRegion(this, plan, demand)
      case 'project':
        return this.#pushIntoProject(plan, demand)
      case 'aggregate':
        return this.#pushIntoAggregate(plan, demand)
      case 'window': {
        const keys = new Set(plan.partitionBy.flatMap(plainColumn))
        const outputs = columnIds(plan)
        return this.#pushSome(plan, demand, (condition) => refersOnlyTo(condition, keys, outputs))
      }
      case 'distinct': {
        const outputs = columnIds(plan)
        const keys = plan.on === undefined ? outputs : new Set(plan.on.flatMap(plainColumn))
        return this.#pushSome(plan, demand, (condition) => refersOnlyTo(condition, keys, outputs))
      }
      case 'sort':
        return this.#pushSome(plan, demand, () => true)
      case 'unnest-calls': {
        const outputs = columnIds(plan)
        const keys = columnIds(plan.input)
        return this.#pushSome(plan, demand, (condition) => refersOnlyTo(condition, keys, outputs))
      }
      case 'set-operation':
        return this.#pushIntoSetOperation(plan, demand)
      case 'with': {
        const definitions = plan.definitions.map((definition) => ({
          ...definition,
          plan: this.#pushExact(definition.plan, NO_DEMAND),
        }))
        const body = this.push(plan.body, demand)
        return { ...plan, definitions, body, columns: body.columns }
      }
      case 'recursive':
      case 'insert':
        return this.#keep(
          mapInputs(plan, (input) => this.#pushExact(input, NO_DEMAND)),
          demand,
        )
      default:
        return this.#keep(
          mapInputs(plan, (input) => this.push(input, NO_DEMAND)),
          demand,
        )
    }
  }

  simplified(conditions: readonly Expression[]): readonly Expression[] {
    return conditions.flatMap((condition) => conjunctsOf(simplifyCondition(condition, this.scalar)))
  }

  /** Where the order of columns matters. */
  #pushExact(plan: LogicalPlan, demand: Demand): LogicalPlan {
    return withColumns(this.push(plan, demand), plan.columns)
  }

  #keep(plan: LogicalPlan, demand: Demand): LogicalPlan {
    return filterPlan(plan, demand.conditions)
  }

  /** Conditions that pass the test go below the plan, whose columns are those of its input; the others stay above. */
  #pushSome(
    plan: LogicalPlan & { readonly input: LogicalPlan },
    demand: Demand,
    test: (condition: Expression) => boolean,
  ): LogicalPlan {
    const [below, above] = partition(demand.conditions, test)
    const pushed = mapInputs(plan, (input) => this.push(input, { ...NO_DEMAND, conditions: below }))
    return filterPlan(pushed, above)
  }

  #pushIntoProject(plan: ProjectPlan, demand: Demand): LogicalPlan {
    const { substitution, computed } = projection(plan.columns, plan.expressions)
    const [below, above] = partition(demand.conditions, (condition) => refersToNone(condition, computed))
    const conditions = this.simplified(below.map((condition) => substitute(condition, substitution)))
    if (conditions.some((condition) => isConstant(condition, false))) return emptyPlan(plan.columns)
    const rejected = new Set<ColumnId>()
    for (const column of demand.rejected) {
      const source = substitution.get(column)
      if (source?.kind === 'column') rejected.add(source.column)
    }
    const input = this.push(plan.input, { conditions, rejected })
    return filterPlan(input === plan.input ? plan : { ...plan, input }, above)
  }

  #pushIntoAggregate(plan: AggregatePlan, demand: Demand): LogicalPlan {
    const inAll = (position: number): boolean =>
      plan.groupingSets?.every((set) => set.includes(position)) ?? true
    const groups = plan.columns.slice(0, plan.groups.length)
    const { substitution } = projection(groups, plan.groups)
    const usable = groups.filter(({ id }, position) => inAll(position) && substitution.has(id))
    const ids = new Set(usable.map((column) => column.id))
    const outputs = columnIds(plan)
    const [below, above] = partition(
      demand.conditions,
      (condition) => refersToSome(condition, ids) && refersOnlyTo(condition, ids, outputs),
    )
    const conditions = below.map((condition) => substitute(condition, substitution))
    const input = this.push(plan.input, { ...NO_DEMAND, conditions: this.simplified(conditions) })
    return filterPlan(input === plan.input ? plan : { ...plan, input }, above)
  }

  #pushIntoSetOperation(plan: SetOperationPlan, demand: Demand): LogicalPlan {
    const into = (side: LogicalPlan): LogicalPlan => {
      // A row that takes others away does so even where a condition tells it from them: 1 takes away 1.0.
      if (plan.operation === 'except' && side === plan.right) return this.#pushExact(side, NO_DEMAND)
      const { substitution } = projection(
        plan.columns,
        side.columns.map((column) => ({
          kind: 'column',
          column: column.id,
          name: column.name,
          type: column.type,
        })),
      )
      const conditions = demand.conditions.map((condition) => substitute(condition, substitution))
      return this.#pushExact(side, { ...NO_DEMAND, conditions })
    }
    return mapInputs(plan, into)
  }
}

/** What computed columns stand for; `computed` are those that must not be computed at a second place. */
function projection(
  columns: readonly OutputColumn[],
  expressions: readonly Expression[],
): { substitution: Substitution; computed: ReadonlySet<ColumnId> } {
  const substitution = new Map<ColumnId, Expression>()
  const computed = new Set<ColumnId>()
  columns.forEach((column, at) => {
    const expression = expressions[at]
    if (expression === undefined) return
    if (isVolatile(expression) || hasSubquery(expression)) computed.add(column.id)
    else substitution.set(column.id, expression)
  })
  return { substitution, computed }
}

function plainColumn(expression: Expression): ColumnId[] {
  return expression.kind === 'column' ? [expression.column] : []
}

/** Whether a condition refers to no columns of `outputs` but these; correlations do not count. */
function refersOnlyTo(
  condition: Expression,
  columns: ReadonlySet<ColumnId>,
  outputs: ReadonlySet<ColumnId>,
): boolean {
  for (const column of columnsOf(condition)) if (outputs.has(column) && !columns.has(column)) return false
  return true
}

function refersToSome(condition: Expression, columns: ReadonlySet<ColumnId>): boolean {
  return !refersToNone(condition, columns)
}

function refersToNone(condition: Expression, columns: ReadonlySet<ColumnId>): boolean {
  for (const column of columnsOf(condition)) if (columns.has(column)) return false
  return true
}
