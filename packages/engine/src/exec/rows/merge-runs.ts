import type { Row } from '../../scalar/value.js'
import type { SpillCursor } from '../spill-space.js'
import type { Batches, Run } from '../run.js'
import type { CompareRows } from './compare-rows.js'

/** Sorted rows, read front to back. */
export interface SortedRows {
  /** Those that are at hand. */
  readonly rows: readonly Row[]
  /** Where more come from. */
  readonly cursor?: SpillCursor
}

class Source {
  rows: readonly Row[]
  at = 0
  readonly #cursor: SpillCursor | undefined

  constructor(sorted: SortedRows) {
    this.rows = sorted.rows
    this.#cursor = sorted.cursor
  }

  /** Undefined at the end. */
  get row(): Row | undefined {
    return this.rows[this.at]
  }

  get needsMore(): boolean {
    return this.at === this.rows.length && this.#cursor !== undefined
  }

  async readMore(): Promise<void> {
    this.rows = (await this.#cursor?.next()) ?? []
    this.at = 0
  }
}

/**
 * Merges sorted sources into one, by a tree of losers: a row costs as many comparisons as the number of sources has
 * binary digits. Of equal rows those of earlier sources come first.
 */
export async function* mergeRuns(sources: readonly SortedRows[], compare: CompareRows, run: Run): Batches {
  const all = sources.map((sorted) => new Source(sorted))
  for (const source of all) if (source.needsMore) await source.readMore()
  const tree = new LoserTree(all, compare)
  for (;;) {
    const batch: Row[] = []
    while (batch.length < run.batchSize) {
      const source = tree.winner
      const row = source?.row
      if (source === undefined || row === undefined) break
      batch.push(row)
      source.at++
      if (source.needsMore) await source.readMore()
      tree.replay()
    }
    if (batch.length === 0) return
    const turn = run.spend(batch.length)
    if (turn !== undefined) await turn
    yield batch
  }
}

/** `losers[n]` is the source that lost at node n; the leaves are the sources, as nodes `count`, `count + 1`, … */
class LoserTree {
  readonly #sources: readonly Source[]
  readonly #compare: CompareRows
  readonly #losers: number[]
  #winner: number

  constructor(sources: readonly Source[], compare: CompareRows) {
    this.#sources = sources
    this.#compare = compare
    this.#losers = new Array<number>(sources.length).fill(-1)
    this.#winner = this.#build(1)
  }

  get winner(): Source | undefined {
    return this.#sources[this.#winner]
  }

  /** To be called after the winner has moved on to its next row. */
  replay(): void {
    const count = this.#sources.length
    let winner = this.#winner
    for (let node = (winner + count) >> 1; node > 0; node >>= 1) {
      const loser = this.#losers[node] ?? -1
      if (this.#comesFirst(loser, winner)) {
        this.#losers[node] = winner
        winner = loser
      }
    }
    this.#winner = winner
  }

  #build(node: number): number {
    const count = this.#sources.length
    if (count === 0) return -1
    if (node >= count) return node - count
    const left = this.#build(2 * node)
    const right = this.#build(2 * node + 1)
    const leftWins = this.#comesFirst(left, right)
    this.#losers[node] = leftWins ? right : left
    return leftWins ? left : right
  }

  #comesFirst(a: number, b: number): boolean {
    const x = this.#sources[a]?.row
    const y = this.#sources[b]?.row
    if (x === undefined || y === undefined) return y === undefined && (x !== undefined || a < b)
    const order = this.#compare(x, y)
    return order < 0 || (order === 0 && a < b)
  }
}
