/**
 * Reads the documents that an access leads to, in its order, chunk by chunk.
 *
 * Invariants:
 * 1. A document comes at most once: where it has several entries in the slices read, the first of them counts.
 * 2. Entries are those of when the read began; documents are as they are when it gets to them. One that was deleted in
 *    between is left out.
 */
import { fromUtf8, toBinaryString } from '@orbit-ts/base'
import { parseKey, type Transaction } from '@orbit-ts/storage'
import { decodeValues } from '../../record/decode-values.js'
import type { JsonDocument } from './collection.js'
import { decodeDocument, type ReadDocument } from './document-record.js'
import { indexEntries } from './index-entries.js'
import type { IndexSlice } from './index-ranges.js'
import type { OpenCollection } from './open-collection.js'
import type { Access, IndexAccess } from './plan-query.js'

export const CHUNK_SIZE = 256

interface EntryRef {
  readonly id: string
  readonly key: Uint8Array
}

/** @param chunkSize documents read at once. */
export async function* readDocuments(
  collection: OpenCollection,
  access: Access,
  chunkSize: number = CHUNK_SIZE,
): AsyncGenerator<JsonDocument[]> {
  switch (access.kind) {
    case 'nothing':
      return
    case 'ids':
      for (const ids of chunksOf(access.ids, chunkSize)) yield present(await readMany(collection, ids))
      return
    case 'documents':
      yield* scanDocuments(collection, access, chunkSize)
      return
    case 'index':
      yield* readThroughIndex(collection, access, chunkSize)
  }
}

/** For each id what is stored under it. */
export async function readMany(
  collection: OpenCollection,
  ids: readonly string[],
): Promise<(ReadDocument | undefined)[]> {
  const keys = ids.map((id) => collection.recordKey(id))
  const records = await collection.context.storage.getMany(keys)
  return records.map((record, i) =>
    record === undefined ? undefined : decodeDocument(record, keyAt(keys, i)),
  )
}

function present(found: readonly (ReadDocument | undefined)[]): JsonDocument[] {
  return found.flatMap((read) => (read === undefined ? [] : [read.document]))
}

function scanDocuments(
  { context }: OpenCollection,
  { range, reverse }: Extract<Access, { kind: 'documents' }>,
  chunkSize: number,
): AsyncIterable<JsonDocument[]> {
  const options = { reverse, chunkSize }
  // A document holds its id.
  return decodeValues(context.storage, range, options, (value, key) => decodeDocument(value, key).document)
}

async function* readThroughIndex(
  collection: OpenCollection,
  access: IndexAccess,
  chunkSize: number,
): AsyncGenerator<JsonDocument[]> {
  const isFirst = access.index.multi ? firstEntryCheck(collection, access) : undefined
  for await (const entries of gathered(entriesOf(collection.context.storage, access, chunkSize), chunkSize)) {
    const found = await readMany(
      collection,
      entries.map(({ id }) => id),
    )
    const documents: JsonDocument[] = []
    for (const [i, entry] of entries.entries()) {
      const document = found[i]?.document
      if (document !== undefined && isFirst?.(entry, document) !== false) documents.push(document)
    }
    yield documents
  }
}

async function* entriesOf(
  storage: Transaction,
  { slices, reverse }: IndexAccess,
  chunkSize: number,
): AsyncGenerator<EntryRef[]> {
  let keys: Uint8Array[] = []
  for (const { key, range } of reverse ? slices.toReversed() : slices) {
    if (key !== undefined) {
      keys.push(key)
      if (keys.length < chunkSize) continue
    }
    if (keys.length > 0) yield await lookUp(storage, keys)
    keys = []
    if (key !== undefined) continue
    for await (const chunk of storage.scan(range, { reverse, chunkSize })) yield chunk.map(refOf)
  }
  if (keys.length > 0) yield await lookUp(storage, keys)
}

async function lookUp(storage: Transaction, keys: readonly Uint8Array[]): Promise<EntryRef[]> {
  const ids = await storage.getMany(keys)
  return ids.flatMap((id, i) => (id === undefined ? [] : [{ id: fromUtf8(id), key: keyAt(keys, i) }]))
}

/** Entries of unique indexes name the document in their value, others at the end of their key. */
function refOf({ key, value }: { key: Uint8Array; value: Uint8Array }): EntryRef {
  if (value.length > 0) return { id: fromUtf8(value), key }
  const parsed = parseKey(key)
  return { id: parsed.model === 'document' ? (parsed.id ?? '') : '', key }
}

/** Small chunks joined, so that documents are fetched many at once however many slices they come from. */
async function* gathered(chunks: AsyncIterable<EntryRef[]>, size: number): AsyncGenerator<EntryRef[]> {
  let held: EntryRef[] = []
  for await (const chunk of chunks) {
    if (held.length > 0 && held.length + chunk.length > size) {
      yield held
      held = []
    }
    held = held.length === 0 ? chunk : held.concat(chunk)
  }
  if (held.length > 0) yield held
}

/** Whether an entry is the first that its document has in the slices. */
function firstEntryCheck(
  collection: OpenCollection,
  { index, slices }: IndexAccess,
): (entry: EntryRef, document: JsonDocument) => boolean {
  const isRead = sliceCheck(slices)
  return ({ id, key }, document) => {
    let first: string | undefined
    for (const { keyText } of indexEntries(collection, index, id, document)) {
      if ((first === undefined || keyText < first) && isRead(keyText)) first = keyText
    }
    return first === toBinaryString(key)
  }
}

/** Slices are in key order and do not overlap, so that one search finds the only one that can hold a key. */
function sliceCheck(slices: readonly IndexSlice[]): (keyText: string) => boolean {
  const bounds = slices.map(({ range: { start, end } }) => ({
    start: start === undefined ? '' : toBinaryString(start),
    end: end === undefined ? undefined : toBinaryString(end),
  }))
  return (keyText) => {
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      // `middle` is below the length.
      if ((bounds[middle] as { start: string }).start <= keyText) low = middle + 1
      else high = middle
    }
    const candidate = bounds[low - 1]
    return candidate !== undefined && (candidate.end === undefined || keyText < candidate.end)
  }
}

function keyAt(keys: readonly Uint8Array[], index: number): Uint8Array {
  // `index` comes from an array as long as `keys`.
  return keys[index] as Uint8Array
}

export function* chunksOf<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}
