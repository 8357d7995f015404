/**
 * What changes the rows of a table for queries: one `TableWrite` for one statement.
 *
 * Invariants:
 * 1. A row is locked before it is changed, and changed as it is then. When it is not what the statement has read, and
 *    the statement has not locked it and looked at it again, the statement fails with serialization_failure: no update
 *    is lost.
 * 2. The definition that the plan was made with is the one that holds: it is protected until the transaction ends.
 */
import { defined, equalBytes, hasCode, toBinaryString } from '@orbit-ts/base'
import { NULL_DATUM, relationalKeys, type Datum } from '@orbit-ts/storage'
import type { LayoutColumn, TableLayout, TableRow } from '../models/relational/layout/table-layout.js'
import { Tables } from '../models/relational/layout/tables.js'
import { rowDecoder as datumDecoder } from '../models/relational/read/table-reader.js'
import { tableModel } from '../models/relational/table-model.js'
import { Statement } from '../models/relational/write/statement.js'
import { queryError } from '../scalar/condition.js'
import type { Row, Value } from '../scalar/value.js'
import { EntryAccess } from './index-access.js'
import type { RelationContext, RelationWrite, RelationWriter, RowId, WriteRow } from './relation.js'
import { SqlDefaults } from './sql-defaults.js'
import { keyOfRow, storedOfRow, tableRowId } from './table-row-id.js'
import { staleRelation } from './stale-relation.js'
import type { TableRelation } from './table-relation.js'
import { TableViolations } from './table-violations.js'

type Conflict =
  { readonly inserted: Row } | { readonly existing: RowId; readonly row: Row; readonly wanted: Row }

/** A key that a row must be alone with; without `access` that of the row itself. */
interface Claim {
  readonly key: Uint8Array
  readonly access: EntryAccess | undefined
}

/** A row that is to be inserted unless it is in conflict with a stored one, or with one before it. */
interface Candidate {
  readonly datums: readonly Datum[]
  readonly claims: readonly Claim[]
  conflict?: { readonly claim: Claim; readonly value: Uint8Array } | Candidate
  inserted?: TableRow | undefined
}

export class TableWriter implements RelationWriter {
  readonly #relation: TableRelation

  constructor(relation: TableRelation) {
    this.#relation = relation
  }

  idKey(id: RowId): string {
    return toBinaryString(keyOfRow(id))
  }

  async begin(context: RelationContext): Promise<RelationWrite> {
    const { facts } = this.#relation
    const tables = new Tables(context.models, tableModel, {
      violations: new TableViolations(facts, context.scalar),
      waitsForKeys: true,
      checksEachRow: true,
    })
    const current = await context.models
      .objectForWrite(tableModel, facts.object.name)
      .catch((error: unknown) => {
        if (hasCode(error, 'OBJECT_NOT_FOUND')) throw staleRelation(this.#relation)
        throw error
      })
    if (current.id !== facts.object.id || current.version !== facts.object.version)
      throw staleRelation(this.#relation)
    return new TableWrite(this.#relation, await tables.layoutOf(current), tables, context)
  }
}

class TableWrite implements RelationWrite {
  readonly #relation: TableRelation
  readonly #layout: TableLayout
  readonly #context: RelationContext
  readonly #statement: Statement
  readonly #defaults: SqlDefaults
  /** What is stored of rows that this statement has locked, by key. */
  readonly #locked = new Map<string, Uint8Array | undefined>()
  readonly #ordinals: readonly number[]

  constructor(relation: TableRelation, layout: TableLayout, tables: Tables, context: RelationContext) {
    this.#relation = relation
    this.#layout = layout
    this.#context = context
    this.#statement = new Statement(tables)
    this.#defaults = new SqlDefaults(layout, relation.types, context, relation.facts.sequenceOf)
    this.#ordinals = layout.columns.map(({ position }) => position)
  }

  async insert(rows: readonly WriteRow[]): Promise<Row[]> {
    const complete = await this.#complete(rows)
    const inserted = await this.#statement.insert(
      this.#layout,
      complete.map((row) => this.#datums(row)),
    )
    return this.#withGenerated(complete, inserted)
  }

  async insertUnlessExists(
    rows: readonly WriteRow[],
    index: string | undefined,
  ): Promise<readonly Conflict[]> {
    const complete = await this.#complete(rows)
    const candidates = complete.map((row): Candidate => {
      const datums = this.#layout.withGenerated(this.#datums(row))
      return { datums, claims: this.#claims(datums, index) }
    })
    await this.#findConflicts(candidates)
    const free = candidates.filter(({ conflict }) => conflict === undefined)
    const inserted = await this.#statement.insert(
      this.#layout,
      free.map(({ datums }) => datums),
    )
    free.forEach((candidate, i) => (candidate.inserted = inserted[i]))
    return Promise.all(candidates.map((candidate, i) => this.#outcome(candidate, rows[i] ?? [], index)))
  }

  async update(
    changes: readonly { readonly id: RowId; readonly values: readonly (Value | undefined)[] }[],
  ): Promise<Row[]> {
    const before = await this.#current(changes.map(({ id }) => id))
    const found = changes.flatMap(({ values }, i) => {
      const row = before[i]
      return row === undefined ? [] : [{ before: row, after: this.#changed(row, values) }]
    })
    const updated = await this.#statement.update(this.#layout, found)
    return updated.map((row) => this.#values(row))
  }

  async delete(ids: readonly RowId[]): Promise<Row[]> {
    const rows = (await this.#current(ids)).filter((row) => row !== undefined)
    await this.#statement.delete(this.#layout, rows)
    return rows.map((row) => this.#values(row))
  }

  async defaults(ordinals: readonly number[], rowCount: number): Promise<Row[]> {
    const rows = Array.from({ length: rowCount }, (): (Value | undefined)[] => [])
    for (const ordinal of ordinals) await this.#defaults.fill(ordinal, rows)
    return rows.map((row) => ordinals.map((ordinal) => row[ordinal] ?? null))
  }

  async lock(
    ids: readonly RowId[],
    strength: 'update' | 'share',
    wait: 'block' | 'nowait' | 'skip',
  ): Promise<boolean[]> {
    const keys = ids.map(keyOfRow)
    const mode = strength === 'update' ? 'exclusive' : 'shared'
    const taken = wait === 'skip' ? await this.#lockFree(keys, mode) : keys
    if (wait !== 'skip') await this.#lockAll(keys, mode, wait)
    const stored = await this.#context.models.storage.getMany(taken)
    const held = new Set<string>()
    taken.forEach((key, i) => {
      const id = toBinaryString(key)
      if (strength === 'update') this.#locked.set(id, stored[i])
      if (stored[i] !== undefined) held.add(id)
    })
    return keys.map((key) => held.has(toBinaryString(key)))
  }

  hasChanged(id: RowId): boolean {
    const stored = this.#locked.get(toBinaryString(keyOfRow(id)))
    return stored === undefined || !equalBytes(stored, storedOfRow(id))
  }

  finish(): Promise<void> {
    return this.#statement.finish()
  }

  async #lockAll(
    keys: readonly Uint8Array[],
    mode: 'exclusive' | 'shared',
    wait: 'block' | 'nowait',
  ): Promise<void> {
    try {
      await this.#context.models.storage.lock(keys, {
        mode,
        wait: wait === 'nowait' ? 'nowait' : 'default',
      })
    } catch (error) {
      if (wait !== 'nowait' || !hasCode(error, 'LOCK_NOT_AVAILABLE')) throw error
      throw queryError(
        'lock_not_available',
        `could not obtain lock on row in relation "${this.#relation.name}"`,
        {},
        error,
      )
    }
  }

  /** Those that nobody holds. */
  async #lockFree(keys: readonly Uint8Array[], mode: 'exclusive' | 'shared'): Promise<Uint8Array[]> {
    const { storage } = this.#context.models
    const free: Uint8Array[] = []
    for (const key of keys) {
      try {
        await storage.lock([key], { mode, wait: 'nowait' })
        free.push(key)
      } catch (error) {
        if (!hasCode(error, 'LOCK_NOT_AVAILABLE')) throw error
      }
    }
    return free
  }

  /** The rows as they are, locked; undefined for those that are gone. */
  async #current(ids: readonly RowId[]): Promise<(TableRow | undefined)[]> {
    const keys = ids.map(keyOfRow)
    const open = keys.filter((key) => !this.#locked.has(toBinaryString(key)))
    if (open.length > 0) await this.#lockUnlocked(ids, open)
    const decode = datumDecoder(this.#layout)
    const rows = keys.map((key) => {
      const stored = this.#locked.get(toBinaryString(key))
      return stored === undefined ? undefined : decode(relationalKeys.rowHandle(key), stored, key)
    })
    // What follows changes them.
    for (const key of keys) this.#locked.delete(toBinaryString(key))
    return rows
  }

  /** Rows that the statement has not locked before: nobody may have changed them since they were read. */
  async #lockUnlocked(ids: readonly RowId[], keys: readonly Uint8Array[]): Promise<void> {
    const { storage } = this.#context.models
    await storage.lock(keys)
    const stored = await storage.getMany(keys)
    keys.forEach((key, i) => this.#locked.set(toBinaryString(key), stored[i]))
    if (storage.isolation !== 'read-committed') return
    const wanted = new Set(keys.map(toBinaryString))
    for (const id of ids) {
      const key = toBinaryString(keyOfRow(id))
      if (wanted.has(key) && this.#locked.get(key) !== undefined && this.hasChanged(id))
        throw queryError('serialization_failure', 'could not serialize access due to concurrent update')
    }
  }

  #changed({ datums }: TableRow, values: readonly (Value | undefined)[]): Datum[] {
    return datums.map((datum, position) => {
      const value = values[position]
      return value === undefined ? datum : this.#datum(position, value)
    })
  }

  /** What is in the way of each row: one that is stored, or one before it. */
  async #findConflicts(candidates: readonly Candidate[]): Promise<void> {
    const { storage } = this.#context.models
    const keys = candidates.flatMap(({ claims }) => claims.map(({ key }) => key))
    await storage.lock(keys)
    const found = await storage.getMany(keys)
    const taken = new Map<string, Candidate>()
    let at = 0
    for (const candidate of candidates) {
      const values = found.slice(at, at + candidate.claims.length)
      at += candidate.claims.length
      const ids = candidate.claims.map(({ key }) => toBinaryString(key))
      const before = ids.map((id) => taken.get(id)).find((other) => other !== undefined)
      const stored = values.findIndex((value) => value !== undefined)
      const [claim, value] = [candidate.claims[stored], values[stored]]
      if (claim !== undefined && value !== undefined) candidate.conflict = { claim, value }
      else if (before !== undefined) candidate.conflict = before
      else for (const id of ids) taken.set(id, candidate)
    }
  }

  async #outcome(
    { datums, conflict, inserted }: Candidate,
    given: WriteRow,
    index: string | undefined,
  ): Promise<Conflict> {
    if (conflict === undefined) return { inserted: this.#values(defined(inserted, 'the inserted row')) }
    const wanted = this.#values({ datums })
    if ('datums' in conflict) {
      const { handle, datums: existing } = defined(conflict.inserted, 'the row before it')
      const id = tableRowId(this.#layout.rowKey(handle), this.#layout.encode(existing))
      return { existing: id, row: this.#values({ datums: existing }), wanted }
    }
    const { key, access } = conflict.claim
    const rowKey = access === undefined ? key : access.rowKeyOf({ key, value: conflict.value })
    const stored = access === undefined ? conflict.value : await this.#lockedRow(rowKey)
    if (stored === undefined) {
      // Gone between the look at the index and the lock: there is nothing in the way any more.
      const [again] = await this.insertUnlessExists([given], index)
      return defined(again, 'the outcome')
    }
    this.#locked.set(toBinaryString(rowKey), stored)
    return {
      existing: tableRowId(rowKey, stored),
      row: this.#relation.decoder(this.#ordinals).decode(rowKey, stored),
      wanted,
    }
  }

  async #lockedRow(key: Uint8Array): Promise<Uint8Array | undefined> {
    const { storage } = this.#context.models
    await storage.lock([key])
    return storage.get(key)
  }

  /** The keys that the row must be alone with. */
  #claims(datums: readonly Datum[], index: string | undefined): Claim[] {
    const layout = this.#layout
    const isWanted = (name: string): boolean => index === undefined || index === name
    const claims: Claim[] = []
    if (layout.primaryKey !== undefined && isWanted(layout.primaryKeyName)) {
      this.#requireKey(layout.primaryKey, datums)
      claims.push({ key: layout.rowKey(layout.handleOf(datums)), access: undefined })
    }
    for (const each of layout.indexes) {
      const key = isWanted(each.name) ? each.claimOf(datums) : undefined
      if (key === undefined) continue
      const access = this.#relation.access(each.name)
      if (access instanceof EntryAccess) claims.push({ key, access })
    }
    return claims
  }

  #requireKey(columns: readonly LayoutColumn[], datums: readonly Datum[]): void {
    for (const column of columns) {
      if (datums[column.position]?.kind === 'null')
        throw new TableViolations(this.#relation.facts, this.#context.scalar).notNull(
          this.#layout,
          column,
          datums,
        )
    }
  }

  /** The rows with defaults in place of what is not given. */
  async #complete(rows: readonly WriteRow[]): Promise<Row[]> {
    const complete = rows.map((row) => [...row])
    if (complete.length > 1 && this.#defaults.isRowByRow) for (const row of complete) await this.#fill([row])
    else await this.#fill(complete)
    // Every column was filled.
    return complete as Row[]
  }

  async #fill(rows: readonly (Value | undefined)[][]): Promise<void> {
    for (const { position } of this.#layout.columns) {
      const open = rows.filter((row) => row[position] === undefined)
      if (open.length > 0) await this.#defaults.fill(position, open)
    }
  }

  #datums(row: Row): Datum[] {
    return row.map((value, position) => this.#datum(position, value))
  }

  #datum(position: number, value: Value): Datum {
    return value === null
      ? NULL_DATUM
      : defined(this.#relation.types.forms[position], 'the form of the column').toDatum(value)
  }

  #withGenerated(rows: readonly Row[], stored: readonly TableRow[]): Row[] {
    const { generated } = this.#layout
    if (generated.length > 0) {
      rows.forEach((row, i) => {
        for (const { column } of generated)
          row[column.position] = this.#value(column.position, stored[i]?.datums[column.position])
      })
    }
    return [...rows]
  }

  #values({ datums }: Pick<TableRow, 'datums'>): Row {
    return datums.map((datum, position) => this.#value(position, datum))
  }

  #value(position: number, datum: Datum | undefined): Value {
    if (datum === undefined || datum.kind === 'null') return null
    return defined(this.#relation.types.forms[position], 'the form of the column').toValue(datum)
  }
}
