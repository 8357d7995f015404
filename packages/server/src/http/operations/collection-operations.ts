import type { CollectionSession, JsonDocument, NewDocument, PatchOperation } from '@orbit-ts/engine'
import { Type } from 'typebox'
import {
  args,
  asList,
  changedCount,
  counted,
  deleted,
  deletedCount,
  json,
  nextOffset,
  nullable,
  oneOrMany,
  plan,
  queryArgs,
  result,
  where,
} from './argument-types.js'
import { operationsOf } from './operation.js'
import { checkListed, nextOffsetOf, readPage } from './page.js'

const define = operationsOf<CollectionSession>('collection', (tx, name) => tx.collection(name))

const id = Type.String({ description: 'The id of a document.' })
const newDocument = json<NewDocument>('A document. Without an id it gets one.')
const document = json('A document, with its id.')
const patch = json<JsonDocument>(
  'A merge patch (RFC 7386): fields to set; null removes one; objects are merged.',
)
const steps = Type.Unsafe<readonly PatchOperation[]>(
  Type.Array(
    Type.Object({
      op: Type.Enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
      path: Type.String({ description: 'A JSON pointer.' }),
      from: Type.Optional(Type.String({ description: 'A JSON pointer, for move and copy.' })),
      value: Type.Optional(Type.Unknown({ description: 'For add, replace and test.' })),
    }),
    { description: 'A JSON patch (RFC 6902).' },
  ),
)
const ifRevision = Type.Optional(
  Type.Integer({ minimum: 1, description: 'Only if this is the revision of the document.' }),
)
const written = { id, revision: Type.Integer({ description: 'Counts the writes of the document, from 1.' }) }
const stored = result({
  document,
  revision: written.revision,
  createdAtMs: Type.Integer({ description: 'Milliseconds since the epoch.' }),
  updatedAtMs: Type.Integer({ description: 'Milliseconds since the epoch.' }),
})

/** The condition, when there is one. */
const when = (given: { ifRevision?: number }): { ifRevision?: number } =>
  given.ifRevision === undefined ? {} : { ifRevision: given.ifRevision }

export const collectionOperations = {
  insert: define('insert', {
    summary: 'Stores new documents, all or none.',
    args: args({ documents: oneOrMany(newDocument, 'A document, or a list of documents.') }),
    result: result({ documents: Type.Array(result(written)) }),
    run: async (collection, given) => ({
      documents: await collection.insertMany(asList<NewDocument>(given.documents)),
    }),
  }),
  get: define('get', {
    summary: 'Reads a document by its id, with its revision and times.',
    args: args({ id }),
    result: nullable(stored),
    run: async (collection, given) => (await collection.getWithRevision(given.id)) ?? null,
  }),
  getMany: define('getMany', {
    summary: 'Reads documents by their ids; null stands for one that is not there.',
    args: args({ ids: Type.Array(id) }),
    result: result({ documents: Type.Array(nullable(document)) }),
    run: async (collection, { ids }, limits) => ({
      documents: (await collection.getMany(checkListed('ids', ids, limits))).map((found) => found ?? null),
    }),
  }),
  replace: define('replace', {
    summary: 'Puts another document in place of the one with this id, which must be there.',
    args: args({ id, document: newDocument, ifRevision }),
    result: result(written),
    run: async (collection, given) => collection.replace(given.id, given.document, when(given)),
  }),
  upsert: define('upsert', {
    summary: 'Replaces the document with the same id, or stores a new one.',
    args: args({ document: newDocument, ifRevision }),
    result: result({ ...written, created: Type.Boolean() }),
    run: async (collection, given) => collection.upsert(given.document, when(given)),
  }),
  merge: define('merge', {
    summary: 'Changes a document by a merge patch (RFC 7386).',
    args: args({ id, patch, ifRevision }),
    result: stored,
    run: async (collection, given) => collection.merge(given.id, given.patch, when(given)),
  }),
  patch: define('patch', {
    summary: 'Changes a document by a JSON patch (RFC 6902).',
    args: args({ id, operations: steps, ifRevision }),
    result: stored,
    run: async (collection, given) => collection.patch(given.id, given.operations, when(given)),
  }),
  delete: define('delete', {
    summary: 'Deletes a document.',
    args: args({ id, ifRevision }),
    result: deleted,
    run: async (collection, given) => ({ deleted: await collection.delete(given.id, when(given)) }),
  }),
  deleteWhere: define('deleteWhere', {
    summary: 'Deletes all documents that match.',
    args: args({ where }),
    result: deletedCount,
    run: async (collection, { where: filter }) => ({ deleted: await collection.deleteWhere(filter) }),
  }),
  updateWhere: define('updateWhere', {
    summary: 'Merges a patch (RFC 7386) into all documents that match.',
    args: args({ where, patch }),
    result: changedCount,
    run: async (collection, given) => ({ changed: await collection.updateWhere(given.where, given.patch) }),
  }),
  find: define('find', {
    summary: 'Reads a page of the documents that match.',
    args: args(queryArgs),
    result: result({ documents: Type.Array(document), nextOffset }),
    run: async (collection, query, limits) => {
      const page = await readPage(query.limit, limits, (limit) => collection.find({ ...query, limit }))
      return { documents: page.items, ...nextOffsetOf(page, query.offset) }
    },
  }),
  count: define('count', {
    summary: 'Counts the documents that match.',
    args: args({ where: Type.Optional(where) }),
    result: counted,
    run: async (collection, { where: filter }) => ({ count: await collection.count(filter) }),
  }),
  explain: define('explain', {
    summary: 'Says how a query would be answered.',
    args: args(queryArgs),
    result: plan,
    run: async (collection, query) => ({ plan: await collection.explain(query) }),
  }),
}
