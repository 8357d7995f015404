/** Expressions of definitions over the columns of one relation. */
import type { Expression } from '../../../plan/expression.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import {
  bindStoredExpression,
  type ExpressionSource,
  type StoredExpressionPlace,
} from '../bind/bind-stored-expression.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'

/** What names in an expression mean. */
export interface ExpressionScope {
  readonly catalog: LoadedCatalog
  readonly scalar: ScalarContext
  readonly searchPath: readonly string[]
  /** The relation's name, and its columns. */
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: DataType }[]
}

/**
 * The expression over the columns, whose ids are ordinals.
 * @param target what it is converted to, as an assignment is; `condition`: a truth value; undefined: left as it is.
 */
export function bindTableExpression(
  { catalog, scalar, searchPath, name, columns }: ExpressionScope,
  source: ExpressionSource,
  place: StoredExpressionPlace,
  target: { readonly column: string; readonly type: DataType } | 'condition' | undefined,
): Expression {
  return bindStoredExpression(
    source,
    { place, table: name, columns, ...(target === undefined ? {} : { target }) },
    { catalog, registry: catalog.registry, searchPath, parameterTypes: [], scalar },
  )
}
