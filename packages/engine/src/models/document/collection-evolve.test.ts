import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentKeys } from '@orbit-ts/storage'
import type { Database } from '../../database.js'
import { collection } from './collection.js'
import { audit, refuses, withDatabase } from './collection-database.test.data.js'
import type { CollectionInput } from './collection-input.js'

const plain = collection('c')
const as = (input: CollectionInput): ReturnType<typeof collection> => collection('c', input)

async function keyCount(db: Database): Promise<number> {
  const { id } = await db.describe('collection', 'c')
  await using snapshot = await db.storage.snapshot()
  let count = 0
  for await (const chunk of snapshot.scan(documentKeys.collection(id))) count += chunk.length
  return count
}

test('a new index is built over the documents that are there', () =>
  withDatabase([plain], async (db) => {
    const documents = Array.from({ length: 2500 }, (_, i) => ({
      id: `d${i}`,
      n: i % 50,
      tags: [i % 3, 'x'],
      s: `s${i}`,
    }))
    await db.collection('c').insertMany(documents)
    const indexes: CollectionInput['indexes'] = [
      { path: 'n' },
      { path: 'tags', multi: true },
      { paths: ['n', 's'], unique: true },
      { path: 'missing', sparse: true },
    ]
    assert.deepEqual((await db.apply([as({ indexes })])).changed, ['c'])
    assert.equal((await audit(db, 'c')).length, 2500)
    assert.equal(await keyCount(db), 2500 * 5)
    assert.equal((await db.collection('c').explain({ where: { n: 7, s: 's7' } })).index, 'n,s')
    assert.equal(await db.collection('c').count({ n: 7 }), 50)
    assert.deepEqual((await db.apply([as({ indexes })])).unchanged, ['c'])
  }))

test('an index that is dropped leaves nothing behind, one that changes is built anew', () =>
  withDatabase([as({ indexes: [{ path: 'a' }, { path: 'b' }] })], async (db) => {
    await db.collection('c').insertMany([
      { a: 1, b: [1, 2] },
      { a: 2, b: 3 },
    ])
    assert.equal(await keyCount(db), 6)
    await db.apply([as({ indexes: [{ path: 'b', multi: true }] })])
    assert.equal((await audit(db, 'c')).length, 2)
    assert.equal(await keyCount(db), 5)
    assert.equal((await db.collection('c').explain({ where: { a: 1 } })).access, 'all documents')
    await db.apply([plain])
    assert.equal(await keyCount(db), 2)
  }))

test('a unique index that does not hold names both documents, and nothing changes', () =>
  withDatabase([plain], async (db) => {
    const session = db.collection('c')
    await session.insertMany(
      Array.from({ length: 1500 }, (_, i) => ({ id: String(i).padStart(4, '0'), n: i })),
    )
    await session.insert({ id: 'z', n: 5 })
    const message =
      'collection "c": document "z" and document "0005" both have n = 5, which index "n" keeps unique'
    await refuses(db.apply([as({ indexes: [{ path: 'n', unique: true }] })]), 'UNIQUE_VIOLATION', message)
    assert.equal(await keyCount(db), 1501)
    await session.merge('0003', { n: 4 })
    await session.delete('z')
    await refuses(
      db.apply([as({ indexes: [{ path: 'n', unique: true }] })]),
      'UNIQUE_VIOLATION',
      'document "0004" and document "0003" both have n = 4',
    )
    await session.merge('0003', { n: [3] })
    await refuses(
      db.apply([as({ indexes: [{ path: 'n', unique: true }] })]),
      'TYPE_MISMATCH',
      'document "0003": n is an array',
    )
    await session.merge('0003', { n: 3 })
    await db.apply([as({ indexes: [{ path: 'n', unique: true }] })])
    await refuses(session.insert({ n: 3 }), 'UNIQUE_VIOLATION', 'document "0003" both have n = 3')
    await audit(db, 'c')
  }))

test('a new schema must hold for the documents that are there', () =>
  withDatabase([plain], async (db) => {
    await db.collection('c').insertMany([
      { id: '1', n: 1 },
      { id: '2', n: 'x' },
    ])
    await refuses(
      db.apply([as({ schema: { fields: { n: { type: 'number' } } } })]),
      'SCHEMA_MISMATCH',
      'collection "c": the new schema does not hold for document "2": n is "x"; it must be number',
    )
    await db.collection('c').merge('2', { n: 2 })
    await db.apply([as({ schema: { fields: { n: { type: 'number' } } } })])
    await refuses(db.collection('c').insert({ n: 'x' }), 'TYPE_MISMATCH', 'n is "x"')
    await db.apply([plain])
    await db.collection('c').insert({ n: 'x' })
  }))

test('writers that began before a change of the definition do not miss it', () =>
  withDatabase([plain], async (db) => {
    const writer = await db.begin()
    await writer.collection('c').insert({ id: 'a', n: 1 })
    const changed = db.apply([as({ indexes: [{ path: 'n' }] })])
    await changed
    await refuses(writer.commit(), 'TRANSACTION_CONFLICT', 'c')
    await db.collection('c').insert({ id: 'b', n: 1 })
    assert.deepEqual(await audit(db, 'c'), [{ id: 'b', n: 1 }])
  }))

test('a dropped collection takes its documents and indexes with it', () =>
  withDatabase([as({ indexes: [{ path: 'a' }] })], async (db) => {
    const { id } = await db.describe('collection', 'c')
    await db.collection('c').insertMany([{ a: 1 }, { a: 2 }])
    await db.drop('collection', 'c')
    await using snapshot = await db.storage.snapshot()
    for await (const chunk of snapshot.scan(documentKeys.collection(id))) assert.deepEqual(chunk, [])
    await refuses(db.collection('c').count(), 'OBJECT_NOT_FOUND', 'collection "c" does not exist')
  }))

test('declarations are checked when they are applied', () =>
  withDatabase([], async (db) => {
    await refuses(
      db.create(collection('c', { indexes: [{ path: 'a', uniq: true } as never] })),
      'SCHEMA_INVALID',
      'collection "c": indexes[0].uniq is unknown; did you mean "unique"?',
    )
    await refuses(db.collection('c').count(), 'OBJECT_NOT_FOUND', 'collection "c" does not exist')
  }))
