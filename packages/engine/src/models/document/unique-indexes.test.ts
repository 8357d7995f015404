import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collection } from './collection.js'
import { audit, refuses, withDatabase } from './collection-database.test.data.js'

test('null and missing never clash in a unique index, and a value may move from one document to another', () =>
  withDatabase([collection('u', { indexes: [{ paths: ['a', 'b'], unique: true }] })], async (db) => {
    const session = db.collection('u')
    await session.insertMany([
      { id: '1', a: 1 },
      { id: '2', a: 1 },
      { id: '3', a: 1, b: null },
      { id: '4' },
      { id: '5' },
    ])
    await session.insertMany([
      { id: '6', a: 1, b: 1 },
      { id: '7', a: 1, b: '1' },
      { id: '8', a: 1, b: true },
    ])
    await refuses(
      session.insert({ id: '9', a: 1, b: 1 }),
      'UNIQUE_VIOLATION',
      'collection "u": document "9" and document "6" both have a = 1, b = 1, which index "a,b" keeps unique',
    )
    await refuses(
      session.merge('4', { a: 1, b: true }),
      'UNIQUE_VIOLATION',
      'document "8" both have a = 1, b = true',
    )
    await refuses(session.merge('4', { a: 1, b: -0 + 1 }), 'UNIQUE_VIOLATION', 'document "6"')
    await db.transaction(async (tx) => {
      await tx.collection('u').merge('6', { b: 2 })
      await tx.collection('u').insert({ id: '9', a: 1, b: 1 })
      await tx.collection('u').delete('9')
      await tx.collection('u').merge('6', { b: 1 })
    })
    assert.equal((await audit(db, 'u')).length, 8)
  }))

test('a unique multi-valued index keeps elements apart, and one document may repeat its own', () =>
  withDatabase([collection('u', { indexes: [{ path: 'tags', unique: true, multi: true }] })], async (db) => {
    const session = db.collection('u')
    await session.insert({ id: '1', tags: ['a', 'b', 'a', ['x'], { y: 1 }, null] })
    await session.insert({ id: '2', tags: [] })
    await session.insert({ id: '3', tags: [] })
    await refuses(
      session.insert({ id: '4', tags: ['c', 'b'] }),
      'UNIQUE_VIOLATION',
      'document "1" both have tags = "b"',
    )
    await session.insert({ id: '4', tags: 'c' })
    await refuses(
      session.merge('2', { tags: ['c'] }),
      'UNIQUE_VIOLATION',
      'document "4" both have tags = "c"',
    )
    assert.equal((await audit(db, 'u')).length, 4)
    assert.deepEqual(await session.find({ where: { tags: { in: ['a', 'b'] } } }), [
      { id: '1', tags: ['a', 'b', 'a', ['x'], { y: 1 }, null] },
    ])
  }))
