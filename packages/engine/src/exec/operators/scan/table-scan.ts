import { ROW_ID_ORDINAL } from '../../../plan/logical-plan.js'
import type { TableScan } from '../../../plan/physical-plan.js'
import type { ScanRequest } from '../../../relation/relation.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import { compileCount } from '../../expression/count.js'
import { scopeOf } from '../../expression/scope.js'
import type { Operator } from '../../run.js'
import { countRemoved } from '../filter.js'
import { compileAccess } from './access.js'
import { bindParameters } from './bind-parameters.js'
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
  const filterOf = bindParameters(plan.pushed)
  const restricted = compileRestrictedScan(plan, access, compiler)
  const rowId = plan.columns[plan.ordinals.indexOf(ROW_ID_ORDINAL)]?.id

  return async function* tableScan(run) {
    const ids = rowId === undefined ? undefined : run.restrictions?.get(rowId)
    if (ids !== undefined) {
      yield* restricted(run, ids)
      return
    }
    const pending = access.path(run)
    const path = pending instanceof Promise ? await pending : pending
    const count = limitOf(run)
    const limit = count instanceof Promise ? await count : count
    if (path === undefined || limit === 0) return
    const filter = filterOf(run)
    const request: ScanRequest = {
      columns: plan.ordinals,
      access: path,
      isReverse: plan.isReverse,
      ...(filter === undefined ? {} : { filter }),
      ...(limit === undefined || accept !== undefined ? {} : { limit }),
    }
    let left = limit ?? Infinity
    for await (const batch of relation.scan(run.context, request)) {
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      const accepted = accept?.(batch, run) ?? batch
      const rows = accepted instanceof Promise ? await accepted : accepted
      countRemoved(run, plan, batch.length - rows.length)
      if (rows.length > 0) yield rows.length <= left ? rows : rows.slice(0, left)
      left -= rows.length
      if (left <= 0) return
    }
  }
}
