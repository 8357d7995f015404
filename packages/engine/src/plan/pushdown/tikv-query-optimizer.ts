/**
 * Decides what of a plan the store computes beside the data.
 *
 * It looks at a plan that has been chosen already, and knows four patterns:
 * - PointLookup: whole keys. They are read in batches, one request for each region; there is nothing to be handed down.
 * - RangeScan: all rows, or ranges of the primary key. The store keeps the rows that conditions let through, gives back
 *   the columns that are read, and stops at a limit, or keeps the first rows of each region for a sort. Regions are read
 *   side by side.
 * - Join: each side for itself; an index join reads the rows of its inner side as a PointLookup does, batch by batch.
 * - Aggregation: over a RangeScan whose conditions are all the store's. Each region gives one row for each group.
 *
 * Invariants:
 * 1. Rows, and their order where something above counts on it, are those of the plan that it was given.
 * 2. What it hands down can be refused when the plan is run: each `StoreScan` has the plan in whose place it stands.
 */
import { conjunctsOf, allOf } from '../expressions/conditions.js'
import { someExpression } from '../expressions/each-argument.js'
import { cheapFirst } from '../expressions/cheap-first.js'
import { substitute } from '../expressions/substitute.js'
import type { ColumnId, Expression, SortKey } from '../expression.js'
import { ROW_ID_ORDINAL } from '../logical-plan.js'
import { COST } from '../optimize/cost/costs.js'
import { mapPhysicalInputs } from '../physical/plan-inputs.js'
import type {
  Aggregate,
  Estimate,
  ExecutablePlan,
  PhysicalPlan,
  Sort,
  StoreCondition,
  StoreScan,
  TableScan,
} from '../physical-plan.js'
import { defaultWidth, rowCountOf } from '../statistics/column-facts.js'
import type { StoredOrder } from '../../relation/stored-rows.js'
import { pushAggregate } from './push-aggregate.js'
import { pushCondition } from './push-condition.js'
import { StoredScan } from './stored-scan.js'

export type QueryPattern = 'PointLookup' | 'RangeScan' | 'Join' | 'Aggregation'

/** What an operator of a plan asks of the store; undefined: nothing. */
export function queryPattern(plan: PhysicalPlan): QueryPattern | undefined {
  switch (plan.kind) {
    case 'table-scan':
      return plan.access.kind === 'points' || plan.access.kind === 'point-array' ? 'PointLookup' : 'RangeScan'
    case 'nested-loop':
    case 'hash-join':
    case 'merge-join':
    case 'index-join':
      return 'Join'
    case 'aggregate':
      return 'Aggregation'
    default:
      return undefined
  }
}

export class TiKVQueryOptimizer {
  /** The plan with everything handed down for which that is expected to cost less. */
  optimize(plan: ExecutablePlan): ExecutablePlan {
    const subqueries = new Map(
      [...plan.subqueries].map(([key, entry]) => [key, { ...entry, plan: this.#plan(entry.plan) }]),
    )
    return { ...plan, root: this.#plan(plan.root), subqueries }
  }

  #plan(plan: PhysicalPlan): PhysicalPlan {
    switch (plan.kind) {
      case 'table-scan':
        return this.#scan(plan)
      case 'aggregate':
        return this.#aggregate(plan)
      case 'sort':
        return this.#sort(plan)
      default:
        return mapPhysicalInputs(plan, (input) => this.#plan(input))
    }
  }

  #scan(scan: TableScan, topN?: StoreScan['topN']): TableScan | StoreScan {
    const pushed = pushScan(scan, topN)
    if (typeof pushed === 'string') return { ...scan, notPushed: pushed }
    return pushed ?? scan
  }

  #aggregate(plan: Aggregate): PhysicalPlan {
    const { input } = plan
    if (input.kind !== 'table-scan') return mapPhysicalInputs(plan, (below) => this.#plan(below))
    const pushed = pushAggregation(plan, input)
    if (typeof pushed !== 'string') return pushed ?? { ...plan, input: this.#scan(input) }
    return { ...plan, notPushed: pushed, input: this.#scan(input) }
  }

  #sort(plan: Sort): PhysicalPlan {
    const scan = scanOf(plan.input)
    const topN = scan && plan.limit && plan.presorted === 0 ? firstRows(plan, scan) : undefined
    if (scan === undefined || topN === undefined) return mapPhysicalInputs(plan, (input) => this.#plan(input))
    const pushed = this.#scan(scan, topN)
    return { ...plan, input: plan.input.kind === 'project' ? { ...plan.input, input: pushed } : pushed }
  }
}

/** The scan that a plan is, with a projection over it at most. */
function scanOf(plan: PhysicalPlan): TableScan | undefined {
  const input = plan.kind === 'project' ? plan.input : plan
  return input.kind === 'table-scan' ? input : undefined
}

interface Filters {
  readonly conditions: readonly StoreCondition[]
  readonly residual: readonly Expression[]
  readonly reasons: readonly string[]
}

function pushFilters(scan: StoredScan): Filters {
  const conditions: StoreCondition[] = []
  const residual: Expression[] = []
  const reasons = new Set<string>()
  for (const condition of conjunctsOf(scan.scan.residual)) {
    const pushed = pushCondition(condition, scan)
    if (typeof pushed !== 'string') conditions.push(pushed)
    else {
      residual.push(condition)
      reasons.add(pushed)
    }
  }
  return { conditions, residual, reasons: [...reasons] }
}

/** Why the store cannot read the rows by itself; undefined for relations that it does not know. */
function whyNot(scan: TableScan): string | undefined {
  const { access, ordinals } = scan
  if (access.kind === 'points' || access.kind === 'point-array') return 'keys are looked up in batches'
  if (ordinals.includes(ROW_ID_ORDINAL)) return 'rows are read to be changed or locked'
  if (access.kind === 'all') return undefined
  const index = scan.relation.indexes.find(({ name }) => name === access.index)
  if (index?.isPrimary === true && scan.relation.stored?.isKey(index.name) === true) return undefined
  return access.indexOnly ? 'an index has all the columns' : 'rows are looked up by an index'
}

/** Undefined: the relation is not the store's. A text: why it reads the rows as they are. */
function storedScan(scan: TableScan): StoredScan | string | undefined {
  const { stored } = scan.relation
  if (stored === undefined) return undefined
  return whyNot(scan) ?? new StoredScan(scan, stored)
}

function pushScan(scan: TableScan, topN: StoreScan['topN']): StoreScan | string | undefined {
  const stored = storedScan(scan)
  if (stored === undefined || typeof stored === 'string') return stored
  const { conditions, residual, reasons } = pushFilters(stored)
  const isWhole = residual.length === 0
  const first = isWhole && scan.limit === undefined ? topN : undefined
  const limit = isWhole && conditions.length > 0 ? scan.limit : undefined
  if (scan.limit !== undefined && conditions.length === 0)
    return reasons[0] ?? 'the first rows are read at once'
  const rest = allOf(cheapFirst(residual))
  const estimate = scanEstimate(scan, first !== undefined)
  if (estimate.totalCost >= scan.estimate.totalCost)
    return reasons.length > 0 ? reasons.join('; ') : 'it would cost more'
  const pushed = [
    ...(conditions.length > 0 ? ['filter'] : []),
    ...(scan.ordinals.length < scan.relation.columns.length ? ['projection'] : []),
    ...(first ? ['top-n'] : []),
    ...(limit ? ['limit'] : []),
  ]
  return {
    kind: 'store-scan',
    columns: scan.columns,
    estimate,
    local: scan,
    scan,
    isOrdered: scan.access.kind !== 'all',
    conditions,
    ...(rest && { residual: rest }),
    ...(first && { topN: first }),
    ...(limit && { limit }),
    pushed: pushed.length > 0 ? pushed : ['scan'],
    ...(reasons.length > 0 && { notPushed: reasons.join('; ') }),
  }
}

function pushAggregation(plan: Aggregate, scan: TableScan): StoreScan | string | undefined {
  const stored = storedScan(scan)
  // Why the scan is not the store's is said there.
  if (stored === undefined || typeof stored === 'string') return undefined
  const { conditions, residual, reasons } = pushFilters(stored)
  if (residual.length > 0) return reasons.join('; ')
  if (scan.limit !== undefined) return 'rows are limited before they are aggregated'
  const aggregate = pushAggregate(plan, stored)
  if (typeof aggregate === 'string') return aggregate
  const estimate = aggregateEstimate(plan, scan)
  if (estimate.totalCost >= plan.estimate.totalCost) return 'it would cost more'
  return {
    kind: 'store-scan',
    columns: plan.columns,
    estimate,
    local: plan,
    scan,
    isOrdered: false,
    conditions,
    aggregate,
    pushed: [...(conditions.length > 0 ? ['filter'] : []), 'partial aggregate'],
  }
}

/** What the store has to be told for the first rows of a sort. */
function firstRows({ keys, limit, input }: Sort, scan: TableScan): StoreScan['topN'] {
  const { stored } = scan.relation
  if (stored === undefined || limit === undefined) return undefined
  if (someExpression(limit, (part) => part.kind === 'column' || part.kind === 'subquery')) return undefined
  const known = new StoredScan(scan, stored)
  const orders: StoredOrder[] = []
  for (const key of belowProjection(keys, input)) {
    const column = known.columnOf(key.expression)
    if (column?.type === undefined) return undefined
    orders.push({ column: column.ordinal, isDescending: key.isDescending, nullsFirst: key.nullsFirst })
  }
  return { keys: orders, limit }
}

function belowProjection(keys: readonly SortKey[], input: PhysicalPlan): readonly SortKey[] {
  if (input.kind !== 'project') return keys
  const computed = new Map<ColumnId, Expression>()
  input.columns.forEach(({ id }, at) => {
    const expression = input.expressions[at]
    if (expression !== undefined) computed.set(id, expression)
  })
  return keys.map((key) => ({ ...key, expression: substitute(key.expression, computed) }))
}

/** Rows that the scan goes through, its conditions left aside. */
function rowsRead({ access, relation, estimate }: TableScan): number {
  const all = rowCountOf(relation)
  return access.kind === 'all' ? all : Math.min(all, Math.max(estimate.rows, estimate.totalCost / COST.row))
}

/** How much of a row is sent. */
function shareOfRow({ relation, ordinals }: TableScan): number {
  const widthOf = (ordinal: number): number => {
    const column = relation.columns[ordinal]
    const known = relation.statistics?.columns[ordinal]?.averageBytes
    return column === undefined ? 0 : (known ?? defaultWidth(column.type))
  }
  const sum = (all: readonly number[]): number => all.reduce((total, ordinal) => total + widthOf(ordinal), 0)
  return sum(ordinals) / Math.max(1, sum(relation.columns.map((_column, ordinal) => ordinal)))
}

function scanEstimate(scan: TableScan, isCut: boolean): Estimate {
  const { estimate } = scan
  // Of the first rows of each region few are sent.
  const sent = estimate.rows * (isCut ? COST.storeCut : 1)
  const totalCost =
    COST.storeOpen + rowsRead(scan) * COST.storeRow + sent * (COST.sentRow + COST.sentData * shareOfRow(scan))
  return { ...estimate, startupCost: Math.min(COST.storeOpen, totalCost), totalCost }
}

function aggregateEstimate({ estimate, aggregates }: Aggregate, scan: TableScan): Estimate {
  const perRow = COST.storeRow + COST.aggregate * aggregates.length
  const merging = estimate.rows * (COST.sentRow + COST.sentData + COST.group)
  const totalCost = COST.storeOpen + rowsRead(scan) * perRow + merging
  return { ...estimate, startupCost: totalCost, totalCost }
}
