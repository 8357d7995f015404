/**
 * What other models hold, as tables of the schema `orbit`: a collection, a vector collection and a series under its own
 * name, a graph as `{name}_nodes` and `{name}_edges`. Of two with one name the first by kind (collection, graph, vector
 * collection, series) is shown.
 */
import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { Relation } from '../../../relation/relation.js'
import {
  collectionRelation,
  edgesRelation,
  nodesRelation,
  seriesRelation,
  vectorsRelation,
} from '../../../relation/models/model-relations.js'
import type { ClassEntry } from './class-entry.js'
import { objectOid, rowTypeOid } from './oids.js'
import { SUPERUSER } from './roles.js'
import type { LoadedCatalog } from './snapshot.js'

export const MODELS_SCHEMA = 'orbit'

export function modelClasses(catalog: LoadedCatalog): ClassEntry[] {
  const entries = catalog.objects.flatMap((object) => entriesOf(object))
  const names = new Set<string>()
  return entries.filter(({ name }) => !names.has(name) && names.add(name))
}

function entriesOf(object: CatalogObject): ClassEntry[] {
  const { name, id } = object
  switch (object.kind) {
    case 'collection':
      return [entry(name, objectOid(id), (place) => collectionRelation(object, place))]
    case 'graph':
      return [
        entry(`${name}_nodes`, objectOid(id), (place) => nodesRelation(object, place)),
        // A graph has no type of rows of its own.
        entry(`${name}_edges`, rowTypeOid(id), (place) => edgesRelation(object, place)),
      ]
    case 'vectors':
      return [entry(name, objectOid(id), (place) => vectorsRelation(object, place))]
    case 'series':
      return [entry(name, objectOid(id), (place) => seriesRelation(object, place))]
    case 'table':
      return []
  }
}

function entry(
  name: string,
  oid: number,
  make: (place: { readonly oid: number; readonly schema: string; readonly name: string }) => Relation,
): ClassEntry {
  const place = { oid, schema: MODELS_SCHEMA, name }
  return { ...place, make: () => ({ kind: 'relation', relation: make(place), owner: SUPERUSER }) }
}
