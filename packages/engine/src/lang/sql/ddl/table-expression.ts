/** Expressions of definitions over the columns of one relation: bound, and ready to be computed. */
import type { Expression } from '../../../plan/expression.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { queryError } from '../../../scalar/condition.js'
import { bindExpression } from '../bind/expressions/bind-expression.js'
import { StatementState } from '../bind/context/statement-state.js'
import { QueryScope } from '../bind/scope/query-scope.js'
import { RangeItem } from '../bind/scope/range-item.js'
import { coerceToBoolean, tryCoerce } from '../bind/types/coerce.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'
import { nodeKind, type Node, type StatementTree } from '../parse/tree.js'

/** What names in an expression mean. */
export interface ExpressionScope {
  readonly catalog: LoadedCatalog
  readonly scalar: ScalarContext
  readonly searchPath: readonly string[]
  /** The relation's name, and its columns. */
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: DataType }[]
}

/** Where the expression stands: what it may not hold depends on it. */
export type ExpressionPlace = 'check' | 'default' | 'generated' | 'index' | 'predicate' | 'using'

const PLACES: Readonly<Record<ExpressionPlace, string>> = {
  check: 'check constraints',
  default: 'DEFAULT expressions',
  generated: 'column generation expressions',
  index: 'index expressions',
  predicate: 'index predicates',
  using: 'transform expressions',
}

/**
 * The expression over the columns, whose ids are ordinals.
 * @param target what it is converted to, as an assignment is; `condition`: a truth value; undefined: left as it is.
 */
export function bindTableExpression(
  scope: ExpressionScope,
  { node, tree }: { readonly node: Node; readonly tree: StatementTree },
  place: ExpressionPlace,
  target: { readonly column: string; readonly type: DataType } | 'condition' | undefined,
): Expression {
  checkNodes(node, place)
  const statement = StatementState.start(
    {
      catalog: scope.catalog,
      registry: scope.catalog.registry,
      searchPath: scope.searchPath,
      parameterTypes: [],
      scalar: scope.scalar,
    },
    tree,
  )
  const query = new QueryScope(statement, undefined)
  const item = new RangeItem({
    kind: 'relation',
    name: scope.name,
    columns: scope.columns.map(({ name, type }, column) => ({
      name,
      type,
      value: { kind: 'column', column, type, name },
    })),
  })
  if (place !== 'default') {
    query.items.push(item)
    query.all.push(item)
  }
  query.clause = 'where'
  const bound = bindExpression(query, node)
  if (target === undefined) return bound
  if (target === 'condition') return coerceToBoolean(statement, bound, PLACE_WORDS[place] ?? 'WHERE')
  const coerced = tryCoerce(statement, bound, target.type, 'assignment')
  if (coerced !== undefined) return coerced
  const what =
    place === 'generated' ? 'generation expression' : place === 'using' ? 'expression' : 'default expression'
  throw queryError(
    'datatype_mismatch',
    `column "${target.column}" is of type ${target.type.scalar.displayName} but ${what} is of type ${bound.type.scalar.displayName}`,
    { hint: 'You will need to rewrite or cast the expression.' },
  )
}

const PLACE_WORDS: Partial<Record<ExpressionPlace, string>> = { check: 'CHECK', predicate: 'WHERE' }

/** Refuses what no expression of a definition may hold. */
function checkNodes(node: unknown, place: ExpressionPlace): void {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const each of node) checkNodes(each, place)
    return
  }
  const kind = nodeKind(node as Node)
  if (kind === 'SubLink')
    throw queryError(
      'feature_not_supported',
      place === 'default'
        ? 'cannot use subquery in DEFAULT expression'
        : `cannot use subquery in ${PLACES[place].replace(/s$/, '')}`,
    )
  if (kind === 'ColumnRef' && place === 'default')
    throw queryError('feature_not_supported', 'cannot use column reference in DEFAULT expression')
  for (const child of Object.values(node)) checkNodes(child, place)
}
