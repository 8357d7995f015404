// @ts-check
/**
 * An application that knows nothing of where its data is: a shop over all models, and what it answers. Two stores are
 * interchangeable when it answers the same on both.
 */
import { hasCode, OrbitError } from '@orbit-ts/base'
import {
  collection,
  graph,
  int4,
  numeric,
  openDatabase,
  series,
  table,
  text,
  vectors,
} from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'

const customers = table('customers', {
  id: int4().primaryKey(),
  email: text().notNull().unique(),
  city: text(),
})
const orders = table(
  'orders',
  {
    customer: int4().notNull().references(customers, 'id', { onDelete: 'cascade' }),
    line: int4().notNull(),
    state: text().notNull().default('open'),
    total: numeric(10, 2).notNull(),
  },
  {
    primaryKey: ['customer', 'line'],
    indexes: [{ name: 'open_orders', columns: ['total'], where: { state: 'open' } }],
    checks: [{ name: 'total_positive', where: { total: { gt: 0 } } }],
  },
)
const products = collection('products', {
  indexes: [{ path: 'tags', multi: true }, { path: 'name', unique: true }, { paths: ['maker.name', 'year'] }],
})
const friends = graph('friends', {
  nodes: { Person: { properties: { name: 'string' }, indexes: ['name'] } },
  edges: { KNOWS: { from: 'Person', to: 'Person', properties: { since: 'integer' }, unique: true } },
})
const pictures = vectors('pictures', {
  dimension: 4,
  metric: 'l2',
  metadata: { product: 'string', bright: 'boolean' },
  index: { kind: 'partitioned', partitions: 4 },
})
const visits = series('visits', {
  tags: ['page'],
  fields: { seconds: 'float' },
  rollups: [{ granularity: '1h' }],
})

const SCHEMA = [customers, orders, products, friends, pictures, visits]
const CUSTOMERS = 120
const CITIES = ['Oslo', 'Bergen', 'Tromsø', null]
const START_MS = Date.UTC(2026, 0, 1)
const HALF_HOUR_MS = 30 * 60_000

/**
 * @typedef {{ question: string, answer: unknown }} Answer
 * @typedef {Awaited<ReturnType<typeof openDatabase>>} Database
 * @typedef {Parameters<typeof openDatabase>[0]['storage']} Storage
 */

/**
 * Fills an empty store and asks it, twice: as it is, and after it was closed and opened again.
 * @param {Storage} storage @returns {Promise<Answer[]>}
 */
export async function runApplication(storage) {
  const first = await openDatabase({ storage, schema: SCHEMA })
  /** @type {Answer[]} */
  const answers = []
  try {
    await fill(first)
    answers.push(...(await ask(first)), ...(await refuse(first)), ...(await change(first)))
  } finally {
    await first.close()
  }
  const again = await openDatabase({ storage, schema: SCHEMA })
  try {
    answers.push(...(await ask(again)), ...(await askInSql(again)))
  } finally {
    await again.close()
  }
  return answers
}

/** @param {number} count @param {(at: number) => any} make @returns {any[]} */
const list = (count, make) => Array.from({ length: count }, (_, at) => make(at))

/** @param {Database} db */
async function fill(db) {
  await db.transaction(async (tx) => {
    await tx
      .table(customers)
      .insertMany(list(CUSTOMERS, (id) => ({ id, email: `c${id}@x.org`, city: CITIES[id % 4] })))
    await tx.table(orders).insertMany(
      list(3 * CUSTOMERS, (at) => ({
        customer: at % CUSTOMERS,
        line: Math.floor(at / CUSTOMERS),
        state: at % 5 === 0 ? 'paid' : 'open',
        total: `${(at * 37) % 500}.${(at % 90) + 10}`,
      })),
    )
  })
  await db.collection(products).insertMany(
    list(60, (at) => ({
      id: `p${at}`,
      name: `Product ${at}`,
      year: 2000 + (at % 20),
      tags: [at % 2 === 0 ? 'even' : 'odd', ...(at % 3 === 0 ? ['three'] : [])],
      maker: { name: `M${at % 7}` },
      price: at % 11 === 0 ? null : at * 1.5,
    })),
  )
  await db.transaction(async (tx) => {
    await tx
      .graph(friends)
      .addNodes(list(40, (at) => ({ id: `n${at}`, labels: ['Person'], properties: { name: `N${at % 9}` } })))
    await tx.graph(friends).addEdges(
      list(39, (at) => ({
        type: 'KNOWS',
        from: `n${Math.floor(at / 3)}`,
        to: `n${at + 1}`,
        properties: { since: 1990 + at },
      })),
    )
  })
  await db.vectors(pictures).upsertMany(
    list(80, (at) => ({
      id: `v${at}`,
      vector: [at % 7, at % 5, at % 3, at % 2],
      metadata: { product: `p${at % 60}`, bright: at % 2 === 0 },
    })),
  )
  await db.buildIndex(pictures)
  await db.series(visits).appendMany(
    list(200, (at) => ({
      timestamp: START_MS + at * HALF_HOUR_MS,
      tags: { page: at % 3 === 0 ? 'home' : 'list' },
      fields: { seconds: (at * 7) % 60 },
    })),
  )
  await db.series(visits).rollUp()
}

/** @param {Record<string, () => Promise<unknown>>} questions @returns {Promise<Answer[]>} */
async function inOrder(questions) {
  /** @type {Answer[]} */
  const answers = []
  for (const [question, work] of Object.entries(questions)) answers.push({ question, answer: await work() })
  return answers
}

/** @param {Database} db */
function ask(db) {
  return inOrder({
    'open orders from 450 on': () =>
      db.table(orders).find({ where: { state: 'open', total: { gte: 450 } }, orderBy: 'total' }),
    'how the store finds them': async () =>
      (await db.table(orders).explain({ where: { state: 'open', total: { gte: 450 } } })).index,
    'customers without a city': () => db.table(customers).count({ city: { isNull: true } }),
    'some customers by key': () => db.table(customers).getMany([{ id: 5 }, { id: 1000 }, { id: 7 }]),
    'products with two tags': () =>
      db
        .collection(products)
        .find({ where: { tags: 'three', year: { lt: 2005 } }, select: ['name', 'year'] }),
    'one product': () => db.collection(products).get('p33'),
    'whom n1 knows': async () =>
      (await db.graph(friends).neighbors('n1', { direction: 'out' })).map(({ id }) => id),
    'the way from n0 to n39': async () =>
      (await db.graph(friends).shortestPath('n0', 'n39'))?.nodes.map(({ id }) => id),
    'everybody within two steps of n0': async () => {
      const found = []
      for await (const chunk of db.graph(friends).traverse({ start: 'n0', maxDepth: 2 })) {
        found.push(...chunk.map(({ nodes }) => nodes.map(({ id }) => id).join('>')))
      }
      return found
    },
    'the nearest pictures, exactly': async () =>
      (await db.vectors(pictures).search({ vector: [3, 2, 1, 0], k: 5, exact: true })).map(
        ({ id, distance }) => [id, distance],
      ),
    'the nearest bright picture': async () =>
      (await db.vectors(pictures).search({ vector: [6, 4, 2, 0], k: 1, where: { bright: true } })).map(
        ({ id }) => id,
      ),
    'visits by day and page': () =>
      db
        .series(visits)
        .downsample({ bucket: '1d', aggregates: { seconds: ['count', 'avg', 'max'] }, groupBy: ['page'] }),
    'the last visits of home': () =>
      db.series(visits).range({ tags: { page: 'home' }, from: START_MS + 190 * HALF_HOUR_MS }),
    'what there is': async () => (await db.objects()).map(({ kind, name }) => `${kind} ${name}`),
  })
}

/**
 * Everything that must not happen, and that it has not.
 * @param {Database} db
 */
function refuse(db) {
  /** @param {Promise<unknown>} work */
  const refusal = (work) =>
    work.then(
      () => 'accepted',
      (error) => [OrbitError.from(error).code, OrbitError.from(error).reason],
    )
  return inOrder({
    'a second customer with one address': () =>
      refusal(db.table(customers).insert({ id: 9999, email: 'c1@x.org' })),
    'an order of nobody': () => refusal(db.table(orders).insert({ customer: 9999, line: 0, total: 1 })),
    'an order for nothing': () => refusal(db.table(orders).insert({ customer: 1, line: 77, total: 0 })),
    'a product with a name that is taken': () =>
      refusal(db.collection(products).insert({ id: 'x', name: 'Product 1' })),
    'an edge to nobody': () =>
      refusal(
        db.graph(friends).addEdge({ type: 'KNOWS', from: 'n0', to: 'nobody', properties: { since: 1 } }),
      ),
    'a node that others point to': () => refusal(db.graph(friends).deleteNode('n1')),
    'a picture of five dimensions': () =>
      refusal(db.vectors(pictures).insert({ id: 'x', vector: [1, 2, 3, 4, 5], metadata: {} })),
    'all of it or nothing': () =>
      refusal(
        db.transaction(async (tx) => {
          await tx.table(customers).insert({ id: 5000, email: 'new@x.org' })
          await tx.collection(products).insert({ id: 'new', name: 'New' })
          await tx
            .series(visits)
            .append({ timestamp: START_MS, tags: { page: 'new' }, fields: { seconds: 1 } })
          await tx.table(orders).insert({ customer: 6000, line: 0, total: 1 })
        }),
      ),
    'the new customer': () => db.table(customers).get(5000),
    'the new product': () => db.collection(products).get('new'),
  })
}

/** @param {Database} db */
function change(db) {
  return inOrder({
    'what a cascade takes along': async () => {
      await db.table(customers).delete(3)
      return db.table(orders).count({ customer: 3 })
    },
    'a transaction that loses': async () => {
      const one = await db.begin({ isolation: 'serializable' })
      const other = await db.begin({ isolation: 'serializable' })
      const before = [await one.table(customers).get(1), await other.table(customers).get(2)]
      await one.table(customers).update(2, { city: before[0]?.city ?? null })
      await other.table(customers).update(1, { city: before[1]?.city ?? null })
      await one.commit()
      const lost = await other.commit().then(
        () => false,
        (error) => hasCode(error, 'TRANSACTION_CONFLICT'),
      )
      return [lost, await db.table(customers).getMany([{ id: 1 }, { id: 2 }])]
    },
    'a savepoint gone back to': () =>
      db.transaction(async (tx) => {
        await tx.collection(products).merge('p1', { price: 1 })
        const savepoint = tx.savepoint()
        await tx.collection(products).merge('p1', { price: 2 })
        tx.rollbackTo(savepoint)
        return tx.collection(products).get('p1')
      }),
    'an index added over what is there': async () => {
      const indexed = table(
        'customers',
        { id: int4().primaryKey(), email: text().notNull().unique(), city: text() },
        { indexes: [{ name: 'by_city', columns: ['city'] }] },
      )
      await db.apply([indexed])
      const where = { city: 'Oslo' }
      return [(await db.table(indexed).explain({ where })).index, await db.table(indexed).count(where)]
    },
  })
}

/** @param {Database} db */
async function askInSql(db) {
  const session = await (await SqlEngine.open(db)).openSession()
  try {
    return await inOrder(
      Object.fromEntries(
        [
          'select city, count(*), sum(total), avg(total) from customers join orders on customer = id group by city order by city nulls first',
          'select id, rank() over (partition by city order by id) from customers where id < 12 order by id',
          'with recursive t(n) as (select 1 union all select n + 1 from t where n < 10) select sum(n) from t',
          "insert into orders values (1, 50, 'open', 12.5), (1, 51, 'open', 13.5) returning customer, line, total",
          "update orders set state = 'paid' where total < 20 returning customer, line",
          'select state, count(*) from orders group by state order by state',
          'delete from orders where line >= 50',
          'select c.email from customers c where exists (select from orders o where o.customer = c.id and o.total > 495) order by 1',
        ].map((statement) => [statement, () => rowsOf(session, statement)]),
      ),
    )
  } finally {
    await session.close()
  }
}

/**
 * @param {import('@orbit-ts/engine/sql').SqlSession} session
 * @param {string} statement
 */
async function rowsOf(session, statement) {
  const [parsed] = await session.parse(statement)
  if (parsed === undefined) throw new Error('nothing to run')
  const result = await session.execute(parsed, [])
  if (result.kind !== 'rows') return result.kind === 'command' ? result.tag : result.kind
  /** @type {string[]} */
  const rows = []
  for await (const batch of result.batches) {
    for (const row of batch) {
      rows.push(
        result.columns
          .map(({ type }, at) => {
            const value = row[at]
            return value === null || value === undefined ? 'null' : type.scalar.format(value, session.scalar)
          })
          .join('|'),
      )
    }
  }
  result.tag()
  return rows
}
