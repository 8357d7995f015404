import { utf8 } from '@orbit-ts/base'
import type { OpenVectors } from '../open-vectors.js'
import type { CheckedSearch } from './check-search.js'
import type { NearestHeap, Ranked } from './nearest-heap.js'
import { readHits } from './read-hits.js'

/** So many tell how frequent those are that fit. */
const CHUNK_MIN = 128
const CHUNK_MAX = 1024
/** With so many to be examined, and partitions to be read for them, reading everything in a row is as fast. */
const SHARE_MAX = 1 / 50

/**
 * Lets those vectors through that have the metadata asked for. The metadata is not in the index: it is read of the
 * nearest first, and of none that is too far away to matter.
 */
export class MetadataFilter {
  readonly #collection: OpenVectors
  readonly #search: CheckedSearch
  readonly #nearest: NearestHeap
  #examined = 0
  #fitting = 0

  /** @param nearest where those go that fit. */
  constructor(collection: OpenVectors, search: CheckedSearch, nearest: NearestHeap) {
    this.#collection = collection
    this.#search = search
    this.#nearest = nearest
  }

  /** The share of those examined that fit. */
  get share(): number {
    return Math.max(this.#fitting, 0.5) / Math.max(this.#examined, 1)
  }

  /** False, with nothing sure, when so few fit that it is better to read all of `vectors` in a row. */
  async take(candidates: NearestHeap, vectors: number): Promise<boolean> {
    const ranked = candidates.sorted()
    let size = Math.max(CHUNK_MIN, this.#search.k * 2)
    for (let from = 0; from < ranked.length; from += size, size = Math.min(size * 2, CHUNK_MAX)) {
      if (this.#isTooSelective(vectors)) return false
      const chunk = ranked.slice(from, from + size)
      // The nearest come first, so none after this one is near enough either.
      if ((chunk[0]?.rank ?? 0) > this.#nearest.worstRank) return true
      await this.#takeChunk(chunk)
    }
    // Those that found no room among the candidates were not examined, which must not matter.
    return !candidates.isFull || this.#nearest.worstRank < candidates.worstRank
  }

  async #takeChunk(chunk: readonly Ranked[]): Promise<void> {
    const hits = await readHits(this.#collection, this.#search, chunk)
    this.#examined += chunk.length
    for (const [i, { rank, id }] of chunk.entries()) {
      if (hits[i] === undefined) continue
      this.#fitting++
      this.#nearest.offer(rank, utf8(id), 0)
    }
  }

  #isTooSelective(vectors: number): boolean {
    if (this.#examined === 0 || this.#nearest.isFull) return false
    return this.#search.k / this.share > vectors * SHARE_MAX
  }
}
