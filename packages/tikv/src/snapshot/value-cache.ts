import { toBinaryString } from '@orbit-ts/base'
import type { Timestamp } from '../timestamp.js'

/** A value and its commit timestamp, 0 where that was not asked for; undefined: the key has no value. */
export type CachedValue = { readonly value: Uint8Array; readonly commitTs: Timestamp } | undefined

/** What an entry takes besides its key and value. */
const ENTRY_BYTES = 96

/** Answers of point reads at one timestamp, the oldest dropped when the memory is used up. */
export class ValueCache {
  readonly #bytesMax: number
  readonly #entries = new Map<string, CachedValue>()
  #bytes = 0

  /** With 0 it keeps nothing. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Undefined when the key was not read yet, or not with its commit timestamp. */
  get(key: Uint8Array, needCommitTs: boolean): { readonly found: CachedValue } | undefined {
    if (this.#entries.size === 0) return undefined
    const id = toBinaryString(key)
    const found = this.#entries.get(id)
    if (found === undefined) return this.#entries.has(id) ? { found } : undefined
    return needCommitTs && found.commitTs === 0n ? undefined : { found }
  }

  set(key: Uint8Array, found: CachedValue): void {
    const bytes = entryBytes(key.length, found)
    if (bytes > this.#bytesMax) return
    const id = toBinaryString(key)
    if (this.#entries.has(id)) this.#drop(id)
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes + bytes <= this.#bytesMax) break
      this.#drop(oldest)
    }
    this.#entries.set(id, found === undefined ? found : { ...found, value: compact(found.value) })
    this.#bytes += bytes
  }

  #drop(id: string): void {
    this.#bytes -= entryBytes(id.length, this.#entries.get(id))
    this.#entries.delete(id)
  }
}

/** A value that is a small part of the message it came in would keep all of that in memory. */
function compact(value: Uint8Array): Uint8Array {
  return value.buffer.byteLength > 2 * value.byteLength ? new Uint8Array(value) : value
}

function entryBytes(keyBytes: number, found: CachedValue): number {
  return ENTRY_BYTES + keyBytes + (found?.value.length ?? 0)
}
