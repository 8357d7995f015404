/**
 * Results of queries, kept for a while.
 *
 * Invariants:
 * 1. Once a commit of this process that wrote to an object has returned, with whatever outcome, no result that was read
 *    before it, and none that was read while it ran, is given out for a query that reads the object.
 * 2. A result that is given out was read from a snapshot that is at most `ttlMs` old. So what other processes commit is
 *    seen after that time at the latest.
 * 3. A commit whose outcome nobody knows may still take effect: results that read what it wrote are not kept for
 *    `UNDETERMINED_MS` after it.
 * 4. Memory is bounded: by the size of the results, and by `CHANGES_MAX` objects whose last change is remembered.
 */
import { hasCode, type Clock } from '@orbit-ts/base'
import { LruCache, type LruCacheMetrics } from './lru-cache.js'

/** Longer than a lock lives that nobody keeps alive: then the outcome stands. */
const UNDETERMINED_MS = 60_000
const CHANGES_MAX = 10_000

/** When a query began to read. */
export interface ReadMoment {
  readonly sequence: number
  readonly atMs: number
}

export interface QueryResultCacheOptions {
  readonly clock: Clock
  readonly ttlMs: number
  readonly sizeMaxBytes: number
  /** Of one result. */
  readonly resultSizeMaxBytes: number
}

interface Kept<Result> {
  readonly result: Result
  readonly objects: readonly number[]
  readonly expiresAtMs: number
}

export interface QueryResultCacheMetrics extends LruCacheMetrics {
  /** Results that were not kept: too large, or read while something that they show was written. */
  readonly refusals: number
}

export class QueryResultCache<Result> {
  readonly ttlMs: number
  readonly resultSizeMaxBytes: number
  readonly #clock: Clock
  readonly #kept: LruCache<Kept<Result>>
  /** The names of the results that read an object, by its id. */
  readonly #readers = new Map<number, Set<string>>()
  /** How many commits that write to an object are under way. */
  readonly #committing = new Map<number, number>()
  /** The number of the latest commit that wrote to an object. */
  readonly #changes = new Map<number, number>()
  readonly #undeterminedUntilMs = new Map<number, number>()
  #sequence = 0
  /** Of everything that is not in `#changes`, the latest change that may have been. */
  #forgotten = 0
  #refusals = 0

  constructor({ clock, ttlMs, sizeMaxBytes, resultSizeMaxBytes }: QueryResultCacheOptions) {
    this.#clock = clock
    this.ttlMs = ttlMs
    this.resultSizeMaxBytes = resultSizeMaxBytes
    this.#kept = new LruCache(sizeMaxBytes, (name, { objects }) => this.#unlink(name, objects))
  }

  /** To be called before the query's snapshot is taken. */
  begin(): ReadMoment {
    return { sequence: this.#sequence, atMs: this.#clock.monotonicMs() }
  }

  /** A result that is good enough now. */
  get(name: string): Result | undefined {
    const kept = this.#kept.find(name)
    if (kept === undefined) {
      this.#kept.countMiss()
      return undefined
    }
    if (this.#clock.monotonicMs() >= kept.expiresAtMs) {
      this.#kept.invalidate(name)
      this.#kept.countMiss()
      return undefined
    }
    // It may be visible to others already, though nobody was told yet.
    if (kept.objects.some((id) => this.#committing.has(id))) {
      this.#kept.countMiss()
      return undefined
    }
    this.#kept.countHit()
    return kept.result
  }

  /**
   * Keeps a result, unless what it shows was written since the query began.
   * @param objects the ids of everything that the query reads
   * @returns whether it was kept
   */
  put(
    name: string,
    result: Result,
    { objects, sizeBytes, since }: { objects: readonly number[]; sizeBytes: number; since: ReadMoment },
  ): boolean {
    const isStale = objects.some((id) => this.#isChanged(id, since))
    const fits = sizeBytes <= this.resultSizeMaxBytes
    const kept = { result, objects, expiresAtMs: since.atMs + this.ttlMs }
    if (isStale || !fits || !this.#kept.set(name, kept, sizeBytes)) {
      this.#refusals++
      return false
    }
    for (const id of objects) {
      const readers = this.#readers.get(id)
      if (readers === undefined) this.#readers.set(id, new Set([name]))
      else readers.add(name)
    }
    return true
  }

  /** Runs a commit that writes to these objects. */
  async commit<T>(objects: Iterable<number>, work: () => Promise<T>): Promise<T> {
    const ids = [...objects]
    for (const id of ids) this.#committing.set(id, (this.#committing.get(id) ?? 0) + 1)
    try {
      return await work()
    } catch (error) {
      if (hasCode(error, 'COMMIT_UNDETERMINED')) this.#noteUndetermined(ids)
      throw error
    } finally {
      this.#changed(ids)
    }
  }

  /** Definitions have changed: no result of before can be asked for again. */
  invalidateAll(): void {
    this.#kept.invalidateAll()
  }

  metrics(): QueryResultCacheMetrics {
    return { ...this.#kept.metrics(), refusals: this.#refusals }
  }

  #changed(ids: readonly number[]): void {
    this.#sequence++
    for (const id of ids) {
      const left = (this.#committing.get(id) ?? 1) - 1
      if (left === 0) this.#committing.delete(id)
      else this.#committing.set(id, left)
      this.#changes.set(id, this.#sequence)
      for (const name of [...(this.#readers.get(id) ?? [])]) this.#kept.invalidate(name)
    }
    if (this.#changes.size <= CHANGES_MAX) return
    this.#changes.clear()
    this.#forgotten = this.#sequence
  }

  #isChanged(id: number, { sequence }: ReadMoment): boolean {
    if (this.#committing.has(id)) return true
    if ((this.#changes.get(id) ?? this.#forgotten) > sequence) return true
    const untilMs = this.#undeterminedUntilMs.get(id)
    if (untilMs === undefined) return false
    if (this.#clock.monotonicMs() < untilMs) return true
    this.#undeterminedUntilMs.delete(id)
    return false
  }

  #noteUndetermined(ids: readonly number[]): void {
    const untilMs = this.#clock.monotonicMs() + UNDETERMINED_MS
    for (const id of ids) this.#undeterminedUntilMs.set(id, untilMs)
  }

  #unlink(name: string, objects: readonly number[]): void {
    for (const id of objects) {
      const readers = this.#readers.get(id)
      readers?.delete(name)
      if (readers?.size === 0) this.#readers.delete(id)
    }
  }
}
