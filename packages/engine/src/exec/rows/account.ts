import type { OperatorCounters } from '../compiled-plan.js'
import type { MemoryBudget } from '../memory-budget.js'
import type { SpillRun, SpillSpace } from '../spill-space.js'

/** Taken from the budget at once, so that it is not asked for every row. */
const CHUNK_BYTES_MAX = 64 * 1024
/** What every operator may hold whatever the others do, so that each gets on: this part of the budget, at most so much … */
const ALLOWANCE_PART = 16
const ALLOWANCE_BYTES_MAX = 256 * 1024
/** … and no less than this, if the budget is as large: with less, rows are moved about more than they are worked on. */
const ALLOWANCE_BYTES_MIN = 64 * 1024

/**
 * What one operator holds in memory and on disk.
 *
 * Invariant: the budget knows of at least what is used and of less than a chunk more; the operator gives all of it back
 * with `close`.
 */
export class Account {
  readonly #budget: MemoryBudget
  readonly #spill: SpillSpace
  readonly #counters: OperatorCounters | undefined
  readonly #allowanceBytes: number
  readonly #chunkBytes: number
  #reservedBytes = 0
  #usedBytes = 0

  constructor(budget: MemoryBudget, spill: SpillSpace, counters: OperatorCounters | undefined) {
    this.#budget = budget
    this.#spill = spill
    this.#counters = counters
    const part = Math.min(ALLOWANCE_BYTES_MAX, Math.floor(budget.limitBytes / ALLOWANCE_PART))
    this.#allowanceBytes = Math.max(part, Math.min(ALLOWANCE_BYTES_MIN, budget.limitBytes))
    this.#chunkBytes = Math.min(CHUNK_BYTES_MAX, Math.ceil(budget.limitBytes / (4 * ALLOWANCE_PART)))
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Bytes of the whole statement, for sizing things in advance. */
  get limitBytes(): number {
    return this.#budget.limitBytes
  }

  /** False, with nothing taken, when the operator has to make room first. */
  tryGrow(bytes: number): boolean {
    const needed = this.#usedBytes + bytes - this.#reservedBytes
    if (needed > 0 && !this.#tryReserve(needed)) return false
    this.#use(bytes)
    return true
  }

  /** For what cannot be moved to disk. @throws out_of_memory */
  grow(bytes: number): void {
    const needed = this.#usedBytes + bytes - this.#reservedBytes
    if (needed > 0 && !this.#tryReserve(needed)) {
      this.#budget.reserve(needed)
      this.#reservedBytes += needed
    }
    this.#use(bytes)
  }

  /** For what has to be held to get on at all. */
  growAnyway(bytes: number): void {
    const needed = this.#usedBytes + bytes - this.#reservedBytes
    if (needed > 0 && !this.#tryReserve(needed)) this.#reserveAnyway(needed)
    this.#use(bytes)
  }

  shrink(bytes: number): void {
    this.#usedBytes -= bytes
    const surplus = this.#reservedBytes - this.#usedBytes
    if (surplus > this.#chunkBytes) this.#release(surplus)
  }

  clear(): void {
    this.#usedBytes = 0
    this.#release(this.#reservedBytes)
  }

  createRun(): SpillRun {
    const run = this.#spill.createRun()
    return this.#counters === undefined ? run : new CountedRun(run, this.#counters)
  }

  close(): void {
    this.clear()
  }

  #tryReserve(needed: number): boolean {
    const chunk = Math.max(needed, this.#chunkBytes)
    for (const bytes of chunk === needed ? [needed] : [chunk, needed]) {
      if (!this.#budget.tryReserve(bytes)) continue
      this.#reservedBytes += bytes
      return true
    }
    if (this.#reservedBytes + needed > this.#allowanceBytes) return false
    this.#reserveAnyway(needed)
    return true
  }

  #reserveAnyway(bytes: number): void {
    this.#budget.reserveAnyway(bytes)
    this.#reservedBytes += bytes
  }

  #use(bytes: number): void {
    this.#usedBytes += bytes
    const counters = this.#counters
    if (counters !== undefined && this.#usedBytes > counters.memoryPeakBytes) {
      counters.memoryPeakBytes = this.#usedBytes
    }
  }

  #release(bytes: number): void {
    this.#budget.release(bytes)
    this.#reservedBytes -= bytes
  }
}

/** Adds what is written to an operator's counters. */
class CountedRun implements SpillRun {
  readonly #run: SpillRun
  readonly #counters: OperatorCounters

  constructor(run: SpillRun, counters: OperatorCounters) {
    this.#run = run
    this.#counters = counters
  }

  get rowCount(): number {
    return this.#run.rowCount
  }

  get byteCount(): number {
    return this.#run.byteCount
  }

  async append(rows: Parameters<SpillRun['append']>[0]): Promise<void> {
    const before = this.#run.byteCount
    await this.#run.append(rows)
    this.#counters.spilledBytes += this.#run.byteCount - before
  }

  cursor(): ReturnType<SpillRun['cursor']> {
    return this.#run.cursor()
  }

  drop(): void {
    this.#run.drop()
  }
}
