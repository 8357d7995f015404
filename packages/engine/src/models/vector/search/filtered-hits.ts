import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import type { CheckedSearch } from './check-search.js'
import type { Ranked } from './nearest-heap.js'
import { readHits } from './read-hits.js'

/** As many tell how frequent those that fit are. */
const CHUNK_MIN = 128
const CHUNK_MAX = 1024

export interface Examined {
  /** Those that fit. */
  readonly hits: VectorHit[]
  /** How many were looked at for them. */
  readonly examined: number
}

/** Finds, in lists of the nearest that grow from call to call, those that have the metadata asked for. */
export class FilteredHits {
  readonly #collection: OpenVectors
  readonly #search: CheckedSearch
  /** What is known of each vector examined: undefined when it does not have the metadata. */
  readonly #known = new Map<string, VectorHit | undefined>()

  constructor(collection: OpenVectors, search: CheckedSearch) {
    this.#collection = collection
    this.#search = search
  }

  /** The first `k` that fit; fewer when there are no more, and when `isHopeless` says of what was found that it is. */
  async among(ranked: readonly Ranked[], isHopeless: (so: Examined) => boolean): Promise<Examined> {
    const hits: VectorHit[] = []
    let examined = 0
    let size = Math.max(CHUNK_MIN, this.#search.k * 2)
    while (examined < ranked.length) {
      const chunk = ranked.slice(examined, examined + size)
      await this.#read(chunk)
      for (const { id } of chunk) {
        examined++
        const hit = this.#known.get(id)
        if (hit !== undefined && hits.push(hit) === this.#search.k) return { hits, examined }
      }
      if (isHopeless({ hits, examined })) break
      size = Math.min(size * 2, CHUNK_MAX)
    }
    return { hits, examined }
  }

  async #read(chunk: readonly Ranked[]): Promise<void> {
    const unknown = chunk.filter(({ id }) => !this.#known.has(id))
    const hits = await readHits(this.#collection, this.#search, unknown)
    for (const [i, { id }] of unknown.entries()) this.#known.set(id, hits[i])
  }
}
