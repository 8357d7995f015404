import { defined } from '@orbit-ts/base'
import { MAX_TIMESTAMP, type Timestamp } from '../../timestamp.js'
import type { MvccData } from './mvcc-data.js'
import { isVisibleDespiteFence, type Lock, type Write } from './records.js'

/** What became of a transaction on one key, as its write column tells. */
export type CommitRecord =
  /** Its commit or rollback record. */
  | { readonly kind: 'single'; readonly write: Write }
  /** It was rolled back, which is noted on another transaction's record at the same timestamp. */
  | { readonly kind: 'overlapped-rollback' }
  /** Nothing. `overlapped` is another transaction's record at its start timestamp, with the version that follows it. */
  | {
      readonly kind: 'none'
      readonly overlapped: { readonly write: Write; readonly gcFence: Timestamp } | undefined
    }

/** Reads the records of one transaction's commands. */
export class MvccReader {
  readonly data: MvccData
  readonly startTs: Timestamp

  constructor(data: MvccData, startTs: Timestamp) {
    this.data = data
    this.startTs = startTs
  }

  lock(key: Uint8Array): Lock | undefined {
    return this.data.lock(key)
  }

  seekWrite(key: Uint8Array, ts: Timestamp = MAX_TIMESTAMP): Write | undefined {
    return this.data.seekWrite(key, ts)
  }

  /** The put that a reader at `ts` sees; undefined when the key was deleted or never written. */
  visiblePut(key: Uint8Array, ts: Timestamp, fenceLimit: Timestamp = this.startTs): Write | undefined {
    for (const write of this.data.writes(key)) {
      if (write.commitTs > ts) continue
      if (!isVisibleDespiteFence(write, fenceLimit)) return undefined
      if (write.type === 'put') return write
      if (write.type === 'delete') return undefined
    }
    return undefined
  }

  valueOf(key: Uint8Array, write: Write): Uint8Array {
    return write.shortValue ?? defined(this.data.value(key, write.startTs), 'the value of a put record')
  }

  get(key: Uint8Array, ts: Timestamp): Uint8Array | undefined {
    const write = this.visiblePut(key, ts)
    return write === undefined ? undefined : this.valueOf(key, write)
  }

  commitRecord(key: Uint8Array): CommitRecord {
    let gcFence = 0n
    for (const write of this.data.writes(key)) {
      if (write.startTs === this.startTs) return { kind: 'single', write }
      if (write.commitTs === this.startTs) {
        if (write.overlappedRollback) return { kind: 'overlapped-rollback' }
        return { kind: 'none', overlapped: { write, gcFence } }
      }
      if (write.type === 'put' || write.type === 'delete') gcFence = write.commitTs
      if (write.commitTs < this.startTs) break
    }
    return { kind: 'none', overlapped: undefined }
  }
}
