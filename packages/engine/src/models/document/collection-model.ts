import { documentKeys } from '@orbit-ts/storage'
import { OrbitError } from '@orbit-ts/base'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { Model, ModelContext } from '../model.js'
import type { CollectionDefinition, CollectionInput } from './collection-input.js'
import { defineCollection } from './define-collection.js'
import { decodeDocument } from './document-record.js'
import { OpenCollection } from './open-collection.js'
import { addToIndexes } from './write-documents.js'

/** Documents taken into new indexes at once. */
const BUILD_CHUNK = 1000

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
    const kept = new Set(after.definition.indexes.map(({ id }) => id))
    for (const { id } of before.definition.indexes)
      if (!kept.has(id)) await removeIndex(context, after.id, id)
    await visitDocuments(context, before, after)
  },

  dataRanges(id) {
    return [documentKeys.collection(id)]
  },
}

async function removeIndex({ storage }: ModelContext, collectionId: number, indexId: number): Promise<void> {
  const range = documentKeys.indexEntries(collectionId, indexId)
  for await (const chunk of storage.scan(range, { keysOnly: true, chunkSize: BUILD_CHUNK })) {
    for (const { key } of chunk) storage.delete(key)
  }
}

/** Checks stored documents against a new schema and takes them into new indexes. */
async function visitDocuments(
  context: ModelContext,
  before: CatalogObject<CollectionDefinition>,
  after: CatalogObject<CollectionDefinition>,
): Promise<void> {
  const collection = new OpenCollection(context, after)
  const known = new Set(before.definition.indexes.map(({ id }) => id))
  const added = collection.indexes.filter(({ id }) => !known.has(id))
  const isNewSchema = JSON.stringify(before.definition.schema) !== JSON.stringify(after.definition.schema)
  if (added.length === 0 && (!isNewSchema || after.definition.schema === null)) return
  for await (const chunk of context.storage.scan(documentKeys.records(after.id), {
    chunkSize: BUILD_CHUNK,
  })) {
    const documents = chunk.map(({ key, value }) => {
      const { document } = decodeDocument(value, key)
      // Every stored document has one.
      return { id: document['id'] as string, document }
    })
    if (isNewSchema) for (const { id, document } of documents) checkShape(collection, id, document)
    await addToIndexes(collection, added, documents)
  }
}

function checkShape(
  collection: OpenCollection,
  id: string,
  document: Parameters<OpenCollection['shape']>[0],
): void {
  const problem = collection.shape(document)
  if (problem === undefined) return
  throw new OrbitError(
    'SCHEMA_MISMATCH',
    `${collection.what}: the new schema does not hold for document "${id}": ${problem.field} ${problem.reason}`,
    { model: 'document', object: collection.name, id, field: problem.field },
  )
}
