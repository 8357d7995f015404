/**
 * The announcements that leased keys are about to change, in the store itself: one key for each provider, which says until
 * when it holds. One that was left behind by a process that died ends by itself.
 */
import { OrbitError } from '@orbit-ts/base'
import type { Snapshot as ClientSnapshot } from '@orbit-ts/tikv'
import type { TikvStore } from '../tikv-store.js'

const ID_BYTES = 16
const TIMESTAMP_BYTES = 8

export class Announcements {
  readonly #store: TikvStore
  readonly #own: Uint8Array

  constructor(store: TikvStore) {
    this.#store = store
    this.#own = store.keys.announcement(store.env.random.bytes(ID_BYTES))
  }

  /** Whether any holds in the snapshot. */
  async isAny(snapshot: ClientSnapshot): Promise<boolean> {
    const { start, end } = this.#store.keys.announcements()
    for await (const entries of snapshot.scan({ start, end })) {
      if (entries.some(({ value }) => snapshot.readTs < endOf(value))) return true
    }
    return false
  }

  /** Announces until `until`, in place of what was announced before. Gives the timestamp of the commit. */
  announce(until: bigint, signal: AbortSignal): Promise<bigint> {
    const value = Buffer.alloc(TIMESTAMP_BYTES)
    value.writeBigUInt64BE(until)
    return this.#write((transaction) => transaction.put(this.#own, value), signal)
  }

  async withdraw(signal: AbortSignal): Promise<void> {
    await this.#write((transaction) => transaction.delete(this.#own), signal)
  }

  async #write(change: (transaction: Writer) => void, signal: AbortSignal): Promise<bigint> {
    const { commitTs } = await this.#store.client.txn.run(
      async (transaction) => {
        change(transaction)
        return transaction.commit({ signal })
      },
      { signal },
    )
    if (commitTs === undefined) throw new OrbitError('INTERNAL', 'an announcement was not written')
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
