/**
 * Rows of a relation as they were before a statement changed any: what the parts of a statement read that run after a
 * change in its WITH. No part sees what another part changes.
 *
 * Invariant: all snapshots of a statement are taken before its first change, and are read only afterwards.
 */
import { defined } from '@orbit-ts/base'
import { ROW_ID_ORDINAL } from '../../../plan/logical-plan.js'
import type { TableScan } from '../../../plan/physical-plan.js'
import type { Relation } from '../../../relation/relation.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler, Snapshot } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import { compileCount } from '../../expression/count.js'
import { scopeOf } from '../../expression/scope.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import { compileRowSize } from '../../rows/row-size.js'
import { compileRowOrder } from '../../rows/compare-rows.js'
import type { Batches, Operator, Run } from '../../run.js'
import { compileAccess } from './access.js'
import { indexOf, indexOrder } from './index-keys.js'
import { compileIndexKey, compileWholeRowTest, pickOrdinals, wholeRowScope } from './restricted-scan.js'

/** Rows kept for a whole execution. */
interface Kept {
  readonly buffer: RowBuffer
  close(): void
}

function compileKept(
  source: Operator,
  types: Parameters<typeof compileRowSize>[0],
  compiler: Compiler,
): Operator {
  const cell = compiler.cell()
  const sizeOf = compileRowSize(types)
  const snapshot: Snapshot = {
    take: async (run) => {
      const account = run.account(undefined)
      const buffer = new RowBuffer(account, sizeOf)
      const kept: Kept = {
        buffer,
        close: () => {
          buffer.clear()
          account.close()
        },
      }
      run.cells[cell] = kept
      run.atEnd(() => kept.close())
      for await (const batch of source(run)) await buffer.append(batch)
    },
  }
  compiler.addSnapshot(snapshot)
  return async function* kept(run) {
    const { buffer } = defined(run.cells[cell], 'a snapshot that was taken') as Kept
    const cursor = buffer.cursor()
    for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) {
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      yield batch
    }
  }
}

/** All rows of a relation by ordinal, their identity last. */
export function compileWholeSnapshot(relation: Relation, compiler: Compiler): Operator {
  const ordinals = relation.columns.map((_column, ordinal) => ordinal)
  const source: Operator = (run) => readAll(relation, [...ordinals, ROW_ID_ORDINAL], run)
  const types = relation.columns.map((column) => column.type)
  return compileKept(source, types, compiler)
}

async function* readAll(relation: Relation, columns: readonly number[], run: Run): Batches {
  for await (const batch of relation.scan(run.context, { columns, access: { kind: 'all' } })) {
    const turn = run.spend(batch.length)
    if (turn !== undefined) await turn
    yield batch
  }
}

/** @param live the scan as it is where nothing has been changed yet. */
export function compileSnapshotScan(
  plan: TableScan,
  live: Operator,
  isCorrelated: boolean,
  compiler: Compiler,
): Operator {
  const rowId = plan.columns[plan.ordinals.indexOf(ROW_ID_ORDINAL)]?.id
  const kept = isCorrelated
    ? compileFiltered(plan, compiler)
    : compileKept(
        live,
        plan.columns.map((column) => column.type),
        compiler,
      )
  // Rows that are asked for again are wanted as they are now.
  return (run) => (rowId !== undefined && run.restrictions?.has(rowId) === true ? live(run) : kept(run))
}

/** The scan over a snapshot of the whole relation: what it asks its index for depends on outer rows. */
function compileFiltered(plan: TableScan, compiler: Compiler): Operator {
  const { relation, ordinals, access } = plan
  const whole = compileWholeSnapshot(relation, compiler)
  const test = compileWholeRowTest(plan, compileAccess(relation, access, compiler), compiler)
  const residual = plan.residual && compileCondition(plan.residual, scopeOf(plan.columns), compiler)
  const limitOf = compileCount(plan.limit, compiler)
  const inOrder = compileOrdered(plan, compiler)
  return async function* filtered(run) {
    const accept = await test(run)
    const found: Row[] = []
    for await (const batch of whole(run)) for (const row of await accept(batch)) found.push(row)
    const picked = inOrder(found, run).map((row) => pickOrdinals(row, ordinals))
    const rows = residual === undefined ? picked : await residual(picked, run)
    const limited = rows.slice(0, await limitOf(run))
    for (let at = 0; at < limited.length; at += run.batchSize) yield limited.slice(at, at + run.batchSize)
  }
}

function compileOrdered(plan: TableScan, compiler: Compiler): (rows: Row[], run: Run) => Row[] {
  const { relation, access, isReverse } = plan
  const reversed = (rows: Row[]): Row[] => (isReverse ? rows.reverse() : rows)
  if (access.kind === 'all') return reversed
  const index = indexOf(relation, access.index)
  const compare = compileRowOrder(indexOrder(relation, index))
  const keyOf = compileIndexKey(relation, index.name, wholeRowScope(relation), compiler)
  return (rows, run) => {
    const keyed = rows.map((row) => ({ row, key: keyOf(row, run) })).sort((a, b) => compare(a.key, b.key))
    return reversed(keyed.map(({ row }) => row))
  }
}
