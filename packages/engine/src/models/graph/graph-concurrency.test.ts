import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, systemEnv, toHex, type ErrorCode } from '@orbit-ts/base'
import { graphKeys, type IsolationLevel, type Transaction, type TransactionOptions } from '@orbit-ts/storage'
import fc from 'fast-check'
import { Catalog } from '../../catalog/catalog.js'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { Database } from '../../database.js'
import type { AutoCommit } from '../../txn/auto-commit.js'
import { TransactionContext } from '../../txn/database-transaction.js'
import type { Model } from '../model.js'
import { audit, withDatabase } from './graph-database.test.data.js'
import { graphModel } from './graph-model.js'
import { GraphSession } from './graph-session.js'
import { graph } from './graph.js'

const schema = graph('g', {
  nodes: { Person: { indexes: [{ fields: 'email', unique: true }, 'age'] }, Page: {} },
  edges: {
    KNOWS: { from: 'Person', to: 'Person', unique: true, indexes: ['age', { fields: 'code', unique: true }] },
    LINK: {},
  },
})

type Session = AutoCommit<GraphSession>
type Work = (session: Session) => Promise<unknown>
type Outcome = 'committed' | ErrorCode

const LEVELS: readonly IsolationLevel[] = ['read-committed', 'snapshot', 'serializable']

/** Three people, who are pages too, with an edge from `a` to `b` when `joined`. */
async function withPeople(joined: boolean, work: (db: Database) => Promise<void>): Promise<void> {
  await withDatabase([schema], async (db) => {
    const session: Session = db.graph('g')
    await session.addNodes(['a', 'b', 'c'].map((id) => ({ id, labels: ['Person', 'Page'] })))
    if (joined) await session.addEdge({ type: 'KNOWS', from: 'a', to: 'b', properties: { age: 1 } })
    await work(db)
    await audit(db, 'g')
  })
}

async function attempt(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work()
    return 'committed'
  } catch (error) {
    if (error instanceof OrbitError) return error.code
    throw error
  }
}

/** Both do their work side by side, then commit one after the other; nobody waits. */
async function race(
  db: Database,
  first: Work,
  second: Work,
  options: TransactionOptions = {},
): Promise<Outcome[]> {
  const one = await db.begin(options)
  const two = await db.begin(options)
  // Both look before they act, so that both have a snapshot from before either commits.
  for (const tx of [one, two]) await tx.graph('g').getNode('a')
  await first(one.graph('g'))
  await second(two.graph('g'))
  return [await attempt(() => one.commit()), await attempt(() => two.commit())]
}

/** Under `read-committed` protecting the definition makes all writers of a graph wait; the graph is to do without. */
class UnprotectedContext extends TransactionContext {
  override objectForWrite<Definition>(
    model: Model<never, Definition>,
    name: string,
  ): Promise<CatalogObject<Definition>> {
    return this.object(model, name)
  }
}

function unprotected(storage: Transaction): Session {
  return new GraphSession(new UnprotectedContext(storage, new Catalog(), systemEnv), 'g')
}

async function workAndCommit(storage: Transaction, work: Work): Promise<void> {
  try {
    await work(unprotected(storage))
    await storage.commit()
  } finally {
    await storage.rollback()
  }
}

/** The first has done its work when the second begins, and commits once the second waits or is done. */
async function queue(
  db: Database,
  first: Work,
  second: Work,
  options: TransactionOptions,
): Promise<Outcome[]> {
  const one = await db.storage.begin(options)
  const two = await db.storage.begin(options)
  const worked = await attempt(() => first(unprotected(one)))
  const following = attempt(() => workAndCommit(two, second))
  for (let turn = 0; turn < 20; turn++) await systemEnv.timers.nextTurn()
  const committed = await attempt(() => one.commit())
  return [worked === 'committed' ? committed : worked, await following]
}

/** Each commits as soon as it is done. */
function compete(db: Database, works: readonly (readonly [Work, TransactionOptions])[]): Promise<Outcome[]> {
  return Promise.all(
    works.map(async ([work, options]) => {
      const storage = await db.storage.begin(options)
      return attempt(() => workAndCommit(storage, work))
    }),
  )
}

const addEdge: Work = (session) => session.addEdge({ type: 'KNOWS', from: 'a', to: 'b' })
const deleteEnd: Work = (session) => session.deleteNode('b')
const detachEnd: Work = (session) => session.deleteNode('b', { detach: true })
const takeLabel: Work = (session) => session.updateNode('b', { removeLabels: ['Person'] })
const [one, two] = [
  { id: 'x', labels: 'Page' },
  { id: 'x', labels: 'Person' },
]

for (const isolation of ['snapshot', 'serializable'] as const) {
  test(`${isolation}: of an edge and the deletion of its end only the first is committed, in both orders`, async () => {
    for (const remove of [deleteEnd, detachEnd, takeLabel]) {
      for (const [first, second] of [
        [addEdge, remove],
        [remove, addEdge],
      ] as const) {
        await withPeople(false, async (db) => {
          assert.deepEqual(await race(db, first, second, { isolation }), [
            'committed',
            'TRANSACTION_CONFLICT',
          ])
          const { edges } = await audit(db, 'g')
          assert.equal(edges.length, first === addEdge ? 1 : 0)
        })
      }
    }
  })

  test(`${isolation}: whoever would overwrite what the other wrote gives way`, async () => {
    const pairs: [Work, Work][] = [
      [(s) => s.addNode(one), (s) => s.addNode(two)],
      [
        (s) => s.addEdge({ type: 'KNOWS', from: 'b', to: 'c' }),
        (s) => s.addEdge({ type: 'KNOWS', from: 'b', to: 'c', properties: { age: 2 } }),
      ],
      [
        (s) => s.updateNode('a', { properties: { email: 'e' } }),
        (s) => s.updateNode('b', { properties: { email: 'e' } }),
      ],
      [
        (s) => s.updateNode('a', { properties: { age: 1 } }),
        (s) => s.updateNode('a', { properties: { age: 2 } }),
      ],
      [(s) => s.updateNode('b', { properties: { age: 1 } }), detachEnd],
      [(s) => s.updateEdge({ type: 'KNOWS', from: 'a', to: 'b' }, { properties: { age: 2 } }), detachEnd],
      [(s) => s.deleteEdge({ type: 'KNOWS', from: 'a', to: 'b' }), detachEnd],
      [(s) => s.deleteNode('a', { detach: true }), detachEnd],
    ]
    for (const [first, second] of pairs) {
      for (const [x, y] of [
        [first, second],
        [second, first],
      ] as const) {
        await withPeople(true, async (db) => {
          assert.deepEqual(await race(db, x, y, { isolation }), ['committed', 'TRANSACTION_CONFLICT'])
        })
      }
    }
  })
}

test('edges of one node, and changes of the node itself, do not stand in one another’s way', async () => {
  const pairs: [Work, Work][] = [
    [addEdge, (s) => s.addEdge({ type: 'KNOWS', from: 'c', to: 'b' })],
    [addEdge, (s) => s.updateNode('b', { properties: { age: 7 } })],
    [(s) => s.updateNode('b', { properties: { age: 7 } }), addEdge],
    [addEdge, (s) => s.updateNode('b', { removeLabels: ['Page'] })],
    [addEdge, (s) => s.deleteNode('c')],
  ]
  for (const [first, second] of pairs) {
    await withPeople(false, async (db) => {
      assert.deepEqual(await race(db, first, second), ['committed', 'committed'])
    })
  }
})

test('what is committed first is refused by name in the transaction that runs again', () =>
  withPeople(false, async (db) => {
    let attempts = 0
    const outcome = await attempt(() =>
      db.transaction(async (tx) => {
        await tx.graph('g').getNode('a')
        // Someone else is quicker, the first time.
        if (attempts++ === 0) await db.graph('g').deleteNode('b')
        await addEdge(tx.graph('g'))
      }),
    )
    assert.deepEqual([outcome, attempts], ['DANGLING_EDGE', 2])
  }))

test('read-committed: the second waits for the first and is refused by what it then sees', async () => {
  const options: TransactionOptions = { isolation: 'read-committed' }
  const check = async (first: Work, second: Work, expected: Outcome, joined = false): Promise<void> => {
    await withPeople(joined, async (db) => {
      assert.deepEqual(await queue(db, first, second, options), ['committed', expected])
    })
  }
  await check(addEdge, deleteEnd, 'NODE_HAS_EDGES')
  await check(addEdge, detachEnd, 'committed')
  await check(deleteEnd, addEdge, 'DANGLING_EDGE')
  await check(addEdge, takeLabel, 'CHECK_VIOLATION')
  await check(takeLabel, addEdge, 'CHECK_VIOLATION')
  await check(
    detachEnd,
    (s) => s.updateEdge({ type: 'KNOWS', from: 'a', to: 'b' }, { properties: { age: 2 } }),
    'RECORD_NOT_FOUND',
    true,
  )
  await check(
    (s) => s.updateEdge({ type: 'KNOWS', from: 'a', to: 'b' }, { properties: { age: 2 } }),
    detachEnd,
    'committed',
    true,
  )
  await check(
    (s) => s.updateNode('a', { properties: { age: 1 } }),
    (s) => s.updateNode('a', { properties: { age: 2 } }),
    'committed',
  )
  await check(deleteEnd, (s) => s.updateNode('b', {}), 'RECORD_NOT_FOUND')
})

test('what only the storage finds to be taken, at the commit, is named as it would have been by the call', () =>
  withPeople(false, async (db) => {
    const storage = await db.storage.begin()
    const context = new TransactionContext(storage, new Catalog(), systemEnv)
    const session = new GraphSession(context, 'g')
    const { id: graphId } = await context.object(graphModel, 'g')
    await session.addNode({ id: 'x', labels: 'Person', properties: { email: 'e' } })
    await session.addEdge({ type: 'KNOWS', from: 'a', to: 'x' })
    const { definition } = await context.object(graphModel, 'g')
    const typeId = definition.types[0]?.id ?? 0
    const indexId = definition.labels[0]?.indexes[0]?.id ?? 0
    const explained = (key: Uint8Array): [ErrorCode, string] => {
      const error = context.explain(new OrbitError('KEY_EXISTS', 'taken', { key: toHex(key) }))
      assert(error instanceof OrbitError)
      return [error.code, error.reason]
    }
    assert.deepEqual(explained(graphKeys.node(graphId, 'x')), [
      'RECORD_EXISTS',
      'graph "g": node "x" exists already',
    ])
    assert.deepEqual(explained(graphKeys.edge(graphId, { fromId: 'a', typeId, toId: 'x' }, 'out')), [
      'RECORD_EXISTS',
      'graph "g": edge KNOWS "a" -> "x" exists already',
    ])
    assert.deepEqual(explained(graphKeys.nodeIndex(graphId, indexId, [{ kind: 'text', value: 'e' }])), [
      'UNIQUE_VIOLATION',
      'graph "g": node "x": its email is taken by another transaction; index "email" of Person is unique',
    ])
    await storage.rollback()
  }))

const ids = fc.constantFrom('a', 'b', 'c')
const flags = fc.constantFrom(1, 2, 3)
const works: fc.Arbitrary<Work> = fc.oneof(
  fc.tuple(ids, ids, flags).map(
    ([from, to, age]): Work =>
      (s) =>
        s.addEdge({ type: 'KNOWS', from, to, properties: { age } }),
  ),
  fc.tuple(ids, ids).map(
    ([from, to]): Work =>
      (s) =>
        s.addEdge({ type: 'LINK', from, to, id: '1' }),
  ),
  fc.tuple(ids, fc.boolean()).map(
    ([id, detach]): Work =>
      (s) =>
        s.deleteNode(id, { detach }),
  ),
  fc.tuple(ids, flags).map(
    ([id, age]): Work =>
      (s) =>
        s.addNode({ id, labels: ['Person'], properties: { age, email: String(age) } }),
  ),
  fc.tuple(ids, flags).map(
    ([id, age]): Work =>
      (s) =>
        s.updateNode(id, { properties: { age, email: String(age) }, addLabels: ['Person'] }),
  ),
  ids.map(
    (id): Work =>
      (s) =>
        s.updateNode(id, { addLabels: ['Page'], removeLabels: ['Person'] }),
  ),
  fc.tuple(ids, ids, flags).map(
    ([from, to, age]): Work =>
      (s) =>
        s.updateEdge({ type: 'KNOWS', from, to }, { properties: { age, code: age } }),
  ),
  fc.tuple(ids, ids).map(
    ([from, to]): Work =>
      (s) =>
        s.deleteEdge({ type: 'KNOWS', from, to }),
  ),
)

test('whatever transactions of any isolation do side by side, the graph stays whole', async () => {
  const transactions = fc.array(
    fc.record({
      works: fc.array(works, { minLength: 1, maxLength: 3 }),
      isolation: fc.constantFrom(...LEVELS),
    }),
    { minLength: 2, maxLength: 6, size: 'max' },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(transactions, { minLength: 1, maxLength: 4, size: 'max' }), async (rounds) => {
      await withPeople(true, async (db) => {
        for (const round of rounds) {
          const all = round.map(({ works, isolation }): readonly [Work, TransactionOptions] => [
            async (session) => {
              // An operation that is refused leaves the rest of its transaction alone.
              for (const work of works) await attempt(() => work(session))
            },
            { isolation, lockWaitMs: 50 },
          ])
          await compete(db, all)
          await audit(db, 'g')
        }
      })
    }),
    { numRuns: 60 },
  )
})
