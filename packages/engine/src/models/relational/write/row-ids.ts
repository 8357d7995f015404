/** Hidden row ids, for tables without primary key. */
import type { Env } from '@orbit-ts/base'

/** 2020-01-01, so that 41 bits of milliseconds last until 2089. */
const EPOCH_MS = 1_577_836_800_000
const RANDOM_BITS = 22n
const RANDOM_SIZE = 2 ** 22

const LAST = new WeakMap<Env, bigint>()

/**
 * `count` consecutive ids, later ones greater: the time and a random part, so that processes that write to one store
 * need not ask each other. Should two ever draw the same, the insert of the later one conflicts.
 */
export function takeRowIds(env: Env, count: number): bigint {
  const ms = BigInt(Math.max(0, Math.floor(env.clock.nowMs() - EPOCH_MS)))
  const drawn = (ms << RANDOM_BITS) | BigInt(Math.floor(env.random.float() * RANDOM_SIZE))
  const last = LAST.get(env) ?? 0n
  const first = drawn > last ? drawn : last + 1n
  LAST.set(env, first + BigInt(count) - 1n)
  return first
}
