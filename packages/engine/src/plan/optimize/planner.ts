import { allOf, conjunctsOf } from '../expressions/conditions.js'
import { cheapFirst } from '../expressions/cheap-first.js'
import { substitute } from '../expressions/substitute.js'
import type { ColumnId, Expression, SortKey } from '../expression.js'
import { refersToNone } from '../logical/equivalences.js'
import { isModifying } from '../logical/is-modifying.js'
import { notNullColumns } from '../logical/not-null.js'
import { columnIds } from '../logical/unique-keys.js'
import type {
  FilterPlan,
  JoinPlan,
  LogicalPlan,
  OutputColumn,
  ProjectPlan,
  SetOperationPlan,
  TableFunctionPlan,
  UnnestCallsPlan,
  WithPlan,
} from '../logical-plan.js'
import type { OptimizerOptions } from '../optimizer.js'
import type { PhysicalPlan } from '../physical-plan.js'
import { type ColumnFacts, UNKNOWN_ROW_COUNT, rowCountOf } from '../statistics/column-facts.js'
import { LeafScan } from './access/leaf-scan.js'
import { scanPaths } from './access/scan-paths.js'
import { COST } from './cost/costs.js'
import { Estimator, type PlanCost } from './estimator.js'
import { exactly } from './exactly.js'
import { NO_GOALS, type Goals } from './goals.js'
import { planRegion } from './joins/plan-region.js'
import { isReorderable } from './joins/join-region.js'
import { planLateral } from './joins/plan-lateral.js'
import { planAggregate } from './operators/plan-aggregate.js'
import { planDistinct } from './operators/plan-distinct.js'
import { planLimit, planSort } from './operators/plan-sort.js'
import { planWindow } from './operators/plan-window.js'
import { OrderFacts } from './paths/order-facts.js'
import { estimateOf, type Path } from './paths/path.js'
import { clampRows, planned, type PlanContext, type Planned } from './planned.js'

/** How many times as many rows as it starts with a round of WITH RECURSIVE is taken to have. */
const ROUND_ROWS_FACTOR = 10

/** Finds the ways to compute logical plans that have been rewritten, and what they cost. */
export class Planner implements PlanContext {
  readonly estimator: Estimator
  readonly #commonRows = new Map<number, number>()

  constructor(facts: ColumnFacts, options: OptimizerOptions, planCost: (plan: LogicalPlan) => PlanCost) {
    this.estimator = new Estimator(facts, options, planCost)
  }

  /** The cheapest way, with the plan's columns in its order. */
  best(plan: LogicalPlan): { readonly root: PhysicalPlan; readonly cost: PlanCost } {
    this.estimator.facts.add(plan)
    const result = this.plan(plan, NO_GOALS)
    const { cheapest } = result.paths
    return {
      root: exactly(cheapest.build(), plan.columns),
      cost: { rows: result.rows, totalCost: cheapest.totalCost },
    }
  }

  plan(plan: LogicalPlan, goals: Goals): Planned {
    switch (plan.kind) {
      case 'scan':
        return this.#planScan(new LeafScan(plan, []), plan, goals)
      case 'filter': {
        const leaf = LeafScan.of(plan)
        return leaf === undefined ? this.#planFilter(plan, goals) : this.#planScan(leaf, plan, goals)
      }
      case 'project':
        return this.#planProject(plan, goals)
      case 'join':
        return this.#planJoin(plan, goals)
      case 'aggregate':
        return planAggregate(this, plan, goals)
      case 'window':
        return planWindow(this, plan, goals)
      case 'sort':
        return planSort(this, plan, goals)
      case 'limit':
        return planLimit(this, plan, goals)
      case 'distinct':
        return planDistinct(this, plan, goals)
      case 'set-operation':
        return this.#planSetOperation(plan)
      case 'with':
        return this.#planWith(plan, goals)
      case 'values':
        return this.#leaf(plan, plan.rows.length, (base) => ({ ...base, kind: 'values', rows: plan.rows }))
      case 'table-function':
        return this.#planTableFunction(plan)
      case 'unnest-calls':
        return this.#planUnnest(plan, goals)
      case 'common-scan': {
        const { definition, name, ordinals } = plan
        const rows = this.#commonRows.get(definition) ?? UNKNOWN_ROW_COUNT
        return this.#leaf(plan, rows, (base) => ({
          ...base,
          kind: 'common-scan',
          definition,
          name,
          ordinals,
        }))
      }
      case 'recursive': {
        const start = this.plan(plan.start, NO_GOALS)
        // A round is likely to be larger than the start: by how much nobody knows, but it must not count as one row.
        this.#commonRows.set(plan.id, clampRows(start.rows * ROUND_ROWS_FACTOR))
        const step = this.plan(plan.step, NO_GOALS)
        const rows = clampRows(start.rows + step.rows * 10)
        const { id, isDistinct } = plan
        const cost = start.paths.cheapest.totalCost + step.paths.cheapest.totalCost * 10 + rows * COST.emit
        return this.#single(plan, rows, OrderFacts.none(), [], 0, cost, (base) => ({
          ...base,
          kind: 'recursive',
          id,
          start: exactly(start.paths.cheapest.build(), plan.start.columns),
          step: exactly(step.paths.cheapest.build(), plan.step.columns),
          isDistinct,
        }))
      }
      case 'lock':
        return this.#onEach(this.plan(plan.input, withoutLimit(goals)), plan, COST.lookup, (base, input) => ({
          ...base,
          kind: 'lock',
          columns: input.columns,
          input,
          targets: plan.targets,
        }))
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge': {
        const input = this.plan(plan.input, NO_GOALS)
        const path = input.paths.cheapest
        const cost = path.totalCost + input.rows * COST.spill
        return this.#single(plan, input.rows, OrderFacts.none(), [], path.startupCost, cost, (base) => {
          const built = path.build()
          const exact = plan.kind === 'insert' ? exactly(built, plan.input.columns) : built
          return { ...base, kind: 'modify', change: plan, input: exact }
        })
      }
    }
  }

  #planScan(leaf: LeafScan, plan: LogicalPlan, goals: Goals): Planned {
    const { estimator } = this
    const rows = clampRows(rowCountOf(leaf.scan.relation) * estimator.share(leaf.conditions))
    const width = estimator.widthOf(leaf.scan.columns)
    const facts = OrderFacts.none().where(leaf.conditions, isFixedFor(leaf.own), notNullColumns(plan))
    return planned(plan, { rows, width }, facts, scanPaths(leaf, { estimator, goals, facts, rows, width }))
  }

  #planFilter(plan: FilterPlan, goals: Goals): Planned {
    const conditions = conjunctsOf(plan.condition)
    const input = this.plan(plan.input, withoutLimit(goals))
    const { estimator } = this
    const rows = clampRows(input.rows * estimator.share(conditions))
    const facts = input.facts.where(conditions, isFixedFor(columnIds(plan)), notNullColumns(plan))
    const own = input.rows * estimator.costOf(conditions)
    const once = estimator.startupOf(conditions)
    const paths = input.paths.all.map((path): Path => {
      const costs = {
        rows,
        width: input.width,
        startupCost: path.startupCost + once,
        totalCost: path.totalCost + once + own,
      }
      return {
        ...costs,
        order: path.order,
        build: () => filtered(path.build(), conditions, costs),
      }
    })
    return planned(plan, { rows, width: input.width }, facts, paths)
  }

  #planProject(plan: ProjectPlan, goals: Goals): Planned {
    const substitution = new Map<ColumnId, Expression>()
    plan.columns.forEach((column, at) => {
      const expression = plan.expressions[at]
      if (expression !== undefined) substitution.set(column.id, expression)
    })
    const below: Goals = {
      ...goals,
      orders: goals.orders.map((keys) => substitutedKeys(keys, substitution)),
      groups: goals.groups.map((group) => group.map((expression) => substitute(expression, substitution))),
    }
    const input = this.plan(plan.input, below)
    const facts = input.facts.defining(plan.columns, plan.expressions, notNullColumns(plan))
    const width = this.estimator.widthOf(plan.columns)
    const perRow = COST.emit + this.estimator.costOf(plan.expressions)
    const once = this.estimator.startupOf(plan.expressions)
    const paths = input.paths.all.map((path): Path => {
      const costs = {
        rows: input.rows,
        width,
        startupCost: path.startupCost + once,
        totalCost: path.totalCost + once + input.rows * perRow,
      }
      return {
        ...costs,
        order: path.order,
        build: () => ({
          kind: 'project',
          columns: plan.columns,
          estimate: estimateOf(costs),
          input: path.build(),
          expressions: plan.expressions,
        }),
      }
    })
    return planned(plan, { rows: input.rows, width }, facts, paths)
  }

  #planJoin(plan: JoinPlan, goals: Goals): Planned {
    return isReorderable(plan) ? planRegion(this, plan, goals) : planLateral(this, plan, goals)
  }

  #planSetOperation(plan: SetOperationPlan): Planned {
    const isAppend = plan.operation === 'union' && plan.isAll
    const sides = isAppend ? appended(plan) : [plan.left, plan.right]
    const inputs = sides.map((side) => this.plan(side, NO_GOALS))
    const sum = inputs.reduce((total, input) => total + input.rows, 0)
    const first = inputs[0]?.rows ?? 0
    const rows = clampRows(plan.operation === 'union' ? sum : plan.isAll ? first : first / 2)
    const cost =
      inputs.reduce((total, input) => total + input.paths.cheapest.totalCost, 0) +
      sum * (isAppend ? COST.emit : COST.group)
    const startup = isAppend ? (inputs[0]?.paths.cheapest.startupCost ?? 0) : cost
    return this.#single(plan, rows, OrderFacts.none(), [], startup, cost, (base) => ({
      ...base,
      kind: 'set-operation',
      operation: isAppend ? 'append' : plan.operation,
      isAll: plan.isAll,
      inputs: inputs.map((input) => exactly(input.paths.cheapest.build(), input.plan.columns)),
    }))
  }

  #planWith(plan: WithPlan, goals: Goals): Planned {
    const definitions = plan.definitions.map((definition) => {
      const result = this.plan(definition.plan, NO_GOALS)
      this.#commonRows.set(definition.id, result.rows)
      return { definition, result }
    })
    const body = this.plan(plan.body, withoutLimit(goals))
    const once = definitions.reduce((total, { result }) => total + result.paths.cheapest.totalCost, 0)
    const paths = body.paths.all.map((path): Path => {
      const costs = {
        rows: path.rows,
        width: path.width,
        startupCost: path.startupCost + once,
        totalCost: path.totalCost + once,
      }
      return {
        ...costs,
        order: path.order,
        build: () => {
          const built = path.build()
          return {
            kind: 'with',
            columns: built.columns,
            estimate: estimateOf(costs),
            definitions: definitions.map(({ definition, result }) => ({
              id: definition.id,
              name: definition.name,
              plan: exactly(result.paths.cheapest.build(), definition.plan.columns),
              isModifying: isModifying(definition.plan),
            })),
            body: built,
          }
        },
      }
    })
    return planned(plan, body, body.facts, paths)
  }

  #planTableFunction(plan: TableFunctionPlan): Planned {
    const rows = UNKNOWN_ROW_COUNT
    const { calls, hasOrdinality } = plan
    return this.#leaf(plan, rows, (base) => ({ ...base, kind: 'table-function', calls, hasOrdinality }))
  }

  #planUnnest(plan: UnnestCallsPlan, goals: Goals): Planned {
    const input = this.plan(plan.input, withoutLimit(goals))
    const path = input.paths.cheapest
    const rows = clampRows(input.rows * 10)
    const cost = path.totalCost + rows * COST.emit
    return this.#single(plan, rows, OrderFacts.none(), [], path.startupCost, cost, (base) => {
      const built = path.build()
      const own = plan.columns.slice(plan.input.columns.length)
      const columns = [...built.columns, ...own]
      return { ...base, kind: 'unnest-calls', columns, input: built, calls: plan.calls }
    })
  }

  #leaf(plan: LogicalPlan, rows: number, build: BuildOperator): Planned {
    const total = Math.max(1, rows) * COST.emit
    return this.#single(plan, rows, OrderFacts.none(), [], 0, total, build)
  }

  /** A plan with one path only. */
  #single(
    plan: LogicalPlan,
    rows: number,
    facts: OrderFacts,
    order: readonly SortKey[],
    startupCost: number,
    totalCost: number,
    build: BuildOperator,
  ): Planned {
    const width = this.estimator.widthOf(plan.columns)
    const costs = { rows, width, startupCost, totalCost }
    const path: Path = {
      ...costs,
      order,
      build: () => build({ columns: plan.columns, estimate: estimateOf(costs) }),
    }
    return planned(plan, { rows, width }, facts, [path])
  }

  /** An operator that hands rows on, in the order in which they come. */
  #onEach(
    input: Planned,
    plan: LogicalPlan,
    perRow: number,
    build: (base: OperatorBase, input: PhysicalPlan) => PhysicalPlan,
  ): Planned {
    const paths = input.paths.all.map((path): Path => {
      const costs = {
        rows: path.rows,
        width: path.width,
        startupCost: path.startupCost,
        totalCost: path.totalCost + path.rows * perRow,
      }
      return {
        ...costs,
        order: path.order,
        build: () => build({ columns: plan.columns, estimate: estimateOf(costs) }, path.build()),
      }
    })
    return planned(plan, input, input.facts, paths)
  }
}

interface OperatorBase {
  readonly columns: readonly OutputColumn[]
  readonly estimate: PhysicalPlan['estimate']
}

type BuildOperator = (base: OperatorBase) => PhysicalPlan

function filtered(
  input: PhysicalPlan,
  conditions: readonly Expression[],
  costs: Omit<Path, 'build' | 'order'>,
): PhysicalPlan {
  const condition = allOf(cheapFirst(conditions))
  if (condition === undefined) return input
  return { kind: 'filter', columns: input.columns, estimate: estimateOf(costs), input, condition }
}

/** The sides of nested UNION ALLs, side by side. */
function appended(plan: SetOperationPlan): LogicalPlan[] {
  return [plan.left, plan.right].flatMap((side) =>
    side.kind === 'set-operation' && side.operation === 'union' && side.isAll ? appended(side) : [side],
  )
}

export function isFixedFor(columns: ReadonlySet<ColumnId>): (expression: Expression) => boolean {
  return (expression) => refersToNone(expression, columns)
}

export function withoutLimit(goals: Goals): Goals {
  return { orders: goals.orders, groups: goals.groups }
}

function substitutedKeys(
  keys: readonly SortKey[],
  substitution: ReadonlyMap<ColumnId, Expression>,
): readonly SortKey[] {
  return keys.map((key) => ({ ...key, expression: substitute(key.expression, substitution) }))
}
