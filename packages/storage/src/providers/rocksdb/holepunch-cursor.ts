import { EMPTY_BYTES } from '@orbit-ts/base'
import type { EngineCursor, EngineEntry, EngineScanOptions } from '../../transaction/local-engine.js'
import type { HolepunchDatabase } from './holepunch-binding.js'

interface StreamEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** The package's iterator: a readable stream of entries. */
export interface EntryStream {
  /** The next entry that has arrived, or null. */
  read(): StreamEntry | null
  on(event: 'readable' | 'end' | 'close', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  destroy(): void
}

const CAPACITY_MAX = 512

/**
 * A walk that fetches `count` entries per trip to the thread pool. It reads the state of the moment of its first
 * `next`.
 *
 * Invariants:
 * 1. The stream exists from the first `next` on; `close` resolves when its native part is gone.
 * 2. An empty answer to a reverse walk with an end is checked by a forward look at that end: the native code seeks
 *    the end first and, when that fails on a damaged block, forgets the error and finds nothing.
 */
export class HolepunchCursor implements EngineCursor {
  readonly #database: HolepunchDatabase
  readonly #range: { start?: Uint8Array; end?: Uint8Array }
  readonly #options: EngineScanOptions
  #source: Source | undefined
  #finished = false

  constructor(
    database: HolepunchDatabase,
    range: { start?: Uint8Array; end?: Uint8Array },
    options: EngineScanOptions,
  ) {
    this.#database = database
    this.#range = range
    this.#options = options
  }

  async next(count: number): Promise<EngineEntry[]> {
    if (this.#finished) return []
    const first = this.#source === undefined
    this.#source ??= this.#open(count)
    const entries = await this.#source.take(count)
    if (entries.length < count) {
      this.#finished = true
      if (first && entries.length === 0) await this.#verifyEnd()
      await this.#source.close()
    }
    return entries
  }

  async close(): Promise<void> {
    this.#finished = true
    await this.#source?.close()
  }

  #open(count: number): Source {
    const { start, end } = this.#range
    const range = {
      ...(start === undefined || start.byteLength === 0 ? {} : { gte: start }),
      ...(end === undefined ? {} : { lt: end }),
    }
    return new Source(
      this.#database.iterator(range, {
        reverse: this.#options.reverse,
        values: !this.#options.keysOnly,
        capacity: Math.min(Math.max(count, 1), CAPACITY_MAX),
      }),
    )
  }

  async #verifyEnd(): Promise<void> {
    const { end } = this.#range
    if (!this.#options.reverse || end === undefined) return
    const look = new Source(this.#database.iterator({ gte: end }, { values: false, limit: 1, capacity: 1 }))
    try {
      await look.take(1)
    } finally {
      await look.close()
    }
  }
}

/** Takes entries out of a stream a chunk at a time, without a promise per entry. */
class Source {
  readonly #stream: EntryStream
  readonly #gone: Promise<void>
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(stream: EntryStream) {
    this.#stream = stream
    const stop = (): void => {
      this.#ended = true
      this.#wake?.()
    }
    stream.on('readable', () => this.#wake?.())
    stream.on('end', stop)
    stream.on('error', (error) => {
      this.#failure = error
      stop()
    })
    this.#gone = new Promise((resolve) => {
      stream.on('close', () => {
        stop()
        resolve()
      })
    })
  }

  async take(count: number): Promise<EngineEntry[]> {
    const entries: EngineEntry[] = []
    while (entries.length < count) {
      const entry = this.#stream.read()
      if (entry !== null) entries.push({ key: entry.key, value: entry.value ?? EMPTY_BYTES })
      else if (this.#failure !== undefined) throw this.#failure
      else if (this.#ended) break
      else await this.#arrival()
    }
    return entries
  }

  async close(): Promise<void> {
    this.#stream.destroy()
    await this.#gone
  }

  async #arrival(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
  }
}
