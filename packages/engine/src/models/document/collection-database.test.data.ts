/** What the tests of collections have in common: databases, and the audit of all that a collection stores. */
import assert from 'node:assert/strict'
import { TestEnv, systemEnv, toBinaryString, toHex } from '@orbit-ts/base'
import { documentKeys, parseKey } from '@orbit-ts/storage'
import { Catalog } from '../../catalog/catalog.js'
import { openDatabase, type Database, type ObjectSchema } from '../../database.js'
import { TransactionContext } from '../../txn/database-transaction.js'
import { collection, type JsonDocument } from './collection.js'
import { collectionModel } from './collection-model.js'
import { decodeDocument } from './document-record.js'
import { indexEntries } from './index-entries.js'
import { OpenCollection } from './open-collection.js'
import { openStore } from '../store.test.data.js'

export { collect, refuses } from '../store.test.data.js'

export const START_MS = 1_700_000_000_000

export interface Movie {
  title: string
  year?: number | null
  genres?: string[]
  director?: { name: string; born?: number }
}

export const movies = collection<Movie>('movies', {
  indexes: [
    { path: 'title', unique: true },
    { paths: ['director.name', 'year'] },
    { name: 'genre', path: 'genres', multi: true },
  ],
})

export const free = collection('free', { indexes: [{ path: 'a' }], documentSizeMaxBytes: 2000 })

export const HEAT: Movie = {
  title: 'Heat',
  year: 1995,
  genres: ['crime', 'drama'],
  director: { name: 'Mann', born: 1943 },
}
export const ALI: Movie = { title: 'Ali', year: 2001, genres: ['drama'], director: { name: 'Mann' } }

/** As it comes from a request, for which the compiler cannot vouch. */
export const untyped = (value: unknown): never => value as never

export async function withDatabase(
  schema: readonly ObjectSchema[],
  work: (db: Database, env: TestEnv) => Promise<void>,
): Promise<void> {
  const storage = await openStore()
  const env = new TestEnv({ startMs: START_MS })
  try {
    await work(await openDatabase({ storage, schema, env }), env)
  } finally {
    await storage.close()
  }
}

/**
 * Reads every key of the collection and asserts that the index entries are those that the documents call for, and not
 * one more. Returns the documents in order of id.
 */
export async function audit(db: Database, name: string): Promise<JsonDocument[]> {
  await using storage = await db.storage.begin()
  const context = new TransactionContext(storage, new Catalog(), systemEnv)
  const collection = new OpenCollection(context, await context.object(collectionModel, name))
  const documents: JsonDocument[] = []
  const found: string[] = []
  const expected: string[] = []
  for await (const chunk of storage.scan(documentKeys.collection(collection.id))) {
    for (const { key, value } of chunk) {
      const parsed = parseKey(key)
      assert(parsed.model === 'document')
      if (parsed.kind === 'index') {
        found.push(`${toBinaryString(key)} ${toHex(value)}`)
        continue
      }
      const { document } = decodeDocument(value, key)
      assert.equal(document['id'], parsed.id)
      documents.push(document)
      for (const index of collection.indexes) {
        for (const entry of indexEntries(collection, index, parsed.id, document)) {
          expected.push(`${entry.keyText} ${toHex(entry.value)}`)
        }
      }
    }
  }
  assert.deepEqual(found.sort(), expected.sort())
  return documents
}
