import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { Model, ModelContext } from '../../model.js'
import type { TableDefinition } from '../schema/table-definition.js'
import { modelViolations, type Violations } from '../write/violations.js'
import { rowExpressions } from './row-expressions.js'
import { TableLayout, type LayoutForeignKey } from './table-layout.js'

export type TableObject = CatalogObject<TableDefinition>

/** A foreign key, seen from the table that it refers to. */
export interface Referrer {
  readonly child: TableLayout
  readonly foreignKey: LayoutForeignKey
}

export interface TablesOptions {
  /** Default: in the words of the typed API. */
  readonly violations?: Violations
  /** Default false: such a conflict shows when the later one commits. */
  readonly waitsForKeys?: boolean
  /**
   * A row that changes may not take a key that a row after it is yet to give up, as in PostgreSQL. Default false: keys
   * are compared when all rows of a change have their new ones.
   */
  readonly checksEachRow?: boolean
}

type TableModel = Model<never, TableDefinition> & { readonly kind: 'table' }

/** The names of a foreign key and of the table that has it. */
interface ReferrerName {
  readonly table: string
  readonly foreignKey: string
}

/** The foreign keys that refer to a table, by its name, as one transaction sees them: see `ModelContext.definitions`. */
const REFERRERS = new WeakMap<object, Map<string, Promise<readonly Referrer[]>>>()

/** The tables that a transaction sees. */
export class Tables {
  readonly context: ModelContext
  /** How violated constraints are reported. */
  readonly violations: Violations
  /** Keys that must be free are waited for while another transaction is about to take them. */
  readonly waitsForKeys: boolean
  readonly checksEachRow: boolean
  readonly #model: TableModel

  constructor(context: ModelContext, model: TableModel, options: TablesOptions = {}) {
    this.context = context
    this.violations = options.violations ?? modelViolations
    this.waitsForKeys = options.waitsForKeys === true
    this.checksEachRow = options.checksEachRow === true
    this.#model = model
  }

  /** @throws OBJECT_NOT_FOUND */
  async get(name: string): Promise<TableLayout> {
    return this.#layoutOf(await this.context.object(this.#model, name))
  }

  /** As `get`, with the definition protected until the transaction ends. */
  async forWrite(name: string): Promise<TableLayout> {
    return this.#layoutOf(await this.context.objectForWrite(this.#model, name))
  }

  /** The layout of an object that this transaction sees, ready to be written to. */
  async layoutOf(object: TableObject): Promise<TableLayout> {
    return this.#layoutOf(object)
  }

  /** The foreign keys that refer to a table. */
  async referrers(name: string): Promise<readonly Referrer[]> {
    // Only what is remembered can be out of date.
    if (REFERRERS.get(this.context.definitions)?.has(name) === true) await this.context.renewDefinitions()
    const { definitions } = this.context
    const known = REFERRERS.get(definitions) ?? new Map<string, Promise<readonly Referrer[]>>()
    REFERRERS.set(definitions, known)
    let referrers = known.get(name)
    if (referrers === undefined) {
      referrers = this.#findReferrers(name)
      known.set(name, referrers)
      referrers.catch(() => known.delete(name))
    }
    return referrers
  }

  /** This transaction has changed a definition: what was read of the catalog is no longer so. */
  forget(): void {
    REFERRERS.delete(this.context.definitions)
  }

  async #layoutOf(object: TableObject): Promise<TableLayout> {
    const layout = TableLayout.of(object)
    if (!layout.isCompiled) layout.compile(await rowExpressions(this.context))
    return layout
  }

  async #findReferrers(name: string): Promise<readonly Referrer[]> {
    const names = (await this.context.ofAllTables(this.#model, referrerNames)).get(name) ?? []
    const found: Referrer[] = []
    for (const { table, foreignKey: key } of names) {
      // Not what the names were taken from: this one has the layout that the transaction works with.
      const child = await this.get(table)
      const foreignKey = child.foreignKeys.find((candidate) => candidate.name === key)
      if (foreignKey !== undefined) found.push({ child, foreignKey })
    }
    return found
  }
}

/** By the table that is referred to. */
function referrerNames(tables: readonly TableObject[]): ReadonlyMap<string, readonly ReferrerName[]> {
  const found = new Map<string, ReferrerName[]>()
  for (const { name: table, definition } of tables) {
    for (const { name: foreignKey, references } of definition.foreignKeys) {
      found.set(references.table, [...(found.get(references.table) ?? []), { table, foreignKey }])
    }
  }
  return found
}
