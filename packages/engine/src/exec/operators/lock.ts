import { defined } from '@orbit-ts/base'
import type { ColumnId } from '../../plan/expression.js'
import type { Lock } from '../../plan/physical-plan.js'
import type { RelationWrite, RowId } from '../../relation/relation.js'
import { unsupported } from '../../scalar/condition.js'
import type { Row } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import { scopeOf } from '../expression/scope.js'
import type { Operator, Run } from '../run.js'

interface Target {
  readonly rowId: ColumnId
  readonly position: number
  readonly strength: 'update' | 'share'
  readonly wait: 'block' | 'nowait' | 'skip'
}

/**
 * Locks the rows that come through. A row that another transaction changed meanwhile is asked for again from the plan
 * below; rows that are gone, held by others (SKIP LOCKED), or not given any more are left out.
 */
export function compileLock(plan: Lock, compiler: Compiler): Operator {
  const input = compiler.operator(plan.input)
  const scope = scopeOf(plan.input.columns)
  const targets = plan.targets.map((target): Target => ({
    rowId: target.rowId,
    position: defined(scope.positions.get(target.rowId), 'the identity of the rows to lock'),
    strength: target.strength === 'share' || target.strength === 'key share' ? 'share' : 'update',
    wait: target.wait,
  }))
  return async function* lock(run) {
    const writes: RelationWrite[] = []
    for (const { relation } of plan.targets) {
      if (relation.writer === undefined) throw unsupported(`locking rows of "${relation.name}"`)
      writes.push(await relation.writer.begin(run.context))
    }
    for await (const batch of input(run)) {
      const rows = await lockBatch(batch, targets, writes, input, run)
      if (rows.length > 0) yield rows
    }
    for (const write of writes) await write.finish()
  }
}

async function lockBatch(
  batch: readonly Row[],
  targets: readonly Target[],
  writes: readonly RelationWrite[],
  input: Operator,
  run: Run,
): Promise<Row[]> {
  const isLeftOut = new Uint8Array(batch.length)
  const isChanged = new Uint8Array(batch.length)
  for (const [which, { position, strength, wait }] of targets.entries()) {
    const write = defined(writes[which], 'the write of a target')
    const held = [...batch.keys()].filter((at) => isLeftOut[at] === 0 && idAt(batch, at, position) !== null)
    const ids = held.map((at) => idAt(batch, at, position))
    const isThere = await write.lock(ids, strength, wait)
    for (const [i, at] of held.entries()) {
      if (isThere[i] !== true) isLeftOut[at] = 1
      else if (write.hasChanged(ids[i] ?? null)) isChanged[at] = 1
    }
  }
  const rows: Row[] = []
  for (const [at, row] of batch.entries()) {
    if (isLeftOut[at] === 1) continue
    const now = isChanged[at] === 1 ? await readAgain(row, targets, input, run) : row
    if (now !== undefined) rows.push(now)
  }
  return rows
}

function idAt(batch: readonly Row[], at: number, position: number): RowId {
  return batch[at]?.[position] ?? null
}

/** What the plan gives now for the stored rows that a row was made of; undefined when it gives nothing. */
async function readAgain(
  row: Row,
  targets: readonly Target[],
  input: Operator,
  run: Run,
): Promise<Row | undefined> {
  const restrictions = new Map(
    targets.map(({ rowId, position }): [ColumnId, RowId[]] => {
      const id = row[position] ?? null
      return [rowId, id === null ? [] : [id]]
    }),
  )
  for await (const batch of input(run.fork(restrictions))) return batch[0]
  return undefined
}
