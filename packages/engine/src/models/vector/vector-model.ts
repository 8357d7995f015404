import { vectorKeys } from '@orbit-ts/storage'
import type { Model } from '../model.js'
import { defineVectors, evolveVectors } from './define-vectors.js'
import { addIndex, removeIndex } from './index/index-lifetime.js'
import type { VectorsDefinition } from './vectors-definition.js'
import type { VectorsInput } from './vectors-input.js'

/** The vector model, as the catalog sees it. */
export const vectorModel: Model<VectorsInput, VectorsDefinition> = {
  kind: 'vectors',
  define: defineVectors,
  evolve: evolveVectors,

  async afterChange(context, before, after) {
    const [old, now] = [before.definition.index, after.definition.index]
    if (old !== undefined && old.id !== now?.id) await removeIndex(context.storage, before.id, old.id)
    if (now !== undefined && now.id !== old?.id) addIndex(context.storage, after.id, now.id)
  },

  dataRanges(id) {
    return [vectorKeys.collection(id)]
  },
}
