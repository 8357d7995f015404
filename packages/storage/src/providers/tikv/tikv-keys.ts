import { compareBytes, concatBytes, EMPTY_BYTES, equalBytes, utf8 } from '@orbit-ts/base'
import { prefixSuccessor } from '../../keys/key-range.js'
import type { KeyRange } from '../../provider.js'

const ESCAPE_BYTES = 2
/** The first key that needs no escape. */
const AFTER_ESCAPED = Uint8Array.of(1)
/** What stands in front of the provider's own keys. */
const MARKS = { mark: 0, sharing: 1, wanting: 2, announcement: 3, holder: 4 } as const
/** What is put around a key at most, besides the namespace. */
const OVERHEAD_BYTES = ESCAPE_BYTES + 1 + 8

/**
 * Where the keys of a store are among those of its cluster.
 *
 * TiKV has no empty key, and locks need keys of their own, so the key space below 0x01 is rearranged:
 * a key that is empty or begins with 0x00 gets `00 01` in front, and `00 00` begins the provider's own keys: those that are
 * only locked, and notices to other providers. Every other key is left as it is: the servers have to recognise the layout of rows and indexes.
 *
 * Invariants:
 * 1. The order of encoded keys is that of the keys.
 * 2. None of the provider's own keys lies in the range of any keys.
 */
export class TikvKeys {
  readonly #prefix: Uint8Array
  readonly #first: Uint8Array
  readonly #end: Uint8Array

  constructor(namespace: string | undefined) {
    // The colon cannot be in a namespace, so none is the beginning of another one's keys.
    this.#prefix = namespace === undefined ? EMPTY_BYTES : utf8(`${namespace}:`)
    this.#first = joined(this.#prefix, [0, 1], EMPTY_BYTES)
    this.#end = prefixSuccessor(this.#prefix) ?? EMPTY_BYTES
  }

  /** Whether the servers recognise the layout of rows and indexes: not behind a namespace. */
  get isPlain(): boolean {
    return this.#prefix.byteLength === 0
  }

  /** How much longer an encoded key can be, bytes. */
  get overheadBytes(): number {
    return this.#prefix.byteLength + OVERHEAD_BYTES
  }

  encode(key: Uint8Array): Uint8Array {
    if (key.byteLength === 0 || key[0] === 0) return joined(this.#prefix, [0, 1], key)
    return this.#prefix.byteLength === 0 ? key : joined(this.#prefix, [], key)
  }

  /** The key, a view. */
  decode(encoded: Uint8Array): Uint8Array {
    const at = this.#prefix.byteLength
    return encoded.subarray(encoded[at] === 0 ? at + ESCAPE_BYTES : at)
  }

  /**
   * Where a range of the cluster begins among the keys of the store: the first key from which on all are behind
   * `encoded`. Empty: all are.
   */
  decodeStart(encoded: Uint8Array): Uint8Array {
    if (compareBytes(encoded, this.#first) <= 0) return EMPTY_BYTES
    const at = this.#prefix.byteLength
    if (encoded[at] !== 0) return this.decode(encoded)
    // Escaped keys begin with 0x00, and none lie between them and the others.
    const isEscaped = encoded[at + 1] === 1 && encoded[at + ESCAPE_BYTES] === 0
    return isEscaped ? this.decode(encoded) : AFTER_ESCAPED
  }

  /** Where a range of the cluster ends, likewise. Empty: behind all keys. Undefined: before the first. */
  decodeEnd(encoded: Uint8Array): Uint8Array | undefined {
    if (encoded.byteLength === 0) return EMPTY_BYTES
    if (compareBytes(encoded, this.#first) <= 0) return undefined
    if (this.#end.byteLength > 0 && compareBytes(encoded, this.#end) >= 0) return EMPTY_BYTES
    return this.decodeStart(encoded)
  }

  /** What stands for a key where its mere lock has to be told from a shared one. */
  mark(key: Uint8Array): Uint8Array {
    return joined(this.#prefix, [0, 0, MARKS.mark], key)
  }

  /** A key of one transaction alone, on which others wait that have to do with `key`. */
  own(kind: 'sharing' | 'wanting', key: Uint8Array, startTs: bigint): Uint8Array {
    const transaction = Buffer.alloc(8)
    transaction.writeBigUInt64BE(startTs)
    return joined(this.#prefix, [0, 0, MARKS[kind]], concatBytes(key, transaction))
  }

  /** Where one provider lets others know something. */
  notice(kind: 'announcement' | 'holder', id: Uint8Array): Uint8Array {
    return joined(this.#prefix, [0, 0, MARKS[kind]], id)
  }

  /** The range of all notices of a kind. */
  notices(kind: 'announcement' | 'holder'): { readonly start: Uint8Array; readonly end: Uint8Array } {
    return {
      start: joined(this.#prefix, [0, 0, MARKS[kind]], EMPTY_BYTES),
      end: joined(this.#prefix, [0, 0, MARKS[kind] + 1], EMPTY_BYTES),
    }
  }

  /** Whether it is an encoded key, not one of another store and no mark. */
  has(encoded: Uint8Array): boolean {
    const at = this.#prefix.byteLength
    if (encoded.byteLength <= at || !this.#hasPrefix(encoded)) return false
    return encoded[at] !== 0 || encoded[at + 1] === 1
  }

  #hasPrefix(encoded: Uint8Array): boolean {
    return equalBytes(encoded.subarray(0, this.#prefix.byteLength), this.#prefix)
  }

  range(range: KeyRange): { readonly start: Uint8Array; readonly end: Uint8Array } {
    return {
      start: range.start === undefined ? this.#first : this.encode(range.start),
      end: range.end === undefined ? this.#end : this.encode(range.end),
    }
  }
}

function joined(prefix: Uint8Array, escape: readonly number[], key: Uint8Array): Uint8Array {
  const all = new Uint8Array(prefix.byteLength + escape.length + key.byteLength)
  all.set(prefix)
  all.set(escape, prefix.byteLength)
  all.set(key, prefix.byteLength + escape.length)
  return all
}
