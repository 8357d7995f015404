import type { CoalesceExpression } from '../../../../plan/expression.js'
import type { CoalesceExpr, MinMaxExpr, Node } from '../../parse/tree.js'
import { located } from '../context/facts.js'
import type { QueryScope } from '../scope/query-scope.js'
import {
  deriveCollation,
  noteDerivation,
  requireCollation,
  typeWith,
  withCollation,
} from '../types/collations.js'
import { toCommonType } from '../types/common-type.js'
import { bindExpression } from './bind-expression.js'
import { withoutSets } from './without-sets.js'

export function bindCoalesce(scope: QueryScope, node: CoalesceExpr): CoalesceExpression {
  return withoutSets(scope, 'COALESCE', () => choose(scope, 'coalesce', node.args, node.location))
}

/** GREATEST and LEAST. */
export function bindGreatest(scope: QueryScope, node: MinMaxExpr): CoalesceExpression {
  const kind = node.op === 'IS_LEAST' ? 'least' : 'greatest'
  const chosen = choose(scope, kind, node.args, node.location)
  const { scalar } = chosen.type
  if (scalar.compare === undefined) {
    throw scope.statement.error(
      'undefined_function',
      `could not identify a comparison function for type ${scalar.displayName}`,
      node.location ?? 0,
    )
  }
  return chosen
}

function choose(
  scope: QueryScope,
  kind: CoalesceExpression['kind'],
  nodes: readonly Node[] | undefined,
  location: number | undefined,
): CoalesceExpression {
  const { statement } = scope
  const bound = (nodes ?? []).map((arg) => bindExpression(scope, arg))
  const { type, expressions } = toCommonType(statement, bound, kind.toUpperCase())
  const derived = deriveCollation(statement, expressions)
  if (kind !== 'coalesce') requireCollation(statement, derived, location ?? 0)
  const args = withCollation(expressions, derived)
  return noteDerivation(located({ kind, args, type: typeWith(type, derived.collation) }, location), derived)
}
