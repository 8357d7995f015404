import type { Cast } from '../functions/function.js'
import { furtherCasts } from './further-casts.js'
import { jsonCasts } from './json-casts.js'
import { numberCasts } from './number-casts.js'
import { objectCasts } from './object-casts.js'
import { temporalCasts } from './temporal-casts.js'
import { textCasts } from './text-casts.js'
import { vectorCasts } from './vector-casts.js'

/**
 * What `pg_cast` has between these types, without the casts of a type to itself, which bring a modifier into effect.
 * Conversions through text, and those of arrays element by element, go without an entry.
 */
export const allCasts: readonly Cast[] = [
  ...numberCasts,
  ...textCasts,
  ...temporalCasts,
  ...objectCasts,
  ...jsonCasts,
  ...vectorCasts,
  ...furtherCasts,
]
