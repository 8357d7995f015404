/**
 * What providers let each other know in the store itself: one key for each kind of notice and provider, which says until
 * when it holds. One that was left behind by a process that died ends by itself.
 */
import { OrbitError } from '@orbit-ts/base'
import { composeTimestamp, type Snapshot as ClientSnapshot } from '@orbit-ts/tikv'
import type { TikvKeys } from '../tikv-keys.js'
import type { TikvStore } from '../tikv-store.js'

const ID_BYTES = 16
const TIMESTAMP_BYTES = 8
/** Those that ended so long ago are removed: nobody writes them any more. */
const FORGOTTEN_MS = 3600_000

export class Notices {
  readonly #store: TikvStore
  readonly #range: ReturnType<TikvKeys['notices']>
  readonly #own: Uint8Array

  constructor(store: TikvStore, kind: Parameters<TikvKeys['notice']>[0]) {
    this.#store = store
    this.#range = store.keys.notices(kind)
    this.#own = store.keys.notice(kind, store.env.random.bytes(ID_BYTES))
  }

  /** Whether any holds in the snapshot. */
  async isAny(snapshot: ClientSnapshot, signal?: AbortSignal): Promise<boolean> {
    for await (const entries of snapshot.scan(this.#range, { signal })) {
      if (entries.some(({ value }) => snapshot.readTs < endOf(value))) return true
    }
    return false
  }

  /** Says that it holds until `until`, in place of what was said before. Gives the timestamp of the commit. */
  post(until: bigint, signal: AbortSignal): Promise<bigint> {
    const value = Buffer.alloc(TIMESTAMP_BYTES)
    value.writeBigUInt64BE(until)
    return this.#write((transaction) => transaction.put(this.#own, value), signal)
  }

  async withdraw(signal: AbortSignal): Promise<void> {
    await this.#write((transaction) => transaction.delete(this.#own), signal)
  }

  /** Removes what processes have left that are long gone. */
  async forgetOld(snapshot: ClientSnapshot, signal: AbortSignal): Promise<void> {
    const old: Uint8Array[] = []
    for await (const entries of snapshot.scan(this.#range, { signal })) {
      for (const { key, value } of entries)
        if (endOf(value) + composeTimestamp(FORGOTTEN_MS, 0) < snapshot.readTs) old.push(key)
    }
    if (old.length > 0)
      await this.#write((transaction) => old.forEach((key) => transaction.delete(key)), signal)
  }

  async #write(change: (transaction: Writer) => void, signal: AbortSignal): Promise<bigint> {
    const { commitTs } = await this.#store.client.txn.run(
      async (transaction) => {
        change(transaction)
        return transaction.commit({ signal })
      },
      { signal },
    )
    if (commitTs === undefined) throw new OrbitError('INTERNAL', 'a notice was not written')
    return commitTs
  }
}

interface Writer {
  put(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
}

function endOf(value: Uint8Array): bigint {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).readBigUInt64BE()
}
