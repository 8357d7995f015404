import type { ScalarFunction } from '../function.js'
import { degreeTrigonometry } from './degree-trigonometry.js'
import { floatMath } from './float-math.js'
import { integerMath } from './integer-math.js'
import { numericMath } from './numeric-math.js'
import { randomFunctions } from './random-functions.js'
import { trigonometry } from './trigonometry.js'
import { widthBucketFunctions } from './width-bucket.js'

/** Mathematical functions beyond the operators. */
export const mathFunctions: readonly ScalarFunction[] = [
  ...floatMath,
  ...trigonometry,
  ...degreeTrigonometry,
  ...integerMath,
  ...numericMath,
  ...widthBucketFunctions,
  ...randomFunctions,
]
