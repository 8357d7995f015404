import type { OrbitError } from '@orbit-ts/base'
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
} from '../../provider.js'
import { checkKey, checkKeys, checkRange, checkValue } from '../../transaction/arguments.js'
import type { OpenedThroughView, ViewState } from './view-state.js'

/** A transaction of the store below, whose keys all get the view's prefix. */
export class PrefixedTransaction implements Transaction, OpenedThroughView {
  readonly #tx: Transaction
  readonly #view: ViewState

  constructor(tx: Transaction, view: ViewState) {
    this.#tx = tx
    this.#view = view
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

  get ended(): boolean {
    return this.status !== 'active' && this.status !== 'committing'
  }

  async get(key: Uint8Array, options?: GetOptions): Promise<Uint8Array | undefined> {
    return this.#view.pass(this.#tx.get(this.#key(key), options))
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#view.pass(this.#tx.getMany(this.#keys(keys)))
  }

  async *scan(range: KeyRange, options?: ScanOptions): AsyncGenerator<Entry[]> {
    this.#view.check()
    checkRange(range)
    const { prefix } = this.#view
    try {
      for await (const chunk of this.#tx.scan(prefix.range(range), options))
        yield options?.valuesOnly === true ? chunk : prefix.stripAll(chunk)
    } catch (error) {
      throw this.#view.translate(error)
    }
  }

  put(key: Uint8Array, value: Uint8Array): void {
    const full = this.#key(key)
    checkValue(value, this.#view.limits)
    this.#call(() => this.#tx.put(full, value))
  }

  delete(key: Uint8Array): void {
    const full = this.#key(key)
    this.#call(() => this.#tx.delete(full))
  }

  insert(key: Uint8Array, value: Uint8Array): void {
    const full = this.#key(key)
    checkValue(value, this.#view.limits)
    this.#call(() => this.#tx.insert(full, value))
  }

  async lock(keys: readonly Uint8Array[], options?: LockOptions): Promise<void> {
    return this.#view.pass(this.#tx.lock(this.#keys(keys), options))
  }

  endWaits(reason: OrbitError): void {
    this.#tx.endWaits(reason)
  }

  async refresh(): Promise<void> {
    this.#view.check()
    return this.#view.pass(this.#tx.refresh())
  }

  get snapshotCount(): number {
    return this.#tx.snapshotCount
  }

  savepoint(): Savepoint {
    this.#view.check()
    return this.#call(() => this.#tx.savepoint())
  }

  rollbackTo(savepoint: Savepoint): void {
    this.#view.check()
    this.#call(() => this.#tx.rollbackTo(savepoint))
  }

  release(savepoint: Savepoint): void {
    this.#view.check()
    this.#call(() => this.#tx.release(savepoint))
  }

  async commit(): Promise<CommitResult> {
    this.#view.check()
    const release = this.#view.hold()
    try {
      return await this.#view.pass(this.#tx.commit())
    } finally {
      release()
      this.#view.remove(this)
    }
  }

  async rollback(): Promise<void> {
    this.#view.remove(this)
    return this.#view.pass(this.#tx.rollback())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  end(): Promise<void> {
    return this.#tx.rollback()
  }

  #key(key: Uint8Array): Uint8Array {
    this.#view.check()
    checkKey(key, this.#view.limits)
    return this.#view.prefix.add(key)
  }

  #keys(keys: readonly Uint8Array[]): Uint8Array[] {
    this.#view.check()
    checkKeys(keys, this.#view.limits)
    return keys.map((key) => this.#view.prefix.add(key))
  }

  #call<T>(call: () => T): T {
    try {
      return call()
    } catch (error) {
      throw this.#view.translate(error)
    }
  }
}
