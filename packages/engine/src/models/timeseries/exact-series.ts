/**
 * Series by all of their tags, which are created where they are missing.
 *
 * Invariants:
 * 1. The record of a series, its exact-tags key and its tag keys are written in one transaction and agree.
 * 2. Ids are never used again: the sequence, under series id 0, only grows. It is moved outside of the transaction, so
 *    that those who meet new series at the same time do not conflict.
 * 3. Of one combination there is one series. Who creates it writes its exact-tags key, so of two that do one conflicts;
 *    under `read-committed`, where nothing conflicts, it holds that key locked before it looks.
 * 4. A remembered id (`SeriesMemory`) counts once the record under it, as the transaction sees it, has the tags. Only
 *    who reads nothing but points does without: those of a series that it does not see, it does not see either.
 */
import { OrbitError, fromUtf8, utf8 } from '@orbit-ts/base'
import { timeSeriesKeys } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import type { SeriesGuards } from './series-guards.js'
import type { SeriesDefinition } from './series-input.js'
import type { SeriesMemory } from './series-memory.js'
import {
  COUNTER_ID,
  decodeRecord,
  encodeRecord,
  exactName,
  type SeriesIdentity,
  type SeriesRecord,
} from './series-record.js'

/** Keys for what is to be appended to a series, by the series' id. */
export type PlacesOf = (seriesId: number) => readonly Uint8Array[]

/** A series to append to. */
export interface AppendTarget {
  readonly record: SeriesRecord
  /** Of each of its places, whether something is there already. */
  readonly isTaken: readonly boolean[]
}

/** A series that is looked for: by its record where its id is known, otherwise by its exact tags. */
interface Search {
  readonly name: string
  readonly id?: number
  /** The id was read in this transaction. */
  readonly isSure?: true
  /** Nobody else may be creating it any more. */
  readonly isLocked?: true
}

/** The series that one call appends to, as far as they were found. */
interface Targets {
  readonly places: ReadonlyMap<string, PlacesOf>
  readonly found: Map<string, AppendTarget>
  readonly missing: string[]
}

export class ExactSeries {
  readonly #context: ModelContext
  readonly #object: CatalogObject<SeriesDefinition>
  readonly #memory: SeriesMemory
  readonly #guards: SeriesGuards

  constructor(
    context: ModelContext,
    object: CatalogObject<SeriesDefinition>,
    memory: SeriesMemory,
    guards: SeriesGuards,
  ) {
    this.#context = context
    this.#object = object
    this.#memory = memory
    this.#guards = guards
  }

  async find(tagValues: readonly string[]): Promise<SeriesRecord | undefined> {
    const { storage } = this.#context
    const name = exactName(tagValues)
    const known = this.#remembered(name)
    if (known.id !== undefined) {
      const record = this.#recordOf(known, await storage.get(this.#keyOf(known)))
      if (record !== undefined) return record
    }
    const id = await storage.get(this.#keyOf({ name }))
    if (id === undefined) return undefined
    const sure = this.#sure(name, id)
    return this.#recordOf(sure, await storage.get(this.#keyOf(sure)))
  }

  /** As `find`, for who reads nothing but points (invariant 4): a series that is remembered costs nothing. */
  async locate(tagValues: readonly string[]): Promise<SeriesIdentity | undefined> {
    const { id } = this.#remembered(exactName(tagValues))
    return id === undefined ? this.find(tagValues) : { id, tagValues }
  }

  /**
   * The series of each name, created where missing; their marks hold until the commit (`SeriesGuards`). Of all that are
   * remembered everything is read at once, what is in their places too.
   */
  async forAppend(places: ReadonlyMap<string, PlacesOf>): Promise<ReadonlyMap<string, AppendTarget>> {
    const targets: Targets = { places, found: new Map(), missing: [] }
    let searches = [...places.keys()].map((name) => this.#remembered(name))
    while (searches.length > 0) searches = await this.#look(searches, targets)
    for (const record of await this.#create(targets.missing)) {
      const name = exactName(record.tagValues)
      const isTaken = (places.get(name)?.(record.id) ?? []).map(() => false)
      targets.found.set(name, { record, isTaken })
    }
    return targets.found
  }

  /** Reads once for all; gives back what has to be looked for next. */
  async #look(searches: readonly Search[], targets: Targets): Promise<Search[]> {
    const { storage } = this.#context
    const all = searches.map((search) => {
      const places = search.id === undefined ? [] : (targets.places.get(search.name)?.(search.id) ?? [])
      return { search, key: this.#keyOf(search), places }
    })
    await this.#guards.share(searches.flatMap(({ id }) => id ?? []))
    // Of two that append to the same places neither would conflict.
    if (storage.isolation === 'read-committed')
      await storage.lock(all.flatMap(({ search, key, places }) => (search.isLocked ? [key] : places)))
    const values = await storage.getMany(all.flatMap(({ key, places }) => [key, ...places]))
    let at = 0
    return all.flatMap(({ search, places }) => {
      const [bytes, ...own] = values.slice(at, at + 1 + places.length)
      at += 1 + places.length
      if (search.id === undefined) return this.#afterTags(search, bytes, targets)
      const record = this.#recordOf(search, bytes)
      if (record === undefined) return [{ name: search.name }]
      targets.found.set(search.name, { record, isTaken: own.map((place) => place !== undefined) })
      return []
    })
  }

  #afterTags({ name, isLocked }: Search, id: Uint8Array | undefined, { missing }: Targets): Search[] {
    if (id !== undefined) return [this.#sure(name, id)]
    if (this.#context.storage.isolation === 'read-committed' && isLocked === undefined)
      return [{ name, isLocked: true }]
    missing.push(name)
    return []
  }

  /** Undefined where the id was remembered and this transaction sees no such series. @throws STORAGE_CORRUPT */
  #recordOf({ name, isSure }: Search, bytes: Uint8Array | undefined): SeriesRecord | undefined {
    const record = bytes === undefined && isSure === undefined ? undefined : decodeRecord(bytes)
    if (record !== undefined && exactName(record.tagValues) === name) return record
    if (isSure)
      throw new OrbitError('STORAGE_CORRUPT', 'the record of a time series has other tags than its index')
    this.#memory.forget(name)
    return undefined
  }

  #remembered(name: string): Search {
    const id = this.#memory.find(name)
    return id === undefined ? { name } : { name, id }
  }

  #sure(name: string, bytes: Uint8Array): Search {
    const id = Number(fromUtf8(bytes))
    this.#memory.noteRead(name, id)
    return { name, id, isSure: true }
  }

  #keyOf({ name, id }: Search): Uint8Array {
    return id === undefined
      ? timeSeriesKeys.exactTags(this.#object.id, name)
      : timeSeriesKeys.series(this.#object.id, id)
  }

  async #create(names: readonly string[]): Promise<SeriesRecord[]> {
    if (names.length === 0) return []
    const { storage } = this.#context
    const collectionId = this.#object.id
    const firstId = await this.#context.takeNumbers(timeSeriesKeys.series(collectionId, COUNTER_ID), {
      count: names.length,
      start: 1,
      increment: 1,
    })
    const records = names.map((name, index): SeriesRecord => ({
      id: Number(firstId) + index,
      tagValues: JSON.parse(name) as string[],
      rolledUpTo: {},
    }))
    for (const record of records) {
      const { id, tagValues } = record
      const name = exactName(tagValues)
      this.#memory.noteCreated(name)
      storage.put(timeSeriesKeys.series(collectionId, id), encodeRecord(record))
      storage.put(timeSeriesKeys.exactTags(collectionId, name), utf8(String(id)))
      this.#object.definition.tags.forEach((tag, index) => {
        storage.put(timeSeriesKeys.tag(collectionId, tag, tagValues[index] ?? '', id), utf8(''))
      })
    }
    return records
  }
}
