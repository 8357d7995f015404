/**
 * Takes conditions about an outer query out of a plan, so that the plan can be computed once and the conditions become
 * those of a join: `σ(x = outer)(R)` for each outer row is `R` joined on `x = outer`.
 */
import { allOf, columnExpression, conjunctsOf } from '../../../expressions/conditions.js'
import { isVolatile } from '../../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../../expression.js'
import { filterPlan } from '../../../logical/build-plans.js'
import type { ColumnIds } from '../../../logical/column-ids.js'
import { isEquality } from '../../../logical/equivalences.js'
import { addColumns, columnsOf, freeColumns, referencedColumns } from '../../../logical/free-columns.js'
import { mapInputs, withSides } from '../../../logical/plan-inputs.js'
import { columnIds } from '../../../logical/unique-keys.js'
import type {
  AggregatePlan,
  DistinctPlan,
  JoinPlan,
  LogicalPlan,
  OutputColumn,
  ProjectPlan,
  WindowPlan,
} from '../../../logical-plan.js'
import { partition } from '../partition.js'

export interface Extracted {
  /** Has the columns of the plan, and those that the conditions need. */
  readonly plan: LogicalPlan
  readonly conditions: readonly Expression[]
  /** It computes more than each outer row would ask for, before anything is joined. */
  readonly isEager: boolean
}

/** Undefined when the plan depends on the outer columns in another way than by conditions that can be taken out. */
export function extractCorrelations(
  plan: LogicalPlan,
  outer: ReadonlySet<ColumnId>,
  ids: ColumnIds,
): Extracted | undefined {
  const extracted = new Extractor(outer, ids).extract(plan)
  return extracted === undefined || intersects(freeColumns(extracted.plan), outer) ? undefined : extracted
}

/** A condition `inner = outer`, by which the rows for one outer row are one group of all. */
export interface OuterEquality {
  readonly condition: Expression
  readonly inner: Expression
}

/** The sides of conditions that are all of the kind `inner = outer`. */
export function outerEqualities(
  conditions: readonly Expression[],
  inner: ReadonlySet<ColumnId>,
): readonly OuterEquality[] | undefined {
  const equalities: OuterEquality[] = []
  for (const condition of conditions) {
    const side = innerSide(condition, inner)
    if (side === undefined) return undefined
    equalities.push({ condition, inner: side })
  }
  return equalities
}

function innerSide(condition: Expression, inner: ReadonlySet<ColumnId>): Expression | undefined {
  if (condition.kind !== 'call' || !isEquality(condition)) return undefined
  const [left, right] = condition.args
  if (left === undefined || right === undefined || left.type.scalar.hashKey === undefined) return undefined
  const isInner = (side: Expression): boolean =>
    isSubsetOf(columnsOf(side), inner) && columnsOf(side).size > 0
  const isOuter = (side: Expression): boolean => !intersects(columnsOf(side), inner)
  if (isInner(left) && isOuter(right)) return left
  return isInner(right) && isOuter(left) ? right : undefined
}

class Extractor {
  readonly #outer: ReadonlySet<ColumnId>
  readonly #ids: ColumnIds

  constructor(outer: ReadonlySet<ColumnId>, ids: ColumnIds) {
    this.#outer = outer
    this.#ids = ids
  }

  extract(plan: LogicalPlan): Extracted | undefined {
    if (!intersects(freeColumns(plan), this.#outer)) return { plan, conditions: [], isEager: false }
    switch (plan.kind) {
      case 'filter':
        return this.#fromFilter(plan)
      case 'project':
        return this.#fromProject(plan)
      case 'join':
        return this.#fromJoin(plan)
      case 'aggregate':
        return this.#fromAggregate(plan)
      case 'window':
        return this.#fromWindow(plan)
      case 'distinct':
        return this.#fromDistinct(plan)
      case 'sort':
      case 'unnest-calls': {
        if (intersects(referencedColumns(plan), this.#outer)) return undefined
        return this.#fromInput(plan, plan.input)
      }
      default:
        return undefined
    }
  }

  #fromInput(plan: LogicalPlan, input: LogicalPlan): Extracted | undefined {
    const inner = this.extract(input)
    return inner === undefined ? undefined : { ...inner, plan: mapInputs(plan, () => inner.plan) }
  }

  #fromFilter(plan: LogicalPlan & { kind: 'filter' }): Extracted | undefined {
    const inner = this.extract(plan.input)
    if (inner === undefined) return undefined
    const [correlated, own] = partition(conjunctsOf(plan.condition), (condition) =>
      intersects(columnsOf(condition), this.#outer),
    )
    if (correlated.some(isVolatile)) return undefined
    return {
      plan: filterPlan(inner.plan, own),
      conditions: [...inner.conditions, ...correlated],
      isEager: inner.isEager,
    }
  }

  #fromProject(plan: ProjectPlan): Extracted | undefined {
    if (intersects(referencedColumns(plan), this.#outer)) return undefined
    const inner = this.extract(plan.input)
    if (inner === undefined) return undefined
    const added = neededColumns(inner, columnIds(plan))
    return {
      ...inner,
      plan: {
        ...plan,
        input: inner.plan,
        columns: [...plan.columns, ...added],
        expressions: [...plan.expressions, ...added.map(columnExpression)],
      },
    }
  }

  #fromJoin(plan: JoinPlan): Extracted | undefined {
    const isInner = plan.type === 'inner'
    const [correlated, own] = partition(conjunctsOf(plan.condition), (condition) =>
      intersects(columnsOf(condition), this.#outer),
    )
    if (correlated.length > 0 && (!isInner || correlated.some(isVolatile))) return undefined
    if (plan.type === 'full' || plan.type === 'right') return undefined
    const left = this.extract(plan.left)
    const right = isInner ? this.extract(plan.right) : { plan: plan.right, conditions: [], isEager: false }
    if (left === undefined || right === undefined) return undefined
    return {
      plan: { ...withSides(plan, left.plan, right.plan), condition: allOf(own) },
      conditions: [...correlated, ...left.conditions, ...right.conditions],
      isEager: left.isEager || right.isEager,
    }
  }

  /** Rows that one outer row asks for are whole groups, if what it asks by is grouped by as well. */
  #fromAggregate(plan: AggregatePlan): Extracted | undefined {
    if (plan.groups.length === 0 || plan.groupingSets !== undefined) return undefined
    if (intersects(referencedColumns(plan), this.#outer)) return undefined
    const inner = this.extract(plan.input)
    const equalities = inner && outerEqualities(inner.conditions, columnIds(inner.plan))
    if (inner === undefined || equalities === undefined) return undefined
    const grouped = groupedBy({ ...plan, input: inner.plan }, equalities, this.#ids)
    return { plan: grouped.plan, conditions: grouped.conditions, isEager: true }
  }

  #fromWindow(plan: WindowPlan): Extracted | undefined {
    if (intersects(referencedColumns(plan), this.#outer)) return undefined
    const inner = this.extract(plan.input)
    const equalities = inner && outerEqualities(inner.conditions, columnIds(inner.plan))
    if (inner === undefined || equalities === undefined) return undefined
    const partitionBy = [...plan.partitionBy, ...equalities.map((equality) => equality.inner)]
    const own = plan.columns.slice(plan.input.columns.length)
    return {
      plan: { ...plan, input: inner.plan, partitionBy, columns: [...inner.plan.columns, ...own] },
      conditions: inner.conditions,
      isEager: true,
    }
  }

  /** Rows that differ in what is added are never those of one outer row. */
  #fromDistinct(plan: DistinctPlan): Extracted | undefined {
    if (plan.on !== undefined) return undefined
    const inner = this.extract(plan.input)
    const equalities = inner && outerEqualities(inner.conditions, columnIds(inner.plan))
    if (inner === undefined || equalities === undefined) return undefined
    const { keys, conditions } = keyed(equalities, this.#ids)
    const columns = [...plan.columns, ...keys]
    const input: LogicalPlan = {
      kind: 'project',
      columns,
      input: inner.plan,
      expressions: [...plan.columns.map(columnExpression), ...equalities.map((equality) => equality.inner)],
    }
    return { plan: { ...plan, input, columns }, conditions, isEager: true }
  }
}

/** The aggregate with more to group by, and the conditions over its columns. */
export function groupedBy(
  plan: AggregatePlan,
  equalities: readonly OuterEquality[],
  ids: ColumnIds,
): { readonly plan: AggregatePlan; readonly conditions: readonly Expression[] } {
  const { keys, conditions } = keyed(equalities, ids)
  const count = plan.groups.length
  return {
    plan: {
      ...plan,
      groups: [...plan.groups, ...equalities.map(({ inner }) => inner)],
      columns: [...plan.columns.slice(0, count), ...keys, ...plan.columns.slice(count)],
    },
    conditions,
  }
}

/** A column for the inner side of each condition, and the conditions over these columns. */
function keyed(
  equalities: readonly OuterEquality[],
  ids: ColumnIds,
): { readonly keys: readonly OutputColumn[]; readonly conditions: readonly Expression[] } {
  const keys = equalities.map(({ inner }) =>
    ids.like({ name: inner.kind === 'column' ? inner.name : 'key', type: inner.type }),
  )
  const conditions = equalities.map(({ condition, inner }, at) => {
    const key = keys[at]
    return key === undefined ? condition : replaceSide(condition, inner, columnExpression(key))
  })
  return { keys, conditions }
}

function replaceSide(condition: Expression, side: Expression, by: Expression): Expression {
  if (condition.kind !== 'call') return condition
  return { ...condition, args: condition.args.map((argument) => (argument === side ? by : argument)) }
}

/** Columns of the plan inside that conditions refer to and that are not handed on yet. */
function neededColumns({ plan, conditions }: Extracted, known: ReadonlySet<ColumnId>): OutputColumn[] {
  const used = new Set<ColumnId>()
  for (const condition of conditions) addColumns(condition, used)
  return plan.columns.filter(({ id }) => used.has(id) && !known.has(id))
}

function isSubsetOf(part: ReadonlySet<ColumnId>, whole: ReadonlySet<ColumnId>): boolean {
  for (const column of part) if (!whole.has(column)) return false
  return true
}

export function intersects(some: ReadonlySet<ColumnId>, others: ReadonlySet<ColumnId>): boolean {
  for (const column of some) if (others.has(column)) return true
  return false
}
