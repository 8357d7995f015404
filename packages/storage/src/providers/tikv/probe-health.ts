import type { Health } from '../../provider.js'
import type { OrbitError } from '@orbit-ts/base'
import type { TikvStore } from './tikv-store.js'
import { tikvError } from './tikv-error.js'

const TIMEOUT_MS = 5_000

/**
 * Whether the cluster can be worked with:
 * - `unhealthy`: PD gives no timestamp, or no store answers;
 * - `degraded`: a store does not answer, or a key cannot be read; commits may be slow, or wait for an election;
 * - `healthy`: everything answers.
 */
export async function probeHealth(store: TikvStore): Promise<Health> {
  const { env } = store
  const startedMs = env.clock.monotonicMs()
  const stop = new AbortController()
  const timer = env.timers.set(() => stop.abort(), TIMEOUT_MS)
  try {
    const found = await examine(store, stop.signal)
    return { ...found, latencyMs: env.clock.monotonicMs() - startedMs }
  } finally {
    timer.cancel()
  }
}

async function examine(store: TikvStore, signal: AbortSignal): Promise<Omit<Health, 'latencyMs'>> {
  const { client, keys } = store
  let now: bigint
  let lost: string[]
  try {
    now = await client.txn.currentTimestamp({ signal })
    const states = await client.admin.storeStates({ signal })
    lost = states
      .filter(({ isReachable }) => !isReachable)
      .map(({ id, address }) => `${String(id)} (${address})`)
    if (lost.length === states.length) {
      return { status: 'unhealthy', reason: `no store answers: ${lost.join(', ') || 'PD knows of none'}` }
    }
  } catch (error) {
    return { status: 'unhealthy', reason: `PD cannot be reached: ${reasonOf(error, store)}` }
  }
  try {
    const view = await client.txn.snapshot(now, { signal })
    await view.get(keys.mark(new Uint8Array()), { signal })
  } catch (error) {
    return { status: 'degraded', reason: `a store cannot be read: ${reasonOf(error, store)}` }
  }
  if (lost.length === 0) return { status: 'healthy' }
  return { status: 'degraded', reason: `of the stores, these do not answer: ${lost.join(', ')}` }
}

function reasonOf(error: unknown, { keys }: TikvStore): OrbitError['reason'] {
  return tikvError(error, keys).reason
}
