import { EMPTY_BYTES } from '@orbit-ts/base'
import type { ClassicLevel, Iterator as LevelIterator, IteratorOptions } from 'classic-level'
import type { EngineCursor, EngineEntry, EngineScanOptions } from '../../transaction/local-engine.js'
import { levelError } from './level-error.js'

export type Level = ClassicLevel<Uint8Array, Uint8Array>

/** The binding ends a chunk when it holds this much, whatever was asked for. */
const CHUNK_BYTES = 1 << 20

/** A walk over a LevelDB iterator, which is made at the first step and sees the store as it was then. */
export class LsmTreeCursor implements EngineCursor {
  readonly #level: Level
  readonly #options: IteratorOptions<Uint8Array, Uint8Array>
  readonly #keysOnly: boolean
  #iterator: LevelIterator<Level, Uint8Array, Uint8Array> | undefined
  #ended = false

  constructor(
    level: Level,
    range: { start?: Uint8Array; end?: Uint8Array },
    { reverse, keysOnly }: EngineScanOptions,
  ) {
    this.#level = level
    this.#keysOnly = keysOnly
    this.#options = {
      ...(range.start === undefined ? {} : { gte: range.start }),
      ...(range.end === undefined ? {} : { lt: range.end }),
      reverse,
      values: !keysOnly,
      highWaterMarkBytes: CHUNK_BYTES,
    }
  }

  async next(count: number): Promise<EngineEntry[]> {
    const entries: EngineEntry[] = []
    try {
      this.#iterator ??= this.#level.iterator(this.#options)
      while (entries.length < count && !this.#ended) {
        const found = await this.#iterator.nextv(count - entries.length)
        if (found.length === 0) this.#ended = true
        for (const [key, value] of found) entries.push({ key, value: this.#keysOnly ? EMPTY_BYTES : value })
      }
    } catch (error) {
      throw levelError(error, 'reading', this.#level.location)
    }
    return entries
  }

  async close(): Promise<void> {
    await this.#iterator?.close()
  }
}
