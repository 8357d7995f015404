/** The relation that a statement changes, or the view that shows it. */
import type { ColumnId } from '../../../../plan/expression.js'
import type { RowCheck } from '../../../../plan/logical-plan.js'
import type { Relation } from '../../../../relation/relation.js'
import type { RangeVar } from '../../parse/tree.js'
import type { ClassUse, UsedClass } from '../context/privileges.js'
import { ScanLeaf } from '../from/from-tree.js'
import { relationItem, requireClass, usedRelation } from '../from/range-var.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { UpdatableView, type ChangeVerb, type ViewRow } from './updatable-view.js'

export interface TargetRelation {
  readonly relation: Relation
  readonly alias: string
  /** What is named: the relation or a view. */
  readonly used: UsedClass
  /** What the change needs to be allowed; the columns that are changed are added. */
  readonly use: ClassUse
  /** What reading it needs. */
  readonly read: ClassUse
  /** As it is written, for its alias. */
  readonly node: RangeVar
  /** How names of columns lead to those of the relation. */
  readonly columns: readonly TargetColumn[]
  readonly view: { readonly view: UpdatableView; readonly verb: ChangeVerb } | undefined
}

export interface TargetColumn {
  readonly name: string
  /** Undefined: it is computed, and cannot be written. */
  readonly ordinal: number | undefined
}

const VERBS: Readonly<Record<TargetPrivilege, ChangeVerb>> = {
  insert: 'insert into',
  update: 'update',
  delete: 'delete from',
  select: 'update',
}

export type TargetPrivilege = 'insert' | 'update' | 'delete' | 'select'

/** @throws undefined_table, wrong_object_type, insufficient_privilege for what cannot be changed */
export function bindTarget(scope: QueryScope, node: RangeVar, privilege: TargetPrivilege): TargetRelation {
  const { statement } = scope
  const found = requireClass(statement, node)
  if (found.kind === 'sequence') {
    throw statement.error('wrong_object_type', `cannot change sequence "${found.name}"`)
  }
  if (found.kind === 'view')
    return viewTarget(scope, node, UpdatableView.of(scope, found, VERBS[privilege]), privilege)
  const { relation, materialized } = found
  if (materialized !== undefined) {
    throw statement.error('wrong_object_type', `cannot change materialized view "${relation.name}"`)
  }
  if (relation.writer === undefined) {
    throw relation.kind === 'catalog'
      ? statement.error('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`)
      : statement.error('wrong_object_type', `cannot change relation "${relation.name}"`)
  }
  const columns = relation.columns.flatMap(({ name, isHidden }, ordinal) =>
    isHidden === true ? [] : [{ name, ordinal }],
  )
  return { relation, columns, view: undefined, ...uses(scope, node, usedRelation(relation), privilege) }
}

function viewTarget(
  scope: QueryScope,
  node: RangeVar,
  view: UpdatableView,
  privilege: TargetPrivilege,
): TargetRelation {
  const { statement } = scope
  const verb = VERBS[privilege]
  if (privilege === 'select') {
    throw statement.error(
      'feature_not_supported',
      `cannot execute MERGE on relation "${view.view.name}"`,
      undefined,
      {
        detail: 'This operation is not supported for views.',
      },
    )
  }
  view.needPrivilege(privilege)
  const own = uses(scope, node, view.view, privilege)
  const row = view.row(new ScanLeaf(statement, view.relation, own.alias), own.alias, own.read, verb)
  const columns = row.item.columns.map(({ name }, at) => ({ name, ordinal: row.ordinals[at] }))
  return { relation: view.relation, columns, view: { view, verb }, ...own }
}

function uses(
  scope: QueryScope,
  node: RangeVar,
  { oid, schema, name }: UsedClass,
  privilege: TargetPrivilege,
): Pick<TargetRelation, 'alias' | 'used' | 'use' | 'read' | 'node'> {
  const { privileges, role } = scope.statement
  const used = { oid, schema, name }
  const extent = privilege === 'delete' ? 'whole' : 'columns'
  return {
    alias: node.alias?.aliasname ?? name,
    used,
    use: privileges.needClass(used, privilege, extent, role),
    read: privileges.needClass(used, 'select', 'columns if any', role),
    node,
  }
}

/** What a second kind of change needs to be allowed. */
export function usedTarget(
  { statement }: QueryScope,
  { used, view }: TargetRelation,
  privilege: 'insert' | 'update',
): ClassUse {
  view?.view.needPrivilege(privilege)
  return statement.privileges.needClass(used, privilege, 'columns', statement.role)
}

/** The relation as it is read to find the rows to change. */
export interface ScannedTarget {
  readonly leaf: ScanLeaf
  readonly item: RangeItem
  readonly conditions: ViewRow['conditions']
}

export function scanTarget(scope: QueryScope, target: TargetRelation): ScannedTarget {
  const leaf = new ScanLeaf(scope.statement, target.relation, target.alias)
  const row = viewRow(target, leaf, target.alias)
  const item = row?.item ?? relationItem(scope.statement, target.relation, leaf, target.node, target.read)
  item.isTarget = true
  return { leaf, item, conditions: row?.conditions ?? [] }
}

function viewRow({ view, read }: TargetRelation, leaf: ScanLeaf, name: string): ViewRow | undefined {
  return view?.view.row(leaf, name, read, view.verb)
}

/** A row of the relation as it is during the change, under ids of its own. */
export interface ChangedRow {
  readonly row: readonly ColumnId[]
  readonly item: RangeItem
  /** What is asked of it when it is new. */
  readonly checks: readonly RowCheck[]
}

export function changedRow(
  scope: QueryScope,
  target: TargetRelation,
  name: string = target.alias,
): ChangedRow {
  const leaf = new ScanLeaf(scope.statement, target.relation, name)
  const row = leaf.columns.map(({ id }) => id)
  const seen = viewRow(target, leaf, name)
  if (seen !== undefined && target.view !== undefined)
    return { row, item: seen.item, checks: target.view.view.checks(seen) }
  return { row, item: changedItem(scope, target, name, row), checks: [] }
}

function changedItem(
  scope: QueryScope,
  { relation, alias, read, node }: TargetRelation,
  name: string,
  row: readonly ColumnId[],
): RangeItem {
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
  return new RangeItem({
    kind: 'relation',
    name,
    columns,
    used: usedRelation(relation),
    hasAlias: node.alias !== undefined || name !== alias,
    relation,
    use: read,
    ...(rowType?.fields === undefined ? {} : { rowType }),
  })
}
