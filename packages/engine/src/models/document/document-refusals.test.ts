import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collection, type JsonDocument } from './collection.js'
import { audit, free, movies, refuses, untyped, withDatabase } from './collection-database.test.data.js'

test('what is no JSON is refused', () =>
  withDatabase([free], async (db) => {
    const session = db.collection(free)
    const cycle: Record<string, unknown> = {}
    cycle['a'] = { b: cycle }
    const cases: readonly [unknown, string][] = [
      [{ a: () => 1 }, 'a is function'],
      [{ a: [1, undefined] }, 'a[1] is undefined'],
      [{ a: new Array(2) }, 'a[0] is undefined'],
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
    await refuses(
      session.insert(untyped(cycle)),
      'INVALID_ARGUMENT',
      'a.b is an array or object that contains itself',
    )
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
    const most = db.collection('large').insert({ id: 'a', text: text.slice(100) })
    // A store may take less.
    const { valueSizeMaxBytes } = db.storage.capabilities
    if (valueSizeMaxBytes < text.length) {
      await refuses(most, 'VALUE_TOO_LARGE', `at most ${valueSizeMaxBytes} are accepted`)
      return
    }
    await most
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
