/**
 * What a serializable transaction has read, and the check that it is still so at the commit timestamp.
 *
 * Why that makes transactions of this level serializable, in the order of their commit timestamps C:
 *
 * A transaction T reads at its start timestamp, locks all that it writes (prewrite), takes C(T) from PD, re-reads all
 * that it read at C(T), and commits its primary at C(T) only if nothing differs. So it is enough that no other
 * transaction U can put a version of a key that T read between T's re-read and C(T), that is, commit it later with
 * C(U) < C(T).
 *
 * - U commits in two phases. It takes C(U) after all its keys are locked. If C(U) < C(T), PD gave C(U) before C(T), so
 *   that U's locks stood before T began to re-read: T met U's lock, or what became of it. A lock of another transaction
 *   that could still commit at or before C(T) is never passed here: T gives way (`failOnLock`), or, when U began after
 *   T, has U's primary refuse every commit at or before C(T) first. A server passes a lock by itself only when it cannot
 *   matter: it changes no value (`Lock`, or a pessimistic lock, whose owner will take its commit timestamp later), its
 *   transaction started after C(T), or its `min_commit_ts` is larger.
 * - U commits asynchronously or in one phase. The server that holds the key chooses a `min_commit_ts` larger than any
 *   timestamp it has served reads at (`max_ts`), while the key is locked in its memory; a read first raises `max_ts`
 *   and then looks at those locks. So either U's prewrite comes after T's re-read, and C(U) > C(T), or T meets the lock.
 *   A region's new leader asks PD for a timestamp before it chooses any, so that it cannot fall behind `max_ts`.
 * - A reader that meets T's primary lock may push T's `min_commit_ts` beyond C(T). Then the server refuses C(T), T takes
 *   a newer one, and checks everything again at that one (`CommitOptions.approve`).
 * - Rows that appear in a range (phantoms) are versions of keys in it like any other: the whole of what a scan covered
 *   is scanned again.
 * - Keys that T read and wrote itself are locked by T from its prewrite on: its own locks are passed, and show the
 *   version below.
 *
 * A transaction that writes nothing reads one snapshot, and takes its place in the order at its start timestamp.
 *
 * Invariants:
 * 1. What it remembers never exceeds `bytesMax`: a read beyond that is refused, not forgotten.
 * 2. Only what came from the servers is remembered, never the transaction's own writes.
 */
import { createHash } from 'node:crypto'
import { asBuffer, OrbitError, toBinaryString } from '@orbit-ts/base'
import type { KeyRange } from '../../key-range.js'
import type { KeyValue } from '../../snapshot/snapshot-options.js'

export interface RangeRead {
  readonly range: KeyRange
  readonly reverse: boolean
  readonly keysOnly: boolean
  readonly rows: number
  readonly digest: string
}

interface KeyRead {
  readonly key: Uint8Array
  readonly value: Fingerprint
}

/** Stands for a value; undefined for none. */
type Fingerprint = string | undefined

/** Values up to this stand for themselves, longer ones are hashed. */
const PLAIN_BYTES_MAX = 32
/** What an entry takes besides its key and value. */
const ENTRY_BYTES = 96

export class ReadSet {
  readonly #bytesMax: number
  readonly #keys = new Map<string, KeyRead>()
  readonly #ranges = new Map<string, RangeRead>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#ranges.size === 0
  }

  get keys(): readonly Uint8Array[] {
    return [...this.#keys.values()].map(({ key }) => key)
  }

  get ranges(): readonly RangeRead[] {
    return [...this.#ranges.values()]
  }

  has(key: Uint8Array): boolean {
    return this.#keys.has(toBinaryString(key))
  }

  /**
   * @throws TRANSACTION_TOO_LARGE; TRANSACTION_CONFLICT when the key was read before and had another value: the later
   * read was one of the newest version, under a lock.
   */
  addKey(key: Uint8Array, value: Uint8Array | undefined): void {
    const id = toBinaryString(key)
    const found = fingerprint(value)
    const known = this.#keys.get(id)
    if (known !== undefined) {
      if (known.value !== found) throw changed('a key that it read before was changed when it was locked')
      return
    }
    this.#reserve(ENTRY_BYTES + key.length + (found?.length ?? 0))
    this.#keys.set(id, { key, value: found })
  }

  /** Whether the value is still the one that was read. */
  isUnchanged(key: Uint8Array, value: Uint8Array | undefined): boolean {
    return this.#keys.get(toBinaryString(key))?.value === fingerprint(value)
  }

  /** @throws TRANSACTION_TOO_LARGE */
  addRange(read: RangeRead): void {
    const { range, reverse, keysOnly } = read
    const id = `${reverse ? '-' : '+'}${keysOnly ? 'k' : 'v'}${range.start.length}:${toBinaryString(range.start)}${toBinaryString(range.end)}`
    if (this.#ranges.has(id)) return
    this.#reserve(ENTRY_BYTES + range.start.length + range.end.length + read.digest.length)
    this.#ranges.set(id, read)
  }

  #reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new OrbitError(
        'TRANSACTION_TOO_LARGE',
        `what this serializable transaction read takes more than readSetBytesMax (${this.#bytesMax} bytes) to remember; read less, scan ranges instead of single keys, or raise readSetBytesMax`,
        { readSetBytes: this.#bytes + bytes, readSetBytesMax: this.#bytesMax },
      )
    }
    this.#bytes += bytes
  }
}

/** Rows in the order they were read, as one digest. */
export class RowDigest {
  readonly #hash = createHash('sha256')
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  add(rows: readonly KeyValue[]): void {
    const lengths = Buffer.alloc(8)
    for (const { key, value } of rows) {
      lengths.writeUInt32BE(key.length, 0)
      lengths.writeUInt32BE(value.length, 4)
      this.#hash.update(lengths).update(key).update(value)
    }
    this.#rows += rows.length
  }

  finish(): string {
    return this.#hash.digest('base64')
  }
}

export function changed(what: string, details: Readonly<Record<string, unknown>> = {}): OrbitError {
  return new OrbitError('TRANSACTION_CONFLICT', `${what}; run the transaction again`, {
    reason: 'read-changed',
    ...details,
  })
}

function fingerprint(value: Uint8Array | undefined): Fingerprint {
  if (value === undefined) return undefined
  if (value.length <= PLAIN_BYTES_MAX) return `v${asBuffer(value).toString('latin1')}`
  return `h${createHash('sha256').update(value).digest('base64')}`
}
