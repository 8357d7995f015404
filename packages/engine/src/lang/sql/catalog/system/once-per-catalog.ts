import type { LoadedCatalog } from '../snapshot.js'

/** What is derived from a version of the catalog: made when it is first asked for, and kept as long as the version is. */
export function oncePerCatalog<T>(make: (catalog: LoadedCatalog) => T): (catalog: LoadedCatalog) => T {
  const known = new WeakMap<LoadedCatalog, { readonly made: T }>()
  return (catalog) => {
    let entry = known.get(catalog)
    if (entry === undefined) {
      entry = { made: make(catalog) }
      known.set(catalog, entry)
    }
    return entry.made
  }
}
