import type {
  DistributedCommitResult,
  DistributedTransaction,
} from '../distributed/distributed-transaction.js'
import type { Transaction } from '../provider.js'
import type { ObjectContext } from './selection-strategy.js'
import type { StoredObject } from './stored-object.js'

/**
 * A transaction over objects, wherever each of them is stored. With all of them in one store it commits there at once,
 * otherwise across the stores: see `DistributedTransactionCoordinator` for what that gives.
 */
export class ManagedTransaction implements AsyncDisposable {
  readonly #tx: DistributedTransaction
  readonly #open: (object: StoredObject, context: ObjectContext) => Promise<Transaction>

  constructor(
    tx: DistributedTransaction,
    open: (object: StoredObject, context: ObjectContext) => Promise<Transaction>,
  ) {
    this.#tx = tx
    this.#open = open
  }

  get id(): string {
    return this.#tx.id
  }

  get state(): DistributedTransaction['state'] {
    return this.#tx.state
  }

  /**
   * The transaction, narrowed to the keys of one object. An object without a store is given one first, by the
   * manager's strategy; `context` is what the strategy is told.
   * @throws TRANSACTION_CONFLICT: the object moves, or has moved; run the transaction again
   */
  on(object: StoredObject, context: ObjectContext = {}): Promise<Transaction> {
    return this.#open(object, context)
  }

  /** @throws as `DistributedTransaction.commit` */
  commit(): Promise<DistributedCommitResult> {
    return this.#tx.commit()
  }

  rollback(): Promise<void> {
    return this.#tx.rollback()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }
}
