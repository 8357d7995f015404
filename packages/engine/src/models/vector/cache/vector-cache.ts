/**
 * Vectors kept in memory, decoded, for the searches of one database.
 *
 * Invariants:
 * 1. What a search takes from here is exactly what its own snapshot would have shown it, whoever has written meanwhile,
 *    on whatever server: each search reads the lanes of its collection in its snapshot (`change-lanes.ts`) and takes what
 *    is the same at that time and at the time when it was read (`collection-history.ts`).
 * 2. A transaction that has changed vectors of the collection neither takes nor keeps any, nor does one whose reads are
 *    not all of one snapshot, or lock what they read.
 * 3. Under `serializable` reading the lanes protects as reading the vectors would: every change of a vector writes a
 *    lane, so the range of lanes that was read has changed.
 * 4. All that is kept takes no more than the limit, least used first out.
 */
import { defined, utf8, type Env } from '@orbit-ts/base'
import { vectorKeys, type Entry, type Transaction } from '@orbit-ts/storage'
import { LruCache, type LruCacheMetrics } from '../../../cache/lru-cache.js'
import { ChangeLanes, TransactionChanges } from '../changes/change-lanes.js'
import { CollectionHistory } from '../changes/collection-history.js'
import type { TouchedVectors } from '../changes/touched.js'
import type { IndexState } from '../index/index-state.js'
import type { VectorRows } from '../search/vector-rows.js'

/** Of collections whose changes are remembered. */
const HISTORIES_MAX = 1000
/** With more lanes than these reading them takes long: those of databases that are gone go. */
const LANES_MAX = 256
const LANES_CHUNK = 1024
/** Roughly what these take. */
const STATE_BYTES = 200
const GENERATION_BYTES = 300
const PART_BYTES = 200

/** Something of a collection, as it was at a time. */
interface Kept {
  readonly history: CollectionHistory
  /** One at which it was the same; it may be moved on to a later one. */
  at: number
  /** What the name says it is. */
  readonly value: unknown
}

/** Records of a collection, of ids from `start` until before `end`, in UTF-8. */
export interface RecordPart extends Gap {
  readonly rows: readonly VectorRows[]
  /** As `Kept.at`: each part has a time of its own. */
  at: number
}

/** Records that have to be read. */
export interface Gap {
  readonly start: Uint8Array
  /** Undefined for the last. */
  readonly end: Uint8Array | undefined
}

/** Records that were just read. */
export type FreshPart = Omit<RecordPart, 'at'>

interface Registered {
  readonly cache: VectorCache
  readonly changes: TransactionChanges
}

const registered = new WeakMap<Transaction, Registered>()

/** Whose vectors they are. */
export interface CollectionRef {
  readonly id: number
  readonly storage: Transaction
}

export class VectorCache {
  readonly #kept: LruCache<Kept>
  readonly #lanes: ChangeLanes
  /** In order of use, the latest last. */
  readonly #histories = new Map<number, CollectionHistory>()

  constructor(sizeMaxBytes: number, env: Pick<Env, 'random'>) {
    this.#kept = new LruCache(sizeMaxBytes)
    this.#lanes = new ChangeLanes(env)
  }

  /** The transaction is one of this database's, and has just begun. */
  watch(transaction: Transaction): void {
    registered.set(transaction, { cache: this, changes: this.#lanes.begin() })
  }

  metrics(): LruCacheMetrics {
    return this.#kept.metrics()
  }

  /** What the collection is as the transaction sees it; undefined when it must not use what is kept. */
  static async momentOf({ id, storage }: CollectionRef): Promise<Moment | undefined> {
    const { cache, changes } = registered.get(storage) ?? {}
    if (cache === undefined || changes === undefined || storage.mode === 'pessimistic') return undefined
    const { snapshotCount } = storage
    // Each read would be of a snapshot of its own.
    if (storage.isolation === 'read-committed' && snapshotCount === 0) return undefined
    const isSteady = (): boolean => !changes.has(id) && storage.snapshotCount === snapshotCount
    if (!isSteady()) return undefined
    const range = vectorKeys.lanes(id)
    const entries: Entry[] = []
    for await (const chunk of storage.scan(range, { chunkSize: LANES_CHUNK })) entries.push(...chunk)
    // What it has written meanwhile may be among them, which nobody else is to see.
    return isSteady() ? cache.#momentAt(id, entries, isSteady) : undefined
  }

  #momentAt(id: number, entries: readonly Entry[], isSteady: () => boolean): Moment | undefined {
    const history = this.#historyOf(id, entries)
    const at = history.timeOf(entries)
    if (at === undefined) return undefined
    if (entries.length > LANES_MAX) {
      const others = history.lanes.filter((name) => !this.#lanes.isOwn(name))
      if (others.length > 0) this.#lanes.noteExcess(id, others)
    }
    return new Moment(this.#kept, { id, history, at, isSteady })
  }

  #historyOf(id: number, entries: readonly Entry[]): CollectionHistory {
    const known = this.#histories.get(id)
    this.#histories.delete(id)
    const history = known?.isOf(entries) === true ? known : newHistory(id, entries)
    this.#histories.set(id, history)
    const [oldest] = this.#histories.keys()
    if (this.#histories.size > HISTORIES_MAX && oldest !== undefined) this.#histories.delete(oldest)
    return history
  }

  /**
   * Writes down what the transaction is about to change of the collection: to be called before the writes, without a
   * pause in between.
   */
  static noteChanges({ id, storage }: CollectionRef, env: Env, add: (touched: TouchedVectors) => void): void {
    const known = registered.get(storage)
    const where = { storage, collectionId: id }
    if (known !== undefined) known.cache.#lanes.note(where, known.changes, add)
    // Nobody remembers its lanes, so it makes new ones.
    else new ChangeLanes(env).note(where, new TransactionChanges(0), add)
  }
}

function newHistory(id: number, entries: readonly Entry[]): CollectionHistory {
  const nameStart = defined(vectorKeys.lanes(id).start, 'start of a prefix').length
  return new CollectionHistory(entries, nameStart)
}

/** Whether something is the same at two times that differ. */
type SameTest = (history: CollectionHistory, one: number, other: number) => boolean

interface MomentOptions {
  readonly id: number
  readonly history: CollectionHistory
  readonly at: number
  /** Whether the transaction still sees the collection as it did. */
  readonly isSteady: () => boolean
}

/** What is kept of a collection, as one transaction sees it. */
export class Moment {
  readonly #kept: LruCache<Kept>
  readonly #options: MomentOptions

  constructor(kept: LruCache<Kept>, options: MomentOptions) {
    this.#kept = kept
    this.#options = options
  }

  get sizeMaxBytes(): number {
    return this.#kept.sizeMaxBytes
  }

  /** The vectors of a partition. */
  partition(indexId: number, partition: number): readonly VectorRows[] | undefined {
    const name = this.#nameOf(indexId, partition)
    // `keepPartition` kept it.
    return this.#find(name, (history, one, other) => history.isSamePartition(partition, one, other)) as
      readonly VectorRows[] | undefined
  }

  /** Keeps what the transaction has read of a partition since the moment. */
  keepPartition(indexId: number, partition: number, rows: readonly VectorRows[]): void {
    this.#keep(this.#nameOf(indexId, partition), rows, sizeOf(rows))
  }

  /** What is stored of an index as a whole. */
  indexState(indexId: number): IndexState | undefined {
    // `keepIndexState` kept it.
    return this.#find(this.#nameOf(indexId), (history, one, other) => history.isSameIndex(one, other)) as
      IndexState | undefined
  }

  keepIndexState(indexId: number, state: IndexState): void {
    this.#keep(this.#nameOf(indexId), state, STATE_BYTES + GENERATION_BYTES * state.generations.length)
  }

  /** A record as it is stored. */
  record(id: string): Uint8Array | undefined {
    const isSame: SameTest = (history, one, other) => history.isSameRange(rangeOf(id), one, other)
    // `keepRecord` kept it.
    return this.#find(this.#nameOf(id), isSame) as Uint8Array | undefined
  }

  keepRecord(id: string, stored: Uint8Array): void {
    // A copy: it may be a small part of much that was read at once.
    this.#keep(this.#nameOf(id), new Uint8Array(stored), stored.byteLength)
  }

  /** All records there are, in parts; those that are not known to be the same have no rows. Undefined: nothing is kept. */
  records(): readonly (RecordPart | Gap)[] | undefined {
    const { history, at } = this.#options
    const kept = this.#kept.find(this.#recordsName)
    if (kept === undefined || kept.history !== history) {
      this.#kept.countMiss()
      return undefined
    }
    // `keepRecords` kept them.
    const parts = (kept.value as readonly RecordPart[]).map((part) => {
      if (!history.isSameRange(part, part.at, at)) return { start: part.start, end: part.end }
      part.at = Math.max(part.at, at)
      return part
    })
    if (parts.every((part) => 'rows' in part)) this.#kept.countHit()
    else this.#kept.countMiss()
    return parts
  }

  /** Keeps all records, of which those without a time were read by the transaction since the moment. */
  keepRecords(parts: readonly (RecordPart | FreshPart)[]): void {
    const { at } = this.#options
    const all = parts.map((part): RecordPart => ('at' in part ? part : { ...part, at }))
    const sizeBytes = all.reduce((sum, { rows, start }) => sum + PART_BYTES + start.length + sizeOf(rows), 0)
    this.#keep(this.#recordsName, all, sizeBytes)
  }

  #find(name: string, isSame: (history: CollectionHistory, one: number, other: number) => boolean): unknown {
    const { history, at } = this.#options
    const kept = this.#kept.find(name)
    if (kept === undefined || kept.history !== history || !isSame(history, kept.at, at)) {
      this.#kept.countMiss()
      return undefined
    }
    this.#kept.countHit()
    kept.at = Math.max(kept.at, at)
    return kept.value
  }

  #keep(name: string, value: unknown, sizeBytes: number): void {
    const { history, at, isSteady } = this.#options
    const known = this.#kept.find(name)
    const isNewer = known?.history === history && known.at > at
    if (isSteady() && !isNewer) this.#kept.set(name, { history, at, value }, sizeBytes)
  }

  get #recordsName(): string {
    return String(this.#options.id)
  }

  /** Of a partition, an index, or, as text, a record. */
  #nameOf(part: number | string, partition?: number): string {
    const { id } = this.#options
    if (typeof part === 'string') return `${id}:${part}`
    return partition === undefined ? `${id}/${part}` : `${id}/${part}/${partition}`
  }
}

/** Of one id alone. */
function rangeOf(id: string): { start: Uint8Array; end: Uint8Array } {
  const bytes = utf8(id)
  const end = new Uint8Array(bytes.length + 1)
  end.set(bytes)
  return { start: bytes, end }
}

function sizeOf(rows: readonly VectorRows[]): number {
  return rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
