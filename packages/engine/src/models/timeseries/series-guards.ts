/**
 * What keeps the points of a series and its marks (`rolledUpTo`, `rolledUpFrom`, `prunedTo`) together: a number of keys
 * without values, its guards.
 *
 * Invariants, in a collection with rollups:
 * 1. Who changes points shares one of the guards, and goes by marks that hold as long as it shares it. Who changes marks
 *    holds all of the guards locked exclusively. So no point slips into a bucket that is being completed, nor among
 *    points that are being removed: of the two the one that commits later conflicts, or has waited for the other.
 * 2. There are several guards because sharers of one key follow one another while they commit on TiKV: as many
 *    transactions as there are guards commit beside one another. More of them would make upkeep slower.
 * 3. Under `read-committed` nobody compares at the commit what was read with what is there. So marks are read when the
 *    guard is held; and who computes complete buckets again holds all guards, as of two that do so for one bucket
 *    each would miss the other's points.
 *
 * Without rollups there are no buckets, and no marks change: nothing is shared. A definition with rollups and one without
 * never overlap (Catalog, invariant 2), so the first one that rolls up sees all points that came before.
 */
import { timeSeriesKeys } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import type { SeriesDefinition } from './series-input.js'
import type { SeriesMemory } from './series-memory.js'

/** Of one series. */
export const GUARDS = 16

export class SeriesGuards {
  readonly #context: ModelContext
  readonly #collectionId: number
  readonly #isNeeded: boolean
  readonly #memory: SeriesMemory
  readonly #excluded: Uint8Array[] = []

  constructor(
    context: ModelContext,
    { id, definition }: CatalogObject<SeriesDefinition>,
    memory: SeriesMemory,
  ) {
    this.#context = context
    this.#collectionId = id
    this.#isNeeded = definition.rollups.length > 0
    this.#memory = memory
  }

  /** The guards that this was asked to lock exclusively, whether it could or not. */
  get excluded(): readonly Uint8Array[] {
    return this.#excluded
  }

  /** For changing points. Marks that are read afterwards hold until the transaction ends. */
  async share(seriesIds: readonly number[]): Promise<void> {
    if (!this.#isNeeded || seriesIds.length === 0) return
    const at = this.#memory.turn % GUARDS
    const keys = seriesIds.map((id) => timeSeriesKeys.guard(this.#collectionId, id, at))
    await this.#context.storage.lock(keys, { mode: 'shared' })
  }

  /** For changing marks, or whatever goes with them. */
  async exclude(seriesId: number): Promise<void> {
    if (!this.#isNeeded) return
    const keys = Array.from({ length: GUARDS }, (_, at) =>
      timeSeriesKeys.guard(this.#collectionId, seriesId, at),
    )
    this.#excluded.push(...keys)
    await this.#context.storage.lock(keys)
  }
}
