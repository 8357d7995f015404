import { comparisonOf, conjunctsOf } from '../expressions/conditions.js'
import { isVolatile } from '../expressions/volatility.js'
import type { ColumnId, Expression } from '../expression.js'
import type { JoinPlan, LogicalPlan, ScanPlan } from '../logical-plan.js'
import { columnsOf } from './free-columns.js'

/** Columns of which no two rows of a plan have the same values. Without columns: there is one row at most. */
export interface UniqueKey {
  readonly columns: ReadonlySet<ColumnId>
  /** Rows with a null in one of the columns may be alike nevertheless. */
  readonly allowsEqualNulls: boolean
}

const known = new WeakMap<LogicalPlan, readonly UniqueKey[]>()

/** Keys beyond these few are seldom of use. */
const KEYS_MAX = 8

export function uniqueKeys(plan: LogicalPlan): readonly UniqueKey[] {
  let keys = known.get(plan)
  if (keys === undefined) {
    keys = compute(plan).slice(0, KEYS_MAX)
    known.set(plan, keys)
  }
  return keys
}

/** Whether no two rows of the plan agree in these columns, rows with nulls left aside. */
export function isUniqueOn(plan: LogicalPlan, columns: ReadonlySet<ColumnId>): boolean {
  return uniqueKeys(plan).some((key) => isSubset(key.columns, columns))
}

export function isSubset(part: ReadonlySet<ColumnId>, whole: ReadonlySet<ColumnId>): boolean {
  for (const column of part) if (!whole.has(column)) return false
  return true
}

/**
 * Columns of `inner` that a condition sets equal to something that does not depend on `inner`: whatever that is, rows
 * of `inner` that match one row from elsewhere agree in these columns.
 */
export function fixedColumns(conditions: readonly Expression[], inner: ReadonlySet<ColumnId>): Set<ColumnId> {
  const fixed = new Set<ColumnId>()
  for (const condition of conditions) {
    const parts = comparisonOf(condition)
    if (parts?.comparison !== 'eq') continue
    for (const [own, other] of [
      [parts.left, parts.right],
      [parts.right, parts.left],
    ] as const) {
      if (own.kind !== 'column' || !inner.has(own.column) || isVolatile(other)) continue
      let isForeign = true
      for (const column of columnsOf(other)) isForeign &&= !inner.has(column)
      if (isForeign) fixed.add(own.column)
    }
  }
  return fixed
}

export function columnIds(plan: LogicalPlan): Set<ColumnId> {
  return new Set(plan.columns.map((column) => column.id))
}

function compute(plan: LogicalPlan): readonly UniqueKey[] {
  switch (plan.kind) {
    case 'scan':
      return ofScan(plan)
    case 'filter': {
      const fixed = fixedColumns(conjunctsOf(plan.condition), columnIds(plan.input))
      return uniqueKeys(plan.input).map((key) => without(key, fixed))
    }
    case 'project': {
      const renamed = new Map<ColumnId, ColumnId>()
      plan.expressions.forEach((expression, at) => {
        const column = plan.columns[at]
        if (expression.kind === 'column' && column !== undefined) renamed.set(expression.column, column.id)
      })
      return uniqueKeys(plan.input).flatMap((key) => rename(key, renamed))
    }
    case 'join':
      return ofJoin(plan)
    case 'aggregate': {
      if (plan.groupingSets !== undefined) return []
      const groups = plan.columns.slice(0, plan.groups.length)
      return [{ columns: new Set(groups.map((column) => column.id)), allowsEqualNulls: false }]
    }
    case 'distinct': {
      const inner = uniqueKeys(plan.input)
      if (plan.on === undefined) return [...inner, { columns: columnIds(plan), allowsEqualNulls: false }]
      const on = plan.on.flatMap((expression) => (expression.kind === 'column' ? [expression.column] : []))
      if (on.length < plan.on.length) return inner
      return [...inner, { columns: new Set(on), allowsEqualNulls: false }]
    }
    case 'set-operation':
      return plan.isAll ? [] : [{ columns: columnIds(plan), allowsEqualNulls: false }]
    case 'values':
      return plan.rows.length <= 1 ? [{ columns: new Set(), allowsEqualNulls: false }] : []
    case 'limit': {
      const { limit } = plan
      const isOne = limit?.kind === 'constant' && (limit.value === 1 || limit.value === 0) && !plan.withTies
      return isOne ? [{ columns: new Set(), allowsEqualNulls: false }] : uniqueKeys(plan.input)
    }
    case 'window':
    case 'sort':
    case 'lock':
      return uniqueKeys(plan.input)
    case 'with':
      return uniqueKeys(plan.body)
    default:
      return []
  }
}

function ofScan(plan: ScanPlan): UniqueKey[] {
  const idOf = new Map<number, ColumnId>()
  plan.ordinals.forEach((ordinal, at) => {
    const column = plan.columns[at]
    if (column !== undefined) idOf.set(ordinal, column.id)
  })
  return plan.relation.indexes.flatMap((index) => {
    if (!index.isUnique || index.predicate !== undefined) return []
    const columns = new Set<ColumnId>()
    let allowsEqualNulls = false
    for (const { key } of index.keys) {
      const id = typeof key === 'number' ? idOf.get(key) : undefined
      if (id === undefined || typeof key !== 'number') return []
      columns.add(id)
      allowsEqualNulls ||= plan.relation.columns[key]?.isNotNull !== true && !index.nullsNotDistinct
    }
    return [{ columns, allowsEqualNulls }]
  })
}

function ofJoin(plan: JoinPlan): readonly UniqueKey[] {
  const { type, left, right } = plan
  if (type === 'semi' || type === 'anti') return uniqueKeys(left)
  if (type === 'full') return []
  const conditions = conjunctsOf(plan.condition)
  const isRightSingle = isUniqueOn(right, fixedColumns(conditions, columnIds(right)))
  const isLeftSingle = isUniqueOn(left, fixedColumns(conditions, columnIds(left)))
  const keys: UniqueKey[] = []
  if (isRightSingle && type !== 'right') keys.push(...uniqueKeys(left))
  if (isLeftSingle && type !== 'left') keys.push(...uniqueKeys(right))
  const [leftKey] = uniqueKeys(left)
  const [rightKey] = uniqueKeys(right)
  if (leftKey !== undefined && rightKey !== undefined) {
    keys.push({
      columns: new Set([...leftKey.columns, ...rightKey.columns]),
      allowsEqualNulls: leftKey.allowsEqualNulls || rightKey.allowsEqualNulls || type !== 'inner',
    })
  }
  return keys
}

function without(key: UniqueKey, fixed: ReadonlySet<ColumnId>): UniqueKey {
  // What is set equal to something is not null: only the columns that are left can be.
  const columns = new Set([...key.columns].filter((column) => !fixed.has(column)))
  return { columns, allowsEqualNulls: key.allowsEqualNulls && columns.size > 0 }
}

function rename(key: UniqueKey, renamed: ReadonlyMap<ColumnId, ColumnId>): UniqueKey[] {
  const columns = new Set<ColumnId>()
  for (const column of key.columns) {
    const id = renamed.get(column)
    if (id === undefined) return []
    columns.add(id)
  }
  return [{ columns, allowsEqualNulls: key.allowsEqualNulls }]
}
