import { comparisonOf, conjunctsOf, disjunctsOf, flipped } from '../../expressions/conditions.js'
import { expressionKey } from '../../expressions/expression-key.js'
import { rejectedNulls } from '../../expressions/null-rejection.js'
import type { Expression } from '../../expression.js'
import type { Comparison } from '../../../scalar/functions/function.js'
import type { Value } from '../../../scalar/value.js'
import { compareValues } from '../../statistics/scale.js'
import { holds } from '../../statistics/column-selectivity.js'
import { collationName, isSameFamily } from '../../expressions/type-families.js'

/** Whether each row for which all `conditions` are true is one for which `predicate` is true. May say no where it is so. */
export function implies(conditions: readonly Expression[], predicate: Expression): boolean {
  return conjunctsOf(predicate).every((part) => impliesPart(conditions, part))
}

function impliesPart(conditions: readonly Expression[], part: Expression): boolean {
  const key = expressionKey(part)
  if (conditions.some((condition) => expressionKey(condition) === key)) return true
  if (part.kind === 'or') return disjunctsOf(part).some((choice) => implies(conditions, choice))
  if (part.kind === 'test' && part.test === 'null' && part.isNegated && part.arg.kind === 'column') {
    const { column } = part.arg
    return conditions.some((condition) => rejectedNulls(condition).has(column))
  }
  if (part.kind === 'test' && part.test === 'true' && !part.isNegated)
    return impliesPart(conditions, part.arg)
  const wanted = boundOf(part)
  return wanted !== undefined && conditions.some((condition) => isTighter(boundOf(condition), wanted))
}

interface Bound {
  readonly subject: Expression
  readonly comparison: Comparison
  readonly value: Value
}

/** A comparison with a constant. */
function boundOf(condition: Expression): Bound | undefined {
  const parts = comparisonOf(condition)
  if (parts === undefined) return undefined
  const { left, right, comparison } = parts
  if (!isSameFamily(left.type.scalar, right.type.scalar)) return undefined
  if (right.kind === 'constant') return { subject: left, comparison, value: right.value }
  if (left.kind === 'constant') return { subject: right, comparison: flipped(comparison), value: left.value }
  return undefined
}

/** Whether what holds keeps to what is wanted: `x > 10` to `x > 5`, `x = 7` to both `x > 5` and `x <> 3`. */
function isTighter(given: Bound | undefined, wanted: Bound): boolean {
  if (given === undefined || expressionKey(given.subject) !== expressionKey(wanted.subject)) return false
  const type = wanted.subject.type
  if (collationName(given.subject) !== collationName(wanted.subject)) return false
  const order = compareValues(given.value, wanted.value, type)
  if (order === undefined) return false
  switch (given.comparison) {
    case 'eq':
      return holds(wanted.comparison, order)
    case 'gt':
    case 'ge':
      if (wanted.comparison === 'ge' || wanted.comparison === 'ne') {
        return order > 0 || (order === 0 && (given.comparison === 'gt' || wanted.comparison === 'ge'))
      }
      return wanted.comparison === 'gt' && (order > 0 || (order === 0 && given.comparison === 'gt'))
    case 'lt':
    case 'le':
      if (wanted.comparison === 'le' || wanted.comparison === 'ne') {
        return order < 0 || (order === 0 && (given.comparison === 'lt' || wanted.comparison === 'le'))
      }
      return wanted.comparison === 'lt' && (order < 0 || (order === 0 && given.comparison === 'lt'))
    case 'ne':
      return wanted.comparison === 'ne' && order === 0
  }
}
