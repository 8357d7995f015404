/**
 * Leaves out of scans what nothing reads: columns that were wanted only for conditions which an index has settled. A scan
 * that does without the columns of its key need not read keys at all.
 *
 * Invariants:
 * 1. A column that any expression of the statement refers to stays, wherever that is: ids are those of the whole
 *    statement, so correlations need no look of their own.
 * 2. Below an operator that goes by position, or whose rows leave the plan, every column stays, up to the next one that
 *    makes its rows anew.
 * 3. A scan that gives identities of rows stays as it is: its conditions are checked again for rows that have changed.
 */
import type { ColumnId } from '../expression.js'
import { addColumns } from '../logical/free-columns.js'
import { ROW_ID_ORDINAL, type OutputColumn } from '../logical-plan.js'
import type { ExecutablePlan, PhysicalPlan, TableScan } from '../physical-plan.js'
import { eachPhysicalExpression } from './plan-expressions.js'
import { mapPhysicalInputs, physicalInputs } from './plan-inputs.js'

export function narrowScans(plan: ExecutablePlan): ExecutablePlan {
  const used = new Set<ColumnId>()
  addUsed(plan.root, used)
  for (const { plan: inner } of plan.subqueries.values()) addUsed(inner, used)
  const subqueries = new Map(
    [...plan.subqueries].map(([key, entry]) => [key, { ...entry, plan: narrowed(entry.plan, used, false) }]),
  )
  return { ...plan, root: narrowed(plan.root, used, false), subqueries }
}

function addUsed(plan: PhysicalPlan, used: Set<ColumnId>): void {
  eachPhysicalExpression(plan, (expression) => addColumns(expression, used))
  for (const input of physicalInputs(plan)) addUsed(input, used)
}

/** @param isFree whether the operator above takes what it needs by id */
function narrowed(plan: PhysicalPlan, used: ReadonlySet<ColumnId>, isFree: boolean): PhysicalPlan {
  switch (plan.kind) {
    case 'table-scan':
      return isFree ? narrowedScan(plan, used) : plan
    case 'aggregate':
    case 'project':
      return { ...plan, input: narrowed(plan.input, used, true) }
    case 'filter':
    case 'sort':
    case 'limit': {
      const input = narrowed(plan.input, used, isFree)
      return { ...plan, input, columns: input.columns }
    }
    case 'window': {
      const input = narrowed(plan.input, used, isFree)
      return { ...plan, input, columns: [...input.columns, ...plan.columns.slice(plan.input.columns.length)] }
    }
    case 'nested-loop':
    case 'hash-join':
    case 'merge-join': {
      const [left, right] = [narrowed(plan.left, used, isFree), narrowed(plan.right, used, isFree)]
      return { ...plan, left, right, columns: givenBy(plan.columns, left.columns, right.columns) }
    }
    case 'index-join': {
      const left = narrowed(plan.left, used, isFree)
      return { ...plan, left, columns: givenBy(plan.columns, left.columns, plan.right) }
    }
    default:
      return mapPhysicalInputs(plan, (input) => narrowed(input, used, false))
  }
}

function narrowedScan(plan: TableScan, used: ReadonlySet<ColumnId>): TableScan {
  if (plan.ordinals.includes(ROW_ID_ORDINAL) || plan.columns.every(({ id }) => used.has(id))) return plan
  const isUsed = plan.columns.map(({ id }) => used.has(id))
  return {
    ...plan,
    columns: plan.columns.filter((_, at) => isUsed[at]),
    ordinals: plan.ordinals.filter((_, at) => isUsed[at]),
    settled: {
      columns: plan.columns.filter((_, at) => isUsed[at] === false),
      ordinals: plan.ordinals.filter((_, at) => isUsed[at] === false),
    },
  }
}

function givenBy(
  columns: readonly OutputColumn[],
  left: readonly OutputColumn[],
  right: readonly OutputColumn[],
): readonly OutputColumn[] {
  const given = new Set([...left, ...right].map(({ id }) => id))
  return columns.every(({ id }) => given.has(id)) ? columns : columns.filter(({ id }) => given.has(id))
}
