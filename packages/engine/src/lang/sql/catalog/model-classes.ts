/**
 * What other models hold, as tables of the schema `orbit`: a collection, a vector collection and a series under its own
 * name, a graph as `{name}_nodes` and `{name}_edges`. Of two with one name the first by kind (collection, graph, vector
 * collection, series) is shown.
 */
import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { Relation, RelationColumn } from '../../../relation/relation.js'
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
import { namedStatistics, type StoredGraphStatistics, type StoredStatistics } from './table-statistics.js'

export const MODELS_SCHEMA = 'orbit'

export function modelClasses(catalog: LoadedCatalog): ClassEntry[] {
  const entries = catalog.objects.flatMap((object) => entriesOf(object, catalog.statistics.get(object.id)))
  const names = new Set<string>()
  return entries.filter(({ name }) => !names.has(name) && names.add(name))
}

/** @param stored what ANALYZE has stored of the object */
function entriesOf(object: CatalogObject, stored: unknown): ClassEntry[] {
  const { name, id } = object
  const known = stored as StoredStatistics | undefined
  const parts = stored as StoredGraphStatistics | undefined
  switch (object.kind) {
    case 'collection':
      return [entry(name, objectOid(id), known, (place) => collectionRelation(object, place))]
    case 'graph':
      return [
        entry(`${name}_nodes`, objectOid(id), parts?.nodes, (place) => nodesRelation(object, place)),
        // A graph has no type of rows of its own.
        entry(`${name}_edges`, rowTypeOid(id), parts?.edges, (place) => edgesRelation(object, place)),
      ]
    case 'vectors':
      return [entry(name, objectOid(id), known, (place) => vectorsRelation(object, place))]
    case 'series':
      return [entry(name, objectOid(id), known, (place) => seriesRelation(object, place))]
    case 'table':
      return []
  }
}

type Place = Parameters<typeof collectionRelation>[1]

function entry(
  name: string,
  oid: number,
  known: StoredStatistics | undefined,
  make: (place: Place) => Relation,
): ClassEntry {
  const place = { oid, schema: MODELS_SCHEMA, name }
  const statistics = known && ((columns: readonly RelationColumn[]) => namedStatistics(known, columns))
  return {
    ...place,
    make: () => ({ kind: 'relation', relation: make({ ...place, statistics }), owner: SUPERUSER }),
  }
}
