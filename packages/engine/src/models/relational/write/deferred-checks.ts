import { hasCode, toBinaryString } from '@orbit-ts/base'
import type { Datum, Handle } from '@orbit-ts/storage'
import type { ModelContext } from '../../model.js'
import type { IndexLayout } from '../layout/index-layout.js'
import { resolveReference } from '../layout/reference.js'
import type { LayoutForeignKey, TableLayout, TableRow } from '../layout/table-layout.js'
import type { Referrer, Tables } from '../layout/tables.js'
import { TableReader } from '../read/table-reader.js'
import { ReferenceChecks } from './reference-checks.js'
import { UniqueChecks } from './unique-checks.js'

/** The same for the same handle. */
export function handleText(handle: Handle): string {
  return handle instanceof Uint8Array ? toBinaryString(handle) : String(handle)
}

type Named = Pick<LayoutForeignKey, 'name'>

/** What one deferred constraint has to look at when the transaction commits. */
interface Pending {
  readonly table: string
  readonly constraint: string
  readonly handles: Map<string, Handle>
  readonly goneKeys: (readonly Datum[])[]
}

const OF_CONTEXT = new WeakMap<ModelContext, DeferredChecks>()

/**
 * Foreign keys and unique constraints that are checked when the transaction commits. Only which rows to look at is
 * kept: the rows are read then, so that whatever was changed or undone in between counts as it is at the end.
 *
 * Tables and constraints are known by name: who changes a name runs the checks before.
 */
export class DeferredChecks {
  readonly #tables: Tables
  #pending = new Map<string, Pending>()
  /** Registered with the transaction. */
  #isAtCommit = false

  static of(tables: Tables): DeferredChecks {
    const known = OF_CONTEXT.get(tables.context)
    if (known !== undefined) return known
    const checks = new DeferredChecks(tables)
    OF_CONTEXT.set(tables.context, checks)
    return checks
  }

  private constructor(tables: Tables) {
    this.#tables = tables
  }

  addChildren(child: TableLayout, foreignKey: LayoutForeignKey, rows: readonly TableRow[]): void {
    this.#addRows(child, foreignKey, rows)
  }

  /** Rows that are new to the index of a unique constraint. */
  addUnique(table: TableLayout, index: IndexLayout, rows: readonly TableRow[]): void {
    this.#addRows(table, index, rows)
  }

  addParents({ child, foreignKey }: Referrer, keys: readonly (readonly Datum[])[]): void {
    this.#of(child, foreignKey).goneKeys.push(...keys)
  }

  /**
   * Checks now what has been deferred so far and is no longer to be.
   * @param isWanted of a table and its constraint, by name
   */
  async runSome(isWanted: (table: string, constraint: string) => boolean): Promise<void> {
    for (const [id, pending] of [...this.#pending]) {
      if (!isWanted(pending.table, pending.constraint)) continue
      await this.#check(pending)
      this.#pending.delete(id)
    }
  }

  #addRows(table: TableLayout, constraint: Named, rows: readonly TableRow[]): void {
    const { handles } = this.#of(table, constraint)
    for (const { handle } of rows) handles.set(handleText(handle), handle)
  }

  #of(table: TableLayout, { name }: Named): Pending {
    if (!this.#isAtCommit) this.#tables.context.beforeCommit(() => this.#run())
    this.#isAtCommit = true
    const id = JSON.stringify([table.name, name])
    const pending = this.#pending.get(id) ?? {
      table: table.name,
      constraint: name,
      handles: new Map(),
      goneKeys: [],
    }
    this.#pending.set(id, pending)
    return pending
  }

  async #run(): Promise<void> {
    const pending = [...this.#pending.values()]
    this.#pending = new Map()
    this.#isAtCommit = false
    for (const each of pending) await this.#check(each)
  }

  async #check(pending: Pending): Promise<void> {
    await this.#tables.context.renewDefinitions()
    const table = await this.#tableIfAny(pending.table)
    // The transaction itself may have dropped it, or the constraint.
    if (table === undefined) return
    const foreignKey = table.foreignKeys.find(({ name }) => name === pending.constraint)
    const index = table.indexes.find(({ name }) => name === pending.constraint)
    if (foreignKey !== undefined) await this.#checkReferences(table, foreignKey, pending)
    else if (index !== undefined) await this.#checkUnique(table, index, pending)
  }

  async #checkReferences(child: TableLayout, foreignKey: LayoutForeignKey, pending: Pending): Promise<void> {
    const parent = await this.#tables.get(foreignKey.references.table)
    const checks = new ReferenceChecks(this.#tables)
    checks.addChildren(child, foreignKey, await this.#rowsOf(child, pending))
    checks.addParents({ child, foreignKey }, resolveReference(child, foreignKey, parent), pending.goneKeys)
    await checks.run()
  }

  async #checkUnique(table: TableLayout, index: IndexLayout, pending: Pending): Promise<void> {
    const checks = new UniqueChecks(this.#tables)
    checks.add(table, index, await this.#rowsOf(table, pending))
    await checks.run()
  }

  /** Those that are still there. */
  async #rowsOf(table: TableLayout, { handles }: Pending): Promise<TableRow[]> {
    const rows = await new TableReader(this.#tables.context.storage, table).getMany([...handles.values()])
    return rows.filter((row) => row !== undefined)
  }

  async #tableIfAny(name: string): Promise<TableLayout | undefined> {
    try {
      return await this.#tables.get(name)
    } catch (error) {
      if (hasCode(error, 'OBJECT_NOT_FOUND')) return undefined
      throw error
    }
  }
}
