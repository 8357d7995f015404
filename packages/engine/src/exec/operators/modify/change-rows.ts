/** UPDATE and DELETE: rows are locked, looked at again where others changed them meanwhile, and then changed. */
import { defined } from '@orbit-ts/base'
import type { DeletePlan, UpdatePlan } from '../../../plan/logical-plan.js'
import type { Modify, PhysicalPlan } from '../../../plan/physical-plan.js'
import type { RelationWrite, RelationWriter, RowId } from '../../../relation/relation.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { scopeOf, type Scope } from '../../expression/scope.js'
import { DistinctFilter } from '../../rows/distinct-filter.js'
import type { Batches, Operator } from '../../run.js'
import { compileExtended } from '../extend.js'
import { compileAssignments } from './assignments.js'
import { lockRows } from './lock-rows.js'
import type { Change } from './modify.js'
import { compileReturning } from './returning.js'

export function compileUpdate(plan: Modify, change: UpdatePlan, compiler: Compiler): Change {
  const scope = scopeOf(plan.input.columns)
  const assigned = compileAssignments(change.relation, change.assignments)
  const source = compiler.operator(plan.input)
  const { operator } = compileExtended(source, scope, assigned.expressions, () => true, compiler)
  return compileChange(plan, change, scope, operator, compiler, async (rows, ids, write) => {
    const values = await assigned.values(rows, scope.width, write)
    return write.update(ids.map((id, at) => ({ id, values: values[at] ?? [] })))
  })
}

export function compileDelete(plan: Modify, change: DeletePlan, compiler: Compiler): Change {
  const scope = scopeOf(plan.input.columns)
  const operator = compiler.operator(plan.input)
  return compileChange(plan, change, scope, operator, compiler, (_rows, ids, write) => write.delete(ids))
}

/** Changes locked rows; gives them back as stored, or as they were. */
type Apply = (rows: readonly Row[], ids: readonly RowId[], write: RelationWrite) => Promise<Row[]>

function compileChange(
  plan: Modify,
  change: UpdatePlan | DeletePlan,
  scope: Scope,
  source: Operator,
  compiler: Compiler,
  apply: Apply,
): Change {
  const idPosition = defined(scope.positions.get(change.rowId), 'the identity of the rows to change')
  const returning = compileReturning(change.returning, withRow(scope, change.row), compiler)
  const { writer } = change.relation
  const idKey = (id: RowId): string | number | bigint => defined(writer, 'the writer').idKey(id)
  const input = comesOnce(plan.input) ? source : once(plan, source, idPosition, idKey)
  return {
    input,
    inputTypes: [
      ...plan.input.columns.map((column) => column.type),
      ...(change.kind === 'update'
        ? change.assignments.flatMap(({ expression }) => expression?.type ?? [])
        : []),
    ],
    readsFirst: true,
    begin: (run, write, rowWriter: RelationWriter) => ({
      apply: async (rows) => {
        const current = await lockRows(
          { rows, rowId: change.rowId, idPosition, input },
          { run, write, writer: rowWriter },
        )
        if (current.length === 0) return { changed: 0, returned: [] }
        const stored = await apply(
          current,
          current.map((row) => row[idPosition] as RowId),
          write,
        )
        const joined = (): Row[] =>
          current.map((row, at) => [...row.slice(0, scope.width), ...(stored[at] ?? [])])
        return { changed: stored.length, returned: await returning(joined, run) }
      },
    }),
  }
}

/** The changed row's columns behind those of the input. */
function withRow(scope: Scope, row: readonly number[]): Scope {
  const positions = new Map(scope.positions)
  row.forEach((column, at) => positions.set(column, scope.width + at))
  return { positions, width: scope.width + row.length }
}

/** Whether a plan gives a stored row once at most. */
function comesOnce(plan: PhysicalPlan): boolean {
  switch (plan.kind) {
    case 'table-scan':
      return true
    case 'filter':
    case 'project':
    case 'sort':
    case 'limit':
      return comesOnce(plan.input)
    default:
      return false
  }
}

/** Each row to change as it is first met. Rows without identity, of outer joins, are left out. */
function once(
  plan: Modify,
  input: Operator,
  idPosition: number,
  idKey: (id: RowId) => string | number | bigint,
): Operator {
  return async function* onlyOnce(run) {
    const account = run.account(plan)
    const filter = new DistinctFilter(run, account, (row) => idKey(row[idPosition] as RowId))
    try {
      for await (const batch of withIdentity(input(run), idPosition)) {
        const rows = await filter.add(batch)
        if (rows.length > 0) yield rows
      }
      yield* filter.rest()
    } finally {
      filter.close()
      account.close()
    }
  }
}

async function* withIdentity(input: Batches, idPosition: number): Batches {
  for await (const batch of input) {
    const rows = batch.filter((row) => row[idPosition] !== null)
    if (rows.length > 0) yield rows
  }
}
