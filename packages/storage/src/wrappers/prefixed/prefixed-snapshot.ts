import type { Entry, KeyRange, ScanOptions, Snapshot } from '../../provider.js'
import { checkKey, checkKeys, checkRange } from '../../transaction/arguments.js'
import type { OpenedThroughView, ViewState } from './view-state.js'

/** A snapshot of the store below that shows only the keys with the view's prefix. */
export class PrefixedSnapshot implements Snapshot, OpenedThroughView {
  readonly ended = false
  readonly #snapshot: Snapshot
  readonly #view: ViewState

  constructor(snapshot: Snapshot, view: ViewState) {
    this.#snapshot = snapshot
    this.#view = view
  }

  get version(): bigint {
    return this.#snapshot.version
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#view.check()
    checkKey(key, this.#view.limits)
    return this.#view.pass(this.#snapshot.get(this.#view.prefix.add(key)))
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#view.check()
    checkKeys(keys, this.#view.limits)
    return this.#view.pass(this.#snapshot.getMany(keys.map((key) => this.#view.prefix.add(key))))
  }

  async *scan(range: KeyRange, options?: ScanOptions): AsyncGenerator<Entry[]> {
    this.#view.check()
    checkRange(range)
    const { prefix } = this.#view
    try {
      for await (const chunk of this.#snapshot.scan(prefix.range(range), options))
        yield options?.valuesOnly === true ? chunk : prefix.stripAll(chunk)
    } catch (error) {
      throw this.#view.translate(error)
    }
  }

  async close(): Promise<void> {
    this.#view.remove(this)
    return this.#view.pass(this.#snapshot.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  end(): Promise<void> {
    return this.#snapshot.close()
  }
}
