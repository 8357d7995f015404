import type { ScalarFunction } from '../function.js'
import { floatComparisonFunctions } from './float-comparisons.js'
import { orderedComparisonFunctions } from './ordered-comparisons.js'
import { patternComparisonFunctions } from './pattern-comparisons.js'
import { primitiveComparisonFunctions } from './primitive-comparisons.js'
import { textComparisonFunctions } from './text-comparisons.js'

/** What the operators that compare call. */
export const comparisonFunctions: readonly ScalarFunction[] = [
  ...primitiveComparisonFunctions,
  ...floatComparisonFunctions,
  ...textComparisonFunctions,
  ...patternComparisonFunctions,
  ...orderedComparisonFunctions,
]
