/** Random work on a table against the same work on an array: rows, indexes and errors agree after every step. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode, type ErrorCode } from '@orbit-ts/base'
import fc from 'fast-check'
import type { AutoCommit } from '../../../txn/auto-commit.js'
import { int4, numeric, text } from '../schema/column-types.js'
import { audit, withDatabase } from '../table-database.test.data.js'
import { table } from '../table.js'
import type { TableSession } from '../table-session.js'

const t = table(
  't',
  { id: int4().primaryKey(), a: int4(), s: text(), n: numeric(4, 1).notNull().default(0) },
  {
    indexes: [
      { name: 'unique', columns: ['a', 's'], unique: true },
      { name: 'partial', columns: ['s'], unique: true, where: { n: { gt: 1 } } },
      { columns: [{ column: 'n', direction: 'desc' }, 'a'] },
      { columns: ['s', 'n'] },
    ],
    checks: [{ where: { $not: { a: 3, n: { lt: 1 } } } }],
  },
)

interface Row {
  id: number
  a: number | null
  s: string | null
  n: string
}
type Changes = Partial<Row>
type Session = AutoCommit<TableSession>

const values = {
  a: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 3 }),
  s: fc.option(fc.constantFrom('', 'x', 'y'), { freq: 3 }),
  n: fc.constantFrom('0.0', '1.0', '1.5', '2.0'),
}
const id = fc.integer({ min: 0, max: 9 })
const row: fc.Arbitrary<Row> = fc.record({ id, ...values }, { noNullPrototype: true })
const changes: fc.Arbitrary<Changes> = fc.record({ id, ...values }, { requiredKeys: [] })
const changesOfMany: fc.Arbitrary<Changes> = fc.record(values, { requiredKeys: [] })

/** A filter, and what it means. */
const where = fc.oneof(
  values.a.map((a) => ({ filter: { a }, holds: (each: Row) => each.a === a })),
  values.n.map((n) => ({ filter: { n: { gte: n } }, holds: (each: Row) => Number(each.n) >= Number(n) })),
  values.s.map((s) => ({ filter: { s: { eq: s } }, holds: (each: Row) => each.s === s })),
  fc.constant({ filter: {}, holds: () => true }),
)

/** One step, on the database and on the array; the array's may end in the code of an error. */
interface Step {
  readonly what: string
  readonly run: (session: Session) => Promise<unknown>
  readonly model: (rows: readonly Row[]) => Row[] | ErrorCode
}

const COMPLETE: Omit<Row, 'id'> = { a: null, s: null, n: '0.0' }

function changed(rows: readonly Row[], matches: (each: Row) => boolean, change: Changes): Row[] {
  return rows.map((each) => (matches(each) ? { ...each, ...change } : each))
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.array(row, { minLength: 1, maxLength: 3 }).map((some): Step => ({
    what: `insertMany ${JSON.stringify(some)}`,
    run: (session) => session.insertMany(some.map((each) => ({ ...each }))),
    model: (rows) => [...rows, ...some],
  })),
  fc.tuple(id, changes).map(([key, change]): Step => ({
    what: `update ${key} ${JSON.stringify(change)}`,
    run: (session) => session.update(key, change),
    model: (rows) =>
      rows.some((each) => each.id === key)
        ? changed(rows, (each) => each.id === key, change)
        : 'RECORD_NOT_FOUND',
  })),
  fc.tuple(where, changesOfMany).map(([{ filter, holds }, change]): Step => ({
    what: `updateWhere ${JSON.stringify([filter, change])}`,
    run: (session) => session.updateWhere(filter, change),
    model: (rows) => changed(rows, holds, change),
  })),
  id.map((key): Step => ({
    what: `delete ${key}`,
    run: (session) => session.delete(key),
    model: (rows) => rows.filter((each) => each.id !== key),
  })),
  where.map(({ filter, holds }): Step => ({
    what: `deleteWhere ${JSON.stringify(filter)}`,
    run: (session) => session.deleteWhere(filter),
    model: (rows) => rows.filter((each) => !holds(each)),
  })),
  fc
    .uniqueArray(fc.tuple(id, changesOfMany), { selector: ([key]) => key, minLength: 1, maxLength: 3 })
    .map((some): Step => ({
      what: `upsertMany ${JSON.stringify(some)}`,
      run: (session) => session.upsertMany(some.map(([key, change]) => ({ id: key, ...change }))),
      model: (rows) => [
        ...some.reduce((kept, [key, change]) => changed(kept, (each) => each.id === key, change), [...rows]),
        ...some
          .filter(([key]) => !rows.some((each) => each.id === key))
          .map(([key, change]) => ({ id: key, ...COMPLETE, ...change })),
      ],
    })),
)

/** The codes of the constraints that the rows break. */
function violations(rows: readonly Row[]): ErrorCode[] {
  const repeats = (keys: readonly unknown[]): boolean =>
    new Set(keys.map((key) => JSON.stringify(key))).size < keys.length
  const codes: ErrorCode[] = []
  if (repeats(rows.map((each) => each.id))) codes.push('RECORD_EXISTS')
  const pairs = rows.filter(({ a, s }) => a !== null && s !== null).map(({ a, s }) => [a, s])
  const large = rows.filter(({ n, s }) => Number(n) > 1 && s !== null).map(({ s }) => s)
  if (repeats(pairs) || repeats(large)) codes.push('UNIQUE_VIOLATION')
  if (rows.some(({ a, n }) => a === 3 && Number(n) < 1)) codes.push('CHECK_VIOLATION')
  return codes
}

const byId = (x: Row, y: Row): number => x.id - y.id

/** Does the step on both; they must agree on the outcome. */
async function both({ what, run, model }: Step, session: Session, rows: readonly Row[]): Promise<Row[]> {
  const wanted = model(rows)
  const codes = typeof wanted === 'string' ? [wanted] : violations(wanted)
  try {
    await run(session)
  } catch (error) {
    assert(
      codes.some((code) => hasCode(error, code)),
      `${what}: ${codes.join() || 'success'} was expected, not ${String(error)}`,
    )
    return [...rows]
  }
  assert.deepEqual(codes, [], `${what} must fail`)
  return wanted as Row[]
}

test('rows and indexes follow every statement, and failed ones leave no trace', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await withDatabase([t], async (db) => {
        let rows: Row[] = []
        for (const each of steps) {
          rows = await both(each, db.table('t'), rows)
          assert.deepEqual(await db.table('t').find({ orderBy: 'id' }), rows.toSorted(byId), each.what)
          assert.equal((await audit(db, 't')).length, rows.length)
        }
      })
    }),
    { numRuns: 120 },
  )
})

test('rows and indexes follow transactions with savepoints', async () => {
  const part = fc.record({ steps: fc.array(step, { maxLength: 5 }), undone: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ parts: fc.array(part, { maxLength: 4 }), committed: fc.boolean() }), {
        maxLength: 4,
      }),
      async (transactions) => {
        await withDatabase([t], async (db) => {
          let rows: Row[] = []
          for (const { parts, committed } of transactions) {
            const tx = await db.begin()
            const session = tx.table('t')
            let inside = rows
            for (const { steps, undone } of parts) {
              const savepoint = tx.savepoint()
              const before = inside
              for (const each of steps) inside = await both(each, session, inside)
              if (undone) {
                tx.rollbackTo(savepoint)
                inside = before
              }
              assert.deepEqual(await session.find({ orderBy: 'id' }), inside.toSorted(byId))
              assert.deepEqual(
                await session.find({ where: { s: { gte: 'x' } }, orderBy: 'id' }),
                inside.filter(({ s }) => s !== null && s >= 'x').sort(byId),
              )
            }
            if (committed) {
              await tx.commit()
              rows = inside
            } else {
              await tx.rollback()
            }
            assert.deepEqual(await db.table('t').find({ orderBy: 'id' }), rows.toSorted(byId))
            assert.equal((await audit(db, 't')).length, rows.length)
          }
        })
      },
    ),
    { numRuns: 60 },
  )
})
