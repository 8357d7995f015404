import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { Model, ModelContext } from '../../model.js'
import type { TableDefinition } from '../schema/table-definition.js'
import { TableLayout, type LayoutForeignKey } from './table-layout.js'

export type TableObject = CatalogObject<TableDefinition>

/** A foreign key, seen from the table that it refers to. */
export interface Referrer {
  readonly child: TableLayout
  readonly foreignKey: LayoutForeignKey
}

type TableModel = Model<never, TableDefinition> & { readonly kind: 'table' }

/** The names of a foreign key and of the table that has it. */
interface ReferrerName {
  readonly table: string
  readonly foreignKey: string
}

/** The foreign keys that refer to a table, by its name, as one transaction sees them. */
const REFERRERS = new WeakMap<ModelContext, Map<string, Promise<readonly Referrer[]>>>()

/** The tables that a transaction sees. */
export class Tables {
  readonly context: ModelContext
  readonly #model: TableModel

  constructor(context: ModelContext, model: TableModel) {
    this.context = context
    this.#model = model
  }

  /** @throws OBJECT_NOT_FOUND */
  async get(name: string): Promise<TableLayout> {
    return TableLayout.of(await this.context.object(this.#model, name))
  }

  /** As `get`, with the definition protected until the transaction ends. */
  async forWrite(name: string): Promise<TableLayout> {
    return TableLayout.of(await this.context.objectForWrite(this.#model, name))
  }

  /** The foreign keys that refer to a table. */
  referrers(name: string): Promise<readonly Referrer[]> {
    const known = REFERRERS.get(this.context) ?? new Map<string, Promise<readonly Referrer[]>>()
    REFERRERS.set(this.context, known)
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
    REFERRERS.delete(this.context)
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
