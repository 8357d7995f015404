import type { ObjectKind } from '../catalog/catalog-object.js'
import { collectionModel } from './document/collection-model.js'
import { graphModel } from './graph/graph-model.js'
import type { Model } from './model.js'
import { tableModel } from './relational/table-model.js'
import { seriesModel } from './timeseries/series-model.js'
import { vectorModel } from './vector/vector-model.js'

/** The five models by the kind of object they define. */
export const MODELS = {
  table: tableModel,
  collection: collectionModel,
  graph: graphModel,
  vectors: vectorModel,
  series: seriesModel,
} as const satisfies {
  [Kind in ObjectKind]: ({ readonly kind: Kind } & Model<never, never>) | { readonly kind: ObjectKind }
}
