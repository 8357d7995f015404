import type { Row } from '../scalar/value.js'

/** Where operators put rows that do not fit into memory: files of the statement, gone when it ends. */
export interface SpillSpace {
  /** A new, empty run of rows. It takes no room until rows are added. */
  createRun(): SpillRun
  /** Deletes all that is left. Harmless when called again. */
  close(): Promise<void>
}

/** Rows in the order in which they were written, read any number of times. */
export interface SpillRun {
  /** @throws configuration_limit_exceeded when the space's own limit is reached, disk_full when the disk is full. */
  append(rows: readonly Row[]): Promise<void>
  /** Reads from the first row on. Several may read at once, also while rows are still added. */
  cursor(): SpillCursor
  readonly rowCount: number
  readonly byteCount: number
  /** Gives the room back. The run is not used afterwards. */
  drop(): void
}

export interface SpillCursor {
  /** The next non-empty batch; undefined after the last row so far (more may have been added by the next call). */
  next(): Promise<Row[] | undefined>
}
