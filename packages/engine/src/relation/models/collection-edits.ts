import { defined } from '@orbit-ts/base'
import { CollectionSession } from '../../models/document/collection-session.js'
import { collectionModel } from '../../models/document/collection-model.js'
import type { Document, NewDocument } from '../../models/document/collection.js'
import { OpenCollection } from '../../models/document/open-collection.js'
import type { JsonValue } from '../../record/json-value.js'
import { queryError } from '../../scalar/condition.js'
import { plainText, type Value } from '../../scalar/value.js'
import type { WriteRow } from '../relation.js'
import { givenObject, requireSame, requireValue } from './given-values.js'
import type { ModelEdits } from './model-writer.js'

/** `id`, `document`: the id may stand in either, or in none of them. */
export function collectionEdits(name: string): ModelEdits<Document> {
  const documentOf = ([id = null, document]: WriteRow): NewDocument =>
    newDocument(id, givenObject('the document', requireValue(name, 'document', document)))
  return {
    keyOf: ({ id }) => id,
    keyOfRow: (row) => {
      const { id } = documentOf(row)
      return typeof id === 'string' ? id : undefined
    },
    get: (models, keys) => new CollectionSession(models, name).getMany(keys),
    storeKeys: async (models, keys) => {
      const collection = new OpenCollection(models, await models.objectForWrite(collectionModel, name))
      return keys.map((key) => collection.recordKey(key))
    },
    insert: async (models, rows) => {
      const session = new CollectionSession(models, name)
      const written = await session.insertMany(rows.map(documentOf))
      const stored = await session.getMany(written.map(({ id }) => id))
      return stored.map((document) => defined(document, 'the inserted document'))
    },
    update: async (models, before, values) => {
      requireSame(name, values, [['id', 0, before.id]])
      const [, document] = values
      if (document === undefined) return before
      const session = new CollectionSession(models, name)
      await session.replace(before.id, documentOf([before.id, document]))
      return defined(await session.get(before.id), 'the changed document')
    },
    delete: async (models, { id }) => {
      await new CollectionSession(models, name).delete(id)
    },
  }
}

/** @throws invalid_parameter_value where the id is said twice, and differently */
function newDocument(id: Value, { id: inside, ...document }: Record<string, JsonValue>): NewDocument {
  if (inside !== undefined && (typeof inside !== 'string' || (id !== null && inside !== id))) {
    const shown = JSON.stringify(inside)
    throw queryError(
      'invalid_parameter_value',
      id === null
        ? `the id in the document, ${shown}, must be a string`
        : `the id "${plainText(id)}" and the id in the document, ${shown}, differ`,
    )
  }
  const own = id === null ? inside : plainText(id)
  return own === undefined ? document : { ...document, id: own }
}
