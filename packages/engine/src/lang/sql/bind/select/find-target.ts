/** Which column of the SELECT list an entry of ORDER BY, GROUP BY or DISTINCT ON means. */
import { isSameExpression } from '../../../../plan/expressions/expression-key.js'
import type { CastExpression, Expression } from '../../../../plan/expression.js'
import { stringOf, type Node } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { Clause } from '../scope/clause.js'
import { rulesOf } from '../scope/clause.js'
import { hasOwnColumn } from '../scope/find-column.js'
import type { QueryScope } from '../scope/query-scope.js'
import { checkCount, type Target } from './target-list.js'

/** SQL-92's rules, `ORDER BY 2` and `ORDER BY name`, and where they do not apply those of SQL-99: any expression. */
export function findTarget(
  scope: QueryScope,
  targets: Target[],
  node: Node | undefined,
  clause: Clause,
): Target {
  return (
    targetByName(scope, targets, node, clause) ??
    targetByNumber(scope, targets, node, clause) ??
    findOrAdd(scope, targets, node, clause)
  )
}

/** The column whose expression it is; a new one, not shown, when there is none. */
export function findOrAdd(
  scope: QueryScope,
  targets: Target[],
  node: Node | undefined,
  clause: Clause,
): Target {
  const expression = bindIn(scope, clause, node)
  const known = targets.find((target) =>
    isSameExpression(withoutImplicitCasts(target.expression), expression),
  )
  if (known !== undefined) return known
  const target: Target = { name: '', expression, isJunk: true }
  targets.push(target)
  checkCount(scope, targets)
  return target
}

function withoutImplicitCasts(expression: Expression): Expression {
  const isImplicit = (cast: Expression): cast is CastExpression => cast.kind === 'cast' && !cast.isExplicit
  return isImplicit(expression) ? withoutImplicitCasts(expression.arg) : expression
}

function targetByName(
  scope: QueryScope,
  targets: readonly Target[],
  node: Node | undefined,
  clause: Clause,
): Target | undefined {
  if (node === undefined || !('ColumnRef' in node)) return undefined
  const { fields = [], location = 0 } = node.ColumnRef
  const name = fields.length === 1 ? stringOf(fields[0]) : undefined
  if (name === undefined) return undefined
  // Grouping looks at the columns of FROM first, as SQL-99 wants it.
  if (clause === 'group by' && hasOwnColumn(scope, name)) return undefined
  let found: Target | undefined
  for (const target of targets) {
    if (target.isJunk || target.name !== name) continue
    if (found !== undefined && !isSameExpression(found.expression, target.expression)) {
      throw scope.statement.error(
        'ambiguous_column',
        `${rulesOf(clause).name} "${name}" is ambiguous`,
        location,
      )
    }
    found ??= target
  }
  return found
}

function targetByNumber(
  scope: QueryScope,
  targets: readonly Target[],
  node: Node | undefined,
  clause: Clause,
): Target | undefined {
  if (node === undefined || !('A_Const' in node)) return undefined
  const { ival, location = 0 } = node.A_Const
  const { name } = rulesOf(clause)
  if (ival === undefined) {
    throw scope.statement.error('syntax_error', `non-integer constant in ${name}`, location)
  }
  const position = ival.ival ?? 0
  const target = targets.filter(({ isJunk }) => !isJunk)[position - 1]
  if (target !== undefined) return target
  throw scope.statement.error(
    'invalid_column_reference',
    `${name} position ${position} is not in select list`,
    location,
  )
}
