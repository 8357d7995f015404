/** Several databases, each with a client of its own as in processes of their own, on one TiKV cluster. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hasCode, type ErrorCode } from '@orbit-ts/base'
import type { IsolationLevel } from '@orbit-ts/storage'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import { openDatabase, type Database, type ObjectSchema } from './database.js'
import { collection } from './models/document/collection.js'
import { audit } from './models/relational/table-database.test.data.js'
import { int4, text } from './models/relational/schema/column-types.js'
import { table } from './models/relational/table.js'

const LEVELS: readonly IsolationLevel[] = ['read-committed', 'snapshot', 'serializable']
const ATTEMPTS_MAX = 100

const plain = table('items', { id: int4().primaryKey(), code: text(), note: text() })
const indexed = table(
  'items',
  { id: int4().primaryKey(), code: text(), note: text() },
  { indexes: [{ name: 'by_code', columns: ['code'], unique: true }] },
)

describe('databases of several processes on one TiKV cluster', () => {
  let cluster: TestCluster
  let splitting: { cancel(): void }
  let namespaces = 0
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    splitting = keepSplitting(cluster)
  })
  after(async () => {
    splitting.cancel()
    await cluster.close()
  })

  async function withDatabases(
    schema: readonly ObjectSchema[],
    work: (one: Database, other: Database) => Promise<void>,
  ): Promise<void> {
    const namespace = `test-${++namespaces}`
    const open = (): Promise<Database> =>
      openDatabase({ storage: { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints], namespace }, schema })
    await using one = await open()
    await using other = await open()
    await work(one, other)
  }

  test('what one defines the other uses at once, in whatever it had open before', () =>
    withDatabases([], async (one, other) => {
      await one.apply([plain])
      await other.table(plain).insert({ id: 1, code: 'a' })
      await one.apply([indexed])
      await fails(other.table(plain).insert({ id: 2, code: 'a' }), 'UNIQUE_VIOLATION')
      await one.drop('table', 'items')
      await fails(other.table(plain).insert({ id: 3, code: 'b' }), 'OBJECT_NOT_FOUND')
      await one.apply([collection('items')])
      assert.deepEqual(
        (await other.objects()).map(({ kind }) => kind),
        ['collection'],
      )
    }))

  for (const isolation of LEVELS) {
    test(`${isolation}: a transaction that has written cannot commit past a change of the definition`, () =>
      withDatabases([plain], async (one, other) => {
        const writer = await one.begin({ isolation, lockWaitMs: 100 })
        await writer.table(plain).insert({ id: 1, code: 'a' })
        const outcome = await other.apply([indexed]).then(
          () => 'changed',
          () => 'refused',
        )
        const committed = await writer.commit().then(
          () => true,
          (error: unknown) => !hasCode(error, 'TRANSACTION_CONFLICT') && assert.fail(String(error)),
        )
        await writer.rollback()
        assert.ok(outcome === 'refused' || !committed)
        await other.apply([indexed])
        assert.equal((await audit(one, 'items')).length, committed ? 1 : 0)
      }))

    test(`${isolation}: an index that comes and goes misses no row that others write meanwhile`, () =>
      withDatabases([plain], async (one, other) => {
        const changing = alternate([one, other], [indexed, plain])
        const written = await Promise.all(
          Array.from({ length: 20 }, (_, id) =>
            codeOf(() =>
              (id % 2 === 0 ? one : other).transaction(
                async (tx) => {
                  await tx.table(plain).insert({ id, code: `c${id % 12}` })
                  await tx.table(plain).update(id, { note: 'x' })
                },
                { isolation, attemptsMax: ATTEMPTS_MAX },
              ),
            ),
          ),
        )
        await changing
        for (let id = 12; id < 20; id++) await one.table(plain).delete(id)
        await other.apply([indexed])
        assert.equal((await audit(one, 'items')).length, (await other.table(plain).find()).length)
        const ids = (await one.table(plain).find()).map(({ id }) => id)
        assert.deepEqual(
          ids,
          written.flatMap((code, id) => (code === undefined && id < 12 ? [id] : [])),
        )
        for (const code of written) assert.ok(code === undefined || code === 'UNIQUE_VIOLATION', code)
      }))

    test(`${isolation}: of many that take one unique value, in both, one has it`, () =>
      withDatabases([indexed], async (one, other) => {
        const outcomes = await Promise.all(
          Array.from({ length: 32 }, (_, id) =>
            codeOf(() =>
              (id % 2 === 0 ? one : other).transaction(
                (tx) => tx.table(indexed).insert({ id, code: `c${id % 4}` }),
                { isolation, attemptsMax: ATTEMPTS_MAX },
              ),
            ),
          ),
        )
        const taken = outcomes.filter((code) => code === undefined).length
        assert.equal(taken, 4)
        assert.deepEqual(
          new Set(outcomes.filter((code) => code !== undefined)),
          new Set<ErrorCode>(['UNIQUE_VIOLATION']),
        )
        assert.equal((await audit(other, 'items')).length, 4)
      }))

    for (const action of ['no action', 'cascade'] as const) {
      test(`${isolation}, ${action}: rows that refer to rows that others delete never dangle`, () => {
        const parents = table('parents', { id: int4().primaryKey() })
        const children = table(
          'children',
          { id: int4().primaryKey(), parent: int4() },
          { foreignKeys: [{ columns: ['parent'], references: { table: 'parents' }, onDelete: action }] },
        )
        return withDatabases([parents, children], async (one, other) => {
          const outcomes = await Promise.all(
            Array.from({ length: 36 }, (_, at) => {
              const id = at % 3
              const db = at % 2 === 0 ? one : other
              const step = Math.floor(at / 2) % 3
              return codeOf(() =>
                db.transaction(
                  async (tx) => {
                    if (step === 0) await tx.table(parents).upsert({ id })
                    else if (step === 1) await tx.table(children).insert({ id: at, parent: id })
                    else await tx.table(parents).delete(id)
                  },
                  { isolation, attemptsMax: ATTEMPTS_MAX },
                ),
              )
            }),
          )
          for (const code of outcomes) assert.ok(code === undefined || code === 'FOREIGN_KEY_VIOLATION', code)
          const known = new Set((await one.table(parents).find()).map(({ id }) => id))
          for (const { parent } of await other.table(children).find()) {
            assert.ok(typeof parent === 'number' && known.has(parent), `parent ${String(parent)} is there`)
          }
          await audit(one, 'parents')
          await audit(other, 'children')
        })
      })
    }
  }
})

/** Brings the definition back and forth, now in one and now in the other; what the rows do not allow is left out. */
async function alternate(
  databases: readonly [Database, Database],
  [indexes, none]: readonly [ObjectSchema, ObjectSchema],
): Promise<void> {
  const [one, other] = databases
  for (const [db, definition] of [
    [one, indexes],
    [other, none],
    [other, indexes],
    [one, none],
  ] as const) {
    const code = await codeOf(() => db.apply([definition]))
    assert.ok(code === undefined || code === 'UNIQUE_VIOLATION' || code === 'TRANSACTION_CONFLICT', code)
  }
}

async function codeOf(work: () => Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code as ErrorCode
    throw error
  }
}

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code))
}
