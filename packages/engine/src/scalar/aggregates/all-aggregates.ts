import type { AggregateFunction } from '../functions/function.js'
import { arrayAggregates } from './array-aggregates.js'
import { bitAggregates } from './bit-aggregates.js'
import { booleanAggregates } from './boolean-aggregates.js'
import { countAggregates } from './count-aggregates.js'
import { extremeAggregates } from './extreme-aggregates.js'
import { floatAggregates } from './float-aggregates.js'
import { hypotheticalAggregates } from './hypothetical-aggregates.js'
import { integerAggregates } from './integer-aggregates.js'
import { intervalAggregates } from './interval-aggregates.js'
import { jsonAggregates } from './json-aggregates.js'
import { numericAggregates } from './numeric-aggregates.js'
import { orderedSetAggregates } from './ordered-set-aggregates.js'
import { rangeAggregates } from './range-aggregates.js'
import { regressionAggregates } from './regression-aggregates.js'
import { stringAggregates } from './string-aggregates.js'
import { varianceAggregates } from './variance-aggregates.js'
import { vectorAggregates } from './vector-aggregates.js'

export const allAggregates: readonly AggregateFunction[] = [
  ...countAggregates,
  ...integerAggregates,
  ...numericAggregates,
  ...floatAggregates,
  ...intervalAggregates,
  ...extremeAggregates,
  ...booleanAggregates,
  ...bitAggregates,
  ...stringAggregates,
  ...arrayAggregates,
  ...jsonAggregates,
  ...varianceAggregates,
  ...rangeAggregates,
  ...regressionAggregates,
  ...orderedSetAggregates,
  ...hypotheticalAggregates,
  ...vectorAggregates,
]
