import type { ScalarFunction } from '../function.js'
import { bigintArithmetic } from './bigint-arithmetic.js'
import { floatArithmetic } from './float-arithmetic.js'
import { integerArithmetic } from './integer-arithmetic.js'
import { numericArithmetic } from './numeric-arithmetic.js'

/** What the operators on numbers call. */
export const arithmeticFunctions: readonly ScalarFunction[] = [
  ...integerArithmetic,
  ...bigintArithmetic,
  ...floatArithmetic,
  ...numericArithmetic,
]
