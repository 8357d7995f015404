import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openProvider, type StorageProvider } from '@orbit-ts/storage'
import { openDatabase, type Database } from '../database.js'
import { collection } from '../models/document/collection.js'

/** On an engine whose writes take time, so that what is started at once is under way at once. */
async function withDatabase(work: (db: Database, storage: StorageProvider) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-catalog-'))
  try {
    await using storage = await openProvider({ kind: 'rocksdb', dataDir })
    await work(await openDatabase({ storage }), storage)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function keyCount(storage: StorageProvider): Promise<number> {
  await using snapshot = await storage.snapshot()
  let count = 0
  for await (const chunk of snapshot.scan({}, { keysOnly: true })) count += chunk.length
  return count
}

test('any number of objects are created and dropped at once', () =>
  withDatabase(async (db, storage) => {
    const names = Array.from({ length: 100 }, (_, index) => `notes ${index}`)
    const created = await Promise.all(names.map((name) => db.create(collection(name, {}))))
    assert.equal(new Set(created.map(({ id }) => id)).size, names.length)
    await Promise.all(names.map((name) => db.collection(name).insert({ id: 'a' })))
    await Promise.all(names.map((name) => db.drop('collection', name)))
    assert.deepEqual(await db.objects(), [])
    // What stays is the counter of object ids, and the catalog's version.
    assert.equal(await keyCount(storage), 2)
  }))

test('the data of a dropped object goes in several steps, whatever the number of its ranges', () =>
  withDatabase(async (db, storage) => {
    await db.create(collection('notes', { indexes: [{ path: 'n' }] }))
    const documents = Array.from({ length: 12_000 }, (_, n) => ({ id: `note ${n}`, n }))
    await db.collection('notes').insertMany(documents)
    await db.drop('collection', 'notes')
    assert.equal(await keyCount(storage), 2)
  }))

test('a change of a definition and a read-committed transaction that had read the old one keep indexes whole', () =>
  withDatabase(async (db) => {
    await db.create(collection('notes', {}))
    const tx = await db.begin({ isolation: 'read-committed' })
    assert.equal(await tx.collection('notes').count(), 0)
    await db.change(collection('notes', { indexes: [{ path: 'n' }] }))
    await tx.collection('notes').insert({ id: 'a', n: 1 })
    await tx.commit()
    assert.deepEqual(
      (await db.collection('notes').find({ where: { n: 1 } })).map(({ id }) => id),
      ['a'],
    )
  }))
