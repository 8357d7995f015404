import type { QueryScope } from '../scope/query-scope.js'
import type { RangeItem } from '../scope/range-item.js'

export function setLateral(items: readonly RangeItem[], isLateralOnly: boolean, isLateralOk: boolean): void {
  for (const item of items) {
    item.isLateralOnly = isLateralOnly
    item.isLateralOk = isLateralOk
  }
}

/** @throws duplicate_alias when two entries of one level have one name */
export function checkNames(
  scope: QueryScope,
  some: readonly RangeItem[],
  others: readonly RangeItem[],
): void {
  for (const one of some) {
    if (!one.isTableVisible || one.name === undefined) continue
    for (const other of others) {
      if (!other.isTableVisible || other.name !== one.name || areDifferentTables(one, other)) continue
      throw scope.statement.error('duplicate_alias', `table name "${one.name}" specified more than once`)
    }
  }
}

/** Tables of the same name in different schemas can be told apart by their schema. */
function areDifferentTables(one: RangeItem, other: RangeItem): boolean {
  if (one.hasAlias || other.hasAlias || one.used === undefined || other.used === undefined) return false
  return one.used.oid !== other.used.oid
}
