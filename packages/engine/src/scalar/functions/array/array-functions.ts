import type { AnyFunction } from '../function.js'
import { arrayBuilding } from './array-building.js'
import { arrayFacts } from './array-facts.js'
import { arrayRows } from './array-rows.js'
import { arraySearch } from './array-search.js'
import { arrayText } from './array-text.js'

/** Functions of arrays. */
export const arrayFunctions: readonly AnyFunction[] = [
  ...arrayFacts,
  ...arrayBuilding,
  ...arraySearch,
  ...arrayText,
  ...arrayRows,
]
