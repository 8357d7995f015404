import { compareBytes, OrbitError, toHex, utf8 } from '@orbit-ts/base'
import type {
  CommitResult,
  Entry,
  GetOptions,
  IsolationLevel,
  KeyRange,
  LockOptions,
  Savepoint,
  ScanOptions,
  Transaction,
  TransactionMode,
} from '../provider.js'
import { managerKeys } from './residence.js'
import { objectId, objectName, objectRange, type StoredObject } from './stored-object.js'

/**
 * A transaction, narrowed to the keys of one object. While the object leaves its store, each change is noted with it,
 * so that the copy can be brought up to date.
 */
export class ObjectView implements Transaction {
  readonly #tx: Transaction
  readonly #object: StoredObject
  readonly #range: KeyRange
  /** Whoever notes: two changes of a key by different transactions have different notes. */
  readonly #note: Uint8Array | undefined

  constructor(tx: Transaction, object: StoredObject, note: string | undefined) {
    this.#tx = tx
    this.#object = object
    this.#range = objectRange(object)
    this.#note = note === undefined ? undefined : utf8(note)
  }

  get id(): string {
    return this.#tx.id
  }

  get isolation(): IsolationLevel {
    return this.#tx.isolation
  }

  get mode(): TransactionMode {
    return this.#tx.mode
  }

  get status(): Transaction['status'] {
    return this.#tx.status
  }

  async get(key: Uint8Array, options?: GetOptions): Promise<Uint8Array | undefined> {
    this.#requireOwn([key])
    return this.#tx.get(key, options)
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#requireOwn(keys)
    return this.#tx.getMany(keys)
  }

  /** Of a range that reaches beyond the object only what belongs to it. */
  scan(range: KeyRange, options?: ScanOptions): AsyncIterable<Entry[]> {
    return this.#tx.scan(intersection(range, this.#range), options)
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#requireOwn([key])
    this.#tx.put(key, value)
    this.#noteChange(key)
  }

  delete(key: Uint8Array): void {
    this.#requireOwn([key])
    this.#tx.delete(key)
    this.#noteChange(key)
  }

  insert(key: Uint8Array, value: Uint8Array): void {
    this.#requireOwn([key])
    this.#tx.insert(key, value)
    this.#noteChange(key)
  }

  async lock(keys: readonly Uint8Array[], options?: LockOptions): Promise<void> {
    this.#requireOwn(keys)
    return this.#tx.lock(keys, options)
  }

  endWaits(reason: OrbitError): void {
    this.#tx.endWaits(reason)
  }

  refresh(): Promise<void> {
    return this.#tx.refresh()
  }

  get snapshotCount(): number {
    return this.#tx.snapshotCount
  }

  savepoint(): Savepoint {
    return this.#tx.savepoint()
  }

  rollbackTo(savepoint: Savepoint): void {
    this.#tx.rollbackTo(savepoint)
  }

  release(savepoint: Savepoint): void {
    this.#tx.release(savepoint)
  }

  commit(): Promise<CommitResult> {
    return this.#tx.commit()
  }

  rollback(): Promise<void> {
    return this.#tx.rollback()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  #noteChange(key: Uint8Array): void {
    if (this.#note !== undefined) this.#tx.put(managerKeys.change(objectId(this.#object), key), this.#note)
  }

  #requireOwn(keys: readonly Uint8Array[]): void {
    const { start, end } = this.#range
    for (const key of keys) {
      const isOwn =
        (start === undefined || compareBytes(key, start) >= 0) &&
        (end === undefined || compareBytes(key, end) < 0)
      if (isOwn) continue
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `key ${toHex(key, 64)} is not of ${objectName(this.#object)}; ask for the object it belongs to`,
        { key: toHex(key) },
      )
    }
  }
}

function intersection(a: KeyRange, b: KeyRange): KeyRange {
  const start = later(a.start, b.start)
  const end = earlier(a.end, b.end)
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
}

function later(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareBytes(a, b) >= 0 ? a : b
}

function earlier(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareBytes(a, b) <= 0 ? a : b
}
