import type { InsertPlan } from '../../../plan/logical-plan.js'
import type { PhysicalPlan } from '../../../plan/physical-plan.js'
import type { RelationWrite, WriteRow } from '../../../relation/relation.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { scopeOfIds } from '../../expression/scope.js'
import type { Change, ChangeWork } from './modify.js'
import { compileOnConflict, type OnConflictWork } from './on-conflict.js'
import { compileReturning } from './returning.js'

export function compileInsert(plan: InsertPlan, input: PhysicalPlan, compiler: Compiler): Change {
  const toRow = compileWriteRow(plan)
  const returning = compileReturning(plan.returning, scopeOfIds(plan.row), compiler)
  const onConflict = plan.onConflict && compileOnConflict(plan, plan.onConflict, compiler)
  return {
    input: compiler.operator(input),
    inputTypes: input.columns.map((column) => column.type),
    readsFirst: compiler.reads(input, plan.relation),
    begin: (run, write) => {
      const insert = onConflict === undefined ? plainInsert(write) : onConflictInsert(onConflict(run, write))
      return {
        apply: async (rows) => {
          const stored = await insert(rows.map(toRow))
          return { changed: stored.length, returned: await returning(() => stored, run) }
        },
      } satisfies ChangeWork
    },
  }
}

type Insert = (rows: readonly WriteRow[]) => Promise<Row[]>

function plainInsert(write: RelationWrite): Insert {
  return (rows) => write.insert(rows)
}

function onConflictInsert(work: OnConflictWork): Insert {
  return (rows) => work.insert(rows)
}

/** From a row of the input to one by ordinal; columns that are not spoken of get their defaults. */
function compileWriteRow(plan: InsertPlan): (row: Row) => WriteRow {
  const { columns } = plan.relation
  const sources = columns.map((column, ordinal) => {
    const isOverridden = plan.overriding === 'user' && column.generated?.startsWith('identity') === true
    return isOverridden ? -1 : plan.targets.indexOf(ordinal)
  })
  return (row) => sources.map((source) => (source === -1 ? undefined : (row[source] as Value)))
}
