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

type TableModel = Model<never, TableDefinition>

/** All foreign keys of the catalog by the table they refer to, as one transaction sees them. */
const REFERRERS = new WeakMap<ModelContext, Promise<ReadonlyMap<string, readonly Referrer[]>>>()

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
  async referrers(name: string): Promise<readonly Referrer[]> {
    let known = REFERRERS.get(this.context)
    if (known === undefined) {
      known = this.#allReferrers()
      REFERRERS.set(this.context, known)
      known.catch(() => REFERRERS.delete(this.context))
    }
    return (await known).get(name) ?? []
  }

  /** This transaction has changed a definition: what was read of the catalog is no longer so. */
  forget(): void {
    REFERRERS.delete(this.context)
  }

  async #allReferrers(): Promise<ReadonlyMap<string, readonly Referrer[]>> {
    const found = new Map<string, Referrer[]>()
    for (const object of await this.context.objects(this.#model)) {
      if (object.definition.foreignKeys.length === 0) continue
      // Not the object of the list itself: this one is known already in most cases, with its layout.
      const child = await this.get(object.name)
      for (const foreignKey of child.foreignKeys) {
        const { table } = foreignKey.references
        found.set(table, [...(found.get(table) ?? []), { child, foreignKey }])
      }
    }
    return found
  }
}
