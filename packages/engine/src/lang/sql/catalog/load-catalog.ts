import type { CatalogContents } from '../../../catalog/catalog.js'
import type { ModelContext } from '../../../models/model.js'
import { systemRegistry } from '../../../scalar/system-registry.js'
import { LoadedCatalog } from './snapshot.js'

/** The catalog as a transaction sees it now: one read while nothing has changed since it was last loaded. */
export function loadCatalog(context: ModelContext): Promise<LoadedCatalog> {
  return context.ofCatalog(fromContents)
}

/** One and the same function, so that what it makes is kept. */
function fromContents(contents: CatalogContents): LoadedCatalog {
  return new LoadedCatalog(contents, systemRegistry)
}
