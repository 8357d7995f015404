/**
 * Writes documents and keeps indexes.
 *
 * Invariants:
 * 1. Everything is read and checked first; the writes follow in one synchronous step. So a statement that fails leaves
 *    nothing behind, and none of another's writes can come in between.
 * 2. For every stored document each index has exactly the entries that `indexEntries` gives for it.
 */
import { equalBytes, fromUtf8, type OrbitError } from '@orbit-ts/base'
import { deletableEntries } from '../../catalog/deletable-entries.js'
import type { JsonDocument } from './collection.js'
import { encodeDocument, type ReadDocument } from './document-record.js'
import { indexEntries, type IndexEntry } from './index-entries.js'
import { valueOf } from './index-values.js'
import type { OpenCollection, OpenIndex } from './open-collection.js'

/** One document as it is and as it shall be. At least one of the two is there. */
export interface Change {
  readonly id: string
  readonly before?: ReadDocument
  readonly after?: ReadDocument
}

interface PreparedChange extends Change {
  readonly key: Uint8Array
  /** Undefined for a deletion. */
  readonly record: Uint8Array | undefined
  readonly removed: readonly IndexEntry[]
  readonly added: readonly IndexEntry[]
}

/** An entry of a unique index, and the document that is to have it. */
interface Claim {
  readonly entry: IndexEntry
  readonly id: string
  readonly document: JsonDocument
}

/** Keys looked up at once. */
const LOOK_UP_CHUNK = 1000

/**
 * Applies changes of distinct documents, all or none.
 * @throws UNIQUE_VIOLATION, LIMIT_EXCEEDED, TYPE_MISMATCH
 */
export async function writeDocuments(collection: OpenCollection, changes: readonly Change[]): Promise<void> {
  const prepared = await keepOthers(
    collection,
    changes.map((change) => prepare(collection, change)),
  )
  const claims = prepared.flatMap(({ id, after, added }) =>
    after === undefined ? [] : claimsOf(id, after.document, added),
  )
  const freed = new Set(prepared.flatMap(({ removed }) => removed.map(({ keyText }) => keyText)))
  await checkUnique(collection, claims, freed)
  write(collection, prepared, claims)
}

/**
 * Adds the entries of documents that are stored already to an index that is being built.
 * @throws UNIQUE_VIOLATION, LIMIT_EXCEEDED, TYPE_MISMATCH
 */
export async function addToIndex(
  collection: OpenCollection,
  index: OpenIndex,
  documents: readonly { readonly id: string; readonly document: JsonDocument }[],
): Promise<void> {
  const added = documents.map(({ id, document }) => ({
    id,
    document,
    entries: indexEntries(collection, index, id, document),
  }))
  const claims = added.flatMap(({ id, document, entries }) => claimsOf(id, document, entries))
  await checkUnique(collection, claims, new Set())
  const { storage } = collection.context
  for (const { entries } of added) for (const { key, value } of entries) storage.put(key, value)
}

function prepare(collection: OpenCollection, change: Change): PreparedChange {
  const { id, before, after } = change
  const old = before === undefined ? [] : allEntries(collection, id, before.document)
  const next = after === undefined ? [] : allEntries(collection, id, after.document)
  const oldKeys = new Set(old.map(({ keyText }) => keyText))
  const nextKeys = new Set(next.map(({ keyText }) => keyText))
  return {
    ...change,
    key: collection.recordKey(id),
    record: after === undefined ? undefined : encodeDocument(collection, id, after),
    removed: old.filter(({ keyText }) => !nextKeys.has(keyText)),
    added: next.filter(({ keyText }) => !oldKeys.has(keyText)),
  }
}

/** Leaves out removals that would take entries from other documents; see `deletableEntries`. */
async function keepOthers(
  collection: OpenCollection,
  changes: readonly PreparedChange[],
): Promise<readonly PreparedChange[]> {
  const isContested = ({ index, isUnique }: IndexEntry): boolean => isUnique && !index.isReady
  const contested = changes.flatMap(({ removed }) => removed.filter(isContested))
  if (contested.length === 0) return changes
  const deletable = new Set(await deletableEntries(collection.context.storage, contested))
  return changes.map((change) => ({
    ...change,
    removed: change.removed.filter((entry) => !isContested(entry) || deletable.has(entry)),
  }))
}

function allEntries(collection: OpenCollection, id: string, document: JsonDocument): IndexEntry[] {
  return collection.indexes.flatMap((index) => indexEntries(collection, index, id, document))
}

function claimsOf(id: string, document: JsonDocument, entries: readonly IndexEntry[]): Claim[] {
  return entries.filter(({ isUnique }) => isUnique).map((entry) => ({ entry, id, document }))
}

/** @param freed entries that the same statement removes. */
async function checkUnique(
  collection: OpenCollection,
  claims: readonly Claim[],
  freed: ReadonlySet<string>,
): Promise<void> {
  const claimed = new Map<string, string>()
  for (const claim of claims) {
    const { keyText } = claim.entry
    const other = claimed.get(keyText)
    if (other !== undefined) throw uniqueViolation(collection, claim, other)
    claimed.set(keyText, claim.id)
  }
  const open = claims.filter(({ entry }) => !freed.has(entry.keyText))
  for (let from = 0; from < open.length; from += LOOK_UP_CHUNK) {
    const chunk = open.slice(from, from + LOOK_UP_CHUNK)
    const found = await collection.context.storage.getMany(chunk.map(({ entry }) => entry.key))
    for (const [i, claim] of chunk.entries()) {
      const owner = found[i]
      // The document's own is there when a build meets one that was written since it began.
      if (owner !== undefined && !equalBytes(owner, claim.entry.value))
        throw uniqueViolation(collection, claim, fromUtf8(owner))
    }
  }
}

function write(
  collection: OpenCollection,
  changes: readonly PreparedChange[],
  claims: readonly Claim[],
): void {
  const { storage } = collection.context
  const savepoint = storage.savepoint()
  try {
    // Removals first, so that one document may take over what another gives up.
    for (const { removed } of changes) for (const { key } of removed) storage.delete(key)
    for (const change of changes) writeOne(collection, change)
  } catch (error) {
    // A transaction that has ended has no writes left to undo.
    if (storage.status === 'active') storage.rollbackTo(savepoint)
    throw error
  }
  for (const claim of claims) {
    collection.context.explainExisting(claim.entry.key, () => uniqueViolation(collection, claim, undefined))
  }
}

function writeOne(collection: OpenCollection, { id, before, key, record, added }: PreparedChange): void {
  const { storage } = collection.context
  for (const entry of added) {
    if (entry.isUnique) storage.insert(entry.key, entry.value)
    else storage.put(entry.key, entry.value)
  }
  if (record === undefined) {
    storage.delete(key)
  } else if (before === undefined) {
    storage.insert(key, record)
    collection.context.explainExisting(key, () => documentExists(collection, id))
  } else {
    storage.put(key, record)
  }
}

export function documentExists(collection: OpenCollection, id: string): OrbitError {
  return collection.error('RECORD_EXISTS', `document "${id}" exists already; replace it, or upsert`, { id })
}

/** @param otherId undefined when it was another transaction's document. */
function uniqueViolation(collection: OpenCollection, claim: Claim, otherId: string | undefined): OrbitError {
  const { index } = claim.entry
  const values = claim.entry.datums.map(valueOf)
  const other = otherId === undefined ? 'a document written at the same time' : `document "${otherId}"`
  const shown = index.paths.map((path, i) => `${path} = ${JSON.stringify(values[i])}`).join(', ')
  return collection.error(
    'UNIQUE_VIOLATION',
    `document "${claim.id}" and ${other} both have ${shown}, which index "${index.name}" keeps unique`,
    { id: claim.id, index: index.name, values, ...(otherId === undefined ? {} : { existingId: otherId }) },
  )
}
