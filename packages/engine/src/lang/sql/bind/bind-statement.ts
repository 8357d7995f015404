/** From the tree of a statement to a logical plan with everything looked up. */
import { isModifying } from '../../../plan/logical/is-modifying.js'
import { nodeKind, type Node, type StatementTree } from '../parse/tree.js'
import { tooDeep } from '../parse/parse-statements.js'
import type { ResultColumn } from '../session-contract.js'
import type { BindContext, BoundStatement, StatementKind } from './bind-context.js'
import { StatementState } from './context/statement-state.js'
import { bindChange } from './modify/bind-change.js'
import { QueryScope } from './scope/query-scope.js'
import { bindQuery, type QueryColumn } from './select/bind-query.js'
import { sqlBinder } from './sql-binder.js'

export type { BindContext, BoundStatement, RequiredPrivilege, StatementKind } from './bind-context.js'

/**
 * Binds SELECT, VALUES, INSERT, UPDATE, DELETE and MERGE. SELECT … INTO is bound as the SELECT alone.
 * @param node the statement itself when it stands inside another one (EXPLAIN, PREPARE, COPY, DECLARE); the tree's by default
 * @throws everything PostgreSQL's analysis reports, with its SQLSTATE, wording and position
 * @throws feature_not_supported for what is not there
 */
export function bindStatement(
  tree: StatementTree,
  context: BindContext,
  node: Node = tree.node,
): BoundStatement {
  try {
    return bindNode(tree, context, node)
  } catch (error) {
    // The binder follows the tree's nesting, and so the stack may run out where the parser's did not.
    if (error instanceof RangeError && /call stack/.test(error.message)) throw tooDeep()
    throw error
  }
}

function bindNode(tree: StatementTree, context: BindContext, node: Node): BoundStatement {
  const statement = StatementState.start(sqlBinder, context, tree)
  const scope = new QueryScope(statement, undefined)
  const kind = kindOf(node)
  if (kind === undefined) throw statement.unsupported(`${nodeKind(node)} as a query`)
  const { plan, columns } = bindChange(scope, node) ?? bindQuery(scope, node)
  return {
    kind,
    plan,
    columns: columns?.map(resultColumn),
    parameters: statement.parameters.finish(),
    privileges: statement.privileges.finish(),
    isModifying: isModifying(plan),
    isLocking: statement.effects.isLocking,
  }
}

function resultColumn({ name, type, origin }: QueryColumn): ResultColumn {
  return { name, type, tableOid: origin?.tableOid ?? 0, columnNumber: origin?.columnNumber ?? 0 }
}

/** Undefined for statements that have no plan. */
export function kindOf(node: Node): StatementKind | undefined {
  if ('SelectStmt' in node) return 'select'
  if ('InsertStmt' in node) return 'insert'
  if ('UpdateStmt' in node) return 'update'
  if ('DeleteStmt' in node) return 'delete'
  return 'MergeStmt' in node ? 'merge' : undefined
}
