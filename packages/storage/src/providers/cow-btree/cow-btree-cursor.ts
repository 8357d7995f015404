import { EMPTY_BYTES } from '@orbit-ts/base'
import type { RangeOptions } from 'lmdb'
import type { EngineCursor, EngineEntry, EngineScanOptions } from '../../transaction/local-engine.js'
import { KEY_SIZE_MAX_BYTES, type LmdbStore } from './lmdb-store.js'
import type { SealedValue } from './sealed-value.js'

/** What a cursor asks of its engine. */
export interface CursorChecks {
  /** @throws STORAGE_CLOSED */
  readonly requireOpen: () => void
  /** @throws STORAGE_CORRUPT */
  readonly requireIntact: (key: Uint8Array, sealed: SealedValue) => Uint8Array
}

/** A bound as LMDB can take it: a longer key than it stores is cut, and then lies just behind what is left. */
interface Bound {
  readonly key: Uint8Array
  readonly cut: boolean
}

/**
 * A walk that begins again at each chunk, after the last key it returned: between two chunks it holds no pages of the
 * store, and it sees what was written meanwhile.
 */
export class CowBtreeCursor implements EngineCursor {
  readonly #store: LmdbStore
  readonly #checks: CursorChecks
  readonly #options: EngineScanOptions
  readonly #start: Bound
  readonly #end: Bound | undefined
  #last: Uint8Array | undefined
  #ended = false

  constructor(
    store: LmdbStore,
    range: { start?: Uint8Array; end?: Uint8Array },
    options: EngineScanOptions,
    checks: CursorChecks,
  ) {
    this.#store = store
    this.#checks = checks
    this.#options = options
    this.#start = bound(range.start ?? EMPTY_BYTES)
    this.#end = range.end === undefined ? undefined : bound(range.end)
    if (range.start !== undefined && range.end !== undefined) {
      this.#ended = Buffer.compare(range.start, range.end) >= 0
    }
  }

  next(count: number): EngineEntry[] {
    this.#checks.requireOpen()
    if (this.#ended) return []
    const range = this.#options.reverse ? this.#backward(count) : this.#forward(count)
    const entries = this.#options.keysOnly ? this.#keys(range) : this.#entries(range)
    this.#last = entries.at(-1)?.key
    this.#ended = entries.length < count
    return entries
  }

  close(): void {
    this.#ended = true
  }

  #forward(limit: number): RangeOptions {
    const after = this.#last
    return {
      start: after ?? this.#start.key,
      exclusiveStart: after !== undefined || this.#start.cut,
      ...(this.#end === undefined ? {} : { end: this.#end.key, inclusiveEnd: this.#end.cut }),
      limit,
    }
  }

  #backward(limit: number): RangeOptions {
    const before = this.#last ?? this.#end?.key
    return {
      ...(before === undefined ? {} : { start: before }),
      exclusiveStart: before !== undefined && !(this.#last === undefined && this.#end?.cut === true),
      end: this.#start.key,
      inclusiveEnd: !this.#start.cut,
      reverse: true,
      limit,
    }
  }

  #entries(range: RangeOptions): EngineEntry[] {
    const entries: EngineEntry[] = []
    for (const { key, value } of this.#store.getRange(range)) {
      entries.push({ key, value: this.#checks.requireIntact(key, value) })
    }
    return entries
  }

  #keys(range: RangeOptions): EngineEntry[] {
    const entries: EngineEntry[] = []
    for (const key of this.#store.getKeys(range)) entries.push({ key, value: EMPTY_BYTES })
    return entries
  }
}

function bound(key: Uint8Array): Bound {
  const cut = key.byteLength > KEY_SIZE_MAX_BYTES
  return { key: cut ? key.subarray(0, KEY_SIZE_MAX_BYTES) : key, cut }
}
