import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import { Rollups } from './rollup.js'
import type { SeriesDefinition } from './series-input.js'
import { seriesModel } from './series-model.js'
import { SeriesReader } from './series-reader.js'
import { SeriesRegistry } from './series-registry.js'

/** A collection of series in one transaction. */
export interface OpenSeries {
  readonly context: ModelContext
  readonly object: CatalogObject<SeriesDefinition>
  readonly reader: SeriesReader
  readonly registry: SeriesRegistry
  readonly rollups: Rollups
}

export async function openSeries(
  context: ModelContext,
  name: string,
  purpose: 'read' | 'write',
): Promise<OpenSeries> {
  const object =
    purpose === 'write'
      ? await context.objectForWrite(seriesModel, name)
      : await context.object(seriesModel, name)
  const reader = new SeriesReader(context, object)
  return {
    context,
    object,
    reader,
    registry: new SeriesRegistry(context, object),
    rollups: new Rollups(context, object, reader),
  }
}
