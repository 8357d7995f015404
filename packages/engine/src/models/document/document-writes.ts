/** What the session's writing methods do, once their arguments are known to be of the right kinds. */
import type { Env } from '@orbit-ts/base'
import { compileFilter } from '../../filter/compile-filter.js'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import type { Filter } from '../../filter/filter.js'
import { toJsonValue, type JsonValue } from '../../record/json-value.js'
import type { JsonDocument, PatchOperation, UpsertResult, WriteOptions, WriteResult } from './collection.js'
import { checkGiven, checkRevision } from './document-arguments.js'
import { UuidGenerator } from './document-id.js'
import { checkDocument, type ReadDocument } from './document-record.js'
import { applyPatch } from './json-patch.js'
import { mergePatch } from './merge-patch.js'
import type { OpenCollection } from './open-collection.js'
import { readMany } from './read-documents.js'
import { matchingIds } from './run-query.js'
import { documentExists, writeDocuments, type Change } from './write-documents.js'

/** One for each source of randomness, so that ids sort in the order in which they were made. */
const GENERATORS = new WeakMap<Env, UuidGenerator>()

export async function insertAll(collection: OpenCollection, documents: unknown): Promise<WriteResult[]> {
  if (!Array.isArray(documents)) {
    throw collection.error('INVALID_ARGUMENT', `documents is ${describe(documents)}; it must be an array`, {
      field: 'documents',
    })
  }
  const seen = new Set<string>()
  const changes = documents.map((given: unknown, i) => {
    const where = documents.length === 1 ? 'document' : `documents[${i}]`
    const change = creation(collection, given, where)
    if (seen.has(change.id)) {
      throw collection.error('RECORD_EXISTS', `${where} has the id "${change.id}", as has one before it`, {
        id: change.id,
      })
    }
    seen.add(change.id)
    return change
  })
  const stored = await readForWrite(
    collection,
    changes.map(({ id }) => id),
  )
  const clash = changes.find((_, i) => stored[i] !== undefined)
  if (clash !== undefined) throw documentExists(collection, clash.id)
  await writeDocuments(collection, changes)
  return changes.map(({ id, after }) => ({ id, revision: after.revision }))
}

export async function replaceOne(
  collection: OpenCollection,
  id: string,
  given: unknown,
  options: WriteOptions,
): Promise<WriteResult> {
  const named = checkGiven(collection, given, 'document')
  if (named.id !== undefined && named.id !== id) throw idIsFixed(collection, id, 'document', named.id)
  const after = await change(collection, id, options, () => given)
  return { id, revision: after.revision }
}

export async function upsertOne(
  collection: OpenCollection,
  given: unknown,
  options: WriteOptions,
): Promise<UpsertResult> {
  const created = creation(collection, given, 'document')
  const { id } = created
  const [before] = await readForWrite(collection, [id])
  checkRevision(collection, id, options, before)
  const after = before === undefined ? created.after : successor(collection, before, created.after.document)
  await writeDocuments(collection, [{ id, after, ...(before && { before }) }])
  return { id, revision: after.revision, created: before === undefined }
}

export function mergeOne(
  collection: OpenCollection,
  id: string,
  given: unknown,
  options: WriteOptions,
): Promise<ReadDocument> {
  const patch = checkMergePatch(collection, given)
  return change(collection, id, options, ({ document }) => mergePatch(document, patch))
}

export function patchOne(
  collection: OpenCollection,
  id: string,
  operations: readonly PatchOperation[],
  options: WriteOptions,
): Promise<ReadDocument> {
  return change(collection, id, options, ({ document }) => applyPatch(document, operations))
}

export async function deleteOne(
  collection: OpenCollection,
  id: string,
  options: WriteOptions,
): Promise<boolean> {
  const [before] = await readForWrite(collection, [id])
  checkRevision(collection, id, options, before)
  if (before === undefined) return false
  await writeDocuments(collection, [{ id, before }])
  return true
}

export async function deleteMatching(collection: OpenCollection, where: Filter): Promise<number> {
  const found = await readMatching(collection, where)
  await writeDocuments(collection, found)
  return found.length
}

export async function mergeMatching(
  collection: OpenCollection,
  where: Filter,
  given: unknown,
): Promise<number> {
  const patch = checkMergePatch(collection, given)
  const changes = (await readMatching(collection, where)).map(({ id, before }): Change => {
    const document = changed(collection, id, mergePatch(before.document, patch))
    return { id, before, after: successor(collection, before, document) }
  })
  await writeDocuments(collection, changes)
  return changes.length
}

function creation(
  collection: OpenCollection,
  given: unknown,
  where: string,
): { id: string; after: ReadDocument } {
  const { env, nowMs } = collection.context
  const id = checkGiven(collection, given, where).id ?? generatorOf(env).next(nowMs)
  const document = checkDocument(collection, id, given)
  return { id, after: { document, revision: 1, createdAtMs: nowMs, updatedAtMs: nowMs } }
}

function generatorOf(env: Env): UuidGenerator {
  let generator = GENERATORS.get(env)
  if (generator === undefined) {
    generator = new UuidGenerator(env)
    GENERATORS.set(env, generator)
  }
  return generator
}

async function change(
  collection: OpenCollection,
  id: string,
  options: WriteOptions,
  compute: (before: ReadDocument) => unknown,
): Promise<ReadDocument> {
  const [before] = await readForWrite(collection, [id])
  if (before === undefined)
    throw collection.error('RECORD_NOT_FOUND', `document "${id}" does not exist`, { id })
  checkRevision(collection, id, options, before)
  const after = successor(collection, before, changed(collection, id, compute(before)))
  await writeDocuments(collection, [{ id, before, after }])
  return after
}

/** What a change has made of a document. It must still be one, and the same one. */
function changed(collection: OpenCollection, id: string, given: unknown): JsonDocument {
  if (!isPlainObject(given)) {
    throw collection.error(
      'INVALID_ARGUMENT',
      `document "${id}" would become ${describe(given)}; it must be an object`,
      {
        id,
      },
    )
  }
  const named = given['id']
  if (named !== undefined && named !== id) throw idIsFixed(collection, id, 'id', named)
  return checkDocument(collection, id, given)
}

function successor({ context }: OpenCollection, before: ReadDocument, document: JsonDocument): ReadDocument {
  return {
    document,
    revision: before.revision + 1,
    createdAtMs: before.createdAtMs,
    updatedAtMs: context.nowMs,
  }
}

function checkMergePatch(collection: OpenCollection, given: unknown): JsonValue {
  if (isPlainObject(given)) return toJsonValue(given, `${collection.what}: patch`)
  throw collection.error('INVALID_ARGUMENT', `patch is ${describe(given)}; it must be an object`, {
    field: 'patch',
  })
}

/**
 * The documents as they are before a write. Snapshots find out at commit when another transaction wrote them too;
 * without one they are locked, so that no change can come in between.
 */
async function readForWrite(
  collection: OpenCollection,
  ids: readonly string[],
): Promise<(ReadDocument | undefined)[]> {
  const { storage } = collection.context
  if (storage.isolation === 'read-committed') await storage.lock(ids.map((id) => collection.recordKey(id)))
  return readMany(collection, ids)
}

async function readMatching(
  collection: OpenCollection,
  where: Filter,
): Promise<{ id: string; before: ReadDocument }[]> {
  const isMatch = compileFilter(where)
  const ids = await matchingIds(collection, where)
  const found = await readForWrite(collection, ids)
  return ids.flatMap((id, i) => {
    const before = found[i]
    // Without a snapshot a document may have changed before it was locked.
    return before !== undefined && isMatch(before.document) ? [{ id, before }] : []
  })
}

function idIsFixed(collection: OpenCollection, id: string, where: string, given: unknown): Error {
  return collection.error(
    'INVALID_ARGUMENT',
    `${where}: the id is fixed; document "${id}" cannot become ${describe(given)}`,
    { id, field: where },
  )
}
