import type { ScalarFunction } from '../function.js'
import { dateFormatFunctions } from './date-format-functions.js'
import { numberFormatFunctions } from './number-format-functions.js'

/** `to_char`, `to_date`, `to_timestamp` and `to_number`. */
export const formatFunctions: readonly ScalarFunction[] = [...dateFormatFunctions, ...numberFormatFunctions]
