import { hasCode, toBinaryString } from '@orbit-ts/base'
import type { Datum, Handle } from '@orbit-ts/storage'
import type { ModelContext } from '../../model.js'
import { resolveReference } from '../layout/reference.js'
import type { LayoutForeignKey, TableLayout, TableRow } from '../layout/table-layout.js'
import type { Referrer, Tables } from '../layout/tables.js'
import { TableReader } from '../read/table-reader.js'
import { ReferenceChecks } from './reference-checks.js'

/** What one deferred foreign key has to look at when the transaction commits. */
interface Pending {
  readonly child: string
  readonly foreignKey: string
  readonly handles: Map<string, Handle>
  readonly goneKeys: (readonly Datum[])[]
}

const OF_CONTEXT = new WeakMap<ModelContext, DeferredChecks>()

/**
 * Foreign keys that are checked when the transaction commits. Only which rows to look at is kept: the rows are read
 * then, so that whatever was changed or undone in between counts as it is at the end.
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
    const { handles } = this.#of(child, foreignKey)
    for (const { handle } of rows)
      handles.set(handle instanceof Uint8Array ? toBinaryString(handle) : String(handle), handle)
  }

  addParents({ child, foreignKey }: Referrer, keys: readonly (readonly Datum[])[]): void {
    this.#of(child, foreignKey).goneKeys.push(...keys)
  }

  /**
   * Checks now what has been deferred so far and is no longer to be.
   * @param isWanted of a table and its foreign key, by name
   */
  async runSome(isWanted: (child: string, foreignKey: string) => boolean): Promise<void> {
    for (const [id, pending] of [...this.#pending]) {
      if (!isWanted(pending.child, pending.foreignKey)) continue
      await this.#check(pending)
      this.#pending.delete(id)
    }
  }

  #of(child: TableLayout, foreignKey: LayoutForeignKey): Pending {
    if (!this.#isAtCommit) this.#tables.context.beforeCommit(() => this.#run())
    this.#isAtCommit = true
    const id = JSON.stringify([child.name, foreignKey.name])
    const pending = this.#pending.get(id) ?? {
      child: child.name,
      foreignKey: foreignKey.name,
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

  async #check({ child: name, foreignKey: key, handles, goneKeys }: Pending): Promise<void> {
    const child = await this.#tableIfAny(name)
    const foreignKey = child?.foreignKeys.find((candidate) => candidate.name === key)
    // The transaction itself may have dropped them.
    if (child === undefined || foreignKey === undefined) return
    const parent = await this.#tables.get(foreignKey.references.table)
    const checks = new ReferenceChecks(this.#tables)
    const rows = await new TableReader(this.#tables.context.storage, child).getMany([...handles.values()])
    checks.addChildren(
      child,
      foreignKey,
      rows.filter((row) => row !== undefined),
    )
    checks.addParents({ child, foreignKey }, resolveReference(child, foreignKey, parent), goneKeys)
    await checks.run()
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
