import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Filter } from '../../filter/filter.js'
import { holds, type FirstOf, type HasUnknownField, type IsRefused } from '../../type-assertions.test.data.js'
import type { CollectionSession } from './collection-session.js'
import {
  ALI,
  HEAT,
  START_MS,
  audit,
  collect,
  free,
  movies,
  refuses,
  untyped,
  withDatabase,
  type Movie,
} from './collection-database.test.data.js'

test('a document comes back as it was given, with its id first where it had none', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    const { id, revision } = await session.insert(HEAT)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    assert.equal(revision, 1)
    assert.deepEqual(await session.get(id), { id, ...HEAT })
    assert.deepEqual(Object.keys((await session.get(id)) ?? {}), [
      'id',
      'title',
      'year',
      'genres',
      'director',
    ])
    assert.deepEqual(await session.insert({ ...ALI, id: 'ali' }), { id: 'ali', revision: 1 })
    assert.deepEqual(await session.getMany(['ali', 'none', id]), [
      { ...ALI, id: 'ali' },
      undefined,
      { id, ...HEAT },
    ])
    assert.equal(await session.get('none'), undefined)
    assert.equal(await session.getWithRevision('none'), undefined)
    assert.deepEqual(await session.getMany([]), [])
    await audit(db, 'movies')
  }))

test('revisions and times', () =>
  withDatabase([movies], async (db, env) => {
    const session = db.collection(movies)
    await session.insert({ ...HEAT, id: 'heat' })
    await env.advance(500)
    assert.deepEqual(await session.replace('heat', { title: 'Heat', year: 1996 }), {
      id: 'heat',
      revision: 2,
    })
    assert.deepEqual(await session.getWithRevision('heat'), {
      document: { id: 'heat', title: 'Heat', year: 1996 },
      revision: 2,
      createdAtMs: START_MS,
      updatedAtMs: START_MS + 500,
    })
    assert.equal((await session.replace('heat', { ...HEAT, id: 'heat' }, { ifRevision: 2 })).revision, 3)
    assert.equal((await session.merge('heat', { year: 1 }, { ifRevision: 3 })).revision, 4)
    assert.equal(
      (await session.patch('heat', [{ op: 'remove', path: '/year' }], { ifRevision: 4 })).revision,
      5,
    )
    assert.deepEqual(await session.upsert({ ...HEAT, id: 'heat' }, { ifRevision: 5 }), {
      id: 'heat',
      revision: 6,
      created: false,
    })
    const stale = { ifRevision: 5 }
    const message = 'collection "movies": document "heat" has revision 6, not revision 5'
    await refuses(session.replace('heat', HEAT, stale), 'PRECONDITION_FAILED', message)
    await refuses(session.upsert({ ...HEAT, id: 'heat' }, stale), 'PRECONDITION_FAILED', message)
    await refuses(session.merge('heat', {}, stale), 'PRECONDITION_FAILED', message)
    await refuses(session.patch('heat', [], stale), 'PRECONDITION_FAILED', message)
    await refuses(session.delete('heat', stale), 'PRECONDITION_FAILED', message)
    await refuses(
      session.upsert({ ...ALI, id: 'ali' }, stale),
      'PRECONDITION_FAILED',
      'document "ali" does not exist',
    )
    assert.equal(await session.delete('heat', { ifRevision: 6 }), true)
    assert.equal(await session.delete('heat'), false)
    assert.deepEqual(await audit(db, 'movies'), [])
  }))

test('what must be there is missed', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    const message = 'collection "movies": document "x" does not exist'
    await refuses(session.replace('x', HEAT), 'RECORD_NOT_FOUND', message)
    await refuses(session.merge('x', {}), 'RECORD_NOT_FOUND', message)
    await refuses(session.patch('x', []), 'RECORD_NOT_FOUND', message)
    await refuses(db.collection('movis').get('x'), 'OBJECT_NOT_FOUND', 'did you mean "movies"?')
    await refuses(db.collection('movis').insert({}), 'OBJECT_NOT_FOUND', 'collection "movis" does not exist')
  }))

test('upsert inserts or replaces', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    assert.deepEqual(await session.upsert({ ...HEAT, id: 'heat' }), {
      id: 'heat',
      revision: 1,
      created: true,
    })
    assert.deepEqual(await session.upsert({ ...ALI, id: 'heat' }), {
      id: 'heat',
      revision: 2,
      created: false,
    })
    const { id, created } = await session.upsert(HEAT)
    assert.equal(created, true)
    assert.deepEqual(await audit(db, 'movies'), [
      { id, ...HEAT },
      { ...ALI, id: 'heat' },
    ])
  }))

test('merge and patch change a document and keep indexes', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    await session.insert({ ...HEAT, id: 'heat' })
    const merged = await session.merge('heat', { year: null, director: { born: null }, genres: ['noir'] })
    assert.deepEqual(merged.document, {
      title: 'Heat',
      genres: ['noir'],
      director: { name: 'Mann' },
      id: 'heat',
    })
    const patched = await session.patch('heat', [
      { op: 'test', path: '/title', value: 'Heat' },
      { op: 'add', path: '/genres/-', value: 'crime' },
      { op: 'copy', from: '/director', path: '/producer' },
      { op: 'move', from: '/producer/name', path: '/studio' },
      { op: 'replace', path: '/title', value: 'HEAT' },
      { op: 'remove', path: '/director' },
    ])
    assert.deepEqual(patched.document, {
      title: 'HEAT',
      genres: ['noir', 'crime'],
      producer: {},
      studio: 'Mann',
      id: 'heat',
    })
    assert.deepEqual(await session.get('heat'), patched.document)
    await refuses(
      session.patch('heat', [
        { op: 'replace', path: '/title', value: 'x' },
        { op: 'test', path: '/studio', value: 'Fox' },
      ]),
      'PRECONDITION_FAILED',
      'patch[1]: the test failed, "/studio" is "Mann", which is not equal to "Fox"',
    )
    await refuses(
      session.patch('heat', [{ op: 'remove', path: '/x' }]),
      'INVALID_ARGUMENT',
      '"/x", which does not exist',
    )
    assert.deepEqual(await audit(db, 'movies'), [patched.document])
  }))

test('the id is fixed', () =>
  withDatabase([free], async (db) => {
    const session = db.collection(free)
    await session.insert({ id: 'x', a: 1 })
    const message = 'the id is fixed; document "x" cannot become'
    await refuses(session.replace('x', { id: 'y' }), 'INVALID_ARGUMENT', message)
    await refuses(session.merge('x', { id: 'y' }), 'INVALID_ARGUMENT', message)
    await refuses(session.patch('x', [{ op: 'replace', path: '/id', value: 5 }]), 'INVALID_ARGUMENT', message)
    await refuses(session.updateWhere({}, { id: 'y' }), 'INVALID_ARGUMENT', message)
    await refuses(
      session.patch('x', [{ op: 'replace', path: '', value: [] }]),
      'INVALID_ARGUMENT',
      'would become an array of 0',
    )
    // Taking the id out of the text does not take it from the document.
    assert.deepEqual((await session.patch('x', [{ op: 'remove', path: '/id' }])).document, { id: 'x', a: 1 })
    assert.deepEqual((await session.replace('x', { id: 'x', a: 2 })).revision, 3)
    assert.deepEqual(await audit(db, 'free'), [{ id: 'x', a: 2 }])
  }))

test('insertMany stores all or none', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    const many = Array.from({ length: 700 }, (_, i): Movie => ({ title: `m${i}`, genres: [`g${i % 3}`] }))
    const results = await session.insertMany(many)
    assert.deepEqual(
      results.map(({ id }) => id).toSorted(),
      results.map(({ id }) => id),
    )
    assert.equal((await audit(db, 'movies')).length, 700)
    assert.deepEqual(await session.insertMany([]), [])
    await refuses(
      session.insertMany([
        { title: 'a', id: 'a' },
        { title: 'b', id: 'a' },
      ]),
      'RECORD_EXISTS',
      'documents[1] has the id "a", as has one before it',
    )
    await refuses(
      session.insertMany([
        { title: 'a', id: 'a' },
        { title: 'a', id: 'b' },
      ]),
      'UNIQUE_VIOLATION',
      'document "b" and document "a" both have title = "a", which index "title" keeps unique',
    )
    await refuses(
      session.insertMany([{ title: 'new' }, { title: 'm5' }]),
      'UNIQUE_VIOLATION',
      `and document "${results[5]?.id ?? ''}" both have title = "m5"`,
    )
    await refuses(
      session.insertMany([{ title: 'new' }, { ...HEAT, id: results[3]?.id ?? '' }]),
      'RECORD_EXISTS',
      `document "${results[3]?.id ?? ''}" exists already; replace it, or upsert`,
    )
    await refuses(session.insertMany([{ title: 'new' }, untyped(5)]), 'INVALID_ARGUMENT', 'documents[1] is 5')
    await refuses(
      session.insertMany(untyped({})),
      'INVALID_ARGUMENT',
      'documents is an object; it must be an array',
    )
    assert.equal((await audit(db, 'movies')).length, 700)
  }))

test('deleteWhere and updateWhere', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    await session.insertMany(
      Array.from({ length: 1000 }, (_, i) => ({
        id: `m${i}`,
        title: `t${i}`,
        year: i % 10,
        genres: ['a', `g${i % 4}`],
      })),
    )
    assert.equal(
      await session.updateWhere({ genres: { in: ['a', 'g1'] }, year: { lt: 5 } }, { genres: ['b'], year: 7 }),
      500,
    )
    assert.equal(await session.count({ genres: 'b' }), 500)
    assert.equal((await session.getWithRevision('m0'))?.revision, 2)
    assert.equal((await session.getWithRevision('m5'))?.revision, 1)
    assert.equal(await session.deleteWhere({ year: 7 }), 600)
    assert.equal(await session.deleteWhere({ year: 7 }), 0)
    assert.equal(await session.updateWhere({ id: 'none' }, {}), 0)
    await refuses(
      session.deleteWhere(untyped(undefined)),
      'INVALID_ARGUMENT',
      'where is undefined; it must be an object',
    )
    await refuses(
      session.deleteWhere({ year: untyped(undefined) }),
      'INVALID_ARGUMENT',
      'where.year is undefined',
    )
    await refuses(session.updateWhere({}, untyped(5)), 'INVALID_ARGUMENT', 'patch is 5; it must be an object')
    assert.equal((await audit(db, 'movies')).length, 400)
    assert.equal(await session.deleteWhere({}), 400)
    assert.deepEqual(await audit(db, 'movies'), [])
  }))

test('scan gives chunks', () =>
  withDatabase([free], async (db) => {
    await db
      .collection(free)
      .insertMany(Array.from({ length: 600 }, (_, i) => ({ id: String(i).padStart(3, '0'), a: i % 7 })))
    const all = await collect(db.collection(free).scan())
    assert.equal(all.length, 600)
    const some = await collect(
      db.collection(free).scan({ where: { a: { gte: 5 } }, orderBy: ['a', 'id'], offset: 3, limit: 100 }),
    )
    assert.deepEqual(
      some,
      all
        .filter(({ a }) => a === 5)
        .concat(all.filter(({ a }) => a === 6))
        .slice(3, 103),
    )
    for await (const chunk of db.collection(free).scan()) {
      assert(chunk.length > 0)
      break
    }
  }))

test('types follow the declaration', () =>
  withDatabase([movies], async (db) => {
    const session = db.collection(movies)
    const { id } = await session.insert(HEAT)
    const movie = await session.get(id)
    const year: number | null | undefined = movie?.year
    assert.equal(year, 1995)
    const found = await session.find({
      where: { 'director.name': 'Mann', genres: 'crime' },
      orderBy: 'title',
    })
    assert.deepEqual(
      found.map(({ title }) => title),
      ['Heat'],
    )
    const [partial] = await session.find({ select: ['title'] })
    const title: string | undefined = partial?.title
    assert.equal(title, 'Heat')
    type Session = CollectionSession<Movie>
    holds<
      [
        IsRefused<{ year: number }, FirstOf<Session['insert']>>,
        HasUnknownField<{ titel: string }, Filter<Movie>>,
        IsRefused<{ year: string }, Parameters<Session['merge']>[1]>,
      ]
    >()
    // The compiler is not asked for what comes from elsewhere.
    await session.insert(untyped({ year: 5 }))
    assert.deepEqual(await session.find(untyped({ where: { titel: 'x' } })), [])
    await session.merge(id, untyped({ year: '1995' }))
  }))
