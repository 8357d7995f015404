/** Scans, and what makes groups of their rows, as the store does them. */
import { allOf, conjunctsOf } from '../expressions/conditions.js'
import { cheapFirst } from '../expressions/cheap-first.js'
import type { Expression } from '../expression.js'
import { ROW_ID_ORDINAL } from '../logical-plan.js'
import type { Aggregate, Distinct, Project, StoreCondition, StoreScan, TableScan } from '../physical-plan.js'
import { pushAggregate } from './push-aggregate.js'
import { pushCondition } from './push-condition.js'
import { aggregateEstimate, scanEstimate } from './store-costs.js'
import { StoredScan } from './stored-scan.js'

/** Which rows of a scan are wanted. */
export type ScanEnd = Pick<StoreScan, 'topN' | 'limit'>

/** A scan, and a projection over it that only leaves out columns. */
export interface PickedScan {
  readonly scan: TableScan
  readonly picks?: Project
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

/** A text: why the store does nothing of it. Undefined: the relation is not the store's. */
export function pushScan({ scan, picks }: PickedScan, end: ScanEnd): StoreScan | string | undefined {
  const stored = storedScan(scan)
  if (stored === undefined || typeof stored === 'string') return stored
  const { conditions, residual, reasons } = pushFilters(stored)
  const isWhole = residual.length === 0
  // A scan has a limit itself where it has no conditions.
  if (scan.limit !== undefined || (end.limit !== undefined && conditions.length === 0))
    return isWhole ? 'the first rows are read at once' : reasons.join('; ')
  // What is checked here has to be sent.
  const local = isWhole ? (picks ?? scan) : scan
  const sent = isWhole && picks !== undefined ? pickedOrdinals(scan, picks) : scan.ordinals
  const { topN, limit } = isWhole ? end : {}
  const estimate = scanEstimate(scan, sent, topN !== undefined)
  if (estimate.totalCost >= scan.estimate.totalCost)
    return isWhole ? 'it would cost more' : reasons.join('; ')
  const rest = allOf(cheapFirst(residual))
  const pushed = [
    ...(conditions.length > 0 ? ['filter'] : []),
    ...(sent.length < scan.relation.columns.length ? ['projection'] : []),
    ...(topN ? ['top-n'] : []),
    ...(limit ? ['limit'] : []),
  ]
  return {
    kind: 'store-scan',
    columns: local.columns,
    estimate,
    local,
    scan: { ...scan, columns: local.columns, ordinals: sent },
    conditions,
    ...(rest && { residual: rest }),
    ...(topN && { topN }),
    ...(limit && { limit }),
    pushed: pushed.length > 0 ? pushed : ['scan'],
    ...(isWhole ? {} : { notPushed: reasons.join('; ') }),
  }
}

function pickedOrdinals(scan: TableScan, picks: Project): number[] {
  return picks.columns.flatMap(({ id }) => {
    const at = scan.columns.findIndex((column) => column.id === id)
    return scan.ordinals[at] ?? []
  })
}

/** @param local what it stands in place of */
export function pushAggregation(
  plan: Aggregate,
  scan: TableScan,
  local: Aggregate | Distinct = plan,
): StoreScan | string | undefined {
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
    local,
    scan,
    conditions,
    aggregate,
    pushed: [
      ...(conditions.length > 0 ? ['filter'] : []),
      local.kind === 'distinct' ? 'distinct' : 'partial aggregate',
    ],
  }
}
