import { EMPTY_BYTES, OrbitError } from '@orbit-ts/base'
import type { EngineCursor, EngineEntry } from '../../transaction/local-engine.js'
import type { NativeHandle, NxteditionFunctions } from './nxtedition-binding.js'

/**
 * A synchronous walk. It reads the state of the moment of its first `next`.
 *
 * Invariants:
 * 1. The native iterator exists from the first `next` to `close`, the end of the range or the first error: it pins
 *    files, and the native code must not be asked again after the end.
 * 2. One native iterator is the whole walk: it keeps the state in which it was made, whatever is written later.
 */
export class NxteditionCursor implements EngineCursor {
  readonly #native: NxteditionFunctions
  readonly #open: () => NativeHandle
  #iterator: NativeHandle | undefined
  #finished = false
  #failure: unknown

  constructor(
    native: NxteditionFunctions,
    db: NativeHandle,
    range: { start?: Uint8Array; end?: Uint8Array },
    reverse: boolean,
    leftOut: 'keys' | 'values' | undefined,
  ) {
    this.#native = native
    this.#open = () =>
      native.iterator_init(db, {
        ...(range.start === undefined || range.start.byteLength === 0 ? {} : { gte: range.start }),
        ...(range.end === undefined ? {} : { lt: range.end }),
        reverse,
        keys: leftOut !== 'keys',
        values: leftOut !== 'values',
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
        fillCache: true,
        asyncIO: false,
      })
  }

  next(count: number): EngineEntry[] {
    if (this.#failure !== undefined)
      throw new OrbitError('STORAGE_IO', 'the scan has failed', {}, { cause: this.#failure })
    const entries: EngineEntry[] = []
    while (entries.length < count && !this.#finished) this.#read(entries, count - entries.length)
    return entries
  }

  #read(entries: EngineEntry[], count: number): void {
    try {
      this.#iterator ??= this.#open()
      const { rows, finished } = this.#native.iterator_nextv_sync(this.#iterator, count)
      for (let i = 0; i < rows.length; i += 2) {
        entries.push({ key: rows[i] ?? EMPTY_BYTES, value: rows[i + 1] ?? EMPTY_BYTES })
      }
      if (finished) this.close()
    } catch (error) {
      this.#failure = error
      this.close()
      throw error
    }
  }

  close(): void {
    this.#finished = true
    if (this.#iterator === undefined) return
    this.#native.iterator_close(this.#iterator)
    this.#iterator = undefined
  }
}
