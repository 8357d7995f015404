/** Items compared in the predicates of a path. */
import { compareCodePoints } from '../../collation/code-points.js'
import { matcherFor } from '../../functions/regex/regex-cache.js'
import { compareNumeric } from '../../numeric/compare-numeric.js'
import { Numeric } from '../../numeric/numeric.js'
import type { JsonNode } from '../jsonb.js'
import type { ComparisonOperator } from './json-path.js'
import { regexOptions } from './regex-options.js'

export type Truth = boolean | 'unknown'

/** Null equals null only, and is ordered with nothing; other types are not comparable with each other. */
export function compareItems(operator: ComparisonOperator, a: JsonNode, b: JsonNode): Truth {
  if (a === null || b === null) {
    return a === b ? holds(operator, 0) : operator === '!='
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return holds(operator, Number(a) - Number(b))
  if (typeof a === 'string' && typeof b === 'string') return holds(operator, compareCodePoints(a, b))
  if (a instanceof Numeric && b instanceof Numeric) return holds(operator, compareNumeric(a, b))
  return 'unknown'
}

function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

export function itemStartsWith(item: JsonNode, start: JsonNode): Truth {
  return typeof item === 'string' && typeof start === 'string' ? item.startsWith(start) : 'unknown'
}

export function matchesRegex(item: JsonNode, pattern: string, flags: string): Truth {
  return typeof item === 'string' ? matcherFor(pattern, regexOptions(flags)).test(item) : 'unknown'
}
