import { compareBytes, EMPTY_BYTES, OrbitError, toHex } from '@orbit-ts/base'
import type { KeyRange } from '../key-range.js'

export const KEYSPACE_ID_MAX = 0xff_ffff
const MODE = { raw: 0x72, transaction: 0x78 } as const
const LENGTH = 4

/** The four bytes in front of every key of a keyspace: the mode, `r` or `x`, and the id, big-endian. */
export class KeyspacePrefix {
  /** The first key of the keyspace, and the first one after it. */
  readonly start: Uint8Array
  readonly end: Uint8Array

  /** @throws `INVALID_ARGUMENT` for an id above 0xffffff. */
  constructor(mode: 'raw' | 'transaction', keyspaceId: number) {
    if (!Number.isInteger(keyspaceId) || keyspaceId < 0 || keyspaceId > KEYSPACE_ID_MAX) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `keyspace id ${keyspaceId} is not between 0 and ${KEYSPACE_ID_MAX}`,
        {
          field: 'keyspaceId',
          value: keyspaceId,
        },
      )
    }
    const first = Buffer.alloc(LENGTH)
    first.writeUInt32BE(MODE[mode] * 0x100_0000 + keyspaceId)
    const after = Buffer.alloc(LENGTH)
    after.writeUInt32BE(MODE[mode] * 0x100_0000 + keyspaceId + 1)
    this.start = new Uint8Array(first)
    this.end = new Uint8Array(after)
  }

  encode(key: Uint8Array): Uint8Array {
    const encoded = new Uint8Array(LENGTH + key.length)
    encoded.set(this.start)
    encoded.set(key, LENGTH)
    return encoded
  }

  /** The end of a range: an empty one is the end of the keyspace. */
  encodeEnd(key: Uint8Array): Uint8Array {
    return key.length === 0 ? this.end : this.encode(key)
  }

  encodeRange({ start, end }: KeyRange): KeyRange {
    return { start: this.encode(start), end: this.encodeEnd(end) }
  }

  /** @throws `PROTOCOL_VIOLATION` for a key of another keyspace. */
  decode = (key: Uint8Array): Uint8Array => {
    if (!this.has(key)) {
      throw new OrbitError(
        'PROTOCOL_VIOLATION',
        `the server answered with a key outside the keyspace: it begins with ${toHex(key.subarray(0, LENGTH))}, not ${toHex(this.start)}`,
      )
    }
    return key.subarray(LENGTH)
  }

  has(key: Uint8Array): boolean {
    for (let at = 0; at < LENGTH; at++) if (key[at] !== this.start[at]) return false
    return true
  }

  /** The part of a range of the whole cluster that is in the keyspace; undefined when none is. Empty: no bound. */
  clamp(start: Uint8Array, end: Uint8Array): KeyRange | undefined {
    if (end.length > 0 && compareBytes(end, this.start) <= 0) return undefined
    if (compareBytes(start, this.end) >= 0) return undefined
    return {
      start: this.has(start) ? this.decode(start) : EMPTY_BYTES,
      end: end.length > 0 && this.has(end) ? this.decode(end) : EMPTY_BYTES,
    }
  }
}
