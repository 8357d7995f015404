import { OrbitError } from '@orbit-ts/base'
import type { Snapshot as ClientSnapshot } from '@orbit-ts/tikv'
import type { Entry, KeyRange, ScanOptions, Snapshot } from '../../provider.js'
import {
  checkKey,
  checkKeys,
  checkRange,
  checkScanOptions,
  throwIfAborted,
} from '../../transaction/arguments.js'
import { scanEntries } from './scan-entries.js'
import { StopSignal } from './stop-signal.js'
import type { TikvStore } from './tikv-store.js'

/** A read-only view as of one timestamp of PD. The servers keep what it sees until the safe point passes it. */
export class TikvSnapshot implements Snapshot {
  readonly version: bigint
  readonly #store: TikvStore
  readonly #view: ClientSnapshot
  readonly #onClose: (snapshot: TikvSnapshot) => void
  readonly #stop = new StopSignal()

  constructor(store: TikvStore, view: ClientSnapshot, onClose: (snapshot: TikvSnapshot) => void) {
    this.version = view.readTs
    this.#store = store
    this.#view = view
    this.#onClose = onClose
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#check()
    checkKey(key, this.#store.limits)
    this.#store.counters.readOperations++
    const encoded = this.#store.keys.encode(key)
    return this.#guarded(() => this.#view.get(encoded, { signal: this.#stop.signal }))
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check()
    checkKeys(keys, this.#store.limits)
    if (keys.length === 0) return []
    this.#store.counters.readOperations += keys.length
    const encoded = keys.map((key) => this.#store.keys.encode(key))
    return this.#guarded(() => this.#view.batchGet(encoded, { signal: this.#stop.signal }))
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<Entry[]> {
    this.#check()
    checkRange(range)
    checkScanOptions(options)
    throwIfAborted(options.signal)
    const { keys, batchSizeMax, counters } = this.#store
    const signal = this.#stop.or(options.signal)
    const source = { reader: this.#view, keys, writes: undefined, batchSizeMax }
    const chunks = scanEntries(source, range, { ...options, signal })
    try {
      for (;;) {
        const next = await this.#guarded(() => chunks.next())
        if (next.done === true) return
        counters.readOperations += next.value.length
        yield next.value
        throwIfAborted(options.signal)
        this.#check()
      }
    } finally {
      await chunks.return()
    }
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#stop.abort()
    this.#onClose(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#check()
      return result
    } catch (error) {
      this.#check()
      throw this.#store.failure(error)
    }
  }

  #check(): void {
    if (this.#stop.signal.aborted) throw new OrbitError('STORAGE_CLOSED', 'the snapshot is closed')
  }
}
