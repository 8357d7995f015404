import { allAggregates } from '../aggregates/all-aggregates.js'
import { windowFunctions } from '../windows/window-functions.js'
import { arithmeticFunctions } from './arithmetic/arithmetic-functions.js'
import { arrayFunctions } from './array/array-functions.js'
import { bitFunctions } from './bits/bit-functions.js'
import { castFunctions } from './cast/cast-functions.js'
import { comparisonFunctions } from './comparison/comparison-functions.js'
import { enumFunctions } from './enum/enum-functions.js'
import { formatFunctions } from './format/format-functions.js'
import type { AnyFunction } from './function.js'
import { ioFunctions } from './io/io-functions.js'
import { jsonFunctions } from './json/json-functions.js'
import { mathFunctions } from './math/math-functions.js'
import { moneyFunctions } from './money/money-functions.js'
import { networkFunctions } from './network/network-functions.js'
import { rangeFunctions } from './ranges/range-functions.js'
import { valueFunctions } from './values/value-functions.js'
import { regexFunctions } from './regex/regex-functions.js'
import { setFunctions } from './sets/set-functions.js'
import { systemFunctions } from './system/system-functions.js'
import { stringFunctions } from './text/string-functions.js'
import { temporalFunctions } from './temporal/temporal-functions.js'
import { vectorComparisons } from './vector/vector-comparisons.js'
import { vectorFunctions } from './vector/vector-functions.js'

/** Everything that can be called by name, of PostgreSQL's own and Orbit's. */
export const allFunctions: readonly AnyFunction[] = [
  ...comparisonFunctions,
  ...arithmeticFunctions,
  ...mathFunctions,
  ...stringFunctions,
  ...regexFunctions,
  ...arrayFunctions,
  ...jsonFunctions,
  ...castFunctions,
  ...enumFunctions,
  ...valueFunctions,
  ...ioFunctions,
  ...bitFunctions,
  ...networkFunctions,
  ...moneyFunctions,
  ...rangeFunctions,
  ...temporalFunctions,
  ...formatFunctions,
  ...vectorFunctions,
  ...vectorComparisons,
  ...systemFunctions,
  ...setFunctions,
  ...allAggregates,
  ...windowFunctions,
]
