import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { relationalKeys, type KeyRange, type ScanOptions } from '@orbit-ts/storage'
import { withDatabase } from '../models/relational/table-database.test.data.js'
import { PLAIN_CONTEXT } from '../models/relational/types/plain-context.js'
import { loadCatalog } from '../lang/sql/catalog/load-catalog.js'
import type { Database, ObjectSchema } from '../database.js'
import { ROW_ID_ORDINAL } from '../plan/logical-plan.js'
import type { Row } from '../scalar/value.js'
import type { TransactionContext } from '../txn/database-transaction.js'
import { Numeric } from '../scalar/numeric/numeric.js'
import {
  bool,
  int4,
  int8,
  numeric,
  text,
  timestamptz,
  uuid,
} from '../models/relational/schema/column-types.js'
import { table } from '../models/relational/table.js'
import type { AccessPath, Relation, RelationContext, ScanRequest } from './relation.js'
import { TableRelation } from './table-relation.js'

const people = table(
  'people',
  {
    id: int4().primaryKey(),
    name: text().notNull(),
    age: int8(),
    balance: numeric(10, 2),
    active: bool().default(true),
  },
  {
    indexes: [
      { name: 'people_age', columns: ['age'] },
      { name: 'people_name', columns: ['name'], unique: true },
    ],
  },
)

const ROWS = [
  { id: 1, name: 'Ada', age: 36n, balance: '12.50' },
  { id: 2, name: 'Bob', age: null, balance: null },
  { id: 3, name: 'Cem', age: 9_007_199_254_740_993n, balance: '-0.05' },
  { id: -4, name: 'Dóra', age: 36n, balance: '99999999.99' },
]

async function withRelation(
  schema: readonly ObjectSchema[],
  name: string,
  work: (relation: Relation, context: RelationContext, db: Database, tx: TransactionContext) => Promise<void>,
): Promise<void> {
  await withDatabase(schema, async (db) => {
    if (schema[0] === people) await db.table(people).insertMany(ROWS)
    const tx = await db.beginContext({})
    const catalog = await loadCatalog(tx)
    const found = catalog.findClass({ name }, ['public'])
    assert(found?.kind === 'relation')
    const context = { models: tx, scalar: PLAIN_CONTEXT, signal: new AbortController().signal }
    await work(found.relation, context, db, tx)
    await tx.storage.rollback()
  })
}

async function read(
  relation: Relation,
  context: RelationContext,
  request: Partial<ScanRequest> & { access?: AccessPath } = {},
): Promise<Row[]> {
  const rows: Row[] = []
  const whole: ScanRequest = { columns: [0, 1, 2, 3, 4], access: { kind: 'all' }, ...request }
  for await (const batch of relation.scan(context, whole)) rows.push(...batch)
  return rows
}

const decimal = (digits: bigint): Numeric => new Numeric(digits, 2)

test('a table gives its rows as canonical values, in key order', () =>
  withRelation([people], 'people', async (relation, context) => {
    assert.deepEqual(await read(relation, context), [
      [-4, 'Dóra', 36, decimal(9_999_999_999n), true],
      [1, 'Ada', 36, decimal(1250n), true],
      [2, 'Bob', null, null, true],
      [3, 'Cem', 9_007_199_254_740_993n, decimal(-5n), true],
    ])
    assert.deepEqual(await read(relation, context, { columns: [1], isReverse: true, limit: 2 }), [
      ['Cem'],
      ['Bob'],
    ])
    assert.deepEqual(await read(relation, context, { columns: [] }), [[], [], [], []])
  }))

test('points and ranges of the primary key and of indexes', () =>
  withRelation([people], 'people', async (relation, context) => {
    const ids = (access: AccessPath, isReverse = false) =>
      read(relation, context, { columns: [0], access, isReverse }).then((rows) => rows.flat())
    const primary = relation.indexes[0]?.name ?? ''
    assert.equal(primary, 'people_pkey')
    assert.deepEqual(await ids({ kind: 'points', index: primary, keys: [[3], [7], [1]] }), [3, 1])
    assert.deepEqual(await ids({ kind: 'points', index: primary, keys: [[1], [3], [7]] }, true), [3, 1])
    assert.deepEqual(await ids({ kind: 'points', index: 'people_name', keys: [['Dóra'], ['x']] }), [-4])
    assert.deepEqual(
      await ids({ kind: 'points', index: 'people_name', keys: [['Ada'], ['Dóra']] }, true),
      [-4, 1],
    )
    const range = (index: string, ...ranges: object[]): AccessPath => ({
      kind: 'ranges',
      index,
      indexOnly: false,
      ranges: ranges.map((each) => ({ prefix: [], ...each })),
    })
    const above = { lower: { value: 1, isInclusive: false } }
    assert.deepEqual(await ids(range(primary, above)), [2, 3])
    assert.deepEqual(await ids(range(primary, above), true), [3, 2])
    assert.deepEqual(await ids(range(primary, { upper: { value: 1, isInclusive: true } })), [-4, 1])
    assert.deepEqual(await ids(range('people_age', { prefix: [36] })), [-4, 1])
    assert.deepEqual(await ids(range('people_age', { prefix: [null] })), [2])
    assert.deepEqual(await ids(range('people_age', { notNull: true })), [-4, 1, 3])
    assert.deepEqual(await ids(range('people_age', { lower: { value: 36, isInclusive: false } })), [3])
    assert.deepEqual(await ids(range('people_age', { prefix: [36] }, { prefix: [null] })), [-4, 1, 2])
    assert.deepEqual(await ids(range('people_age', { prefix: [36] }, { prefix: [null] }), true), [2, 1, -4])
    const indexOnly = { ...range('people_age', { notNull: true }), indexOnly: true } as AccessPath
    assert.deepEqual(await read(relation, context, { columns: [2, 0], access: indexOnly }), [
      [36, -4],
      [36, 1],
      [9_007_199_254_740_993n, 3],
    ])
  }))

test('rows are inserted with defaults, changed and deleted', () =>
  withRelation([people], 'people', async (relation, context) => {
    assert(relation.writer)
    const write = await relation.writer.begin(context)
    assert.deepEqual(await write.insert([[5, 'Eva', undefined, decimal(100n), undefined]]), [
      [5, 'Eva', null, decimal(100n), true],
    ])
    const [first] = await read(relation, context, { columns: [ROW_ID_ORDINAL], limit: 1 })
    const id = first?.[0] ?? null
    assert.deepEqual(await write.lock([id], 'update', 'block'), [true])
    assert.equal(write.hasChanged(id), false)
    assert.deepEqual(await write.update([{ id, values: [10, undefined, null] }]), [
      [10, 'Dóra', null, decimal(9_999_999_999n), true],
    ])
    const ids = await read(relation, context, {
      columns: [ROW_ID_ORDINAL],
      access: { kind: 'points', index: 'people_name', keys: [['Ada']] },
    })
    assert.deepEqual(await write.delete(ids.flat()), [[1, 'Ada', 36, decimal(1250n), true]])
    await write.finish()
    assert.deepEqual((await read(relation, context, { columns: [0] })).flat(), [2, 3, 5, 10])
  }))

test('constraints are reported in the words of PostgreSQL', () =>
  withRelation([people], 'people', async (relation, context) => {
    const writer = relation.writer
    assert(writer)
    const failure = async (work: () => Promise<unknown>): Promise<object> => {
      const error: unknown = await work().then(
        () => assert.fail('it succeeded'),
        (reason: unknown) => reason,
      )
      assert(error instanceof OrbitError)
      return { message: error.reason, ...error.details }
    }
    const write = await writer.begin(context)
    assert.deepEqual(await failure(() => write.insert([[1, 'Zoe', null, null, null]])), {
      message: 'duplicate key value violates unique constraint "people_pkey"',
      sqlState: '23505',
      detail: 'Key (id)=(1) already exists.',
      schema: 'public',
      table: 'people',
      constraint: 'people_pkey',
    })
    assert.deepEqual(await failure(() => write.insert([[9, 'Ada', null, null, null]])), {
      message: 'duplicate key value violates unique constraint "people_name"',
      sqlState: '23505',
      detail: 'Key (name)=(Ada) already exists.',
      schema: 'public',
      table: 'people',
      constraint: 'people_name',
    })
    assert.deepEqual(await failure(() => write.insert([[9, null, 1, decimal(110n), false]])), {
      message: 'null value in column "name" of relation "people" violates not-null constraint',
      sqlState: '23502',
      detail: 'Failing row contains (9, null, 1, 1.10, f).',
      schema: 'public',
      table: 'people',
      column: 'name',
    })
  }))

test('rows whose key exists are given back as conflicts, those of the same statement too', () =>
  withRelation([people], 'people', async (relation, context) => {
    assert(relation.writer)
    const write = await relation.writer.begin(context)
    const outcome = await write.insertUnlessExists(
      [
        [7, 'Ada', 1, null, true],
        [8, 'New', 2, null, true],
        [8, 'Other', 3, null, true],
      ],
      undefined,
    )
    assert.deepEqual(
      outcome.map((each) =>
        'inserted' in each ? ['inserted', each.inserted] : ['conflict', each.row, each.wanted],
      ),
      [
        ['conflict', [1, 'Ada', 36, decimal(1250n), true], [7, 'Ada', 1, null, true]],
        ['inserted', [8, 'New', 2, null, true]],
        ['conflict', [8, 'New', 2, null, true], [8, 'Other', 3, null, true]],
      ],
    )
    await write.finish()
  }))

const events = table('events', {
  key: uuid().primaryKey(),
  at: timestamptz({ precision: 6 }).notNull(),
  tags: text().array(),
})

test('keys that are no integers, moments and arrays', () =>
  withRelation([events], 'events', async (relation, context) => {
    assert(relation.writer)
    const write = await relation.writer.begin(context)
    const key = '2f0b6e2e-4e6f-4f5a-9a53-0d7c3a1b2c3d'
    const [stored] = await write.insert([[key, Infinity, null]])
    assert.deepEqual(stored, [key, Infinity, null])
    assert.deepEqual(await read(relation, context, { columns: [1, 0] }), [[Infinity, key]])
    assert.deepEqual(
      await read(relation, context, {
        columns: [0],
        access: { kind: 'points', index: 'events_pkey', keys: [[key]] },
      }),
      [[key]],
    )
  }))

test('a range is read for what is wanted of it: keys, values, or both', () =>
  withRelation([people], 'people', async (relation, context, _db, tx) => {
    const scans: string[] = []
    const storage = new Proxy(tx.storage, {
      get(target, name): unknown {
        if (name !== 'scan') {
          const member: unknown = Reflect.get(target, name, target)
          return typeof member === 'function' ? member.bind(target) : member
        }
        return (range: KeyRange, options: ScanOptions = {}) => {
          scans.push(options.keysOnly === true ? 'keys' : options.valuesOnly === true ? 'values' : 'both')
          return target.scan(range, options)
        }
      },
    })
    const models = Object.create(tx, { storage: { value: storage } }) as TransactionContext
    const of = (columns: number[], access: AccessPath = { kind: 'all' }) =>
      read(relation, { ...context, models }, { columns, access })
    const index = relation.indexes[0]?.name ?? ''
    const range = { prefix: [], lower: { value: 2, isInclusive: true } }
    const ranges: AccessPath = { kind: 'ranges', index, indexOnly: false, ranges: [range] }
    assert.deepEqual(await of([1, 4], ranges), [
      ['Bob', true],
      ['Cem', true],
    ])
    assert.deepEqual(await of([1, 0], ranges), [
      ['Bob', 2],
      ['Cem', 3],
    ])
    assert.deepEqual(await of([0], ranges), [[2], [3]])
    assert.deepEqual(await of([], ranges), [[], []])
    assert.deepEqual(await of([2]), [[36], [36], [null], [9_007_199_254_740_993n]])
    assert.equal((await of([2, ROW_ID_ORDINAL]))[0]?.length, 2)
    assert.deepEqual(scans, ['values', 'both', 'keys', 'keys', 'values', 'both'])
  }))

test('a row that is damaged is named whether its key was to be read or not', () =>
  withRelation([people], 'people', async (relation, context, _db, tx) => {
    const names: string[] = []
    for (const columns of [[1], [0, 1]]) {
      assert(relation instanceof TableRelation)
      const { id } = relation.layout
      tx.storage.put(relationalKeys.row(id, 2), Buffer.of(1, 2, 3))
      await read(relation, context, { columns }).catch((error: unknown) => {
        assert(error instanceof OrbitError && error.code === 'STORAGE_CORRUPT')
        names.push(String(error.details['row']))
      })
    }
    assert.equal(names.length, 2)
    assert.equal(names[0], names[1])
    assert.match(names[0] ?? '', /2/)
  }))

const parts = table(
  'parts',
  { a: int4().notNull(), b: int8().notNull(), c: text(), d: int4() },
  { primaryKey: ['a', 'b'] },
)

test('keys of several integers, small and large', () =>
  withDatabase([parts], async (db) => {
    const keys: [number, bigint][] = [
      [-2_147_483_648, -9_223_372_036_854_775_808n],
      [-1, -1n],
      [0, 0n],
      [1, 9_007_199_254_740_993n],
      [2_147_483_647, 9_223_372_036_854_775_807n],
    ]
    await db.table(parts).insertMany(keys.map(([a, b], d) => ({ a, b, c: `${d}`, d })))
    const tx = await db.beginContext({})
    const found = (await loadCatalog(tx)).findClass({ name: 'parts' }, ['public'])
    assert(found?.kind === 'relation')
    const context = { models: tx, scalar: PLAIN_CONTEXT, signal: new AbortController().signal }
    const rows = await read(found.relation, context, { columns: [1, 3, 0] })
    assert.deepEqual(
      rows.map(([b, d, a]) => [typeof b === 'number' || typeof b === 'bigint' ? String(b) : b, d, a]),
      keys.map(([a, b], d) => [String(b), d, a]),
    )
    assert.deepEqual(
      await read(found.relation, context, { columns: [0] }),
      keys.map(([a]) => [a]),
    )
    await tx.storage.rollback()
  }))
