/**
 * Sorts any number of rows within a bounded amount of memory; stable.
 *
 * Invariants:
 * 1. Rows come in the order: spilled runs of the highest level first, then of lower ones, then the sorted chunks in
 *    memory, then the unsorted rows. Merging what is next to one another, in this order, keeps equal rows in order.
 * 2. A level has fewer than `RUNS_MERGED` runs: when it is full, they become one run of the level above. So a row is
 *    written as many times as the number of runs has digits to that base.
 */
import type { Row } from '../../scalar/value.js'
import type { SpillRun } from '../spill-space.js'
import type { Batches, Run } from '../run.js'
import type { Account } from './account.js'
import type { CompareRows } from './compare-rows.js'
import { mergeRuns, type SortedRows } from './merge-runs.js'
import type { SizeOf } from './row-size.js'

/** Rows that are sorted at once, without letting anybody else have a turn: some milliseconds. */
const CHUNK_ROWS = 16_384
/** Each of them has a block and a batch in memory while it is merged. */
const RUNS_MERGED = 16

export class ExternalSorter {
  readonly #run: Run
  readonly #account: Account
  readonly #compare: CompareRows
  readonly #sizeOf: SizeOf
  #rows: Row[] = []
  #chunks: Row[][] = []
  readonly #levels: SpillRun[][] = []
  /** What `sorted` reads, for giving its room back. */
  #merging: SpillRun[] = []

  constructor(run: Run, account: Account, compare: CompareRows, sizeOf: SizeOf) {
    this.#run = run
    this.#account = account
    this.#compare = compare
    this.#sizeOf = sizeOf
  }

  async add(batch: readonly Row[]): Promise<void> {
    for (const row of batch) {
      const bytes = this.#sizeOf(row)
      if (!this.#account.tryGrow(bytes)) {
        await this.#spill()
        this.#account.growAnyway(bytes)
      }
      this.#rows.push(row)
      if (this.#rows.length >= CHUNK_ROWS) await this.#sortChunk()
    }
  }

  /** All rows in order. Nothing may be added any more. */
  async *sorted(): Batches {
    await this.#sortChunk()
    const runs = this.#levels.splice(0).reverse().flat()
    this.#merging = runs
    const [chunk] = this.#chunks
    if (runs.length === 0 && this.#chunks.length < 2) {
      yield* this.#slices(chunk ?? [])
      return
    }
    // The last runs are the smallest.
    while (runs.length > RUNS_MERGED) runs.push(await this.#merged(runs.splice(-RUNS_MERGED)))
    const sources: SortedRows[] = [
      ...runs.map((run) => ({ rows: [], cursor: run.cursor() })),
      ...this.#chunks.map((rows) => ({ rows })),
    ]
    yield* mergeRuns(sources, this.#compare, this.#run)
  }

  /** Empty again, and of use again. */
  clear(): void {
    this.#rows = []
    this.#chunks = []
    for (const run of [...this.#levels.splice(0).flat(), ...this.#merging.splice(0)]) run.drop()
    this.#account.clear()
  }

  async *#slices(rows: Row[]): Batches {
    const { batchSize } = this.#run
    if (rows.length > 0 && rows.length <= batchSize) yield rows
    else for (let at = 0; at < rows.length; at += batchSize) yield rows.slice(at, at + batchSize)
  }

  async #sortChunk(): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return
    this.#rows = []
    this.#chunks.push(rows.sort(this.#compare))
    const turn = this.#run.spend(rows.length)
    if (turn !== undefined) await turn
  }

  /** Moves everything from memory to disk, as one run. */
  async #spill(): Promise<void> {
    await this.#sortChunk()
    if (this.#chunks.length === 0) return
    const sources = this.#chunks.map((rows) => ({ rows }))
    this.#chunks = []
    let level = 0
    let spilled = await this.#write(sources)
    this.#account.clear()
    for (;;) {
      const runs = (this.#levels[level] ??= [])
      runs.push(spilled)
      if (runs.length < RUNS_MERGED) return
      spilled = await this.#merged(runs.splice(0))
      level++
    }
  }

  async #merged(runs: readonly SpillRun[]): Promise<SpillRun> {
    const merged = await this.#write(runs.map((run) => ({ rows: [], cursor: run.cursor() })))
    for (const run of runs) run.drop()
    return merged
  }

  async #write(sources: readonly SortedRows[]): Promise<SpillRun> {
    const run = this.#account.createRun()
    for await (const batch of mergeRuns(sources, this.#compare, this.#run)) await run.append(batch)
    return run
  }
}
