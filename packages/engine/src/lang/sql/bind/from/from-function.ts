/** Functions in FROM: `f(…) AS t(a, b)`, `ROWS FROM (f(…), g(…)) WITH ORDINALITY`. */
import type { LogicalPlan, OutputColumn, TableFunctionPlan } from '../../../../plan/logical-plan.js'
import { itemsOf, type Node, type RangeFunction } from '../../parse/tree.js'
import { OID } from '../context/system-types.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { aliasedNames } from './alias.js'
import { columnExpression, Leaf, type BoundFrom } from './from-tree.js'
import { bindSource, valueSource, type FunctionSource } from './function-source.js'

export function bindFromFunction(scope: QueryScope, node: RangeFunction): BoundFrom {
  const { statement } = scope
  const sources = bindSources(scope, node)
  const hasOrdinality = node.ordinality === true
  const output = sources.flatMap((source) =>
    source.columns.map((column): OutputColumn => ({
      id: statement.newColumn(),
      name: column.name,
      type: column.type,
    })),
  )
  if (hasOrdinality) {
    output.push({ id: statement.newColumn(), name: 'ordinality', type: statement.type(OID.int8) })
  }
  const leaf = new Leaf(statement, () => planOf(sources, output, hasOrdinality))
  const item = functionItem(scope, node, sources, output, leaf)
  scope.addItem(item)
  scope.refuseLock(item, 'a function')
  return { tree: leaf, items: [item], leaves: [item] }
}

/** They see what stands before them in FROM, with or without LATERAL. */
function bindSources(scope: QueryScope, node: RangeFunction): FunctionSource[] {
  const before = scope.isLateralActive
  scope.isLateralActive = true
  try {
    const isSingle = node.is_rowsfrom !== true
    return (node.functions ?? []).flatMap((entry) => {
      const [call, definitions] = itemsOf(entry)
      // Without a list there is an empty node in its place.
      const written = itemsOf(definitions).filter((node) => 'ColumnDef' in node)
      const list: readonly Node[] = written.length === 0 && isSingle ? (node.coldeflist ?? []) : written
      return scope.in('from function', () => bindSource(scope, call, list))
    })
  } finally {
    scope.isLateralActive = before
  }
}

/** One value is a row that is there already; anything else is a call. */
function planOf(
  sources: readonly FunctionSource[],
  columns: readonly OutputColumn[],
  hasOrdinality: boolean,
): LogicalPlan {
  const [only] = sources
  if (only?.kind === 'value' && sources.length === 1 && !hasOrdinality) {
    return { kind: 'values', rows: [only.values], columns }
  }
  const calls = sources.map((source): TableFunctionPlan['calls'][number] =>
    source.kind === 'rows' ? { function: source.function, args: source.args } : valueSource(source),
  )
  return { kind: 'table-function', calls, hasOrdinality, columns }
}

function functionItem(
  scope: QueryScope,
  { alias }: RangeFunction,
  sources: readonly FunctionSource[],
  output: readonly OutputColumn[],
  leaf: Leaf,
): RangeItem {
  const [first] = sources
  const name = alias?.aliasname ?? first?.name ?? ''
  const isScalar = sources.length === 1 && first?.isUnnamed === true && output.length === 1
  // The one unnamed column of a function is called as the function is.
  const own = output.map((column, index) =>
    index === 0 && sources.length === 1 && first?.isUnnamed === true ? name : column.name,
  )
  const names = aliasedNames(scope.statement, alias, name, own)
  const columns = output.map((column, index): RangeColumn => ({
    name: names[index] ?? column.name,
    type: column.type,
    value: columnExpression({ ...column, name: names[index] ?? column.name }),
  }))
  return new RangeItem({
    kind: 'function',
    name,
    columns,
    hasAlias: alias !== undefined,
    presence: leaf.presence,
    isScalar,
  })
}
