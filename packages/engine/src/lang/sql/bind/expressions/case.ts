import type { CaseExpression, Expression } from '../../../../plan/expression.js'
import type { CaseExpr } from '../../parse/tree.js'
import { namedOperatorCall } from '../calls/operator-call.js'
import { located } from '../context/facts.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import { deriveCollation, noteDerivation, typeWith, withCollation } from '../types/collations.js'
import { coerceToCommon, commonType } from '../types/common-type.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { bindExpression } from './bind-expression.js'
import { withoutSets } from './without-sets.js'

/** `CASE WHEN condition …`, and `CASE x WHEN value …` written out as comparisons. */
export function bindCase(scope: QueryScope, node: CaseExpr): CaseExpression {
  return withoutSets(scope, 'CASE', () => bindBranches(scope, node))
}

function bindBranches(scope: QueryScope, node: CaseExpr): CaseExpression {
  const { statement } = scope
  const subject =
    node.arg === undefined ? undefined : resolveUnknown(statement, bindExpression(scope, node.arg))
  const branches = (node.args ?? []).flatMap((child) => {
    if (!('CaseWhen' in child)) return []
    const { expr, result, location = 0 } = child.CaseWhen
    const value = bindExpression(scope, expr)
    const condition =
      subject === undefined ? value : namedOperatorCall(statement, '=', subject, value, location)
    return {
      condition: coerceToBoolean(statement, condition, 'CASE/WHEN'),
      result: bindExpression(scope, result),
    }
  })
  const otherwise = bindExpression(scope, node.defresult)
  // ELSE counts first when the type is chosen.
  const type = commonType(statement, [otherwise, ...branches.map(({ result }) => result)], 'CASE')
  const results = [
    ...branches.map(({ result }) => coerceToCommon(statement, result, type, 'CASE/WHEN')),
    coerceToCommon(statement, otherwise, type, 'CASE/ELSE'),
  ]
  const derived = deriveCollation(statement, results)
  const collated = withCollation(results, derived)
  const pick = (index: number, fallback: Expression): Expression => collated[index] ?? fallback
  return noteDerivation(
    located(
      {
        kind: 'case',
        branches: branches.map(({ condition, result }, index) => ({
          condition,
          result: pick(index, result),
        })),
        otherwise: pick(branches.length, otherwise),
        type: typeWith(type, derived.collation),
      },
      node.location,
    ),
    derived,
  )
}
