import type { CatalogClass } from '../catalog-snapshot.js'
import type { QualifiedName } from './records.js'

/** A class that is made when it is first asked for. */
export interface ClassEntry extends QualifiedName {
  readonly oid: number
  readonly make: () => CatalogClass
}
