import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, hasCode, toHex } from '@orbit-ts/base'
import { documentKeys } from '@orbit-ts/storage'
import { Catalog } from '../../catalog/catalog.js'
import { TransactionContext } from '../../txn/database-transaction.js'
import { collection, type PatchOperation } from './collection.js'
import { CollectionSession } from './collection-session.js'
import { ALI, HEAT, audit, movies, refuses, untyped, withDatabase } from './collection-database.test.data.js'

test('writes that a caller starts at once do not lose one another', () =>
  withDatabase([collection('c', { indexes: [{ path: 'n' }, { path: 'tags', multi: true }] })], async (db) => {
    await db.transaction(async (tx) => {
      const session = tx.collection('c')
      await session.insert({ id: 'x', n: 0, tags: [] })
      const add = (i: number): PatchOperation[] => [
        { op: 'add', path: '/tags/-', value: i },
        { op: 'replace', path: '/n', value: i },
      ]
      await Promise.all(Array.from({ length: 10 }, (_, i) => tx.collection('c').patch('x', add(i))))
      const clashes = await Promise.allSettled([session.insert({ id: 'y' }), session.insert({ id: 'y' })])
      assert.deepEqual(
        clashes.map(({ status }) => status),
        ['fulfilled', 'rejected'],
      )
    })
    assert.deepEqual(await audit(db, 'c'), [
      { id: 'x', n: 9, tags: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
      { id: 'y' },
    ])
  }))

test('of two transactions one wins, and the other is told why', () =>
  withDatabase([movies], async (db) => {
    const first = await db.begin()
    const second = await db.begin()
    assert.equal(await second.collection(movies).count(), 0)
    await first.collection(movies).insert({ id: 'a', title: 'Heat' })
    await second.collection(movies).insert({ id: 'b', title: 'Heat' })
    await first.commit()
    await refuses(second.commit(), 'TRANSACTION_CONFLICT', 'write-conflict')
    assert.deepEqual(await audit(db, 'movies'), [{ id: 'a', title: 'Heat' }])
  }))

test('what a store refuses at commit is said of the document', () =>
  withDatabase([movies], async (db) => {
    const { id } = await db.describe('collection', 'movies')
    await using storage = await db.storage.begin()
    const context = new TransactionContext(storage, new Catalog(), db.env)
    await new CollectionSession(context, 'movies').insert({ id: 'b', title: 'Heat' })
    const refusal = (key: Uint8Array): unknown =>
      context.explain(new OrbitError('KEY_EXISTS', 'no', { key: toHex(key) }))
    const unique = refusal(documentKeys.index(id, 1, [{ kind: 'text', value: 'Heat' }]))
    assert(hasCode(unique, 'UNIQUE_VIOLATION'))
    assert.equal(
      unique.reason,
      'collection "movies": document "b" and a document written at the same time both have title = "Heat", which index "title" keeps unique',
    )
    const existing = refusal(documentKeys.record(id, 'b'))
    assert(hasCode(existing, 'RECORD_EXISTS'))
    assert.equal(existing.reason, 'collection "movies": document "b" exists already; replace it, or upsert')
  }))

test('concurrent transactions that are run again end in the unique violation or the last value', () =>
  withDatabase([movies], async (db) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => db.collection(movies).insert({ id: `m${i}`, title: 'Heat' })),
    )
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        assert(hasCode(outcome.reason, 'UNIQUE_VIOLATION'), String(outcome.reason))
    }
    const [only] = await audit(db, 'movies')
    const id = only?.['id'] as string
    await Promise.all(Array.from({ length: 5 }, (_, i) => db.collection(movies).merge(id, { year: i })))
    assert.equal((await db.collection(movies).getWithRevision(id))?.revision, 6)
    await audit(db, 'movies')
  }))

test('without a snapshot documents are locked before they are changed', () =>
  withDatabase([movies], async (db) => {
    await db.collection(movies).insert({ id: 'x', title: 'x', genres: [] })
    await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        db.transaction(
          (tx) => tx.collection(movies).patch('x', [{ op: 'add', path: '/genres/-', value: `g${i}` }]),
          { isolation: 'read-committed' },
        ),
      ),
    )
    const [document] = await audit(db, 'movies')
    assert.deepEqual((document?.['genres'] as string[]).toSorted(), ['g0', 'g1', 'g2', 'g3', 'g4', 'g5'])
  }))

test('a statement that fails leaves nothing in a transaction that goes on', () =>
  withDatabase([movies], async (db) => {
    await db.transaction(async (tx) => {
      const session = tx.collection(movies)
      await session.insert({ ...HEAT, id: 'heat' })
      await refuses(
        session.insertMany([{ title: 'x' }, { title: 'Heat' }]),
        'UNIQUE_VIOLATION',
        'title = "Heat"',
      )
      await refuses(session.merge('heat', untyped({ genres: [() => 1] })), 'INVALID_ARGUMENT', 'genres[0]')
      await session.insert({ ...ALI, id: 'ali' })
      await refuses(
        session.updateWhere({}, { title: 'same' }),
        'UNIQUE_VIOLATION',
        'both have title = "same"',
      )
    })
    assert.deepEqual(await audit(db, 'movies'), [
      { ...ALI, id: 'ali' },
      { ...HEAT, id: 'heat' },
    ])
  }))
