import { OrbitError } from '@orbit-ts/base'
import type { Entry, KeyRange, ScanOptions, Snapshot } from '../provider.js'
import { checkKey, checkKeys, checkRange, checkScanOptions, throwIfAborted } from './arguments.js'
import { SnapshotView } from './snapshot-view.js'
import type { StoreState } from './store-state.js'

/** A read-only view of one commit; keeps old versions in memory until it is closed. */
export class LocalSnapshot implements Snapshot {
  readonly version: bigint
  readonly #state: StoreState
  readonly #view: SnapshotView
  readonly #onClose: () => void
  #closed = false

  constructor(state: StoreState, seq: number, onClose: () => void) {
    this.version = BigInt(seq)
    this.#state = state
    this.#view = new SnapshotView(state.engine, state.history, seq)
    this.#onClose = onClose
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#check()
    checkKey(key, this.#state.engine.engine.limits)
    this.#state.counters.readOperations++
    const value = await this.#view.get(key)
    const turn = this.#state.turns.spend(1)
    if (turn !== undefined) await turn
    this.#check()
    return value
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check()
    checkKeys(keys, this.#state.engine.engine.limits)
    this.#state.counters.readOperations += keys.length
    const values = await this.#view.getMany(keys)
    const turn = this.#state.turns.spend(keys.length)
    if (turn !== undefined) await turn
    this.#check()
    return values
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<Entry[]> {
    this.#check()
    checkRange(range)
    checkScanOptions(options)
    throwIfAborted(options.signal)
    for await (const chunk of this.#view.scan(range, options, { check: () => this.#check() })) {
      this.#state.counters.readOperations += chunk.length
      yield chunk
      const turn = this.#state.turns.spend(chunk.length)
      if (turn !== undefined) await turn
    }
  }

  // Asynchronous by contract: a remote store has something to tell its server here.

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#state.closeSnapshot(this.#view.seq)
    this.#onClose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #check(): void {
    if (this.#state.failure !== undefined) throw this.#state.failure
    if (this.#closed) throw new OrbitError('STORAGE_CLOSED', 'the snapshot is closed')
  }
}
