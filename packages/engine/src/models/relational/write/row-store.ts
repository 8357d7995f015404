/**
 * Rows and their index entries, written together.
 *
 * Invariants:
 * 1. A row and exactly its entries are there, in the transaction's eyes, whenever a call has returned.
 * 2. What must be unique is read before it is written, so that the error comes with the statement, and written with
 *    `insert`, so that two transactions that saw it free cannot both commit.
 * 3. Of many rows that change at once all old entries go before the new ones are checked, so that values may be swapped,
 *    unless each row is to be checked when its turn comes.
 */
import { OrbitError, equalBytes, hasCode, toBinaryString } from '@orbit-ts/base'
import type { Datum, Handle } from '@orbit-ts/storage'
import type { ModelContext } from '../../model.js'
import { deletableEntries } from '../../../catalog/deletable-entries.js'
import type { IndexEntry, IndexLayout } from '../layout/index-layout.js'
import type { TableLayout, TableRow } from '../layout/table-layout.js'
import { takeRowIds } from './row-ids.js'
import type { Tables } from '../layout/tables.js'
import type { Violations } from './violations.js'

/** A row and the values it is to have. */
export interface RowChange {
  readonly before: TableRow
  readonly after: readonly Datum[]
}

/** A key that no other row may have. */
interface Claim {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly taken: () => OrbitError
}

interface Writes {
  readonly claims: Claim[]
  readonly puts: (IndexEntry | { readonly key: Uint8Array; readonly value: Uint8Array })[]
}

/** One row's part in a change of many. */
interface Turn {
  readonly givenUp: Uint8Array[]
  /** The first of its claims, which end where those of the next row begin. */
  readonly from: number
}

export class RowStore {
  readonly #context: ModelContext
  readonly #violations: Violations
  readonly #waits: boolean
  readonly #checksEachRow: boolean

  constructor({ context, violations, waitsForKeys, checksEachRow }: Tables) {
    this.#context = context
    this.#violations = violations
    this.#waits = waitsForKeys
    this.#checksEachRow = checksEachRow
  }

  /** @throws RECORD_EXISTS, UNIQUE_VIOLATION */
  insert(table: TableLayout, rows: readonly (readonly Datum[])[]): Promise<TableRow[]> {
    return namingTable(table, () => this.#insert(table, rows))
  }

  async #insert(table: TableLayout, rows: readonly (readonly Datum[])[]): Promise<TableRow[]> {
    const inserted =
      table.primaryKey === undefined
        ? this.#numbered(rows)
        : rows.map((datums) => ({ handle: table.handleOf(datums), datums }))
    const writes: Writes = { claims: [], puts: [] }
    for (const row of inserted) {
      if (table.primaryKey !== undefined) writes.claims.push(this.#rowClaim(table, row))
      for (const index of table.indexes)
        addEntry(writes, index.entry(row), () => this.#violations.unique(table, index, row.datums))
    }
    await this.#requireFree(writes.claims)
    // Hidden row ids are new: to look for them would be wasted.
    if (table.primaryKey === undefined)
      for (const row of inserted) writes.claims.push(this.#rowClaim(table, row))
    this.#write(writes)
    return inserted
  }

  /** @throws RECORD_EXISTS, UNIQUE_VIOLATION */
  update(table: TableLayout, changes: readonly RowChange[]): Promise<TableRow[]> {
    return namingTable(table, () => this.#update(table, changes))
  }

  async #update(table: TableLayout, changes: readonly RowChange[]): Promise<TableRow[]> {
    const writes: Writes = { claims: [], puts: [] }
    const removed = new Removals(this.#context)
    const turns: Turn[] = []
    const updated = changes.map(({ before, after }): TableRow => {
      const turn: Turn = { givenUp: [], from: writes.claims.length }
      turns.push(turn)
      const handle =
        table.primaryKey?.some(({ position }) => before.datums[position] !== after[position]) === true
          ? table.handleOf(after)
          : before.handle
      const row = { handle, datums: after }
      const moved = !sameHandle(handle, before.handle)
      if (moved) {
        const key = table.rowKey(before.handle)
        removed.row(key)
        turn.givenUp.push(key)
        writes.claims.push(this.#rowClaim(table, row))
      } else writes.puts.push({ key: table.rowKey(handle), value: table.encode(after) })
      for (const index of table.indexes) {
        if (!moved && !index.isAffected(before.datums, after)) continue
        const [old, entry] = [index.entry(before), index.entry(row)]
        if (
          old !== undefined &&
          entry !== undefined &&
          equalBytes(old.key, entry.key) &&
          equalBytes(old.value, entry.value)
        )
          continue
        removed.entry(index, old)
        if (old?.unique === true) turn.givenUp.push(old.key)
        addEntry(writes, entry, () => this.#violations.unique(table, index, after))
      }
      return row
    })
    if (this.#checksEachRow && changes.length > 1) await this.#requireFreeInTurn(writes.claims, turns)
    await removed.run()
    await this.#requireFree(writes.claims)
    this.#write(writes)
    return updated
  }

  async delete(table: TableLayout, rows: readonly TableRow[]): Promise<void> {
    const removed = new Removals(this.#context)
    for (const row of rows) {
      removed.row(table.rowKey(row.handle))
      for (const index of table.indexes) removed.entry(index, index.entry(row))
    }
    await removed.run()
  }

  #numbered(rows: readonly (readonly Datum[])[]): TableRow[] {
    let next = takeRowIds(this.#context.env, rows.length)
    return rows.map((datums) => ({ handle: next++, datums }))
  }

  async #requireFree(claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) return
    const seen = new Set<string>()
    for (const { key, taken } of claims) {
      const id = toBinaryString(key)
      if (seen.has(id)) throw taken()
      seen.add(id)
    }
    // Another transaction may be about to insert the same: who is first is known when it has ended.
    if (this.#waits) await this.#context.storage.lock(claims.map(({ key }) => key))
    const found = await this.#context.storage.getMany(claims.map(({ key }) => key))
    claims.forEach(({ taken }, i) => {
      if (found[i] !== undefined) throw taken()
    })
  }

  /** The rows change one after the other: what one gives up those after it may take. */
  async #requireFreeInTurn(claims: readonly Claim[], turns: readonly Turn[]): Promise<void> {
    if (claims.length === 0) return
    const keys = claims.map(({ key }) => key)
    if (this.#waits) await this.#context.storage.lock(keys)
    const found = await this.#context.storage.getMany(keys)
    const isTaken = new Map(keys.map((key, i) => [toBinaryString(key), found[i] !== undefined]))
    for (const [i, { givenUp, from }] of turns.entries()) {
      for (const key of givenUp) isTaken.set(toBinaryString(key), false)
      for (const { key, taken } of claims.slice(from, turns[i + 1]?.from)) {
        const id = toBinaryString(key)
        if (isTaken.get(id) === true) throw taken()
        isTaken.set(id, true)
      }
    }
  }

  #rowClaim(table: TableLayout, row: TableRow): Claim {
    const taken =
      table.primaryKey === undefined
        ? () => sameRowId(table)
        : () => this.#violations.rowExists(table, row.datums)
    return { key: table.rowKey(row.handle), value: table.encode(row.datums), taken }
  }

  #write({ claims, puts }: Writes): void {
    const { storage } = this.#context
    for (const { key, value } of puts) storage.put(key, value)
    for (const { key, value, taken } of claims) {
      storage.insert(key, value)
      this.#context.explainExisting(key, taken)
    }
  }
}

/** Rows and entries to delete. */
class Removals {
  readonly #storage: ModelContext['storage']
  readonly #keys: Uint8Array[] = []
  /** Entries that may be of another row; see `deletableEntries`. */
  readonly #contested: IndexEntry[] = []

  constructor({ storage }: ModelContext) {
    this.#storage = storage
  }

  row(key: Uint8Array): void {
    this.#keys.push(key)
  }

  entry(index: IndexLayout, entry: IndexEntry | undefined): void {
    if (entry === undefined) return
    if (entry.unique && !index.isReady) this.#contested.push(entry)
    else this.#keys.push(entry.key)
  }

  async run(): Promise<void> {
    const own = await deletableEntries(this.#storage, this.#contested)
    const keys = [...this.#keys, ...own.map(({ key }) => key)]
    // Without a snapshot only a lock keeps others from relying on what goes, until this transaction has ended.
    if (this.#storage.isolation === 'read-committed' && keys.length > 0) await this.#storage.lock(keys)
    for (const key of keys) this.#storage.delete(key)
  }
}

/** What the storage says of sizes, said of the table. */
export async function namingTable<T>(table: TableLayout, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!hasCode(error, 'KEY_TOO_LARGE') && !hasCode(error, 'VALUE_TOO_LARGE')) throw error
    throw new OrbitError(
      error.code,
      `${table.what}: ${error.reason}`,
      { ...error.details, ...table.details },
      { cause: error },
    )
  }
}

function addEntry({ claims, puts }: Writes, entry: IndexEntry | undefined, taken: () => OrbitError): void {
  if (entry === undefined) return
  if (entry.unique) claims.push({ ...entry, taken })
  else puts.push(entry)
}

function sameHandle(a: Handle, b: Handle): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b
}

/** Two processes drew the same hidden row id: another attempt draws another. */
function sameRowId(table: TableLayout): OrbitError {
  return new OrbitError(
    'TRANSACTION_CONFLICT',
    `${table.what}: another transaction inserted a row with the same hidden row id; run it again`,
    {
      ...table.details,
    },
  )
}
