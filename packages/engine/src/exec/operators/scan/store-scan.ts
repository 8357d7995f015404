/**
 * What the store computes beside the data, and what of it is finished here. Where the store refuses, the plan is run in
 * whose place this stands: nothing has been read of it then.
 */
import { hasCode, OrbitError } from '@orbit-ts/base'
import type { PushedRefusal } from '@orbit-ts/storage'
import type { Aggregate, StoreScan } from '../../../plan/physical-plan.js'
import type { AccessPath } from '../../../relation/relation.js'
import type { StoredRequest, StoredRows } from '../../../relation/stored-rows.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import { compileCount } from '../../expression/count.js'
import { scopeOf } from '../../expression/scope.js'
import type { Batches, Operator, Run } from '../../run.js'
import { compileAggregate } from '../aggregate/aggregate.js'
import { countRemoved } from '../filter.js'
import { compileAccess } from './access.js'
import { compileStoreConditions } from './store-conditions.js'

/** Rows that a store may keep for a sort, in each of its parts. */
const FIRST_ROWS_MAX = 10_000

export function compileStoreScan(plan: StoreScan, compiler: Compiler): Operator {
  const local = compiler.operator(plan.local)
  const { stored } = plan.scan.relation
  // The store has no rows as they were before a statement that has changed them since.
  if (stored === undefined || compiler.readsSnapshot(plan.scan.relation)) return local
  const open = compileOpen(plan, stored, compiler)
  const finish = plan.aggregate === undefined ? compileRows(plan, compiler) : compileMerge(plan, compiler)
  return async function* storeScan(run) {
    const source = await open(run)
    if ('refused' in source) {
      const counters = run.counters?.get(plan)
      if (counters !== undefined) counters.refused = source.refused
      yield* local(run)
      return
    }
    yield* finish(run, source)
  }
}

type Open = (run: Run) => Promise<Batches | PushedRefusal>

function compileOpen(plan: StoreScan, stored: StoredRows, compiler: Compiler): Open {
  const { scan, topN, aggregate } = plan
  const access = compileAccess(scan.relation, scan.access, compiler)
  const conditionsOf = compileStoreConditions(plan.conditions, stored, compiler)
  const countOf = compileCount(plan.limit?.count, compiler)
  const offsetOf = compileCount(plan.limit?.offset, compiler)
  const firstOf = compileCount(topN?.limit, compiler)
  return async (run) => {
    const path = await access.path(run)
    const count = await countOf(run)
    const limit = count === undefined ? undefined : count + ((await offsetOf(run)) ?? 0)
    const first = await firstOf(run)
    if (path === undefined || limit === 0 || first === 0) return noRows()
    const conditions = await conditionsOf(run)
    if ('refused' in conditions) return conditions
    const request: StoredRequest = {
      access: path satisfies AccessPath,
      isReverse: scan.isReverse,
      // What nobody asked an order of comes in that of the key all the same, as without the store.
      isOrdered: topN === undefined && aggregate === undefined,
      conditions: conditions.all,
      columns: scan.ordinals,
      ...(aggregate && { aggregate: aggregate.request }),
      ...(topN && isWithin(first, FIRST_ROWS_MAX) ? { topN: { keys: topN.keys, limit: first } } : {}),
      ...(isWithin(limit, Number.MAX_SAFE_INTEGER) ? { limit } : {}),
    }
    const rows = stored.open(run.context, request)
    return 'refused' in rows ? rows : begun(rows)
  }
}

/** Numbers that are out of range are the caller's to complain of. */
function isWithin(count: number | undefined, max: number): count is number {
  return count !== undefined && count > 0 && count <= max
}

/** With the first rows there: a server that does not know something says so at once. */
async function begun(rows: AsyncIterable<Row[]>): Promise<Batches | PushedRefusal> {
  const batches = rows[Symbol.asyncIterator]()
  try {
    return continued(await batches.next(), batches)
  } catch (error) {
    if (hasCode(error, 'STORE_REFUSED')) return { refused: OrbitError.from(error).reason }
    throw error
  }
}

async function* continued(first: IteratorResult<Row[]>, batches: AsyncIterator<Row[]>): Batches {
  try {
    for (let next = first; next.done !== true; next = await batches.next()) {
      if (next.value.length > 0) yield next.value
    }
  } finally {
    await batches.return?.()
  }
}

async function* noRows(): Batches {
  // A generator has to have one.
  yield* []
}

type Finish = (run: Run, source: Batches) => Batches

function compileRows(plan: StoreScan, compiler: Compiler): Finish {
  const { residual, scan } = plan
  const accept = residual && compileCondition(residual, scopeOf(scan.columns), compiler)
  return async function* rows(run, source) {
    for await (const batch of source) {
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      const accepted = (await accept?.(batch, run)) ?? batch
      countRemoved(run, plan, batch.length - accepted.length)
      if (accepted.length > 0) yield accepted
    }
  }
}

/** The groups of all parts, those of one kind put together. */
function compileMerge(plan: StoreScan, compiler: Compiler): Finish {
  const { aggregate, columns, estimate } = plan
  if (aggregate === undefined) throw new OrbitError('INTERNAL', 'there is nothing to be merged')
  const { groups, aggregates } = aggregate
  const merge: Aggregate = {
    kind: 'aggregate',
    strategy: groups.length === 0 ? 'plain' : 'hash',
    columns,
    estimate,
    groups,
    aggregates,
    input: { kind: 'values', columns: aggregate.columns, estimate, rows: [] },
  }
  const cell = compiler.cell()
  const operator = compileAggregate(merge, compiler, (run) => run.cells[cell] as Batches)
  return (run, source) => {
    run.cells[cell] = source
    return operator(run)
  }
}
