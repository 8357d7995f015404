import { defined, fromUtf8, utf8 } from '@orbit-ts/base'
import type { Transaction } from '../../txn/transaction.js'
import type { TransactionOptions } from '../../txn/transaction-options.js'
import type { HistoryTransaction, Operation, Outcome } from './history.js'

/** What a workload does in a transaction. */
export interface HistoryOperations {
  /** The writer to name in values. */
  readonly id: number
  get(key: string): Promise<string | undefined>
  getAll(keys: readonly string[]): Promise<(string | undefined)[]>
  /** As `get`, for a value that a write is based on: a pessimistic transaction locks the key. */
  getForUpdate(key: string): Promise<string | undefined>
  /** All rows of `[start, end)`, in key order. */
  scan(
    start: string,
    end: string,
    options?: { readonly reverse?: boolean },
  ): Promise<readonly (readonly [string, string])[]>
  put(key: string, value: string): void
  delete(key: string): void
}

export interface TransactionFacts {
  readonly client: string
  readonly label: string
  readonly options: TransactionOptions
}

/** Writes down what clients see. */
export class Recorder {
  readonly #open = new Map<number, OpenTransaction>()
  readonly #done: HistoryTransaction[] = []
  #lastId = -1
  #moment = 0

  /** Transactions in the order in which they began. Those still open have an unknown outcome. */
  get history(): readonly HistoryTransaction[] {
    const open = [...this.#open.values()].map((one) =>
      one.closed(Infinity, 'undetermined', undefined, 'none'),
    )
    return [...this.#done, ...open].sort((a, b) => a.id - b.id)
  }

  begin(facts: TransactionFacts): OpenTransaction {
    const id = ++this.#lastId
    const open = new OpenTransaction(id, ++this.#moment, facts)
    this.#open.set(id, open)
    return open
  }

  end(
    open: OpenTransaction,
    outcome: Outcome,
    commitTs: bigint | undefined,
    error: string | undefined,
  ): void {
    this.#open.delete(open.id)
    this.#done.push(open.closed(++this.#moment, outcome, commitTs, error))
  }
}

export class OpenTransaction implements HistoryOperations {
  readonly id: number
  readonly #begunAt: number
  readonly #facts: TransactionFacts
  readonly #operations: Operation[] = []
  #transaction: Transaction | undefined
  readonly #locked = new Set<string>()

  constructor(id: number, begunAt: number, facts: TransactionFacts) {
    this.id = id
    this.#begunAt = begunAt
    this.#facts = facts
  }

  get startTs(): bigint | undefined {
    return this.#transaction?.startTs
  }

  attach(transaction: Transaction): void {
    this.#transaction = transaction
  }

  async get(key: string): Promise<string | undefined> {
    return this.#read(key, await this.#attached.get(utf8(key)), this.#locked.has(key))
  }

  async getAll(keys: readonly string[]): Promise<(string | undefined)[]> {
    const values = await this.#attached.batchGet(keys.map(utf8))
    return keys.map((key, at) => this.#read(key, values[at], this.#locked.has(key)))
  }

  async getForUpdate(key: string): Promise<string | undefined> {
    if (this.#facts.options.mode !== 'pessimistic') return this.get(key)
    const value = await this.#attached.getForUpdate(utf8(key))
    this.#locked.add(key)
    return this.#read(key, value, true)
  }

  async scan(
    start: string,
    end: string,
    options: { readonly reverse?: boolean } = {},
  ): Promise<readonly (readonly [string, string])[]> {
    const rows: (readonly [string, string])[] = []
    for await (const chunk of this.#attached.scan({ start: utf8(start), end: utf8(end) }, options)) {
      rows.push(...chunk.map(({ key, value }) => [fromUtf8(key), fromUtf8(value)] as const))
    }
    if (options.reverse === true) rows.reverse()
    this.#operations.push({ kind: 'range', start, end, rows })
    return rows
  }

  put(key: string, value: string): void {
    this.#attached.put(utf8(key), utf8(value))
    this.#operations.push({ kind: 'write', key, value })
  }

  delete(key: string): void {
    this.#attached.delete(utf8(key))
    this.#operations.push({ kind: 'write', key, value: undefined })
  }

  closed(
    endedAt: number,
    outcome: Outcome,
    commitTs: bigint | undefined,
    error: string | undefined,
  ): HistoryTransaction {
    const { client, label, options } = this.#facts
    return {
      id: this.id,
      client,
      label,
      mode: options.mode ?? 'optimistic',
      isolation: options.isolation ?? 'snapshot',
      traits: traitsOf(options),
      startTs: this.startTs,
      commitTs,
      begunAt: this.#begunAt,
      endedAt,
      outcome,
      error,
      operations: [...this.#operations],
    }
  }

  get #attached(): Transaction {
    return defined(this.#transaction, 'a transaction that has begun')
  }

  #read(key: string, found: Uint8Array | undefined, locked: boolean): string | undefined {
    const value = found === undefined ? undefined : fromUtf8(found)
    this.#operations.push({ kind: 'read', key, value, locked })
    return value
  }
}

function traitsOf({ asyncCommit, onePc, pipelined = false }: TransactionOptions): string[] {
  const traits = {
    'async-commit': asyncCommit === true,
    'one-pc': onePc === true,
    pipelined: pipelined !== false,
  }
  return Object.entries(traits).flatMap(([name, wanted]) => (wanted ? [name] : []))
}
