import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode, type OrbitError } from '@orbit-ts/base'
import { relationalKeys, type IsolationLevel } from '@orbit-ts/storage'
import type { Database } from '../../../database.js'
import type { DatabaseTransaction } from '../../../txn/database-transaction.js'
import { int4, int8, text } from '../schema/column-types.js'
import type { ForeignKeyAction } from '../schema/table-input.js'
import { audit, layoutOf, refuses, withDatabase } from '../table-database.test.data.js'
import { table } from '../table.js'

const LEVELS: readonly IsolationLevel[] = ['read-committed', 'snapshot', 'serializable']
/** With a snapshot nobody waits for anybody: transactions can be stepped through one by one. */
const SNAPSHOT_LEVELS: readonly IsolationLevel[] = ['snapshot', 'serializable']

type Work = (tx: DatabaseTransaction) => Promise<unknown>

async function outcome(work: Promise<unknown>): Promise<'committed' | OrbitError> {
  try {
    await work
    return 'committed'
  } catch (error) {
    assert(
      hasCode(error, 'TRANSACTION_CONFLICT') ||
        hasCode(error, 'UNIQUE_VIOLATION') ||
        hasCode(error, 'RECORD_EXISTS') ||
        hasCode(error, 'FOREIGN_KEY_VIOLATION'),
      String(error),
    )
    return error
  }
}

/** Both do their work before either commits; then they commit in the order given. */
async function interleaved(
  db: Database,
  isolation: IsolationLevel,
  first: Work,
  second: Work,
): Promise<('committed' | OrbitError)[]> {
  const [a, b] = [await db.begin({ isolation }), await db.begin({ isolation })]
  await first(a)
  await second(b)
  return [await outcome(a.commit()), await outcome(b.commit())]
}

const users = table(
  'users',
  { id: int4().primaryKey(), mail: text().unique(), nick: text() },
  { indexes: [{ name: 'nick', columns: ['nick'], unique: true, where: { id: { gt: 10 } } }] },
)

test('of two transactions that insert one unique value, or one key, the first commits alone', async () => {
  const pairs: [Work, Work][] = [
    [
      (tx) => tx.table(users).insert({ id: 1, mail: 'x' }),
      (tx) => tx.table(users).insert({ id: 2, mail: 'x' }),
    ],
    [
      (tx) => tx.table(users).insert({ id: 1, mail: 'x' }),
      (tx) => tx.table(users).insert({ id: 1, mail: 'y' }),
    ],
    [
      (tx) => tx.table(users).insert({ id: 11, nick: 'x' }),
      (tx) => tx.table(users).insert({ id: 12, nick: 'x' }),
    ],
    [(tx) => tx.table(users).insert({ id: 1, mail: 'x' }), (tx) => tx.table(users).update(5, { mail: 'x' })],
  ]
  for (const isolation of SNAPSHOT_LEVELS) {
    for (const [first, second] of pairs) {
      for (const order of [
        [first, second],
        [second, first],
      ] as const) {
        await withDatabase([users], async (db) => {
          await db.table(users).insert({ id: 5, mail: 'five' })
          const [a, b] = await interleaved(db, isolation, ...order)
          assert.equal(a, 'committed')
          assert.notEqual(b, 'committed')
          await audit(db, 'users')
        })
      }
    }
  }
})

test('an insert that loses at the commit is told which row or index was in the way', async () => {
  await withDatabase([users], async (db) => {
    const { id, indexes } = await layoutOf(db, 'users')
    const [mail] = indexes
    const taken = [
      [
        relationalKeys.row(id, 1),
        'RECORD_EXISTS',
        /table "users": a row with the primary key id = 1 exists already/,
      ],
      [
        mail?.uniqueKey([{ kind: 'text', value: 'x' }]),
        'UNIQUE_VIOLATION',
        /table "users": unique index "users_mail_key" has mail = "x" already/,
      ],
    ] as const
    for (const [key, code, message] of taken) {
      assert(key !== undefined)
      // Without a snapshot the commit cannot know of a conflict: it finds the key itself.
      const tx = await db.begin({ isolation: 'read-committed' })
      await tx.table(users).insert({ id: 1, mail: 'x' })
      await db.storage.write([{ type: 'put', key, value: Uint8Array.of(1) }])
      await refuses(tx.commit(), code, message)
      await db.storage.write([{ type: 'delete', key }])
    }
  })
})

test('many at once: every unique value is taken once, and each loser is told', async () => {
  for (const isolation of LEVELS) {
    await withDatabase([users], async (db) => {
      const insert = (i: number): Promise<unknown> =>
        db.transaction((tx) => tx.table(users).insert({ id: i, mail: `m${i % 7}` }), {
          isolation,
          attemptsMax: 50,
        })
      const results = await Promise.all(Array.from({ length: 60 }, (_, i) => outcome(insert(i))))
      assert.equal(results.filter((result) => result === 'committed').length, 7)
      for (const result of results) assert(result === 'committed' || result.code === 'UNIQUE_VIOLATION')
      assert.equal((await audit(db, 'users')).length, 7)
    })
  }
})

test('transactions that number their rows do not conflict, and one that is undone leaves a gap', async () => {
  const numbered = table('numbered', { id: int8().identity().primaryKey(), note: text() })
  await withDatabase([numbered], async (db) => {
    for (const isolation of LEVELS) {
      const [a, b] = [await db.begin({ isolation }), await db.begin({ isolation })]
      const before = await db.table(numbered).count()
      const first = await a.table(numbered).insert({})
      await a.commit()
      const second = await b.table(numbered).insertMany([{}, {}])
      await b.commit()
      assert.deepEqual(
        second.map(({ id }) => id),
        [first.id + 1n, first.id + 2n],
      )
      const undone = await db.begin({ isolation })
      await undone.table(numbered).insert({})
      await undone.rollback()
      assert.equal((await db.table(numbered).insert({})).id, first.id + 4n)
      assert.equal(await db.table(numbered).count(), before + 4)
    }
    const rows = await Promise.all(Array.from({ length: 50 }, () => db.table(numbered).insert({})))
    assert.equal(new Set(rows.map(({ id }) => id)).size, 50)
  })
})

test('changes of one row at once are all kept', async () => {
  await withDatabase([users], async (db) => {
    await db.table(users).insert({ id: 1, nick: '0' })
    for (const isolation of LEVELS) {
      const add = (): Promise<void> =>
        db.transaction(
          async (tx) => {
            const session = tx.table(users)
            // Read and write as one under every level.
            await tx.storage.lock([Buffer.from('turn')])
            const row = await session.get(1)
            await session.update(1, { nick: String(Number(row?.nick) + 1) })
          },
          { isolation, attemptsMax: 100 },
        )
      await Promise.all(Array.from({ length: 10 }, add))
    }
    assert.equal((await db.table(users).get(1))?.nick, '30')
  })
})

const parents = table('parents', { id: int4().primaryKey(), code: text().unique(), note: text() })
const children = (
  onDelete: ForeignKeyAction,
  column: 'id' | 'code',
  deferred: boolean,
): ReturnType<typeof table> =>
  table('children', {
    id: int4().primaryKey(),
    parent: (column === 'id' ? int4() : text()).references('parents', column, {
      onDelete,
      onUpdate: onDelete,
      deferred,
    }),
  })

/** Every child refers to a parent that is there. */
async function assertNoDangling(db: Database, column: 'id' | 'code'): Promise<void> {
  await audit(db, 'parents')
  await audit(db, 'children')
  const known = new Set((await db.table(parents).find()).map((row) => row[column]))
  for (const { parent } of await db.table('children').find())
    assert(parent === null || known.has(parent as never), `parent ${String(parent)} is there`)
}

test('an insert of a row and the deletion of the row it refers to: one commits, nothing dangles', async () => {
  for (const isolation of SNAPSHOT_LEVELS) {
    for (const column of ['id', 'code'] as const) {
      for (const action of ['no action', 'restrict', 'cascade', 'set null'] as const) {
        for (const deferred of [false, true]) {
          const key = column === 'id' ? 1 : 'one'
          const insert: Work = (tx) => tx.table('children').insert({ id: 1, parent: key })
          const point: Work = (tx) => tx.table('children').update(9, { parent: key })
          const remove: Work = (tx) => tx.table(parents).delete(1)
          const rename: Work = (tx) =>
            tx.table(parents).update(1, column === 'id' ? { id: 2 } : { code: 'two' })
          for (const refer of [insert, point]) {
            for (const go of [remove, rename]) {
              for (const order of [
                [refer, go],
                [go, refer],
              ] as const) {
                await withDatabase([parents, children(action, column, deferred)], async (db) => {
                  await db.table(parents).insert({ id: 1, code: 'one' })
                  await db.table('children').insert({ id: 9 })
                  const results = await interleaved(db, isolation, ...order)
                  assert.equal(results[0], 'committed')
                  assert.notEqual(results[1], 'committed')
                  await assertNoDangling(db, column)
                })
              }
            }
          }
        }
      }
    }
  }
})

test('two rows may come to refer to one row at once, while it keeps its key', async () => {
  for (const isolation of SNAPSHOT_LEVELS) {
    await withDatabase([parents, children('no action', 'code', false)], async (db) => {
      await db.table(parents).insert({ id: 1, code: 'one' })
      const [a, b] = await interleaved(
        db,
        isolation,
        (tx) => tx.table('children').insert({ id: 1, parent: 'one' }),
        (tx) => tx.table('children').insert({ id: 2, parent: 'one' }),
      )
      assert.deepEqual([a, b], ['committed', 'committed'])
      // A change of other columns does not touch the key that is referred to.
      const [c, d] = await interleaved(
        db,
        isolation,
        (tx) => tx.table('children').insert({ id: 3, parent: 'one' }),
        (tx) => tx.table(parents).update(1, { note: 'x' }),
      )
      assert.deepEqual([c, d], ['committed', 'committed'])
      await assertNoDangling(db, 'code')
    })
  }
})

test('inserts and deletions run against each other under every level, and nothing dangles', async () => {
  for (const isolation of LEVELS) {
    for (const mode of ['optimistic', 'pessimistic'] as const) {
      for (const action of ['no action', 'cascade', 'set null'] as const) {
        await withDatabase([parents, children(action, 'id', false)], async (db) => {
          const work: Promise<unknown>[] = []
          for (let i = 0; i < 40; i++) {
            const id = i % 4
            const one: Work =
              i % 3 === 0
                ? (tx) => tx.table(parents).upsert({ id, code: `c${id}` })
                : i % 3 === 1
                  ? (tx) => tx.table('children').insert({ id: i, parent: id })
                  : (tx) => tx.table(parents).delete(id)
            work.push(
              db.transaction(one, { isolation, mode, attemptsMax: 50 }).catch((error: unknown) => {
                assert(hasCode(error, 'FOREIGN_KEY_VIOLATION'), String(error))
              }),
            )
          }
          await Promise.all(work)
          await assertNoDangling(db, 'id')
        })
      }
    }
  }
})

test('a new index and a row inserted at the same time do not miss each other', async () => {
  const before = table('t', { id: int4().primaryKey(), a: int4() })
  const after = table('t', { id: int4().primaryKey(), a: int4() }, { indexes: [{ columns: ['a'] }] })
  for (const changeFirst of [true, false]) {
    await withDatabase([before], async (db) => {
      await db.table(before).insert({ id: 1, a: 1 })
      const tx = await db.begin()
      await tx.table(before).insert({ id: 2, a: 2 })
      const work = changeFirst
        ? [() => db.apply([after]), () => tx.commit()]
        : [() => tx.commit(), () => db.apply([after])]
      const results: unknown[] = []
      for (const step of work)
        results.push(
          await step().then(
            () => 'done',
            (error: unknown) => error,
          ),
        )
      assert.equal(results[0], 'done')
      if (changeFirst) assert(hasCode(results[1], 'TRANSACTION_CONFLICT'))
      assert.equal((await audit(db, 't')).length, changeFirst ? 1 : 2)
      assert.equal((await db.table(after).explain({ where: { a: 1 } })).index, 't_a_idx')
    })
  }
})

test('a new foreign key and the deletion of a row it needs do not miss each other', async () => {
  const open = table('children', { id: int4().primaryKey(), parent: int4() })
  const bound = table('children', { id: int4().primaryKey(), parent: int4().references('parents') })
  for (const changeFirst of [true, false]) {
    await withDatabase([parents, open], async (db) => {
      await db.table(parents).insert({ id: 1 })
      await db.table(open).insert({ id: 1, parent: 1 })
      const tx = await db.begin()
      await tx.table(parents).delete(1)
      const work = changeFirst
        ? [() => db.apply([bound]), () => tx.commit()]
        : [() => tx.commit(), () => db.apply([bound])]
      const results: unknown[] = []
      for (const step of work)
        results.push(
          await step().then(
            () => 'done',
            (error: unknown) => error,
          ),
        )
      assert.equal(results[0], 'done')
      assert(hasCode(results[1], changeFirst ? 'TRANSACTION_CONFLICT' : 'FOREIGN_KEY_VIOLATION'))
      assert.equal(await db.table(parents).count(), changeFirst ? 1 : 0)
    })
  }
})
