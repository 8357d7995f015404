import { hasSubquery } from '../../../expressions/volatility.js'
import type { Expression } from '../../../expression.js'

/** Conditions with subqueries of their own are left aside in estimates: they would be planned again and again. */
export function isPlainCondition(condition: Expression): boolean {
  return !hasSubquery(condition)
}
