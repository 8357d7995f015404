import type { TableFunction } from '../function.js'
import { integerSeries } from './integer-series.js'
import { otherSeries } from './other-series.js'

/** Functions that give rows. */
export const setFunctions: readonly TableFunction[] = [...integerSeries, ...otherSeries]
