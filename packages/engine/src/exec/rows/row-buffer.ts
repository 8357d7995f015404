/**
 * Rows kept to be read again, in the order they came: in memory while there is room, the rest on disk.
 *
 * Invariants:
 * 1. The first `#memoryRows` rows are in memory, all others in `#run`, which is made when memory runs out.
 * 2. Rows may be added while others read; a cursor that was at the end goes on with them.
 */
import type { Row } from '../../scalar/value.js'
import type { SpillCursor, SpillRun } from '../spill-space.js'
import type { Account } from './account.js'
import type { SizeOf } from './row-size.js'

export class RowBuffer {
  readonly #account: Account
  readonly #sizeOf: SizeOf
  readonly #spillsWhole: boolean
  readonly #batches: Row[][] = []
  #memoryRows = 0
  #memoryBytes = 0
  #run: SpillRun | undefined

  /** @param spillsWhole no row stays in memory once one goes to disk: for who needs the memory for something else then. */
  constructor(account: Account, sizeOf: SizeOf, spillsWhole = false) {
    this.#account = account
    this.#sizeOf = sizeOf
    this.#spillsWhole = spillsWhole
  }

  get rowCount(): number {
    return this.#memoryRows + (this.#run?.rowCount ?? 0)
  }

  /** All rows, when they are in memory; undefined when some are on disk. */
  get inMemory(): readonly Row[][] | undefined {
    return this.#run === undefined ? this.#batches : undefined
  }

  /** Something to wait for where rows go to disk. */
  append(rows: Row[]): Promise<void> | undefined {
    if (rows.length === 0) return undefined
    if (this.#run === undefined && this.#keep(rows)) return undefined
    if (this.#run !== undefined) return this.#run.append(rows)
    this.#run = this.#account.createRun()
    return this.#spillsWhole ? this.#leaveMemory(this.#run, rows) : this.#run.append(rows)
  }

  async #leaveMemory(run: SpillRun, rows: Row[]): Promise<void> {
    const batches = this.#batches.splice(0)
    this.#forget()
    for (const batch of batches) await run.append(batch)
    await run.append(rows)
  }

  #keep(rows: Row[]): boolean {
    let bytes = 0
    for (const row of rows) bytes += this.#sizeOf(row)
    if (!this.#account.tryGrow(bytes)) return false
    this.#memoryBytes += bytes
    this.#memoryRows += rows.length
    this.#batches.push(rows)
    return true
  }

  cursor(): SpillCursor {
    let at = 0
    let spilled: SpillCursor | undefined
    return {
      next: async () => {
        const batch = this.#batches[at]
        if (batch !== undefined) {
          at++
          return batch
        }
        spilled ??= this.#run?.cursor()
        return spilled?.next()
      },
    }
  }

  /** Empty again, and of use again. */
  clear(): void {
    this.#batches.length = 0
    this.#forget()
    this.#run?.drop()
    this.#run = undefined
  }

  #forget(): void {
    this.#account.shrink(this.#memoryBytes)
    this.#memoryBytes = 0
    this.#memoryRows = 0
  }
}
