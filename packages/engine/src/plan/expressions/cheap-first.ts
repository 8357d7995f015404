import type { Expression } from '../expression.js'
import { hasSubquery } from './volatility.js'

/** Conditions that run a plan come last: the others may make it unnecessary. */
export function cheapFirst(conditions: readonly Expression[]): readonly Expression[] {
  if (!conditions.some(hasSubquery)) return conditions
  return [
    ...conditions.filter((condition) => !hasSubquery(condition)),
    ...conditions.filter((condition) => hasSubquery(condition)),
  ]
}
