import { queryError } from '../../condition.js'
import type { ScalarContext } from '../../scalar-context.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { SeededRandom } from './seeded-random.js'

/** The sessions that have called `setseed`; the others draw from the environment's randomness. */
const seeded = new WeakMap<ScalarContext['session'], SeededRandom>()

function random({ session, env }: ScalarContext): number {
  return seeded.get(session)?.float() ?? env.random.float()
}

function setSeed({ session }: ScalarContext, seed: number): string {
  if (!(seed >= -1 && seed <= 1)) {
    throw queryError(
      'invalid_parameter_value',
      `setseed parameter ${String(seed)} is out of allowed range [-1,1]`,
    )
  }
  seeded.set(session, new SeededRandom(seed))
  return ''
}

export const randomFunctions: readonly ScalarFunction[] = [
  scalar('1598 random() float8 volatile', random),
  scalar('1599 setseed(float8) void volatile', setSeed),
]
