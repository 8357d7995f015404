import { defined } from '@orbit-ts/base'
import { OpenVectors } from '../../models/vector/open-vectors.js'
import { vectorModel } from '../../models/vector/vector-model.js'
import type { NewVector, StoredVector } from '../../models/vector/vector-records.js'
import { VectorSession } from '../../models/vector/vector-session.js'
import { queryError } from '../../scalar/condition.js'
import { plainText, type Value } from '../../scalar/value.js'
import type { WriteRow } from '../relation.js'
import { givenObject, requireSame, requireValue } from './given-values.js'
import type { ModelEdits } from './model-writer.js'

/** `id`, `embedding`, `metadata`. */
export function vectorEdits(name: string): ModelEdits<StoredVector> {
  const vectorOf = ([id, embedding, metadata]: WriteRow): NewVector => ({
    id: plainText(requireValue(name, 'id', id)),
    vector: componentsOf(requireValue(name, 'embedding', embedding)),
    ...(metadata === undefined || metadata === null ? {} : { metadata: givenObject('metadata', metadata) }),
  })
  return {
    keyOf: ({ id }) => id,
    keyOfRow: ([id]) => plainText(requireValue(name, 'id', id)),
    get: (models, keys) => new VectorSession(models, name).getMany(keys),
    storeKeys: async (models, keys) => {
      const collection = new OpenVectors(models, await models.objectForWrite(vectorModel, name))
      return keys.map((key) => collection.recordKey(key))
    },
    insert: async (models, rows) => {
      const session = new VectorSession(models, name)
      const given = rows.map(vectorOf)
      await session.insertMany(given)
      const stored = await session.getMany(given.map(({ id }) => id))
      return stored.map((vector) => defined(vector, 'the inserted vector'))
    },
    update: async (models, before, values) => {
      requireSame(name, values, [['id', 0, before.id]])
      const [, embedding, metadata] = values
      const session = new VectorSession(models, name)
      await session.upsert({
        id: before.id,
        vector:
          embedding === undefined ? before.vector : componentsOf(requireValue(name, 'embedding', embedding)),
        metadata:
          metadata === undefined
            ? before.metadata
            : metadata === null
              ? {}
              : givenObject('metadata', metadata),
      })
      return defined(await session.get(before.id), 'the changed vector')
    },
    delete: async (models, { id }) => {
      await new VectorSession(models, name).delete(id)
    },
  }
}

function componentsOf(value: Value): Float32Array {
  if (value instanceof Float32Array) return value
  throw queryError('datatype_mismatch', 'an embedding must be a vector')
}
