/** The relation that a statement changes. */
import type { ColumnId } from '../../../../plan/expression.js'
import type { Relation } from '../../../../relation/relation.js'
import type { Privilege } from '../../catalog-snapshot.js'
import type { RangeVar } from '../../parse/tree.js'
import type { ClassUse } from '../context/privileges.js'
import { ScanLeaf } from '../from/from-tree.js'
import { relationItem, requireClass, usedRelation } from '../from/range-var.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'

export interface TargetRelation {
  readonly relation: Relation
  readonly alias: string
  /** What the change needs to be allowed; the columns that are changed are added. */
  readonly use: ClassUse
  /** What reading it needs. */
  readonly read: ClassUse
  /** As it is written, for its alias. */
  readonly node: RangeVar
}

/** @throws undefined_table, wrong_object_type, insufficient_privilege for what cannot be changed */
export function bindTarget(
  scope: QueryScope,
  node: RangeVar,
  privilege: Privilege,
  verb: string,
): TargetRelation {
  const { statement } = scope
  const found = requireClass(statement, node)
  if (found.kind === 'view') {
    throw statement.unsupported(`${verb} the view ${found.name}`, node.location ?? 0)
  }
  if (found.kind === 'sequence') {
    throw statement.error('wrong_object_type', `cannot change sequence "${found.name}"`)
  }
  const { relation } = found
  if (relation.writer === undefined) {
    throw relation.kind === 'catalog'
      ? statement.error('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`)
      : statement.error('wrong_object_type', `cannot change relation "${relation.name}"`)
  }
  const used = usedRelation(relation)
  const extent = privilege === 'delete' ? 'whole' : 'columns'
  return {
    relation,
    alias: node.alias?.aliasname ?? relation.name,
    use: statement.privileges.needClass(used, privilege, extent, statement.role),
    read: statement.privileges.needClass(used, 'select', 'columns if any', statement.role),
    node,
  }
}

/** What a second kind of change needs to be allowed. */
export function usedTarget(scope: QueryScope, { relation }: TargetRelation, privilege: Privilege): ClassUse {
  const { statement } = scope
  return statement.privileges.needClass(usedRelation(relation), privilege, 'columns', statement.role)
}

/** The relation as it is read to find the rows to change. */
export function scanTarget(
  scope: QueryScope,
  target: TargetRelation,
): { readonly leaf: ScanLeaf; readonly item: RangeItem } {
  const leaf = new ScanLeaf(scope.statement, target.relation, target.alias)
  const item = relationItem(scope.statement, target.relation, leaf, target.node, target.read)
  item.isTarget = true
  return { leaf, item }
}

/** A row of the relation as it is during the change, under ids of its own. */
export function changedRow(
  scope: QueryScope,
  { relation, alias, read, node }: TargetRelation,
  name: string = alias,
): { readonly row: readonly ColumnId[]; readonly item: RangeItem } {
  const row = relation.columns.map(() => scope.statement.newColumn())
  const columns = relation.columns.map((column, ordinal): RangeColumn => ({
    name: column.name,
    type: column.type,
    value: { kind: 'column', column: row[ordinal] ?? 0, name: column.name, type: column.type },
    origin: { tableOid: relation.oid, columnNumber: ordinal + 1 },
    reads: [{ use: read, column: column.name }],
    ...(column.isHidden === true ? { isHidden: true } : {}),
  }))
  const rowType = scope.statement.context.catalog.findType(
    { schema: relation.schema, name: relation.name },
    scope.statement.searchPath,
  )
  const item = new RangeItem({
    kind: 'relation',
    name,
    columns,
    used: usedRelation(relation),
    hasAlias: node.alias !== undefined || name !== alias,
    relation,
    use: read,
    ...(rowType?.fields === undefined ? {} : { rowType }),
  })
  return { row, item }
}
