/**
 * One statement: rows inserted, changed and deleted, with all that follows from foreign keys.
 *
 * Invariants:
 * 1. `finish` comes before the statement's result is shown to anyone. Either the statement is there as a whole
 *    afterwards, or `runStatement` has undone all of its writes.
 * 2. A row that refers to another has that row's key locked `shared` before its existence is read; a row that goes has
 *    its key written. So of two transactions that do the one and the other, only one can commit.
 * 3. Actions (cascade, set null, set default) are done before anything is checked: what they mend is no violation.
 */
import { defined, toBinaryString } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import { queueWrite } from '../../../txn/write-queue.js'
import type { IndexLayout } from '../layout/index-layout.js'
import type { LayoutColumn, LayoutForeignKey, TableLayout, TableRow } from '../layout/table-layout.js'
import { resolveReference, type Reference } from '../layout/reference.js'
import type { Referrer, Tables } from '../layout/tables.js'
import type { ForeignKeyAction } from '../schema/table-input.js'
import { formatValue } from '../types/format-value.js'
import { findChildren, type ChildRow } from './child-rows.js'
import { defaultDatum } from './complete-rows.js'
import { isDeferredNow } from './constraint-modes.js'
import { DeferredChecks, handleText } from './deferred-checks.js'
import { checkRow, parseColumn } from './parse-rows.js'
import { ReferenceChecks, differ, hasKey, valuesAt } from './reference-checks.js'
import { RowStore, type RowChange } from './row-store.js'
import { UniqueChecks } from './unique-checks.js'

/** A row that is no longer there, or no longer has its values. */
interface Gone {
  readonly table: TableLayout
  readonly before: TableRow
  /** Undefined when the row was deleted. */
  readonly after: readonly Datum[] | undefined
}

/** Runs `work` as one statement: it happens with all its consequences, or not at all. */
export function runStatement<T>(tables: Tables, work: (statement: Statement) => Promise<T>): Promise<T> {
  return queueWrite(tables.context, async () => {
    const statement = new Statement(tables)
    const result = await work(statement)
    await statement.finish()
    return result
  })
}

function deferrableOf({ name, deferrable }: IndexLayout) {
  return { name, deferrable: true as const, deferred: deferrable === 'deferred' }
}

function isMoved(before: TableRow | undefined, after: TableRow): boolean {
  return before !== undefined && handleText(before.handle) !== handleText(after.handle)
}

export class Statement {
  readonly #tables: Tables
  readonly #rows: RowStore
  readonly #checks: ReferenceChecks
  readonly #uniqueChecks: UniqueChecks
  #gone: Gone[] = []

  constructor(tables: Tables) {
    this.#tables = tables
    this.#rows = new RowStore(tables)
    this.#checks = new ReferenceChecks(tables)
    this.#uniqueChecks = new UniqueChecks(tables)
  }

  /** Inserts complete rows. */
  async insert(table: TableLayout, rows: readonly (readonly Datum[])[]): Promise<TableRow[]> {
    if (rows.length === 0) return []
    const complete = rows.map((row) => table.withGenerated(row))
    for (const row of complete) checkRow(table, row, this.#tables.violations)
    const inserted = await this.#rows.insert(table, complete)
    for (const foreignKey of table.foreignKeys) this.#referring(table, foreignKey, inserted)
    for (const index of table.deferrable) this.#claiming(table, index, inserted)
    return inserted
  }

  async update(table: TableLayout, given: readonly RowChange[]): Promise<TableRow[]> {
    if (given.length === 0) return []
    const changes = given.map(({ before, after }) => ({ before, after: table.withGenerated(after) }))
    for (const { after } of changes) checkRow(table, after, this.#tables.violations)
    const updated = await this.#rows.update(table, changes)
    const moved = new Set(updated.filter((row, i) => isMoved(changes[i]?.before, row)))
    for (const foreignKey of table.foreignKeys) {
      const affected = updated.filter((row, i) =>
        differ(foreignKey.columns, changes[i]?.before.datums ?? [], row.datums),
      )
      this.#referring(table, foreignKey, affected)
      this.#following(table, foreignKey, moved)
    }
    for (const index of table.deferrable) {
      const affected = updated.filter((row, i) =>
        index.isAffected(changes[i]?.before.datums ?? [], row.datums),
      )
      this.#claiming(table, index, affected)
      if (moved.size > 0 && isDeferredNow(this.#tables.context, table, deferrableOf(index)))
        DeferredChecks.of(this.#tables).addUnique(table, index, [...moved])
    }
    for (const { before, after } of changes) {
      if (table.referable.some(({ position }) => before.datums[position] !== after[position]))
        this.#gone.push({ table, before, after })
    }
    return updated
  }

  async delete(table: TableLayout, rows: readonly TableRow[]): Promise<void> {
    await this.#rows.delete(table, rows)
    if (table.referable.length === 0) return
    for (const before of rows) this.#gone.push({ table, before, after: undefined })
  }

  /** Does what foreign keys ask for, then checks what is left. */
  async finish(): Promise<void> {
    while (this.#gone.length > 0) {
      const gone = this.#gone
      this.#gone = []
      for (const table of new Set(gone.map((row) => row.table))) {
        await this.#rowsGone(
          table,
          gone.filter((row) => row.table === table),
        )
      }
    }
    await this.#checks.run()
    await this.#uniqueChecks.run()
  }

  /** Rows whose values have to be theirs alone in the end. */
  #claiming(table: TableLayout, index: IndexLayout, rows: readonly TableRow[]): void {
    if (isDeferredNow(this.#tables.context, table, deferrableOf(index)))
      DeferredChecks.of(this.#tables).addUnique(table, index, rows)
    else this.#uniqueChecks.add(table, index, rows)
  }

  /** A check that waits knows its rows by where they are: it has to find those that have moved since. */
  #following(table: TableLayout, foreignKey: LayoutForeignKey, moved: ReadonlySet<TableRow>): void {
    if (moved.size > 0 && isDeferredNow(this.#tables.context, table, foreignKey))
      DeferredChecks.of(this.#tables).addChildren(table, foreignKey, [...moved])
  }

  #referring(table: TableLayout, foreignKey: LayoutForeignKey, rows: readonly TableRow[]): void {
    if (isDeferredNow(this.#tables.context, table, foreignKey))
      DeferredChecks.of(this.#tables).addChildren(table, foreignKey, rows)
    else this.#checks.addChildren(table, foreignKey, rows)
  }

  async #rowsGone(table: TableLayout, rows: readonly Gone[]): Promise<void> {
    for (const referrer of await this.#tables.referrers(table.name)) {
      const reference = resolveReference(referrer.child, referrer.foreignKey, table)
      const affected = rows.filter(
        ({ before, after }) =>
          hasKey(reference.columns, before) &&
          (after === undefined || differ(reference.columns, before.datums, after)),
      )
      const deleted = affected.filter(({ after }) => after === undefined)
      const changed = affected.filter(({ after }) => after !== undefined)
      if (deleted.length > 0) await this.#keysGone(referrer, reference, deleted, referrer.foreignKey.onDelete)
      if (changed.length > 0) await this.#keysGone(referrer, reference, changed, referrer.foreignKey.onUpdate)
    }
  }

  /** What a foreign key does about keys that rows had and have no longer. */
  async #keysGone(
    referrer: Referrer,
    reference: Reference,
    rows: readonly Gone[],
    action: ForeignKeyAction,
  ): Promise<void> {
    const { foreignKey } = referrer
    const keys = rows.map(({ before }) => valuesAt(reference.columns, before.datums))
    if (action === 'no action') {
      if (isDeferredNow(this.#tables.context, referrer.child, foreignKey))
        DeferredChecks.of(this.#tables).addParents(referrer, keys)
      else this.#checks.addParents(referrer, reference, keys)
      return
    }
    const child = await this.#tables.forWrite(referrer.child.name)
    const found = await this.#lockedChildren(child, foreignKey, keys, action === 'restrict' ? 1 : Infinity)
    if (found.length === 0) return
    if (action === 'restrict') {
      const values = keys[found[0]?.keyIndex ?? 0] ?? []
      throw this.#tables.violations.stillReferenced(reference, values, child, foreignKey.name)
    }
    const isDelete = action === 'cascade' && rows[0]?.after === undefined
    if (isDelete) {
      await this.delete(
        child,
        found.map(({ row }) => row),
      )
    } else {
      const changes: RowChange[] = []
      for (const each of found)
        changes.push(await this.#redirected(child, foreignKey, reference, each, action, rows))
      const updated = await this.update(child, changes)
      // The default may be the very key that is gone, so that nothing has changed and yet must be checked.
      if (action === 'set default') this.#checks.addChildren(child, foreignKey, updated)
    }
  }

  /** The children as they are when nobody else can change them: those that others change are waited for. */
  async #lockedChildren(
    child: TableLayout,
    foreignKey: LayoutForeignKey,
    keys: Parameters<typeof findChildren>[3],
    countMax: number,
  ): Promise<ChildRow[]> {
    const { storage } = this.#tables.context
    const locked = new Set<string>()
    for (;;) {
      const found = await findChildren(storage, child, foreignKey, keys, countMax)
      if (storage.isolation !== 'read-committed') return found
      const rowKeys = found.map(({ row }) => child.rowKey(row.handle))
      const open = rowKeys.filter((key) => !locked.has(toBinaryString(key)))
      if (open.length === 0) return found
      await storage.lock(open)
      for (const key of open) locked.add(toBinaryString(key))
    }
  }

  /** The child with the key that the action gives it. */
  async #redirected(
    child: TableLayout,
    foreignKey: LayoutForeignKey,
    reference: Reference,
    { row, keyIndex }: ChildRow,
    action: ForeignKeyAction,
    rows: readonly Gone[],
  ): Promise<RowChange> {
    const after = [...row.datums]
    const isDelete = rows[keyIndex]?.after === undefined
    for (const [i, column] of foreignKey.columns.entries()) {
      const { onDeleteColumns } = foreignKey
      if (isDelete && onDeleteColumns !== undefined && !onDeleteColumns.includes(column.id)) continue
      const parent = defined(reference.columns[i], 'the column referred to')
      const datum = rows[keyIndex]?.after?.[parent.position] ?? NULL_DATUM
      after[column.position] = await this.#newValue(child, column, action, formatValue(parent.type, datum))
    }
    return { before: row, after }
  }

  async #newValue(
    child: TableLayout,
    column: LayoutColumn,
    action: ForeignKeyAction,
    parentValue: unknown,
  ): Promise<Datum> {
    if (action === 'set null') return NULL_DATUM
    if (action === 'set default') {
      const { context } = this.#tables
      return column.sqlDefault === undefined
        ? defaultDatum(context, column)
        : child.defaultOf(column).evaluate(context)
    }
    // The column may be narrower than the one it refers to.
    return parseColumn(child, column, parentValue)
  }
}
