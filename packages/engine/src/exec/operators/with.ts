import { defined } from '@orbit-ts/base'
import type { CommonScan, With } from '../../plan/physical-plan.js'
import type { Row, Value } from '../../scalar/value.js'
import type { Compiler, Snapshot } from '../compile/compiler.js'
import { RowBuffer } from '../rows/row-buffer.js'
import { compileRowSize } from '../rows/row-size.js'
import type { Operator } from '../run.js'
import { SharedRows } from './common-rows.js'

/**
 * What changes rows is run to its end, in the order it is written, before the rest is. What runs after a change reads the
 * changed relations as they were before.
 */
export function compileWith(plan: With, compiler: Compiler): Operator {
  const changes = plan.definitions.map((definition) => compiler.changedBy(definition.plan))
  const snapshots: Snapshot[] = []
  const compile = <T>(relations: ReadonlySet<number>, work: () => T): T => {
    // Without changes, snapshots are the business of a WITH further out.
    if (!plan.definitions.some((definition) => definition.isModifying)) return work()
    const { compiled, snapshots: taken } = compiler.readingSnapshots(relations, work)
    snapshots.push(...taken)
    return compiled
  }
  const all = union(changes)
  const definitions = plan.definitions.map((definition, at) => {
    // The first change reads what it needs before it changes anything; what is no change may be read at any time.
    const before = definition.isModifying
      ? union(changes.slice(0, at))
      : union([all, compiler.changedBy(plan.body)])
    return {
      ...definition,
      operator: compile(before, () =>
        compiler.defineCommon(definition.id, () => compiler.operator(definition.plan)),
      ),
      sizeOf: compileRowSize(definition.plan.columns.map((column) => column.type)),
    }
  })
  const body = compile(all, () => compiler.operator(plan.body))
  return async function* withCommon(run) {
    const account = run.account(plan)
    const before = definitions.map(({ id }) => run.common.get(id))
    const opened: SharedRows[] = []
    try {
      for (const snapshot of snapshots) await snapshot.take(run)
      for (const { id, operator, sizeOf, isModifying } of definitions) {
        const rows = new SharedRows(operator(run), new RowBuffer(account, sizeOf))
        opened.push(rows)
        run.common.set(id, rows)
        if (isModifying) await rows.complete()
      }
      yield* body(run)
    } finally {
      for (const rows of opened.reverse()) await rows.close()
      for (const [at, { id }] of definitions.entries()) {
        const outer = before[at]
        if (outer === undefined) run.common.delete(id)
        else run.common.set(id, outer)
      }
      account.close()
    }
  }
}

function union(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  return new Set(sets.flatMap((set) => [...set]))
}

export function compileCommonScan(plan: CommonScan, compiler: Compiler): Operator {
  compiler.refersToCommon(plan.definition)
  const { ordinals } = plan
  return async function* commonScan(run) {
    const rows = defined(run.common.get(plan.definition), `the rows of ${plan.name}`)
    const cursor = rows.cursor()
    for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) {
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      yield batch.map((row) => pick(row, ordinals))
    }
  }
}

function pick(row: Row, ordinals: readonly number[]): Row {
  if (ordinals.length === row.length && ordinals.every((ordinal, at) => ordinal === at)) return row
  return ordinals.map((ordinal) => row[ordinal] as Value)
}
