import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import { Rollups } from './rollup.js'
import { SeriesGuards } from './series-guards.js'
import type { SeriesDefinition } from './series-input.js'
import { SeriesMemory } from './series-memory.js'
import { seriesModel } from './series-model.js'
import { SeriesReader } from './series-reader.js'
import { SeriesRegistry } from './series-registry.js'

/** A collection of series in one transaction. */
export interface OpenSeries {
  readonly context: ModelContext
  readonly object: CatalogObject<SeriesDefinition>
  readonly reader: SeriesReader
  readonly guards: SeriesGuards
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
  const memory = new SeriesMemory(context, object.id)
  const guards = new SeriesGuards(context, object, memory)
  return {
    context,
    object,
    reader,
    guards,
    registry: new SeriesRegistry(context, object, memory, guards),
    rollups: new Rollups(context, object, reader),
  }
}
