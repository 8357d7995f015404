import type { CommonScanPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import type { RangeVar } from '../../parse/tree.js'
import type { CommonTable } from '../scope/common-table.js'
import type { QueryScope } from '../scope/query-scope.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import { aliasedNames } from './alias.js'
import { columnExpression, Leaf, type BoundFrom } from './from-tree.js'

/** A WITH query by its name; undefined when the name is not that of one. */
export function bindCommonScan(scope: QueryScope, node: RangeVar): BoundFrom | undefined {
  if (node.schemaname !== undefined) return undefined
  const name = node.relname ?? ''
  const common = findCommon(scope, name)
  if (common === undefined) return undefined
  const { statement } = scope
  const refusal = common.refuse?.(node.location ?? 0)
  if (refusal !== undefined) throw refusal
  common.onUse?.(scope, node.location ?? 0)
  common.uses++
  const output = (common.columns ?? []).map(({ name: column, type }): OutputColumn => ({
    id: statement.newColumn(),
    name: column,
    type,
  }))
  const plan: CommonScanPlan = {
    kind: 'common-scan',
    definition: common.id,
    name,
    ordinals: [...output.keys()],
    columns: output,
  }
  const leaf = new Leaf(statement, () => plan)
  const item = commonItem(scope, node, common, output, leaf)
  scope.addItem(item)
  scope.refuseLock(item, 'a WITH query')
  return { tree: leaf, items: [item], leaves: [item] }
}

function findCommon(scope: QueryScope, name: string): CommonTable | undefined {
  for (let level: QueryScope | undefined = scope; level !== undefined; level = level.parent) {
    const found = level.commons.find((common) => common.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

function commonItem(
  scope: QueryScope,
  { alias }: RangeVar,
  common: CommonTable,
  output: readonly OutputColumn[],
  leaf: Leaf,
): RangeItem {
  const name = alias?.aliasname ?? common.name
  const names = aliasedNames(
    scope.statement,
    alias,
    name,
    output.map((column) => column.name),
  )
  const columns = output.map((column, index): RangeColumn => {
    const { origin, fields, isHidden } = common.columns?.[index] ?? {}
    return {
      name: names[index] ?? column.name,
      type: column.type,
      value: columnExpression(column),
      ...(origin === undefined ? {} : { origin }),
      ...(fields === undefined ? {} : { fields }),
      ...(isHidden === true ? { isHidden } : {}),
    }
  })
  return new RangeItem({
    kind: 'common',
    name,
    columns,
    hasAlias: alias !== undefined,
    presence: leaf.presence,
  })
}
