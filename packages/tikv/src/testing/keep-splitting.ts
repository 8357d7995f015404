import { systemEnv, type Env } from '@orbit-ts/base'
import type { TestCluster } from './test-cluster.js'

export interface KeepSplittingOptions {
  /** Between two changes. Default 20 ms. */
  readonly intervalMs?: number
  /** Default: the real clock, and chance. */
  readonly env?: Env
  /** From this many on, neighbours are merged. Default 48. */
  readonly regionsMax?: number
}

/**
 * Cuts regions of the cluster again and again, at keys that are locked at the moment, and merges neighbours when there are
 * many: clients that work meanwhile never know for long where a key is.
 */
export function keepSplitting(
  cluster: TestCluster,
  { intervalMs = 20, regionsMax = 48, env = systemEnv }: KeepSplittingOptions = {},
): { cancel(): void } {
  const { state, mvcc } = cluster
  const { random, timers } = env
  const choose = <T>(from: readonly T[]): T | undefined => from[Math.floor(random.float() * from.length)]
  let timer = timers.set(change, intervalMs)
  return { cancel: () => timer.cancel() }

  function change(): void {
    if (state.regions().length < regionsMax) split()
    else merge()
    timer = timers.set(change, intervalMs)
  }

  function split(): void {
    const lock = choose(mvcc.locks())
    if (lock !== undefined) cluster.splitAt(lock.key)
  }

  function merge(): void {
    const source = choose(state.regions().slice(1))?.region
    const target = source === undefined ? undefined : state.regionBefore(source.startKey)?.region
    if (source !== undefined && target !== undefined) state.mergeRegions(source.id, target.id)
  }
}
