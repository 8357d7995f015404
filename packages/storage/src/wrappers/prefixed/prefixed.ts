/**
 * A key-prefixed view of a store: every key that passes through it gets the prefix, and nothing outside the prefix can
 * be seen or changed. Several views of one store share its transactions' rules: a transaction of one conflicts with
 * those of the store only where their whole keys meet.
 */
import { OrbitError } from '@orbit-ts/base'
import type {
  Capabilities,
  CommitResult,
  Health,
  ProviderKind,
  ProviderMetrics,
  Snapshot,
  SnapshotOptions,
  StorageProvider,
  TransactOptions,
  Transaction,
  TransactionOptions,
  WriteBatch,
  WriteOperation,
  WriteOptions,
} from '../../provider.js'
import { checkBatch, checkKey, checkValue } from '../../transaction/arguments.js'
import { KeyPrefix } from './key-prefix.js'
import { PrefixedSnapshot } from './prefixed-snapshot.js'
import { PrefixedTransaction } from './prefixed-transaction.js'
import { ViewState } from './view-state.js'

/**
 * The part of `provider` below `prefix`, as a store of its own. Closing the view ends what was opened through it and
 * leaves the store open. `metrics` are those of the whole store.
 *
 * The prefix is copied. Keys may be shorter by its length (`capabilities.keySizeMaxBytes`).
 * @throws INVALID_ARGUMENT when the prefix is not bytes, or longer than the store's longest key.
 */
export function prefixed(provider: StorageProvider, prefix: Uint8Array): StorageProvider {
  if (!(prefix instanceof Uint8Array)) {
    throw new OrbitError('INVALID_ARGUMENT', `prefix: a Uint8Array is expected, got ${typeof prefix}`, {
      field: 'prefix',
    })
  }
  const { keySizeMaxBytes } = provider.capabilities
  if (prefix.byteLength > keySizeMaxBytes) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `prefix: ${prefix.byteLength} bytes leave no room in keys of at most ${keySizeMaxBytes}; take a shorter one`,
      { field: 'prefix', sizeBytes: prefix.byteLength, sizeMaxBytes: keySizeMaxBytes },
    )
  }
  return new PrefixedProvider(provider, new KeyPrefix(prefix))
}

class PrefixedProvider implements StorageProvider {
  readonly capabilities: Capabilities
  readonly #provider: StorageProvider
  readonly #view: ViewState

  constructor(provider: StorageProvider, prefix: KeyPrefix) {
    const { keySizeMaxBytes, valueSizeMaxBytes } = provider.capabilities
    const limits = { keySizeMaxBytes: keySizeMaxBytes - prefix.sizeBytes, valueSizeMaxBytes }
    // Behind the prefix the store does not know its layout.
    this.capabilities = { ...provider.capabilities, ...limits, pushdown: false }
    this.#provider = provider
    this.#view = new ViewState(prefix, limits)
  }

  get kind(): ProviderKind {
    return this.#provider.kind
  }

  async begin(options?: TransactionOptions): Promise<Transaction> {
    this.#view.check()
    const tx = this.#wrap(await this.#view.pass(this.#provider.begin(options)))
    if (this.#view.closed) await tx.rollback()
    this.#view.check()
    return tx
  }

  async snapshot(options?: SnapshotOptions): Promise<Snapshot> {
    this.#view.check()
    const snapshot = new PrefixedSnapshot(await this.#view.pass(this.#provider.snapshot(options)), this.#view)
    if (this.#view.closed) await snapshot.close()
    this.#view.check()
    this.#view.add(snapshot)
    return snapshot
  }

  async transact<T>(work: (tx: Transaction) => Promise<T>, options?: TransactOptions): Promise<T> {
    this.#view.check()
    if (typeof work !== 'function') {
      throw new OrbitError('INVALID_ARGUMENT', `work: a function is expected, got ${typeof work}`, {
        field: 'work',
      })
    }
    // From the end of the closure on, the commit is under way and `close` must wait for it.
    let release = (): void => undefined
    const run = async (tx: Transaction): Promise<T> => {
      release()
      const result = await this.#work(tx, work)
      release = this.#view.hold()
      return result
    }
    try {
      return await this.#view.pass(this.#provider.transact(run, options))
    } finally {
      release()
    }
  }

  async write(batch: WriteBatch, options?: WriteOptions): Promise<CommitResult> {
    this.#view.check()
    checkBatch(batch)
    const full = batch.map((operation) => this.#operation(operation))
    const release = this.#view.hold()
    try {
      return await this.#view.pass(this.#provider.write(full, options))
    } finally {
      release()
    }
  }

  async health(): Promise<Health> {
    if (this.#view.closed) return { status: 'unhealthy', reason: 'the prefixed view is closed', latencyMs: 0 }
    return this.#provider.health()
  }

  metrics(): ProviderMetrics {
    return this.#provider.metrics()
  }

  close(): Promise<void> {
    return this.#view.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #operation(operation: WriteOperation): WriteOperation {
    const { limits, prefix } = this.#view
    checkKey(operation.key, limits)
    const key = prefix.add(operation.key)
    if (operation.type === 'delete') return { type: 'delete', key }
    checkValue(operation.value, limits)
    return { type: 'put', key, value: operation.value }
  }

  #wrap(tx: Transaction): PrefixedTransaction {
    const wrapped = new PrefixedTransaction(tx, this.#view)
    this.#view.add(wrapped)
    return wrapped
  }

  /** One run of a closure. What it throws is the caller's own business and passes as it is. */
  async #work<T>(tx: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#view.check()
    const wrapped = this.#wrap(tx)
    try {
      return await work(wrapped)
    } catch (error) {
      throw this.#view.keep(error)
    } finally {
      this.#view.remove(wrapped)
    }
  }
}
