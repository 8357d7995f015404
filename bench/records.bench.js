// @ts-check
/**
 * A record of ten fields through Orbit's relational model against embedded SurrealDB and against SQLite: create, read,
 * update, delete one at a time, and scan. Each write is a transaction of its own. Durability "os" everywhere: SurrealDB
 * with its default (no sync of each commit), SQLite in WAL mode with synchronous = NORMAL, Orbit with durability "os".
 * Orbit keeps one secondary index, and so do the others.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bool, float8, int4, int8, openDatabase, table, text, timestamptz } from '@orbit-ts/engine'
import { contest, printRatios } from './measure.js'

const BATCH = 200
const ROUNDS = 7
const PRELOADED = 10_000

const people = table(
  'people',
  {
    id: int4().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    city: text().notNull(),
    age: int4().notNull(),
    score: float8().notNull(),
    visits: int8().notNull(),
    active: bool().notNull(),
    created: timestamptz().notNull(),
    note: text(),
  },
  { indexes: [{ name: 'people_email', columns: ['email'] }] },
)

/** @param {number} id */
const personOf = (id) => ({
  id,
  name: `Person ${id}`,
  email: `person-${id}@example.org`,
  city: `City ${id % 100}`,
  age: id % 90,
  score: id / 7,
  visits: BigInt(id),
  active: id % 2 === 0,
  created: new Date(1_700_000_000_000 + id),
  note: 'x'.repeat(40),
})

/**
 * @typedef {{ name: string, create(id: number): unknown, read(id: number): unknown, update(id: number): unknown,
 *   remove(id: number): unknown, scan(): unknown, close(): unknown }} Store
 */

const root = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
try {
  for (const openRival of [openSurreal, openSqlite]) {
    const ours = await openOrbit(join(root, `orbit-${openRival.name}`))
    const rival = await openRival(root).catch((error) => {
      console.log(
        `${openRival.name}: not measured: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    })
    if (rival !== undefined) {
      for (let id = 0; id < PRELOADED; id++) {
        await ours.create(id)
        await rival.create(id)
      }
      console.log(`\n### Orbit (RocksDB) against ${rival.name}\n`)
      printRatios(await race(ours, rival))
      await rival.close()
    }
    await ours.close()
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
// SurrealDB's engine leaves threads behind that keep the process alive.
process.exit(0)

/** @param {Store} ours @param {Store} rival */
async function race(ours, rival) {
  const next = new Map([
    [ours, PRELOADED],
    [rival, PRELOADED],
  ])
  const gone = new Map([
    [ours, PRELOADED],
    [rival, PRELOADED],
  ])
  let state = 7
  const random = () => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % PRELOADED
  /** @param {(store: Store) => unknown} step @param {number} [per] */
  const both = (step, per = BATCH) => ({
    per,
    /** @param {Store} store */
    run: (store) => async () => {
      for (let i = 0; i < (per === BATCH ? BATCH : 1); i++) await step(store)
    },
  })
  /** @param {string} name @param {ReturnType<typeof both>} work */
  const measure = (name, work) =>
    contest({ name, per: work.per, ours: work.run(ours), rival: work.run(rival) }, ROUNDS)
  return [
    await measure(
      'create',
      both((store) => {
        const id = next.get(store) ?? 0
        next.set(store, id + 1)
        return store.create(id)
      }),
    ),
    await measure(
      'read by key',
      both((store) => store.read(random())),
    ),
    await measure(
      'update one field',
      both((store) => store.update(random())),
    ),
    await measure(
      'delete',
      both((store) => {
        const id = gone.get(store) ?? 0
        gone.set(store, id + 1)
        return store.remove(id)
      }),
    ),
    await measure(
      `scan of ${PRELOADED}, per record`,
      both((store) => store.scan(), PRELOADED),
    ),
  ]
}

/** @param {string} dataDir @returns {Promise<Store>} */
async function openOrbit(dataDir) {
  const db = await openDatabase({ storage: { kind: 'rocksdb', dataDir, durability: 'os' }, schema: [people] })
  const rows = db.table(people)
  return {
    name: 'Orbit',
    create: (id) => rows.insert(personOf(id)),
    read: (id) => rows.get(id),
    update: (id) => rows.update(id, { score: id / 3 }),
    remove: (id) => rows.delete(id),
    scan: async () => {
      for await (const chunk of rows.scan({ limit: PRELOADED })) void chunk
    },
    close: () => db.close(),
  }
}

/** @param {string} folder @returns {Promise<Store>} */
async function openSurreal(folder) {
  const { Surreal, RecordId, createRemoteEngines } = await import('surrealdb')
  const { createNodeEngines } = await import('@surrealdb/node')
  const db = new Surreal({ engines: { ...createRemoteEngines(), ...createNodeEngines() } })
  await db.connect(`rocksdb://${join(folder, 'surreal')}`)
  await db.use({ namespace: 'bench', database: 'bench' })
  await db.query('DEFINE TABLE people; DEFINE INDEX people_email ON people FIELDS email;')
  const keyOf = (/** @type {number} */ id) => new RecordId('people', id)
  return {
    name: 'SurrealDB (embedded, RocksDB)',
    create: (id) => {
      const { id: _, ...fields } = personOf(id)
      return db.query('CREATE ONLY $id CONTENT $fields', { id: keyOf(id), fields })
    },
    read: (id) => db.query('SELECT * FROM ONLY $id', { id: keyOf(id) }),
    update: (id) => db.query('UPDATE ONLY $id SET score = $score', { id: keyOf(id), score: id / 3 }),
    remove: (id) => db.query('DELETE $id', { id: keyOf(id) }),
    scan: () => db.query(`SELECT * FROM people LIMIT ${PRELOADED}`),
    close: () => db.close(),
  }
}

/** @param {string} folder @returns {Promise<Store>} */
async function openSqlite(folder) {
  const { default: Database } = await import('better-sqlite3')
  const db = new Database(join(folder, 'sqlite.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.defaultSafeIntegers(false)
  db.exec(`CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, city TEXT NOT NULL,
    age INTEGER NOT NULL, score REAL NOT NULL, visits INTEGER NOT NULL, active INTEGER NOT NULL, created INTEGER NOT NULL,
    note TEXT); CREATE INDEX people_email ON people (email)`)
  const insert = db.prepare(
    'INSERT INTO people VALUES (@id, @name, @email, @city, @age, @score, @visits, @active, @created, @note)',
  )
  const select = db.prepare('SELECT * FROM people WHERE id = ?')
  const update = db.prepare('UPDATE people SET score = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM people WHERE id = ?')
  const all = db.prepare(`SELECT * FROM people ORDER BY id LIMIT ${PRELOADED}`)
  return {
    name: 'SQLite (better-sqlite3, synchronous calls)',
    create: (id) => {
      const person = personOf(id)
      return insert.run({ ...person, active: person.active ? 1 : 0, created: person.created.getTime() })
    },
    read: (id) => select.get(id),
    update: (id) => update.run(id / 3, id),
    remove: (id) => remove.run(id),
    scan: () => {
      for (const row of all.iterate()) void row
    },
    close: () => db.close(),
  }
}
