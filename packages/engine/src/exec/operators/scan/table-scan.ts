import { ROW_ID_ORDINAL } from '../../../plan/logical-plan.js'
import type { AccessPlan, TableScan } from '../../../plan/physical-plan.js'
import type { ScanRequest } from '../../../relation/relation.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import { compileCount } from '../../expression/count.js'
import { scopeOf } from '../../expression/scope.js'
import { OneBatch } from '../../rows/row-batches.js'
import type { Batches, Operator, Run } from '../../run.js'
import { countRemoved } from '../filter.js'
import { compileAccess } from './access.js'
import { compileRestrictedScan } from './restricted-scan.js'
import { compileSnapshotScan } from './snapshot.js'

export function compileTableScan(plan: TableScan, compiler: Compiler): Operator {
  if (!compiler.readsSnapshot(plan.relation)) return compileLiveScan(plan, compiler)
  const { compiled, isCorrelated } = compiler.binding([], () => compileLiveScan(plan, compiler))
  return compileSnapshotScan(plan, compiled, isCorrelated, compiler)
}

function compileLiveScan(plan: TableScan, compiler: Compiler): Operator {
  const { relation, residual } = plan
  const access = compileAccess(relation, plan.access, compiler)
  const accept = residual && compileCondition(residual, scopeOf(plan.columns), compiler)
  const limitOf = compileCount(plan.limit, compiler)
  const restricted = compileRestrictedScan(plan, access, compiler)
  const rowId = plan.columns[plan.ordinals.indexOf(ROW_ID_ORDINAL)]?.id

  /** Undefined: there is nothing to be found. */
  const open = async (run: Run): Promise<Opening | undefined> => {
    const pending = access.path(run)
    const path = pending instanceof Promise ? await pending : pending
    const count = limitOf(run)
    const limit = count instanceof Promise ? await count : count
    if (path === undefined || limit === 0) return undefined
    const request: ScanRequest = {
      columns: plan.ordinals,
      access: path,
      isReverse: plan.isReverse,
      ...(limit === undefined || accept !== undefined ? {} : { limit }),
    }
    return { request, limit: limit ?? Infinity }
  }
  const accepted = async (batch: Row[], run: Run): Promise<Row[]> => {
    const turn = run.spend(batch.length)
    if (turn !== undefined) await turn
    const pending = accept?.(batch, run) ?? batch
    const rows = pending instanceof Promise ? await pending : pending
    countRemoved(run, plan, batch.length - rows.length)
    return rows
  }
  const points = async (run: Run): Promise<Row[]> => {
    const opening = await open(run)
    if (opening === undefined) return []
    const rows = await accepted((await relation.readPoints?.(run.context, opening.request)) ?? [], run)
    return rows.length <= opening.limit ? rows : rows.slice(0, opening.limit)
  }
  const scan = async function* tableScan(run: Run): Batches {
    const opening = await open(run)
    if (opening === undefined) return
    let left = opening.limit
    for await (const batch of relation.scan(run.context, opening.request)) {
      const rows = await accepted(batch, run)
      if (rows.length > 0) yield rows.length <= left ? rows : rows.slice(0, left)
      left -= rows.length
      if (left <= 0) return
    }
  }

  const isPoints = relation.readPoints !== undefined && countPoints(plan.access) <= BATCH_ROWS
  return (run) => {
    const ids = rowId === undefined ? undefined : run.restrictions?.get(rowId)
    if (ids !== undefined) return restricted(run, ids)
    return isPoints ? new OneBatch(() => points(run)) : scan(run)
  }
}

interface Opening {
  readonly request: ScanRequest
  readonly limit: number
}

/** What makes a batch; more points are read bit by bit. */
const BATCH_ROWS = 1024

function countPoints(access: AccessPlan): number {
  return access.kind === 'points' ? access.keys.length : Infinity
}
