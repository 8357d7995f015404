import { vectorKeys } from '@orbit-ts/storage'
import type { Model } from '../model.js'
import { defineVectors, evolveVectors } from './define-vectors.js'
import { addIndex, indexRanges } from './index/index-lifetime.js'
import type { VectorsDefinition } from './vectors-definition.js'
import type { VectorsInput } from './vectors-input.js'

/** The vector model, as the catalog sees it. */
export const vectorModel: Model<VectorsInput, VectorsDefinition> = {
  kind: 'vectors',
  define: defineVectors,
  evolve: evolveVectors,

  async afterChange(context, before, after) {
    const { index } = after.definition
    if (index !== undefined && index.id !== before.definition.index?.id)
      addIndex(context.storage, after.id, index.id)
  },

  obsoleteRanges(before, after) {
    const { index } = before.definition
    return index === undefined || index.id === after.definition.index?.id
      ? []
      : indexRanges(before.id, index.id)
  },

  dataRanges(id) {
    return [vectorKeys.collection(id)]
  },
}
