import { OrbitError, defined } from '@orbit-ts/base'
import { documentKeys, type Entry } from '@orbit-ts/storage'
import type { IndexBuilds, Model } from '../model.js'
import type { JsonDocument } from './collection.js'
import type { CollectionDefinition, CollectionInput } from './collection-input.js'
import { defineCollection } from './define-collection.js'
import { decodeDocument } from './document-record.js'
import { OpenCollection } from './open-collection.js'
import { addToIndex } from './write-documents.js'

/** Documents read at once. */
const READ_CHUNK = 1000

const builds: IndexBuilds<CollectionDefinition> = {
  ids: ({ indexes }) => indexes.map(({ id }) => id),
  without: (definition, ids) => ({
    ...definition,
    indexes: definition.indexes.filter(({ id }) => !ids.has(id)),
  }),
  nameOf: ({ indexes }, id) => `index "${indexes.find((index) => index.id === id)?.name ?? id}"`,
  entries: (object, id) => documentKeys.indexEntries(object.id, id),
  source: (object) => documentKeys.records(object.id),
  async add(context, object, id, records) {
    const collection = new OpenCollection(context, object)
    const index = defined(
      collection.indexes.find((candidate) => candidate.id === id),
      'the index to build',
    )
    await addToIndex(collection, index, records.map(storedDocument))
  },
}

/** The document model, as the catalog sees it. */
export const collectionModel: Model<CollectionInput, CollectionDefinition> = {
  kind: 'collection',

  define(name, input) {
    return defineCollection(name, input)
  },

  evolve(object, input) {
    const after = defineCollection(object.name, input, object.definition)
    return JSON.stringify(after) === JSON.stringify(object.definition) ? undefined : after
  },

  async afterChange(context, before, after) {
    const { schema } = after.definition
    if (schema === null || JSON.stringify(before.definition.schema) === JSON.stringify(schema)) return
    const collection = new OpenCollection(context, after)
    const options = { chunkSize: READ_CHUNK }
    for await (const chunk of context.storage.scan(documentKeys.records(after.id), options)) {
      for (const { id, document } of chunk.map(storedDocument)) checkShape(collection, id, document)
    }
  },

  dataRanges(id) {
    return [documentKeys.collection(id)]
  },
  builds,
}

function storedDocument({ key, value }: Entry): { id: string; document: JsonDocument } {
  const { document } = decodeDocument(value, key)
  // Every stored document has one.
  return { id: document['id'] as string, document }
}

function checkShape(collection: OpenCollection, id: string, document: JsonDocument): void {
  const problem = collection.shape(document)
  if (problem === undefined) return
  throw new OrbitError(
    'SCHEMA_MISMATCH',
    `${collection.what}: the new schema does not hold for document "${id}": ${problem.field} ${problem.reason}`,
    { model: 'document', object: collection.name, id, field: problem.field },
  )
}
