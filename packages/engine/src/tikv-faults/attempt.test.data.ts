import type { HistoryTransaction, Operation, Outcome } from '@orbit-ts/tikv/testing/histories'
import type { DatabaseTransaction } from '../txn/database-transaction.js'
import type { Cell } from './cell.test.data.js'

/** One run of a transaction, written down as its client sees it. */
export class Attempt {
  readonly id: number
  readonly client: string
  readonly label: string
  /** Records that it made, and those that it took away. */
  readonly made: number[] = []
  readonly removed: number[] = []
  readonly #begunAt: number
  readonly #operations: Operation[] = []

  constructor(id: number, client: string, label: string, begunAt: number) {
    this.id = id
    this.client = client
    this.label = label
    this.#begunAt = begunAt
  }

  async read(tx: DatabaseTransaction, cell: Cell): Promise<string> {
    const value = await cell.get(tx)
    this.#operations.push({ kind: 'read', key: cell.name, value, locked: false })
    return value
  }

  async write(tx: DatabaseTransaction, cell: Cell, value: string): Promise<void> {
    await cell.put(tx, value)
    this.#operations.push({ kind: 'write', key: cell.name, value })
  }

  closed(endedAt: number, outcome: Outcome, error: string | undefined): HistoryTransaction {
    return {
      id: this.id,
      client: this.client,
      label: this.label,
      mode: 'optimistic',
      isolation: 'snapshot',
      traits: [],
      startTs: undefined,
      commitTs: undefined,
      begunAt: this.#begunAt,
      endedAt,
      outcome,
      error,
      operations: [...this.#operations],
    }
  }
}
