/** INSERT: what goes into which column, what happens to rows that are there already, what is given back. */
import type { InsertPlan } from '../../../../plan/logical-plan.js'
import type { InsertStmt, Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindWith } from '../select/with-clause.js'
import { requireOrdinal } from './assign-value.js'
import { bindInsertSource } from './insert-source.js'
import { bindOnConflict } from './on-conflict.js'
import { bindReturning, outputOf, type BoundChange } from './returning.js'
import { bindTarget, changedRow, type TargetRelation } from './target-relation.js'

/** A column that an INSERT names, or that it means by not naming any. */
export interface InsertColumn {
  readonly ordinal: number
  readonly location: number | undefined
}

export function bindInsert(scope: QueryScope, node: InsertStmt): BoundChange {
  const definitions = bindWith(scope, node.withClause)
  const target = bindTarget(scope, node.relation ?? {}, 'insert', 'inserting into')
  const columns = bindColumns(scope, target, node.cols)
  for (const { ordinal } of columns.list) {
    target.use.columns?.add(target.relation.columns[ordinal]?.name ?? '')
  }
  const overriding = overridingOf(node)
  const source = bindInsertSource(scope, target.relation, node.selectStmt, columns, overriding)
  const { row, item } = changedRow(scope, target)
  const onConflict = bindOnConflict(scope, target, item, node.onConflictClause)
  const returning = bindReturning(scope, node.returningList, [item])
  const plan: InsertPlan = {
    kind: 'insert',
    relation: target.relation,
    alias: target.alias,
    input: source.plan,
    targets: source.targets,
    row,
    columns: outputOf(returning),
    ...(overriding === undefined ? {} : { overriding }),
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(returning === undefined ? {} : { returning: returning.returning }),
  }
  return { plan: definitions.wrap(plan), columns: returning?.columns }
}

export function overridingOf({ override }: Pick<InsertStmt, 'override'>): 'system' | 'user' | undefined {
  if (override === 'OVERRIDING_SYSTEM_VALUE') return 'system'
  return override === 'OVERRIDING_USER_VALUE' ? 'user' : undefined
}

export interface InsertColumns {
  readonly list: readonly InsertColumn[]
  /** The statement names them, and has to give a value for each. */
  readonly isWritten: boolean
}

/** @throws undefined_column, duplicate_column */
export function bindColumns(
  scope: QueryScope,
  { relation }: TargetRelation,
  nodes: readonly Node[] | undefined,
): InsertColumns {
  const { statement } = scope
  if (nodes === undefined || nodes.length === 0) {
    const list = relation.columns.flatMap((column, ordinal) =>
      column.isHidden === true ? [] : [{ ordinal, location: undefined }],
    )
    return { list, isWritten: false }
  }
  const list: InsertColumn[] = []
  for (const node of nodes) {
    if (!('ResTarget' in node)) continue
    const { name = '', indirection, location = 0 } = node.ResTarget
    const ordinal = requireOrdinal(statement, relation, name, location)
    if (indirection !== undefined) throw statement.unsupported('INSERT into a part of a column', location)
    if (list.some((column) => column.ordinal === ordinal)) {
      throw statement.error('duplicate_column', `column "${name}" specified more than once`, location)
    }
    list.push({ ordinal, location })
  }
  return { list, isWritten: true }
}
