/** MERGE INTO target USING source ON … WHEN [NOT] MATCHED THEN … */
import { defined } from '@orbit-ts/base'
import type { Assignment, MergeAction, MergePlan } from '../../../../plan/logical-plan.js'
import type { MergeStmt, MergeWhenClause } from '../../parse/tree.js'
import { bindExpression, bindIn } from '../expressions/bind-expression.js'
import { bindFromEntry } from '../from/bind-from.js'
import { JoinTree } from '../from/from-tree.js'
import type { RangeItem } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindWith } from '../select/with-clause.js'
import { coerceToBoolean } from '../types/coerce.js'
import { assignValue, onlyDefault } from './assign-value.js'
import { bindAssignments } from './assignments.js'
import { bindColumns, overridingOf } from './insert.js'
import type { BoundChange } from './returning.js'
import { bindTarget, scanTarget, usedTarget, type TargetRelation } from './target-relation.js'

export function bindMerge(scope: QueryScope, node: MergeStmt): BoundChange {
  const { statement } = scope
  const definitions = bindWith(scope, node.withClause)
  if ((node.returningList ?? []).length > 0) throw statement.unsupported('RETURNING in MERGE')
  const clauses = (node.mergeWhenClauses ?? []).flatMap((clause) =>
    'MergeWhenClause' in clause ? [clause.MergeWhenClause] : [],
  )
  checkReachable(scope, clauses)
  const target = bindTarget(scope, node.relation ?? {}, 'select')
  const { leaf, item } = scanTarget(scope, target)
  scope.addItem(item)
  const source = bindFromEntry(scope, defined(node.sourceRelation, 'the source of MERGE'))
  if (source.items.some((one) => one.isTableVisible && one.name === target.alias)) {
    throw statement.error('duplicate_alias', `name "${target.alias}" specified more than once`, undefined, {
      detail: 'The name is used both as MERGE target table and data source.',
    })
  }
  const both = [item, ...source.items]
  const condition = withItems(scope, both, () =>
    coerceToBoolean(statement, bindIn(scope, 'join condition', node.joinCondition), 'MERGE/ON'),
  )
  const actions = clauses.map((clause) => {
    const isMatched = clause.matchKind === undefined || clause.matchKind === 'MERGE_WHEN_MATCHED'
    return withItems(scope, isMatched ? both : source.items, () =>
      bindAction(scope, target, clause, isMatched),
    )
  })
  const rowId = leaf.rowId()
  const plan: MergePlan = {
    kind: 'merge',
    relation: target.relation,
    alias: target.alias,
    input: new JoinTree('left', source.tree, leaf, condition).build(),
    rowId,
    actions,
    columns: [],
  }
  return { plan: definitions.wrap(plan), columns: undefined }
}

function withItems<T>(scope: QueryScope, items: readonly RangeItem[], work: () => T): T {
  const before = scope.items
  scope.items = [...items]
  try {
    return work()
  } finally {
    scope.items = before
  }
}

function checkReachable(scope: QueryScope, clauses: readonly MergeWhenClause[]): void {
  const unconditional = new Set<string>()
  for (const { matchKind = 'MERGE_WHEN_MATCHED', condition } of clauses) {
    if (matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE') {
      throw scope.statement.unsupported('WHEN NOT MATCHED BY SOURCE')
    }
    if (unconditional.has(matchKind)) {
      throw scope.statement.error(
        'syntax_error',
        'unreachable WHEN clause specified after unconditional WHEN clause',
      )
    }
    if (condition === undefined) unconditional.add(matchKind)
  }
}

function bindAction(
  scope: QueryScope,
  target: TargetRelation,
  node: MergeWhenClause,
  isMatched: boolean,
): MergeAction {
  const { statement } = scope
  const condition =
    node.condition === undefined
      ? {}
      : { condition: coerceToBoolean(statement, bindIn(scope, 'merge when', node.condition), 'WHEN') }
  switch (node.commandType) {
    case 'CMD_DELETE':
      statement.privileges.needClass(classOf(target), 'delete', 'whole', statement.role)
      return { isMatched, ...condition, action: { kind: 'delete' } }
    case 'CMD_UPDATE': {
      const use = usedTarget(scope, target, 'update')
      const { list } = bindAssignments(scope, target, node.targetList, use)
      return { isMatched, ...condition, action: { kind: 'update', assignments: list } }
    }
    case 'CMD_INSERT': {
      const overriding = overridingOf(node)
      const assignments = bindInsertValues(scope, target, node, overriding)
      const action = { kind: 'insert' as const, assignments, ...(overriding && { overriding }) }
      return { isMatched, ...condition, action }
    }
    default:
      return { isMatched, ...condition, action: { kind: 'nothing' } }
  }
}

function classOf({ relation }: TargetRelation): { oid: number; schema: string; name: string } {
  return { oid: relation.oid, schema: relation.schema, name: relation.name }
}

function bindInsertValues(
  scope: QueryScope,
  target: TargetRelation,
  node: MergeWhenClause,
  overriding: 'system' | 'user' | undefined,
): readonly Assignment[] {
  const { statement } = scope
  const use = usedTarget(scope, target, 'insert')
  const columns = bindColumns(scope, { ...target, use }, node.targetList)
  const values = node.values ?? []
  if (values.length > columns.list.length) {
    throw statement.error('syntax_error', 'INSERT has more expressions than target columns')
  }
  if (values.length > 0 && values.length < columns.list.length && columns.isWritten) {
    throw statement.error(
      'syntax_error',
      'INSERT has more target columns than expressions',
      columns.list[values.length]?.location,
    )
  }
  return values.flatMap((value, index): Assignment[] => {
    const { ordinal, location } = columns.list[index] ?? { ordinal: -1, location: undefined }
    const column = target.relation.columns[ordinal]
    if (column === undefined || 'SetToDefault' in value) return []
    use.columns?.add(column.name)
    const isIdentity = column.generated?.startsWith('identity') === true
    if (isIdentity && overriding === 'user') return []
    const detail = onlyDefault(column)
    if (detail !== undefined && !(isIdentity && overriding === 'system')) {
      throw statement.error(
        'generated_always',
        `cannot insert a non-DEFAULT value into column "${column.name}"`,
        undefined,
        { detail, ...(isIdentity ? { hint: 'Use OVERRIDING SYSTEM VALUE to override.' } : {}) },
      )
    }
    const bound = scope.in('single values', () => bindExpression(scope, value))
    return [{ ordinal, expression: assignValue(statement, column, bound, location) }]
  })
}
