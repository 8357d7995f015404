/** Expressions of definitions: defaults, checks, generated columns, keys and predicates of indexes. */
import { ownVolatility } from '../../../plan/expressions/volatility.js'
import { someExpression } from '../../../plan/expressions/each-argument.js'
import type { Expression } from '../../../plan/expression.js'
import type { DataType } from '../../../scalar/data-type.js'
import { parseExpression } from '../parse/parse-statements.js'
import type { Node, StatementTree } from '../parse/tree.js'
import type { BindContext } from './bind-context.js'
import { StatementState } from './context/statement-state.js'
import { bindIn } from './expressions/bind-expression.js'
import { QueryScope } from './scope/query-scope.js'
import { RangeItem } from './scope/range-item.js'
import { sqlBinder } from './sql-binder.js'
import { coerceToBoolean, tryCoerce } from './types/coerce.js'
import { resolveUnknown } from './types/resolve-unknown.js'

/** Where the expression stands: it decides what may be in it. */
export type StoredExpressionPlace =
  'check' | 'default' | 'generated' | 'index expression' | 'index predicate' | 'transform' | 'copy'

export interface StoredExpressionOptions {
  readonly place: StoredExpressionPlace
  /** The relation's name, and its columns. */
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly type: DataType }[]
  /** What it is assigned to; `condition`: a truth value; undefined: it keeps its own type. */
  readonly target?: { readonly column: string; readonly type: DataType } | 'condition'
}

/** The text of an expression, or a part of a statement's tree. */
export type ExpressionSource = string | { readonly node: Node; readonly tree: StatementTree }

/**
 * The expression over the table's columns, whose ids are their ordinals.
 * @throws syntax_error, undefined_column, datatype_mismatch, … as PostgreSQL does
 * @throws feature_not_supported, grouping_error, windowing_error for what may not stand in that place
 * @throws invalid_object_definition for functions that are not immutable where they have to be
 */
export function bindStoredExpression(
  source: ExpressionSource,
  options: StoredExpressionOptions,
  context: BindContext,
): Expression {
  const { node, tree } = typeof source === 'string' ? parseExpression(source) : source
  const fixed = { ...context, parameterTypes: [], hasFixedParameters: true }
  const statement = StatementState.start(sqlBinder, fixed, tree, typeof source !== 'string')
  const scope = new QueryScope(statement, undefined)
  const item = new RangeItem({
    kind: 'relation',
    name: options.table,
    columns: options.columns.map(({ name, type }, ordinal) => ({
      name,
      type,
      value: { kind: 'column', column: ordinal, name, type },
    })),
  })
  scope.items = [item]
  scope.addItem(item)
  const bound = convert(statement, bindIn(scope, options.place, node), options)
  if (MUST_BE_IMMUTABLE[options.place] !== undefined) checkImmutable(statement, bound, options.place)
  return bound
}

const CONDITION_NAMES: Partial<Record<StoredExpressionPlace, string>> = { check: 'CHECK' }

function convert(
  statement: StatementState,
  bound: Expression,
  { place, target }: StoredExpressionOptions,
): Expression {
  if (target === undefined) return resolveUnknown(statement, bound)
  if (target === 'condition') return coerceToBoolean(statement, bound, CONDITION_NAMES[place] ?? 'WHERE')
  // What a domain demands is checked where rows are written.
  const { domain: _, ...type } = target.type
  const coerced = tryCoerce(statement, bound, type, 'assignment')
  if (coerced !== undefined) return coerced
  const what =
    place === 'default'
      ? 'default expression'
      : place === 'generated'
        ? 'generation expression'
        : 'expression'
  throw statement.error(
    'datatype_mismatch',
    `column "${target.column}" is of type ${target.type.scalar.displayName} but ${what} is of type ${bound.type.scalar.displayName}`,
    undefined,
    { hint: 'You will need to rewrite or cast the expression.' },
  )
}

const MUST_BE_IMMUTABLE: Partial<Record<StoredExpressionPlace, string>> = {
  'index expression': 'functions in index expression must be marked IMMUTABLE',
  'index predicate': 'functions in index predicate must be marked IMMUTABLE',
  generated: 'generation expression is not immutable',
}

function checkImmutable(
  statement: StatementState,
  expression: Expression,
  place: StoredExpressionPlace,
): void {
  const isMutable = someExpression(expression, (part) => ownVolatility(part) !== 'immutable')
  if (!isMutable) return
  throw statement.error(
    'invalid_object_definition',
    MUST_BE_IMMUTABLE[place] ?? 'expression is not immutable',
  )
}
