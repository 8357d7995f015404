import type { RecordTarget } from '../records/record-target.js'
import type { ImportPosition } from './import-position.js'
import { isBad, type BadRecord, type InputRecord } from './input-record.js'

/** What stores the records of an import: a database of this process, or a server. */
export interface ImportSink {
  readonly target: RecordTarget
  /** Positions of all imports into the target. */
  positions(): Promise<ImportPosition[]>
  /**
   * Stores the good records of a batch, and the position after it, in one transaction. A record that the database
   * refuses counts as a bad one.
   * @param skippedMax how many bad records may be left out; the next one ends the batch
   * @throws IMPORT_FAILED when the batch is refused and no single record of it is to blame; what the database throws
   */
  store(
    batch: readonly InputRecord[],
    skippedMax: number,
    positionAfter: (result: StoredBatch) => ImportPosition,
  ): Promise<StoredBatch>
}

export interface StoredBatch {
  /** Records that are stored. */
  readonly stored: number
  /** Records that are left out. */
  readonly skipped: readonly BadRecord[]
  /** The record that is one too many to be left out; neither it nor any behind it is stored. */
  readonly stoppedBy: BadRecord | undefined
  /** Offset behind the last record that is stored or left out; undefined when there is none. */
  readonly end: number | undefined
}

/** Whether there is a new position; an import that stops at its first record leaves no trace. */
export function hasMoved({ stoppedBy, end }: StoredBatch): boolean {
  return stoppedBy === undefined || end !== undefined
}

/** Counts records in order until one is bad that may not be left out. */
export class BatchTally {
  readonly #skippedMax: number
  readonly #skipped: BadRecord[] = []
  #stored = 0
  #stoppedBy: BadRecord | undefined
  #end: number | undefined

  constructor(skippedMax: number) {
    this.#skippedMax = skippedMax
  }

  get isStopped(): boolean {
    return this.#stoppedBy !== undefined
  }

  /** True when the record is to be stored. */
  takes(record: InputRecord): boolean {
    if (this.isStopped) return false
    if (!isBad(record)) this.#stored++
    else if (record.isFatal !== true && this.#skipped.length < this.#skippedMax) this.#skipped.push(record)
    else {
      this.#stoppedBy = record
      return false
    }
    this.#end = record.end
    return !isBad(record)
  }

  result(): StoredBatch {
    return { stored: this.#stored, skipped: this.#skipped, stoppedBy: this.#stoppedBy, end: this.#end }
  }
}
