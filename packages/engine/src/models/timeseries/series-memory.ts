/**
 * What is remembered of series: beside all transactions the ids of combinations of tags, and of a transaction what it
 * has done itself.
 *
 * Invariants:
 * 1. An id is remembered as it was read from the store, and never where this transaction itself may have given it: that
 *    can be undone. Once committed it stays: a series goes with its collection only, whose id is never used again.
 * 2. That an id is remembered does not say that a transaction, whose snapshot may be older, sees the series.
 */
import { LruCache } from '../../cache/lru-cache.js'
import type { ModelContext } from '../model.js'

/** Of all collections of a database. */
const SIZE_MAX_BYTES = 16 * 1024 * 1024
const ID_BYTES = 8

interface DatabaseMemory {
  readonly ids: LruCache<number>
  lastTurn: number
}

interface TransactionMemory {
  readonly created: Set<string>
  turn: number | undefined
}

const DATABASES = new WeakMap<object, DatabaseMemory>()
const TRANSACTIONS = new WeakMap<ModelContext, TransactionMemory>()

/** Of the series of one collection. Names are those of `exactName`. */
export class SeriesMemory {
  readonly #context: ModelContext
  readonly #collectionId: number
  readonly #database: DatabaseMemory

  constructor(context: ModelContext, collectionId: number) {
    this.#context = context
    this.#collectionId = collectionId
    this.#database = remembered(DATABASES, context.database, () => ({
      ids: new LruCache(SIZE_MAX_BYTES),
      lastTurn: 0,
    }))
  }

  /** A number that goes up by one from each transaction that asks for it to the next, and stays the same for it. */
  get turn(): number {
    return (this.#transaction().turn ??= ++this.#database.lastTurn)
  }

  /** Undefined also where this transaction has created the series, maybe under another id: its own is in the store. */
  find(name: string): number | undefined {
    const key = this.#keyOf(name)
    return this.#hasCreated(key) ? undefined : this.#database.ids.find(key)
  }

  /** What was read of the store, as this transaction shows it. */
  noteRead(name: string, id: number): void {
    const key = this.#keyOf(name)
    if (!this.#hasCreated(key)) this.#database.ids.set(key, id, ID_BYTES)
  }

  noteCreated(name: string): void {
    this.#transaction().created.add(this.#keyOf(name))
  }

  forget(name: string): void {
    this.#database.ids.invalidate(this.#keyOf(name))
  }

  #hasCreated(key: string): boolean {
    return TRANSACTIONS.get(this.#context)?.created.has(key) === true
  }

  #transaction(): TransactionMemory {
    return remembered(TRANSACTIONS, this.#context, () => ({ created: new Set(), turn: undefined }))
  }

  #keyOf(name: string): string {
    return `${this.#collectionId} ${name}`
  }
}

function remembered<Key extends object, Value>(
  memory: WeakMap<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  let value = memory.get(key)
  if (value === undefined) memory.set(key, (value = make()))
  return value
}
