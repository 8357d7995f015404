import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, hasCode, toHex } from '@orbit-ts/base'
import { documentKeys } from '@orbit-ts/storage'
import { Catalog } from '../../catalog/catalog.js'
import { TransactionContext } from '../../txn/database-transaction.js'
import { collection, type JsonDocument, type PatchOperation } from './collection.js'
import { CollectionSession } from './collection-session.js'
import { START_MS, audit, collect, refuses, withDatabase } from './collection-database.test.data.js'

interface Movie {
  title: string
  year?: number | null
  genres?: string[]
  director?: { name: string; born?: number }
}

const movies = collection<Movie>('movies', {
  indexes: [
    { path: 'title', unique: true },
    { paths: ['director.name', 'year'] },
    { name: 'genre', path: 'genres', multi: true },
  ],
})
const free = collection('free', { indexes: [{ path: 'a' }], documentSizeMaxBytes: 2000 })

const HEAT: Movie = {
  title: 'Heat',
  year: 1995,
  genres: ['crime', 'drama'],
  director: { name: 'Mann', born: 1943 },
}
const ALI: Movie = { title: 'Ali', year: 2001, genres: ['drama'], director: { name: 'Mann' } }

/** As it comes from a request, for which the compiler cannot vouch. */
const untyped = (value: unknown): never => value as never

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

test('what is no JSON is refused', () =>
  withDatabase([free], async (db) => {
    const session = db.collection(free)
    const cycle: Record<string, unknown> = {}
    cycle['a'] = { b: cycle }
    const cases: readonly [unknown, string][] = [
      [{ a: () => 1 }, 'a is function'],
      [{ a: [1, undefined] }, 'a[1] is undefined'],
      [{ a: [, 1] }, 'a[0] is undefined'],
      [{ a: NaN }, 'a is NaN'],
      [{ a: { b: Infinity } }, 'a.b is Infinity'],
      [{ a: 5n }, 'a is a bigint'],
      [{ a: Symbol('x') }, 'a is symbol'],
      [{ a: new Date(0) }, 'a is an object of class Date'],
      [{ a: new Map() }, 'a is an object of class Map'],
      [{ a: new Uint8Array(1) }, 'a is bytes'],
      [{ a: '\ud800' }, 'a is text with a lone surrogate'],
      [{ '\udfff': 1 }, 'a field whose name has a lone surrogate'],
      [JSON.parse('{"a":{"__proto__":{"x":1}}}'), 'a.__proto__ is a field of this name'],
      [JSON.parse('{"__proto__":{"x":1}}'), '__proto__ is a field of this name'],
    ]
    for (const [document, message] of cases) {
      await refuses(session.insert(untyped(document)), 'INVALID_ARGUMENT', message)
      await refuses(
        session.insert(untyped({ ...(document as object), id: 'x' })),
        'INVALID_ARGUMENT',
        'document "x"',
      )
    }
    assert.equal(Reflect.get({}, 'x'), undefined)
    await refuses(session.insert(untyped(cycle)), 'LIMIT_EXCEEDED', 'nested deeper than 100 levels')
    for (const [document, message] of [
      [undefined, 'document is undefined; it must be an object'],
      [null, 'document is null'],
      ['x', 'document is "x"'],
      [[1], 'document is an array of 1'],
      [new Date(0), 'document is a Date'],
    ] as const) {
      await refuses(session.insert(untyped(document)), 'INVALID_ARGUMENT', message)
    }
    assert.deepEqual(await audit(db, 'free'), [])
  }))

test('undefined fields are left out, as JSON does', () =>
  withDatabase([free], async (db) => {
    const session = db.collection(free)
    await session.insert(untyped({ id: 'x', a: undefined, b: { c: undefined, d: 1 } }))
    assert.deepEqual(await audit(db, 'free'), [{ id: 'x', b: { d: 1 } }])
    const { id } = await session.insert(untyped({ id: undefined, a: 1 }))
    assert.equal(id.length, 36)
  }))

test('depth and size are limited', () =>
  withDatabase([free], async (db) => {
    const session = db.collection(free)
    const nested = (levels: number): JsonDocument => {
      let value: JsonDocument = { end: true }
      for (let i = 1; i < levels; i++) value = { a: value }
      return value
    }
    await session.insert({ ...nested(100), id: 'deep' })
    assert.deepEqual(await session.get('deep'), { ...nested(100), id: 'deep' })
    await refuses(session.insert(nested(101)), 'LIMIT_EXCEEDED', 'nested deeper than 100 levels')
    await refuses(
      session.merge('deep', { b: nested(100) }),
      'LIMIT_EXCEEDED',
      'nested deeper than 100 levels',
    )
    const small = await session.insert({ id: 'small', text: 'x'.repeat(1900) })
    assert.equal(small.id, 'small')
    const error = await refuses(
      session.insert({ id: 'large', text: 'x'.repeat(2000) }),
      'LIMIT_EXCEEDED',
      'document "large" takes 2',
    )
    assert.equal(error.details['limit'], 2000)
    await refuses(
      session.merge('small', { more: 'x'.repeat(200) }),
      'LIMIT_EXCEEDED',
      'document "small" takes 2',
    )
    await audit(db, 'free')
  }))

test('16 MiB is the limit unless another is set', () =>
  withDatabase([collection('large')], async (db) => {
    const text = 'x'.repeat(16 * 1024 * 1024)
    await refuses(
      db.collection('large').insert({ id: 'a', text }),
      'LIMIT_EXCEEDED',
      'at most 16777216 are accepted (documentSizeMaxBytes)',
    )
    await db.collection('large').insert({ id: 'a', text: text.slice(100) })
    assert.equal(((await db.collection('large').get('a'))?.['text'] as string).length, text.length - 100)
  }))

test('bad ids and options are refused', () =>
  withDatabase([free], async (db) => {
    const session = db.collection(free)
    const cases: readonly [unknown, string][] = [
      [5, 'id is 5; it must be a string'],
      [null, 'id is null; it must be a string'],
      ['', 'id is empty'],
      ['x'.repeat(513), 'id takes 513 bytes; at most 512 are accepted'],
      ['\udc00', 'not well-formed Unicode'],
    ]
    for (const [id, message] of cases) {
      await refuses(session.insert(untyped({ id, a: 1 })), 'INVALID_ARGUMENT', message)
      await refuses(session.upsert(untyped({ id, a: 1 })), 'INVALID_ARGUMENT', message)
      await refuses(session.get(untyped(id)), 'INVALID_ARGUMENT', message)
      await refuses(session.getMany(['a', untyped(id)]), 'INVALID_ARGUMENT', message)
      await refuses(session.replace(untyped(id), {}), 'INVALID_ARGUMENT', message)
      await refuses(session.merge(untyped(id), {}), 'INVALID_ARGUMENT', message)
      await refuses(session.patch(untyped(id), []), 'INVALID_ARGUMENT', message)
      await refuses(session.delete(untyped(id)), 'INVALID_ARGUMENT', message)
    }
    await refuses(
      session.getMany(untyped('a')),
      'INVALID_ARGUMENT',
      'ids is "a"; it must be an array of strings',
    )
    await refuses(
      session.delete('a', untyped({ ifRevison: 1 })),
      'INVALID_ARGUMENT',
      'options.ifRevison is unknown; did you mean "ifRevision"?',
    )
    await refuses(session.delete('a', { ifRevision: 0 }), 'INVALID_ARGUMENT', 'options.ifRevision is 0')
    await refuses(session.delete('a', untyped(null)), 'INVALID_ARGUMENT', 'options is null')
    await refuses(
      session.merge('a', untyped([])),
      'INVALID_ARGUMENT',
      'patch is an array of 0; it must be an object',
    )
    await refuses(session.patch('a', untyped('x')), 'RECORD_NOT_FOUND', 'document "a" does not exist')
    assert.deepEqual(await audit(db, 'free'), [])
  }))

test('ids of any text are kept apart and in order', () =>
  withDatabase([free], async (db) => {
    const ids = ['a', 'a\u0000', 'a\u0000\u0000', 'ab', 'é', '\ue000', '😀', 'x'.repeat(512)]
    await db.collection(free).insertMany(ids.map((id) => ({ id, a: id.length })))
    const sorted = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const found = await db.collection(free).find({ orderBy: 'id' })
    assert.deepEqual(
      found.map(({ id }) => id),
      sorted,
    )
    for (const id of ids) assert.deepEqual(await db.collection(free).get(id), { id, a: id.length })
    assert.deepEqual((await audit(db, 'free')).length, ids.length)
  }))

test('what an index cannot hold is refused', () =>
  withDatabase([free, movies], async (db) => {
    const session = db.collection(free)
    await session.insert({ id: 'fits', a: 'x'.repeat(890) })
    await refuses(
      session.insert({ id: 'long', a: 'x'.repeat(1000) }),
      'LIMIT_EXCEEDED',
      'document "long": a takes 1139 bytes in index "a"; at most 1024 are accepted',
    )
    await refuses(
      db
        .collection(movies)
        .insert({ title: 'many', genres: Array.from({ length: 1001 }, (_, i) => `g${i}`) }),
      'LIMIT_EXCEEDED',
      'would have 1001 entries in index "genre"; at most 1000 are accepted',
    )
    await refuses(
      db.collection(movies).insert(untyped({ id: 'm', title: ['x'] })),
      'TYPE_MISMATCH',
      'document "m": title is an array or an object, which the unique index "title" cannot compare',
    )
    await audit(db, 'free')
    await audit(db, 'movies')
  }))

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

test('the schema holds for every write', () =>
  withDatabase(
    [
      collection('s', {
        schema: { fields: { title: { type: 'string', required: true } }, additionalFields: false },
      }),
    ],
    async (db) => {
      const session = db.collection('s')
      await refuses(
        session.insert({ id: '1' }),
        'NOT_NULL_VIOLATION',
        'collection "s": document "1": title is missing',
      )
      await refuses(
        session.insert({ id: '1', title: 1 }),
        'TYPE_MISMATCH',
        'document "1": title is 1; it must be string',
      )
      await session.insert({ id: '1', title: 'x' })
      await refuses(session.merge('1', { title: null }), 'NOT_NULL_VIOLATION', 'title is missing')
      await refuses(
        session.patch('1', [{ op: 'add', path: '/x', value: 1 }]),
        'TYPE_MISMATCH',
        'x is not in the schema',
      )
      await refuses(session.replace('1', {}), 'NOT_NULL_VIOLATION', 'title is missing')
      await refuses(session.updateWhere({}, { title: 5 }), 'TYPE_MISMATCH', 'title is 5')
      assert.deepEqual(await audit(db, 's'), [{ id: '1', title: 'x' }])
    },
  ))

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
    // @ts-expect-error -- a title is missing
    await session.insert({ year: 5 })
    // @ts-expect-error -- no such field
    assert.deepEqual(await session.find({ where: { titel: 'x' } }), [])
    // @ts-expect-error -- of another type
    await session.merge(id, { year: '1995' })
  }))
