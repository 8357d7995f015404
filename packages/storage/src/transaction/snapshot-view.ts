/**
 * Reads at one commit number: the engine's latest values, corrected by the version history, with an optional buffer of
 * the reader's own writes on top.
 *
 * Invariants:
 * 1. The number is registered as an active snapshot for as long as the view reads.
 * 2. The history is consulted after the engine has answered: whatever the engine changed while it answered is in the
 *    history by then (see VersionHistory, invariant 2).
 * 3. Values are read without their keys only through a cursor that shows one state E of the engine, and only when
 *    after its first answer the history, of which nothing that the view needs was dropped, has no commit behind the
 *    view's number in the whole range. Then E has in the range what the view sees: whatever such a commit had changed
 *    in E would be in the history (2). Commits that come later change neither E nor the answer, so the history need
 *    not be asked again.
 */
import { EMPTY_BYTES, OrbitError, toBinaryString } from '@orbit-ts/base'
import type { Entry, KeyRange, ScanOptions } from '../provider.js'
import { throwIfAborted } from './arguments.js'
import type { EngineCursor, EngineEntry, MaybePromise } from './local-engine.js'
import { pairsIn, type OrderedMap } from './ordered-map.js'
import type { TrackedEngine } from './tracked-engine.js'
import { mergeOverlay, type VersionHistory } from './version-history.js'
import { VERSION_ID, isVersionKey } from './version-key.js'
import { withoutKeys } from './without-keys.js'
import type { BufferedWrite } from './write-buffer.js'

const CHUNK_SIZE = 256
/** Engines take room for a whole chunk before they read it. */
const CHUNK_SIZE_MAX = 65_536
/** Keys of the history that are looked at before a range is read without keys. */
const HISTORY_KEYS_MAX = 1024

export interface ScanContext {
  /** The reader's own writes as of the start of the scan. */
  readonly writes?: OrderedMap<BufferedWrite> | undefined
  /** Told after each chunk which part of the key space was read so far. */
  readonly cover?: (start: string | undefined, end: string | undefined) => void
  /** Throws when the reader has ended. */
  readonly check: () => void
}

type Bound = string | undefined

export class SnapshotView {
  readonly seq: number
  readonly #engine: TrackedEngine
  readonly #history: VersionHistory

  constructor(engine: TrackedEngine, history: VersionHistory, seq: number) {
    this.#engine = engine
    this.#history = history
    this.seq = seq
  }

  get(key: Uint8Array): MaybePromise<Uint8Array | undefined> {
    const found = this.#engine.get(key)
    return found instanceof Promise
      ? found.then((value) => this.#correct(key, value))
      : this.#correct(key, found)
  }

  getMany(keys: readonly Uint8Array[]): MaybePromise<(Uint8Array | undefined)[]> {
    const found = this.#engine.getMany(keys)
    return found instanceof Promise
      ? found.then((values) => this.#correctMany(keys, values))
      : this.#correctMany(keys, found)
  }

  scan(range: KeyRange, options: ScanOptions, context: ScanContext): AsyncGenerator<Entry[]> {
    return options.valuesOnly === true
      ? this.#scanValues(range, options, context)
      : this.#scanEntries(range, options, context)
  }

  async *#scanValues(range: KeyRange, options: ScanOptions, context: ScanContext): AsyncGenerator<Entry[]> {
    const cursor = this.#valueCursor(range, options, context)
    if (cursor !== undefined) {
      const { limit = Infinity } = options
      const chunkSize = Math.min(options.chunkSize ?? CHUNK_SIZE, CHUNK_SIZE_MAX)
      try {
        for (let read = 0; read < limit;) {
          const count = Math.min(chunkSize, limit - read)
          const found = cursor.next(count)
          const chunk = found instanceof Promise ? await found : found
          throwIfAborted(options.signal)
          context.check()
          this.#checkAge()
          if (read === 0 && !this.#isUnchanged(range)) break
          read += chunk.length
          if (chunk.length > 0) yield chunk
          context.check()
          if (chunk.length < count || read === limit) return
        }
      } finally {
        const closed = cursor.close()
        if (closed instanceof Promise) await closed
      }
    }
    for await (const entries of this.#scanEntries(range, options, context)) yield withoutKeys(entries)
  }

  /** Undefined: the keys are needed, to lay something over the engine's entries or to say how far was read. */
  #valueCursor(range: KeyRange, options: ScanOptions, context: ScanContext): EngineCursor | undefined {
    if (context.cover !== undefined || options.limit === 0) return undefined
    const { start, end } = boundsOf(range)
    if (end === undefined || reachesTop(end) || (start ?? '') >= end) return undefined
    if (context.writes !== undefined && pairsIn(context.writes, start, end).next().done !== true)
      return undefined
    if (!this.#isUnchanged(range)) return undefined
    return this.#engine.valueCursor(range, { reverse: options.reverse ?? false })
  }

  #isUnchanged(range: KeyRange): boolean {
    if (!this.#history.hasAfter(this.seq)) return true
    const { start, end } = boundsOf(range)
    return this.#history.isUnchangedIn(start, end, this.seq, HISTORY_KEYS_MAX)
  }

  async *#scanEntries(range: KeyRange, options: ScanOptions, context: ScanContext): AsyncGenerator<Entry[]> {
    const { reverse = false, keysOnly = false, limit = Infinity } = options
    const chunkSize = Math.min(options.chunkSize ?? CHUNK_SIZE, CHUNK_SIZE_MAX)
    let { start, end } = boundsOf(range)
    if (limit === 0 || (end !== undefined && (start ?? '') >= end)) return
    const cursor = this.#engine.cursor(range, { reverse, keysOnly })
    const [first, last] = [start, end]
    let remaining = limit
    try {
      for (let exhausted = false; !exhausted && remaining > 0;) {
        const count = Math.min(chunkSize, remaining)
        const chunk = await cursor.next(count)
        throwIfAborted(options.signal)
        context.check()
        this.#checkAge()
        exhausted = chunk.length < count
        const stretch = exhausted ? [start, end] : cutAt(chunk, reverse, start, end)
        let entries = this.#assemble(chunk, stretch[0], stretch[1], reverse, keysOnly, context.writes)
        if (entries.length > remaining) entries = entries.slice(0, remaining)
        remaining -= entries.length
        if (reverse) end = stretch[0]
        else start = stretch[1]
        for (let from = 0; from < entries.length; from += chunkSize) {
          const piece = entries.length <= chunkSize ? entries : entries.slice(from, from + chunkSize)
          context.cover?.(...coveredBy(piece, reverse, first, last))
          yield piece
          context.check()
        }
        if (exhausted && remaining > 0) context.cover?.(first, last)
      }
    } finally {
      await cursor.close()
    }
  }

  /** One stretch `[start, end)` of the key space: what the engine has, then history, then own writes. */
  #assemble(
    chunk: EngineEntry[],
    start: Bound,
    end: Bound,
    reverse: boolean,
    keysOnly: boolean,
    writes: OrderedMap<BufferedWrite> | undefined,
  ): EngineEntry[] {
    const sign = reverse ? -1 : 1
    let entries = reachesTop(end) ? chunk.filter((entry) => !isVersionKey(entry.key)) : chunk
    if (this.#history.hasAfter(this.seq)) {
      const overlay = this.#history.overlay(start, end, this.seq)
      if (overlay.length > 0) entries = mergeOverlay(entries, prepare(overlay, reverse, keysOnly), sign)
    }
    if (writes !== undefined) {
      const own = [...pairsIn(writes, start, end)].map(([, write]) => write)
      if (own.length > 0) entries = mergeOverlay(entries, prepare(own, reverse, keysOnly), sign)
    }
    return entries
  }

  #correct(key: Uint8Array, found: Uint8Array | undefined): Uint8Array | undefined {
    this.#checkAge()
    if (!this.#history.hasAfter(this.seq)) return found
    const version = this.#history.visibleAt(toBinaryString(key), this.seq)
    return version === undefined ? found : version.value
  }

  #correctMany(keys: readonly Uint8Array[], found: (Uint8Array | undefined)[]): (Uint8Array | undefined)[] {
    this.#checkAge()
    if (!this.#history.hasAfter(this.seq)) return found
    keys.forEach((key, index) => {
      const version = this.#history.visibleAt(toBinaryString(key), this.seq)
      if (version !== undefined) found[index] = version.value
    })
    return found
  }

  #checkAge(): void {
    if (this.seq >= this.#history.floor) return
    throw new OrbitError(
      'SNAPSHOT_TOO_OLD',
      `the snapshot at commit ${this.seq} needs versions that were dropped to stay below ${this.#history.bytesMax} bytes; read in shorter transactions or raise transactions.history_size_max_mb`,
      { version: this.seq, oldestVersion: this.#history.floor },
    )
  }
}

function boundsOf({ start, end }: KeyRange): { start: Bound; end: Bound } {
  return {
    start: start === undefined ? undefined : toBinaryString(start),
    end: end === undefined ? undefined : toBinaryString(end),
  }
}

/** Only a stretch that reaches above all usual keys can meet the version key. */
function reachesTop(end: Bound): boolean {
  return end === undefined || end > VERSION_ID
}

/** The stretch that a full chunk settles: up to and with its last key. */
function cutAt(chunk: EngineEntry[], reverse: boolean, start: Bound, end: Bound): [Bound, Bound] {
  const last = chunk.at(-1)
  if (last === undefined) return [start, end]
  const id = toBinaryString(last.key)
  return reverse ? [id, end] : [start, `${id}\0`]
}

function coveredBy(piece: Entry[], reverse: boolean, first: Bound, last: Bound): [Bound, Bound] {
  const edge = piece.at(-1)
  if (edge === undefined) return [first, last]
  const id = toBinaryString(edge.key)
  return reverse ? [id, last] : [first, `${id}\0`]
}

function prepare(
  overlay: { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[],
  reverse: boolean,
  keysOnly: boolean,
): { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[] {
  if (reverse) overlay.reverse()
  if (!keysOnly) return overlay
  return overlay.map(({ key, value }) => ({ key, value: value === undefined ? undefined : EMPTY_BYTES }))
}
