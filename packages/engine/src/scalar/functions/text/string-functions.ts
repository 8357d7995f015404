import type { AnyFunction } from '../function.js'
import { byteaFunctions } from './bytea-functions.js'
import { composingFunctions } from './composing-functions.js'
import { encodingFunctions } from './encoding-functions.js'
import { likeFunctions } from './like-functions.js'
import { textFunctions } from './text-functions.js'

/** Functions of strings and bytes. */
export const stringFunctions: readonly AnyFunction[] = [
  ...textFunctions,
  ...likeFunctions,
  ...composingFunctions,
  ...encodingFunctions,
  ...byteaFunctions,
]
