/** INSERT: what goes into which column, what happens to rows that are there already, what is given back. */
import type { InsertPlan } from '../../../../plan/logical-plan.js'
import type { InsertStmt, Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindWith } from '../select/with-clause.js'
import { requireOrdinal } from './assign-value.js'
import { bindInsertSource } from './insert-source.js'
import { bindOnConflict } from './on-conflict.js'
import { bindReturning, outputOf, returned, type BoundChange } from './returning.js'
import { bindTarget, changedRow, type TargetRelation } from './target-relation.js'

/** A column that an INSERT names, or that it means by not naming any. */
export interface InsertColumn {
  readonly ordinal: number
  readonly location: number | undefined
  /** `column[1]`, `column.field`: the part of it that is given. */
  readonly part?: readonly Node[]
}

export function bindInsert(scope: QueryScope, node: InsertStmt): BoundChange {
  const definitions = bindWith(scope, node.withClause)
  const target = bindTarget(scope, node.relation ?? {}, 'insert')
  const columns = bindColumns(scope, target, node.cols)
  for (const { ordinal } of columns.list) {
    target.use.columns?.add(target.columns.find((one) => one.ordinal === ordinal)?.name ?? '')
  }
  const overriding = overridingOf(node)
  const source = bindInsertSource(scope, target, node.selectStmt, columns, overriding)
  const { row, item, checks } = changedRow(scope, target)
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
    ...returned(returning, checks),
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
  target: TargetRelation,
  nodes: readonly Node[] | undefined,
): InsertColumns {
  const { statement } = scope
  if (nodes === undefined || nodes.length === 0) {
    const { columns } = target
    const computed = columns.findIndex(({ ordinal }) => ordinal === undefined)
    const list = columns
      .slice(0, computed < 0 ? columns.length : computed)
      .flatMap(({ ordinal }) => (ordinal === undefined ? [] : [{ ordinal, location: undefined }]))
    return { list, isWritten: false }
  }
  const list: InsertColumn[] = []
  for (const node of nodes) {
    if (!('ResTarget' in node)) continue
    const { name = '', indirection, location = 0 } = node.ResTarget
    const ordinal = requireOrdinal(statement, target, name, location, 'insert into')
    if (list.some((column) => column.ordinal === ordinal && !(column.part && indirection))) {
      throw statement.error('duplicate_column', `column "${name}" specified more than once`, location)
    }
    list.push({ ordinal, location, ...(indirection === undefined ? {} : { part: indirection }) })
  }
  return { list, isWritten: true }
}
