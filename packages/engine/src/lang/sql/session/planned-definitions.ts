import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { StatementScope } from './statement-scope.js'

/**
 * Whether definitions are still what a statement was planned with, after locks that it has waited for moved it on to what
 * others have committed. One read for each such move; where others have changed the catalog, one for each object besides.
 */
export class PlannedDefinitions {
  readonly #scope: StatementScope
  /** The snapshot in which the catalog was last seen to be that of the plan. */
  #known: number
  /** The snapshot in which it was seen to be another one, and the objects that are what they were all the same. */
  #other = 0
  #same = new Set<number>()

  constructor(scope: StatementScope) {
    this.#scope = scope
    this.#known = scope.snapshot
  }

  /** Undefined: nothing can have changed. */
  isAsPlanned(object: CatalogObject): Promise<boolean> | undefined {
    const { context } = this.#scope
    const { snapshotCount } = context.storage
    if (snapshotCount === this.#known || context.isHeld(object)) return undefined
    if (snapshotCount === this.#other && this.#same.has(object.id)) return undefined
    return this.#look(object)
  }

  async #look(object: CatalogObject): Promise<boolean> {
    const { context, catalog } = this.#scope
    const { snapshotCount } = context.storage
    if (snapshotCount !== this.#other) {
      if ((await context.catalogVersion()) === catalog.version) {
        this.#known = snapshotCount
        return true
      }
      this.#other = snapshotCount
      this.#same = new Set()
    }
    const current = await context.currentObject(object)
    if (current?.id !== object.id || current.version !== object.version) return false
    this.#same.add(object.id)
    return true
  }
}
