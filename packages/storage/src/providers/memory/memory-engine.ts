/**
 * The latest values in an ordered map of this process's memory. Every operation but `close` is synchronous.
 *
 * Invariants:
 * 1. Entries never change after they were stored: a write replaces the whole entry. So they are handed out as they are.
 * 2. Keys and values are copied on the way in; the caller may reuse its memory afterwards.
 * 3. A batch that would pass `entriesMax` changes nothing.
 * 4. A cursor holds no place in the tree, only the last key it returned; it stays right while entries come and go.
 * 5. A backup is a clone of the tree, taken between two writes: it never holds a part of a batch.
 */
import { EMPTY_BYTES, OrbitError, toBinaryString } from '@orbit-ts/base'
import type {
  EngineCursor,
  EngineEntry,
  EngineScanOptions,
  EngineWrite,
  LocalEngine,
} from '../../transaction/local-engine.js'
import { orderedMap, type OrderedMap } from '../../transaction/ordered-map.js'
import type { BackupSchedule } from './backup/backup-schedule.js'

/** Entries by the binary string of their key, which sorts as the key's unsigned bytes do. */
export type MemoryTree = OrderedMap<EngineEntry>

export interface MemoryEngineParts {
  readonly tree: MemoryTree
  readonly entriesMax: number | undefined
  readonly backup: BackupSchedule | undefined
}

export class MemoryEngine implements LocalEngine {
  readonly kind = 'memory'
  readonly limits = { keySizeMaxBytes: 65_536, valueSizeMaxBytes: 268_435_456 }
  /** A backup is behind the latest commit, so nothing that was acknowledged is sure to outlive the process. */
  readonly persistent = false
  readonly #entriesMax: number | undefined
  readonly #backup: BackupSchedule | undefined
  #tree: MemoryTree
  #closed = false

  constructor({ tree, entriesMax, backup }: MemoryEngineParts) {
    this.#tree = tree
    this.#entriesMax = entriesMax
    this.#backup = backup
    backup?.start(() => this.#tree.clone())
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#requireOpen()
    return this.#tree.get(toBinaryString(key))?.value
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    this.#requireOpen()
    return keys.map((key) => this.#tree.get(toBinaryString(key))?.value)
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    const start = range.start === undefined ? '' : toBinaryString(range.start)
    const end = range.end === undefined ? undefined : toBinaryString(range.end)
    const make = options.keysOnly ? withoutValue : itself
    return options.reverse ? this.#backward(start, end, make) : this.#forward(start, end, make)
  }

  write(batch: readonly EngineWrite[]): void {
    this.#requireOpen()
    this.#requireRoom(batch)
    for (const { key, value } of batch) {
      if (value === undefined) this.#tree.delete(toBinaryString(key))
      else this.#tree.set(toBinaryString(key), { key: copy(key), value: copy(value) })
    }
    this.#backup?.changed()
  }

  stats(): Record<string, number> {
    return {
      entries: this.#tree.size,
      ...(this.#entriesMax === undefined ? {} : { entries_max: this.#entriesMax }),
      ...this.#backup?.stats(),
    }
  }

  warning(): string | undefined {
    return this.#backup?.warning()
  }

  /**
   * Writes the backup when something changed since the last one. When that fails, the engine stays open with its data,
   * and `close` may be called again.
   * @throws STORAGE_FULL, STORAGE_IO: the backup could not be written
   */
  async close(): Promise<void> {
    if (this.#closed) return
    await this.#backup?.finish()
    this.#closed = true
    this.#tree = orderedMap()
  }

  #forward(start: string, end: string | undefined, make: (entry: EngineEntry) => EngineEntry): EngineCursor {
    let from = start
    return {
      next: (count) => {
        this.#requireOpen()
        const found: EngineEntry[] = []
        const high = end ?? this.#tree.maxKey()
        if (high === undefined || from > high || (from === high && end !== undefined)) return found
        let last = from
        this.#tree.forRange(from, high, end === undefined, (name, entry) => {
          found.push(make(entry))
          last = name
          return found.length >= count ? STOP : undefined
        })
        // The least string that sorts after `last`.
        if (found.length > 0) from = `${last}\0`
        return found
      },
      close: () => {},
    }
  }

  #backward(start: string, end: string | undefined, make: (entry: EngineEntry) => EngineEntry): EngineCursor {
    let before = end
    return {
      next: (count) => {
        this.#requireOpen()
        const found: EngineEntry[] = []
        for (const [name, entry] of this.#tree.entriesReversed(before, [], before !== undefined)) {
          if (name < start) break
          found.push(make(entry))
          before = name
          if (found.length >= count) break
        }
        return found
      },
      close: () => {},
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new OrbitError('STORAGE_CLOSED', 'the memory store was closed')
  }

  #requireRoom(batch: readonly EngineWrite[]): void {
    const max = this.#entriesMax
    if (max === undefined || this.#tree.size + batch.length <= max) return
    let entries = this.#tree.size
    for (const { key, value } of batch) {
      const present = this.#tree.has(toBinaryString(key))
      if (value === undefined && present) entries -= 1
      if (value !== undefined && !present) entries += 1
    }
    if (entries <= max || entries <= this.#tree.size) return
    throw new OrbitError(
      'STORAGE_FULL',
      `the batch would make ${entries} entries, and max_entries is ${max}; nothing was written: delete entries or raise max_entries`,
      { entries, entriesMax: max },
    )
  }
}

const STOP = { break: 0 }

function itself(entry: EngineEntry): EngineEntry {
  return entry
}

function withoutValue(entry: EngineEntry): EngineEntry {
  return { key: entry.key, value: EMPTY_BYTES }
}

function copy(bytes: Uint8Array): Uint8Array {
  const target = Buffer.allocUnsafe(bytes.byteLength)
  target.set(bytes)
  return target
}
