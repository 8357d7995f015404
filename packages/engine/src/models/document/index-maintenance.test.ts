/**
 * Random collections, written at random: whatever indexes there are, they hold what the documents call for, and a query
 * finds through them what it finds by looking at every document.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import fc from 'fast-check'
import type { Database } from '../../database.js'
import { compileFilter } from '../../filter/compile-filter.js'
import type { Filter, OrderBy, Query } from '../../filter/filter.js'
import { parsePath, readSingle } from '../../filter/path.js'
import { collection, type JsonDocument, type PatchOperation } from './collection.js'
import type { IndexInput } from './collection-input.js'
import { audit, collect, withDatabase } from './collection-database.test.data.js'
import type { CollectionSession } from './collection-session.js'
import { compareIndexed } from './index-values.js'
import { mergePatch } from './merge-patch.js'

const scalar = fc.constantFrom<JsonDocument[string]>(0, 1, 2, 1.5, '', 'a', 'ab', '😀', '\ue000', true, false)
const leaf = fc.oneof({ weight: 6, arbitrary: scalar }, fc.constant(null))
const value = fc.oneof(
  { weight: 6, arbitrary: leaf },
  { weight: 3, arbitrary: fc.array(leaf, { maxLength: 3 }) },
  fc.array(fc.record({ x: leaf }, { requiredKeys: [], noNullPrototype: true }), { maxLength: 2 }),
  fc.record(
    { x: fc.oneof(leaf, fc.array(leaf, { maxLength: 2 })) },
    { requiredKeys: [], noNullPrototype: true },
  ),
)
const fields = fc.record(
  { a: value, b: value, o: value, u: leaf },
  { requiredKeys: [], noNullPrototype: true },
)
const id = fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c')

const PATHS = ['a', 'b', 'o', 'o.x', 'o.0.x']
const index: fc.Arbitrary<IndexInput> = fc
  .record({
    paths: fc.uniqueArray(fc.constantFrom(...PATHS, 'id'), { minLength: 1, maxLength: 3 }),
    multi: fc.boolean(),
    sparse: fc.boolean(),
  })
  .chain((options) =>
    fc
      .boolean()
      .map((unique): IndexInput => ({ ...options, unique: unique && options.paths.includes('id') })),
  )
const indexes = fc
  .uniqueArray(index, { maxLength: 4, selector: ({ paths = [] }) => paths.join() })
  .map((list): IndexInput[] => [...list, { path: 'u', unique: true }])

const operand = fc.oneof(
  { weight: 8, arbitrary: scalar },
  fc.constantFrom<unknown>(1n, 2n ** 60n, NaN, Infinity, new Date(0), 'x'.repeat(2000)),
)
const condition = fc.oneof(
  fc.record({ operator: fc.constantFrom('eq', 'ne'), operand: fc.oneof(operand, fc.constant(null), value) }),
  fc.record({ operator: fc.constantFrom('gt', 'gte', 'lt', 'lte'), operand }),
  fc.record({ operator: fc.constantFrom('contains'), operand: leaf }),
  fc.record({
    operator: fc.constantFrom('in', 'notIn'),
    operand: fc.array(fc.oneof(operand, leaf), { maxLength: 3 }),
  }),
  fc.record({
    operator: fc.constantFrom('like', 'startsWith'),
    operand: fc.constantFrom('a%', 'a', '', '%b', 'a_'),
  }),
  fc.record({ operator: fc.constantFrom('isNull', 'exists'), operand: fc.boolean() }),
)
const single = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.constantFrom(...PATHS, 'u'), condition) },
  fc.tuple(
    fc.constant('id'),
    fc.oneof(
      fc.record({ operator: fc.constantFrom('eq', 'gt', 'gte', 'lt', 'lte', 'startsWith'), operand: id }),
      fc.record({ operator: fc.constantFrom('in'), operand: fc.array(id) }),
    ),
  ),
)
const conjunct = single.map(([field, { operator, operand: to }]): Filter => ({ [field]: { [operator]: to } }))
const where: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 4, arbitrary: conjunct },
  { weight: 4, arbitrary: fc.array(conjunct, { maxLength: 4 }).map(($and): Filter => ({ $and })) },
  fc.array(conjunct, { maxLength: 3 }).map(($or): Filter => ({ $or })),
  fc.tuple(conjunct, conjunct).map(([one, other]): Filter => ({ $and: [one, { $not: other }] })),
)
const orderBy: fc.Arbitrary<Required<OrderBy>[]> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...PATHS, 'id'), { minLength: 1, maxLength: 3 }),
    fc.constantFrom<OrderBy['direction'][]>(['asc'], ['asc'], ['desc'], ['asc', 'desc']),
  )
  .map(([paths, directions]) =>
    paths.map((field, i) => ({ field, direction: directions[i % directions.length] ?? 'asc' })),
  )
const query = fc.record(
  { where, orderBy, limit: fc.nat(9), offset: fc.nat(3) },
  { requiredKeys: ['where'], noNullPrototype: true },
)

type Write = (session: CollectionSession, model: Map<string, JsonDocument>) => Promise<void>

const write: fc.Arbitrary<Write> = fc.oneof(
  fc
    .array(fc.tuple(id, fields), { minLength: 1, maxLength: 4 })
    .map((list): Write => async (session, model) => {
      const documents = list.map(([key, document]) => ({ id: key, ...document }))
      await session.insertMany(documents)
      for (const document of documents) model.set(document.id, document)
    }),
  fc.tuple(id, fields).map(([key, document]): Write => async (session, model) => {
    const { created } = await session.upsert({ id: key, ...document })
    assert.equal(created, !model.has(key))
    model.set(key, { id: key, ...document })
  }),
  fc.tuple(id, fields).map(([key, document]): Write => async (session, model) => {
    await session.replace(key, document)
    model.set(key, { id: key, ...document })
  }),
  fc.tuple(id, fields).map(([key, patch]): Write => async (session, model) => {
    const { document } = await session.merge(key, patch)
    model.set(key, document)
  }),
  fc.tuple(id, value).map(([key, added]): Write => async (session, model) => {
    const operations: PatchOperation[] = [
      { op: 'add', path: '/a', value: added },
      { op: 'copy', from: '/a', path: '/b' },
    ]
    const { document } = await session.patch(key, operations)
    assert.deepEqual(document, { ...model.get(key), a: added, b: added })
    model.set(key, document)
  }),
  id.map((key): Write => async (session, model) => {
    assert.equal(await session.delete(key), model.delete(key))
  }),
  where.map((filter): Write => async (session, model) => {
    const matches = [...model.values()].filter(compileFilter(filter))
    assert.equal(await session.deleteWhere(filter), matches.length)
    for (const document of matches) model.delete(document['id'] as string)
  }),
  fc.tuple(where, fields).map(([filter, patch]): Write => async (session, model) => {
    const matches = [...model.values()].filter(compileFilter(filter))
    assert.equal(await session.updateWhere(filter, patch), matches.length)
    for (const document of matches)
      model.set(document['id'] as string, mergePatch(document, patch) as JsonDocument)
  }),
)

/** Enough documents for queries to tell them apart. */
const many = fc
  .uniqueArray(fc.tuple(id, fields), { minLength: 6, maxLength: 12, selector: ([key]) => key })
  .map((list): Write => async (session, model) => {
    const documents = list.map(([key, document], i) => ({ id: key, ...document, u: i + 10 }))
    await session.insertMany(documents)
    for (const document of documents) model.set(document.id, document)
  })

const REFUSALS = ['RECORD_EXISTS', 'RECORD_NOT_FOUND', 'UNIQUE_VIOLATION', 'TYPE_MISMATCH']

/** Writes in one transaction; what is refused must have changed nothing, which the audit and the model tell. */
async function apply(
  db: Database,
  writes: readonly Write[],
  model: Map<string, JsonDocument>,
): Promise<void> {
  await db.transaction(async (tx) => {
    for (const one of writes) {
      try {
        await one(tx.collection('c'), model)
      } catch (error) {
        if (!(error instanceof OrbitError && REFUSALS.includes(error.code))) throw error
      }
    }
  })
}

/** What the query finds, against what looking at all documents finds. Documents of equal keys may come in any order. */
async function checkQuery(
  session: CollectionSession,
  model: Map<string, JsonDocument>,
  asked: Query,
): Promise<void> {
  const { where: filter = {}, limit = Infinity, offset = 0 } = asked
  const order = (asked.orderBy ?? []) as Required<OrderBy>[]
  const matches = [...model.values()].filter(compileFilter(filter)).sort(byKeys(order))
  const unordered = asked as Query<JsonDocument>
  const found = await session.find(unordered)
  const keysOf = (documents: readonly JsonDocument[]): unknown[][] =>
    documents.map((document) => sortKeys(document, order))
  assert.deepEqual(keysOf(found), keysOf(matches.slice(offset, offset + limit)))
  assert.equal(new Set(found.map((document) => document.id)).size, found.length)
  for (const document of found) assert.deepEqual(document, model.get(document.id))
  assert(found.every(compileFilter(filter)))
  assert.deepEqual(idsOf(await collect(session.scan(unordered))), idsOf(found))
  assert.equal(await session.count(unordered.where), matches.length)
}

const idsOf = (documents: readonly { readonly id: string }[]): string[] =>
  documents.map((document) => document.id)

/** Arrays and objects are one key. */
function sortKeys(document: JsonDocument, order: readonly OrderBy[]): unknown[] {
  return order.map(({ field }) => {
    const key = readSingle(document, parsePath(field).steps)
    return typeof key === 'object' && key !== null ? 'array or object' : (key ?? null)
  })
}

function byKeys(order: readonly Required<OrderBy>[]): (a: JsonDocument, b: JsonDocument) => number {
  const keys = order.map(({ field, direction }) => ({
    steps: parsePath(field).steps,
    sign: direction === 'asc' ? 1 : -1,
  }))
  return (a, b) => {
    for (const { steps, sign } of keys) {
      const result = compareIndexed(readSingle(a, steps), readSingle(b, steps)) * sign
      if (result !== 0) return result
    }
    return 0
  }
}

test('indexes hold what documents call for, and queries find the same with and without them', async () => {
  await fc.assert(
    fc.asyncProperty(
      indexes,
      indexes,
      many,
      fc.array(fc.array(write, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
      fc.array(query, { minLength: 5, maxLength: 15 }),
      async (first, second, start, transactions, queries) => {
        await withDatabase([collection('c', { indexes: first })], async (db) => {
          const model = new Map<string, JsonDocument>()
          const check = async (): Promise<void> => {
            const stored = await audit(db, 'c')
            assert.deepEqual(new Map(stored.map((document) => [document['id'], document])), model)
            for (const asked of queries)
              await checkQuery(db.collection('c') as CollectionSession, model, asked)
          }
          for (const writes of [[start], ...transactions]) {
            await apply(db, writes, model)
            await check()
          }
          try {
            await db.apply([collection('c', { indexes: second })])
          } catch (error) {
            if (!(error instanceof OrbitError && REFUSALS.includes(error.code))) throw error
          }
          await check()
        })
      },
    ),
    { numRuns: 150 },
  )
})

test('a transaction queries its own writes as if they were stored', async () => {
  await fc.assert(
    fc.asyncProperty(
      indexes,
      many,
      fc.array(write, { maxLength: 4 }),
      fc.array(query, { minLength: 1, maxLength: 8 }),
      async (declared, before, inside, queries) => {
        await withDatabase([collection('c', { indexes: declared })], async (db) => {
          const model = new Map<string, JsonDocument>()
          await apply(db, [before], model)
          await db.transaction(async (tx) => {
            for (const one of inside) {
              try {
                await one(tx.collection('c'), model)
              } catch (error) {
                if (!(error instanceof OrbitError && REFUSALS.includes(error.code))) throw error
              }
              for (const asked of queries) await checkQuery(tx.collection('c'), model, asked)
            }
          })
        })
      },
    ),
    { numRuns: 100 },
  )
})
