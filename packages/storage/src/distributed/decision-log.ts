/**
 * The coordinator's durable records, kept in one of the stores. They alone decide what becomes of a transaction.
 *
 * Invariants:
 * 1. A record is there before anything of its transaction is prepared anywhere, and goes only when nothing of it is
 *    prepared any more, or when it is aborted. So what is prepared without a record is aborted (presumed abort).
 * 2. The only way to commit is to turn `Preparing` into `Committing`, the only way to abort is to remove `Preparing`;
 *    both compare and set, so exactly one of them happens, whoever tries and however often.
 */
import { hasCode, OrbitError, toHex, utf8, fromUtf8, type Env } from '@orbit-ts/base'
import type { Durability, StorageProvider, TransactOptions, Transaction } from '../provider.js'
import { distributedKeys } from './distributed-keys.js'
import { decodeDecision, encodeDecision, type DecisionRecord } from './distributed-records.js'

export type Outcome = 'committed' | 'aborted'

export class DecisionLog {
  /** Tells this log from every other: a participant never takes another log's silence for an abort. */
  readonly identity: string
  readonly #provider: StorageProvider

  private constructor(provider: StorageProvider, identity: string) {
    this.#provider = provider
    this.identity = identity
  }

  static async open(provider: StorageProvider, env: Env): Promise<DecisionLog> {
    const identity = await provider.transact(async (tx) => {
      const found = await tx.get(distributedKeys.identity)
      if (found !== undefined) return fromUtf8(found)
      const made = toHex(env.random.bytes(16))
      tx.put(distributedKeys.identity, utf8(made))
      return made
    }, strongest(provider))
    return new DecisionLog(provider, identity)
  }

  /** True when no other process can have this log open. */
  get isExclusive(): boolean {
    return !this.#provider.capabilities.distributed
  }

  async record(record: Omit<DecisionRecord, 'state'>): Promise<void> {
    const bytes = encodeDecision({ ...record, state: 'Preparing' })
    await this.#transact(async (tx) => tx.insert(distributedKeys.decision(record.id), bytes))
  }

  /**
   * Commits the transaction unless it was aborted. Only the transaction's owner may call it.
   * @param again true when an earlier call failed with COMMIT_UNDETERMINED
   * @throws COMMIT_UNDETERMINED when the log cannot say, now or ever, what that call did
   */
  async decide(id: string, again = false): Promise<Outcome> {
    try {
      const found = await this.#transact(async (tx) => {
        const record = await this.#read(tx, id)
        if (record?.state === 'Preparing') {
          tx.put(distributedKeys.decision(id), encodeDecision({ ...record, state: 'Committing' }))
        }
        return record
      })
      if (found !== undefined) return 'committed'
    } catch (error) {
      if (!hasCode(error, 'COMMIT_UNDETERMINED')) throw error
      return await this.#settleUndetermined(id, error)
    }
    // Without an earlier call nobody can have committed it. With one, others may have applied and forgotten it.
    if (again) throw undetermined(id)
    return 'aborted'
  }

  /** Aborts the transaction unless it was committed. Harmless when called again. */
  abort(id: string): Promise<Outcome> {
    return this.#transact(async (tx) => {
      const record = await this.#read(tx, id)
      if (record?.state === 'Committing') return 'committed'
      if (record !== undefined) tx.delete(distributedKeys.decision(id))
      return 'aborted'
    })
  }

  /** To be called when the committed transaction is applied everywhere. */
  async forget(id: string): Promise<void> {
    await this.#transact(async (tx) => {
      if ((await this.#read(tx, id))?.state === 'Committing') tx.delete(distributedKeys.decision(id))
    })
  }

  /** The records of those that have one. */
  async find(ids: readonly string[]): Promise<Map<string, DecisionRecord>> {
    await using tx = await this.#provider.begin()
    const found = await tx.getMany(ids.map(distributedKeys.decision))
    const records = new Map<string, DecisionRecord>()
    ids.forEach((id, at) => {
      const bytes = found[at]
      if (bytes !== undefined) records.set(id, decodeDecision(id, bytes))
    })
    return records
  }

  async list(): Promise<DecisionRecord[]> {
    await using tx = await this.#provider.begin()
    const records: DecisionRecord[] = []
    for await (const chunk of tx.scan(distributedKeys.decisions)) {
      for (const { key, value } of chunk) records.push(decodeDecision(idOf(key), value))
    }
    return records
  }

  /**
   * A write that competes with the undetermined one: whichever of the two takes effect, the other no longer can, so
   * what this one finds is final.
   */
  async #settleUndetermined(id: string, cause: OrbitError): Promise<Outcome> {
    let found: DecisionRecord | undefined
    try {
      found = await this.#transact(async (tx) => {
        const record = await this.#read(tx, id)
        if (record?.state === 'Preparing') tx.delete(distributedKeys.decision(id))
        return record
      })
    } catch {
      throw undetermined(id, cause)
    }
    if (found === undefined) throw undetermined(id, cause)
    return found.state === 'Committing' ? 'committed' : 'aborted'
  }

  async #read(tx: Transaction, id: string): Promise<DecisionRecord | undefined> {
    const bytes = await tx.get(distributedKeys.decision(id))
    return bytes === undefined ? undefined : decodeDecision(id, bytes)
  }

  #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#provider.transact(work, strongest(this.#provider))
  }
}

function undetermined(id: string, cause?: OrbitError): OrbitError {
  return new OrbitError(
    'COMMIT_UNDETERMINED',
    `the decision about transaction ${id} was being written when its store failed; the stores agree on one outcome when they are back`,
    { id },
    { cause },
  )
}

/** Options for writes that must outlive everything that the store can outlive. */
export function strongest(provider: StorageProvider): TransactOptions & { readonly durability?: Durability } {
  const [durability] = provider.capabilities.durability
  return durability === undefined ? {} : { durability }
}

/** Ids are hexadecimal, so the last part of a key is one. */
export function idOf(key: Uint8Array): string {
  const text = fromUtf8(key)
  return text.slice(text.lastIndexOf('.') + 1)
}
