import { compareBytes, EMPTY_BYTES } from '@orbit-ts/base'
import type { EngineCursor, EngineEntry, EngineWrite, LocalEngine } from './local-engine.js'

/**
 * An engine for tests of what happens around a write: each write waits until the test lets it go, fails if told to,
 * and counts. Reads are asynchronous when `asyncReads` is set.
 */
export class GatedEngine implements LocalEngine {
  readonly kind = 'gated'
  readonly limits = { keySizeMaxBytes: 1024, valueSizeMaxBytes: 1024 * 1024 }
  readonly persistent = true
  asyncReads = false
  /** When true, writes wait for `release`. */
  gated = false
  /** The next write fails with this. */
  nextFailure: Error | undefined
  /** The next `getMany` fails with this. */
  nextReadFailure: Error | undefined
  readonly writes: { keys: string[]; sync: boolean }[] = []
  closed = false
  hasValueCursors = false
  /** How many were opened. */
  valueCursors = 0
  beforeStep: (() => Promise<void>) | undefined
  readonly #data = new Map<string, EngineEntry>()
  readonly #waiting: (() => void)[] = []
  #arrived: (() => void) | undefined

  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const value = this.#data.get(idOf(key))?.value
    return this.asyncReads ? Promise.resolve(value) : value
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]> {
    const failure = this.nextReadFailure
    this.nextReadFailure = undefined
    if (failure !== undefined) throw failure
    const values = keys.map((key) => this.#data.get(idOf(key))?.value)
    return this.asyncReads ? Promise.resolve(values) : values
  }

  cursor(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { reverse: boolean; keysOnly: boolean },
  ): EngineCursor {
    const { start, end } = range
    const entries = [...this.#data.values()]
      .filter(
        ({ key }) =>
          (start === undefined || compareBytes(key, start) >= 0) &&
          (end === undefined || compareBytes(key, end) < 0),
      )
      .sort((a, b) => compareBytes(a.key, b.key))
    if (options.reverse) entries.reverse()
    return { next: (count) => entries.splice(0, count), close: () => undefined }
  }

  /** Of one state, that of the call; its steps wait for `beforeStep`. */
  valueCursor(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { reverse: boolean },
  ): EngineCursor | undefined {
    if (!this.hasValueCursors) return undefined
    this.valueCursors++
    const cursor = this.cursor(range, { ...options, keysOnly: false })
    const next = async (count: number): Promise<EngineEntry[]> => {
      await this.beforeStep?.()
      const entries = await cursor.next(count)
      return entries.map(({ value }) => ({ key: EMPTY_BYTES, value }))
    }
    return { next, close: () => cursor.close() }
  }

  async write(batch: readonly EngineWrite[], options: { sync: boolean }): Promise<void> {
    this.writes.push({
      keys: batch.map(({ key }) => Buffer.from(key).toString('latin1')),
      sync: options.sync,
    })
    if (this.gated) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        this.#arrived?.()
      })
    }
    const failure = this.nextFailure
    this.nextFailure = undefined
    if (failure !== undefined) throw failure
    for (const { key, value } of batch) {
      if (value === undefined) this.#data.delete(idOf(key))
      else this.#data.set(idOf(key), { key, value })
    }
  }

  /** Resolves when a write waits at the gate. */
  async writeArrived(): Promise<void> {
    if (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#arrived = resolve))
    this.#arrived = undefined
  }

  /** Lets the write at the gate go. */
  release(): void {
    this.#waiting.shift()?.()
  }

  stats(): Record<string, number> {
    return { keys: this.#data.size }
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

const idOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
