import { toHex } from '@orbit-ts/base'
import { prefixSuccessor } from '../../keys/key-range.js'
import type { Entry, KeyRange } from '../../provider.js'

/** Puts a prefix in front of keys and takes it off again. */
export class KeyPrefix {
  /** As hexadecimal digits, the form in which errors name keys. */
  readonly hex: string
  readonly #bytes: Uint8Array
  readonly #length: number
  /** The first key after all that have the prefix; undefined when none sorts after them. */
  readonly #end: Uint8Array | undefined

  /** Copies `bytes`: the caller may reuse its memory. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Uint8Array.from(bytes)
    this.#length = bytes.byteLength
    this.#end = prefixSuccessor(this.#bytes)
    this.hex = toHex(this.#bytes)
  }

  get sizeBytes(): number {
    return this.#length
  }

  add(key: Uint8Array): Uint8Array {
    const full = Buffer.allocUnsafe(this.#length + key.byteLength)
    full.set(this.#bytes)
    full.set(key, this.#length)
    return full
  }

  /** The rest of a key that has the prefix: a view, not a copy. */
  strip(key: Uint8Array): Uint8Array {
    return key.subarray(this.#length)
  }

  stripAll(entries: readonly Entry[]): Entry[] {
    return entries.map(({ key, value }) => ({ key: this.strip(key), value }))
  }

  /** The part of the whole key space that `range` is. Open bounds end where the prefix does. */
  range(range: KeyRange): KeyRange {
    const start = range.start === undefined ? this.#bytes : this.add(range.start)
    const end = range.end === undefined ? this.#end : this.add(range.end)
    return end === undefined ? { start } : { start, end }
  }
}
