/**
 * Changes of rows. All rows to change, with their new values, are known before the first is changed, wherever reading on
 * could meet changed rows; what is given back (RETURNING) is handed on once everything is done.
 */
import type { Modify, PhysicalPlan } from '../../../plan/physical-plan.js'
import type { RelationWrite, RelationWriter } from '../../../relation/relation.js'
import { unsupported } from '../../../scalar/condition.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import { compileRowSize } from '../../rows/row-size.js'
import type { Batches, Operator, Run } from '../../run.js'
import { compileDelete, compileUpdate } from './change-rows.js'
import { compileInsert } from './insert.js'
import { compileMerge } from './merge.js'

/** One kind of change, compiled. */
export interface Change {
  /** Rows with everything that `apply` needs. */
  readonly input: Operator
  readonly inputTypes: readonly DataType[]
  /** The input has to be read to its end before anything is changed. */
  readonly readsFirst: boolean
  begin(run: Run, write: RelationWrite, writer: RelationWriter): ChangeWork
}

export interface ChangeWork {
  /** Changes what a batch of the input says. */
  apply(rows: Row[]): Promise<Applied>
}

export interface Applied {
  readonly changed: number
  /** What RETURNING makes of the changed rows. */
  readonly returned: Row[]
}

export function compileModify(plan: Modify, compiler: Compiler): Operator {
  const { relation } = plan.change
  const change = compileChange(plan, compiler)
  const isMain = compiler.isMain(plan)
  const sizeOfReturned = compileRowSize(plan.columns.map((column) => column.type))
  const sizeOfInput = compileRowSize(change.inputTypes)

  return async function* modify(run) {
    const { writer } = relation
    if (writer === undefined) throw unsupported(`changing rows of "${relation.name}"`)
    const account = run.account(plan)
    const kept = new RowBuffer(account, sizeOfInput)
    const returned = new RowBuffer(account, sizeOfReturned)
    try {
      const write = await writer.begin(run.context)
      const work = change.begin(run, write, writer)
      const input = change.input(run)
      for await (const batch of change.readsFirst ? readAll(input, kept) : input) {
        const applied = await work.apply(batch)
        if (isMain) run.changedRows += applied.changed
        await returned.append(applied.returned)
        await run.spend(batch.length)
      }
      kept.clear()
      await write.finish()
      yield* reading(returned)
    } finally {
      kept.clear()
      returned.clear()
      account.close()
    }
  }
}

function compileChange(plan: Modify, compiler: Compiler): Change {
  const { change, input } = plan
  switch (change.kind) {
    case 'insert':
      return compileInsert(change, input, compiler)
    case 'update':
      return compileUpdate(plan, change, compiler)
    case 'delete':
      return compileDelete(plan, change, compiler)
    case 'merge':
      return compileMerge(change, input, compiler)
  }
}

async function* readAll(input: Batches, into: RowBuffer): Batches {
  for await (const batch of input) await into.append(batch)
  yield* reading(into)
}

async function* reading(buffer: RowBuffer): Batches {
  const cursor = buffer.cursor()
  for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) yield batch
}

/** The modification that a statement is there for, through what only hands its rows on. */
export function mainChange(root: PhysicalPlan): PhysicalPlan | undefined {
  switch (root.kind) {
    case 'modify':
      return root
    case 'with':
      return mainChange(root.body)
    case 'project':
      return mainChange(root.input)
    default:
      return undefined
  }
}
