import { nodeKind, type Node } from '../parse/tree.js'
import type { StatementTree } from '../parse/tree.js'

/** The query inside EXPLAIN, DECLARE, COPY (query) TO. */
export function innerQuery(tree: StatementTree): StatementTree | undefined {
  const { node } = tree
  const inner =
    'ExplainStmt' in node
      ? node.ExplainStmt.query
      : 'DeclareCursorStmt' in node
        ? node.DeclareCursorStmt.query
        : 'CopyStmt' in node
          ? node.CopyStmt.query
          : 'PrepareStmt' in node
            ? node.PrepareStmt.query
            : undefined
  return inner === undefined ? undefined : { ...tree, node: inner }
}

const TAGS: Readonly<Record<string, string>> = {
  VariableShowStmt: 'SHOW',
  ExplainStmt: 'EXPLAIN',
  PrepareStmt: 'PREPARE',
  ExecuteStmt: 'EXECUTE',
  DeallocateStmt: 'DEALLOCATE',
  DeclareCursorStmt: 'DECLARE CURSOR',
  FetchStmt: 'FETCH',
  ClosePortalStmt: 'CLOSE CURSOR',
  CopyStmt: 'COPY',
  VariableSetStmt: 'SET',
  DiscardStmt: 'DISCARD',
  TransactionStmt: 'TRANSACTION',
}

/** What to call a statement that is no query before it has run; its real tag comes with the result. */
export function utilityTag(node: Node): string {
  const kind = nodeKind(node)
  return (
    TAGS[kind] ??
    kind
      .replace(/Stmt$/, '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toUpperCase()
  )
}
