/**
 * An engine whose asynchronous work under way can be awaited, so that it is closed only when idle. Synchronous answers
 * pass through untouched.
 *
 * Invariants:
 * 1. `#pending` counts promises handed out and not yet settled; `#cursors` holds the open ones.
 * 2. `drain` resolves when both are empty; it closes cursors that nobody reads from.
 */
import { OrbitError } from '@orbit-ts/base'
import type {
  EngineCursor,
  EngineEntry,
  EngineScanOptions,
  EngineWrite,
  LocalEngine,
  MaybePromise,
} from './local-engine.js'

export class TrackedEngine {
  readonly engine: LocalEngine
  #pending = 0
  #idle: (() => void) | undefined
  readonly #cursors = new Set<TrackedCursor>()

  constructor(engine: LocalEngine) {
    this.engine = engine
  }

  get(key: Uint8Array): MaybePromise<Uint8Array | undefined> {
    return this.track(this.engine.get(key))
  }

  getMany(keys: readonly Uint8Array[]): MaybePromise<(Uint8Array | undefined)[]> {
    return this.track(this.engine.getMany(keys))
  }

  write(batch: readonly EngineWrite[], options: { sync: boolean }): MaybePromise<void> {
    return this.track(this.engine.write(batch, options))
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    return this.#tracked(this.engine.cursor(range, options))
  }

  valueCursor(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { readonly reverse: boolean },
  ): EngineCursor | undefined {
    const cursor = this.engine.valueCursor?.(range, options)
    return cursor && this.#tracked(cursor)
  }

  async drain(): Promise<void> {
    for (const cursor of [...this.#cursors]) await cursor.close()
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
  }

  #tracked(inner: EngineCursor): EngineCursor {
    const cursor = new TrackedCursor(inner, this, () => this.#cursors.delete(cursor))
    this.#cursors.add(cursor)
    return cursor
  }

  track<T>(result: MaybePromise<T>): MaybePromise<T> {
    if (!(result instanceof Promise)) return result
    this.#pending++
    return result.finally(() => {
      if (--this.#pending === 0) this.#idle?.()
    })
  }
}

class TrackedCursor implements EngineCursor {
  readonly #cursor: EngineCursor
  readonly #tracker: TrackedEngine
  readonly #onClose: () => void
  #closed = false

  constructor(cursor: EngineCursor, tracker: TrackedEngine, onClose: () => void) {
    this.#cursor = cursor
    this.#tracker = tracker
    this.#onClose = onClose
  }

  next(count: number): MaybePromise<EngineEntry[]> {
    if (this.#closed) throw new OrbitError('STORAGE_CLOSED', 'the store was closed during a scan')
    return this.#tracker.track(this.#cursor.next(count))
  }

  close(): MaybePromise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#onClose()
    return this.#tracker.track(this.#cursor.close())
  }
}
