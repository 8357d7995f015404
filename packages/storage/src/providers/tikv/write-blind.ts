import { delay, hasCode, toBinaryString } from '@orbit-ts/base'
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import { applyWrites } from './apply-writes.js'
import { NativeTransaction } from './native-transaction.js'
import type { TikvStore } from './tikv-store.js'

/** Writes that met a conflict are run so often before they take locks. */
const OPTIMISTIC_RUNS = 3

const BLIND = { serializable: false } as const

/**
 * Commits writes before which nothing was read and nothing was locked: the last one wins, and whoever stands in the way is
 * waited for, as long as `lockWaitMs` in all. Gives the commit timestamp.
 */
export async function writeBlind(
  store: TikvStore,
  writes: readonly BufferedWrite[],
  lockWaitMs: number,
): Promise<bigint> {
  const { env } = store
  const startedMs = env.clock.monotonicMs()
  const keys = writes.map(({ key }) => key)
  for (let run = 1, locks = store.sharers.foreign(keys, writes).length > 0; ; run++) {
    const leftMs = Math.max(0, startedMs + lockWaitMs - env.clock.monotonicMs())
    try {
      return await (locks ? writeLocked(store, writes, leftMs) : writeAtOnce(store, writes))
    } catch (error) {
      const isLocked: boolean = !locks && hasCode(error, 'LOCK_NOT_AVAILABLE')
      const isRefused = hasCode(error, 'TRANSACTION_CONFLICT') || hasCode(error, 'TRANSACTION_DEADLOCK')
      if (!isLocked && (!isRefused || (locks && leftMs === 0))) throw error
      locks ||= isLocked || run >= OPTIMISTIC_RUNS
    }
    await delay(env, env.random.float() * run)
  }
}

/** Waits for nobody: while it waited, readers would have to wait for what is written already. */
async function writeAtOnce(store: TikvStore, writes: readonly BufferedWrite[]): Promise<bigint> {
  const native = await NativeTransaction.begin(store, { ...BLIND, mode: 'optimistic', lockWaitMs: 0 })
  return commit(store, native, writes)
}

async function writeLocked(
  store: TikvStore,
  writes: readonly BufferedWrite[],
  waitMs: number,
): Promise<bigint> {
  const { env, keys, sharers } = store
  const native = await NativeTransaction.begin(store, { ...BLIND, mode: 'pessimistic', lockWaitMs: waitMs })
  const endMs = env.clock.monotonicMs() + waitMs
  const leftMs = (): number => (waitMs === 0 ? 0 : Math.max(1, endMs - env.clock.monotonicMs()))
  const written = writes.map(({ key }) => key)
  const foreign = sharers.foreign(written, writes)
  try {
    await sharers.want(foreign, { owner: writes, native, leftMs })
    const encoded = written.map((key) => keys.encode(key))
    await native.lock(encoded, { waitMs: leftMs(), conflict: 'refresh', forCommit: true })
  } catch (error) {
    await native.rollback()
    throw error
  } finally {
    sharers.leave(foreign.map(toBinaryString), writes)
  }
  return commit(store, native, writes)
}

async function commit(
  store: TikvStore,
  native: NativeTransaction,
  writes: readonly BufferedWrite[],
): Promise<bigint> {
  try {
    applyWrites(native.client, writes, store.keys)
    return await native.commit()
  } catch (error) {
    await native.rollback()
    throw error
  }
}
