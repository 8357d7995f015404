import { toBinaryString } from '@orbit-ts/base'
import type { Timestamp } from '../timestamp.js'

/** A value and its commit timestamp, 0 where that was not asked for; undefined: the key has no value. */
export type CachedValue = { readonly value: Uint8Array; readonly commitTs: Timestamp } | undefined

/** What an entry takes besides its key and value. */
const ENTRY_BYTES = 96

/** Answers of point reads at one timestamp, the oldest dropped when the memory is used up. */
export class ValueCache {
  readonly #bytesMax: number
  /** Made for the first value: a transaction that only writes has none. */
  #entries: Map<string, CachedValue> | undefined
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
    if (this.#entries === undefined || this.#entries.size === 0) return undefined
    const id = toBinaryString(key)
    const found = this.#entries.get(id)
    if (found === undefined) return this.#entries.has(id) ? { found } : undefined
    return needCommitTs && found.commitTs === 0n ? undefined : { found }
  }

  set(key: Uint8Array, found: CachedValue): void {
    if (entryBytes(key.length, found) > this.#bytesMax) return
    this.#put(key, found !== undefined && isPart(found.value) ? copied(found, undefined, 0) : found)
  }

  /** As `set` of each; what has to be copied is copied into one piece of memory. */
  setAll(keys: readonly Uint8Array[], found: readonly CachedValue[]): void {
    if (this.#bytesMax === 0) return
    let partBytes = 0
    for (const each of found) if (each !== undefined && isPart(each.value)) partBytes += each.value.length
    const block = partBytes === 0 ? undefined : new ArrayBuffer(partBytes)
    let used = 0
    for (let at = 0; at < keys.length; at++) {
      let each = found[at]
      if (each !== undefined && isPart(each.value)) {
        each = copied(each, block, used)
        used += each.value.length
      }
      this.#put(keys[at] as Uint8Array, each)
    }
  }

  #put(key: Uint8Array, found: CachedValue): void {
    const bytes = entryBytes(key.length, found)
    if (bytes > this.#bytesMax) return
    const entries = (this.#entries ??= new Map<string, CachedValue>())
    const id = toBinaryString(key)
    if (entries.has(id)) this.#drop(entries, id)
    for (const oldest of entries.keys()) {
      if (this.#bytes + bytes <= this.#bytesMax) break
      this.#drop(entries, oldest)
    }
    entries.set(id, found)
    this.#bytes += bytes
  }

  #drop(entries: Map<string, CachedValue>, id: string): void {
    this.#bytes -= entryBytes(id.length, entries.get(id))
    entries.delete(id)
  }
}

/** A value that is a small part of the message it came in would keep all of that in memory. */
function isPart(value: Uint8Array): boolean {
  return value.buffer.byteLength > 2 * value.byteLength
}

function copied(
  { value, commitTs }: NonNullable<CachedValue>,
  block: ArrayBuffer = new ArrayBuffer(value.length),
  from: number,
): NonNullable<CachedValue> {
  const copy = new Uint8Array(block, from, value.length)
  copy.set(value)
  return { value: copy, commitTs }
}

function entryBytes(keyBytes: number, found: CachedValue): number {
  return ENTRY_BYTES + keyBytes + (found?.value.length ?? 0)
}
