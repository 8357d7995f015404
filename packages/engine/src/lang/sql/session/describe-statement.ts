import { queryError } from '../../../scalar/condition.js'
import type { DataType, ScalarType } from '../../../scalar/data-type.js'
import { json, text } from '../../../scalar/types/system-types.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import { nodeKind, type Node } from '../parse/tree.js'
import type { StatementTree } from '../parse/tree.js'
import type { PreparedStatement, ResultColumn } from '../session-contract.js'
import { requireCursor } from './cursor-statements.js'
import { explainFormat } from './explain-options.js'
import { currentPlan, type QuerySource } from './query-statement.js'
import type { SessionState } from './session-state.js'
import { innerQuery, utilityTag } from './utility-tags.js'

type Description = Pick<PreparedStatement, 'parameters' | 'columns' | 'tag'>

/** What a statement takes and gives, without running it. */
export async function describeStatement(
  state: SessionState,
  source: QuerySource,
  readCatalog: () => Promise<CatalogSnapshot>,
): Promise<Description> {
  const { node } = source.tree
  const kind = nodeKind(node)
  if (QUERY_TAGS.has(kind)) {
    const { bound } = currentPlan(state, source, await readCatalog())
    return { parameters: bound.parameters, columns: bound.columns, tag: QUERY_TAGS.get(kind) ?? '' }
  }
  const inner = innerQuery(source.tree)
  const plan =
    inner && QUERY_TAGS.has(nodeKind(inner.node))
      ? await planInner(state, source, inner, readCatalog)
      : undefined
  return {
    parameters: plan?.bound.parameters ?? source.parameterTypes.map(requireType),
    columns: utilityColumns(state, node),
    tag: utilityTag(node),
  }
}

async function planInner(
  state: SessionState,
  source: QuerySource,
  inner: StatementTree,
  readCatalog: () => Promise<CatalogSnapshot>,
): Promise<ReturnType<typeof currentPlan>> {
  const query: QuerySource = { tree: inner, parameterTypes: source.parameterTypes, plan: undefined }
  return currentPlan(state, query, await readCatalog())
}

export const QUERY_TAGS: ReadonlyMap<string, string> = new Map([
  ['SelectStmt', 'SELECT'],
  ['InsertStmt', 'INSERT'],
  ['UpdateStmt', 'UPDATE'],
  ['DeleteStmt', 'DELETE'],
  ['MergeStmt', 'MERGE'],
])

function requireType(type: DataType | undefined, at: number): DataType {
  if (type !== undefined) return type
  throw queryError('indeterminate_datatype', `could not determine data type of parameter $${at + 1}`)
}

function utilityColumns(state: SessionState, node: Node): readonly ResultColumn[] | undefined {
  if ('VariableShowStmt' in node) return showColumns(state, node.VariableShowStmt.name ?? '')
  if ('ExplainStmt' in node)
    return [computed('QUERY PLAN', explainFormat(node.ExplainStmt) === 'json' ? json : text)]
  if ('ExecuteStmt' in node) return requirePrepared(state, node.ExecuteStmt.name ?? '').columns
  if ('FetchStmt' in node)
    return node.FetchStmt.ismove === true
      ? undefined
      : requireCursor(state, node.FetchStmt.portalname ?? '').columns
  return undefined
}

export function showColumns(state: SessionState, name: string): readonly ResultColumn[] {
  if (name.toLowerCase() === 'all')
    return ['name', 'setting', 'description'].map((each) => computed(each, text))
  return [computed(state.settings.nameOf(name), text)]
}

export function computed(name: string, scalar: ScalarType): ResultColumn {
  return { name, type: { scalar, modifier: -1 }, tableOid: 0, columnNumber: 0 }
}

/** @throws invalid_sql_statement_name */
export function requirePrepared({ prepared }: SessionState, name: string): PreparedStatement {
  const found = prepared.get(name)
  if (found !== undefined) return found
  throw queryError('invalid_sql_statement_name', `prepared statement "${name}" does not exist`)
}
