/** Draws from a seeded `Env`, for the random tests. */
import type { Env } from '@orbit-ts/base'

/** A whole number in `[0, below)`. */
export function whole(env: Env, below: number): number {
  return Math.floor(env.random.float() * below)
}

export function chance(env: Env, probability: number): boolean {
  return env.random.float() < probability
}

/** One of `from`, which must not be empty. */
export function choose<T>(env: Env, from: readonly T[]): T {
  // The index is inside; `T` itself may include undefined, so that is no sign of a mistake.
  return from[whole(env, from.length)] as T
}
