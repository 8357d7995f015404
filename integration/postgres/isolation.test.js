// @ts-check
/**
 * The anomalies of the Hermitage tests (github.com/ept/hermitage) at each isolation level: which of them a level lets
 * happen, on Orbit and on PostgreSQL.
 *
 * Names: G0 dirty write, G1a aborted read, G1b intermediate read, G1c circular information flow, OTV observed
 * transaction vanishes, PMP predicate-many-preceders, P4 lost update, G-single read skew, G2-item write skew, G2
 * anti-dependency cycle.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { onEachServer } from './servers.js'

const LEVELS = /** @type {const} */ (['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])

/** Where PostgreSQL lets them happen; Orbit's levels are the same ones. */
const HAPPENING = {
  'READ COMMITTED': ['PMP', 'P4', 'G-single', 'G2-item', 'G2'],
  'REPEATABLE READ': ['G2-item', 'G2'],
  SERIALIZABLE: [],
}

/** One of the transactions; an error ends it, and what it does then is left out. */
class Session {
  /** @type {string | undefined} */
  error
  #client
  /** @type {Promise<unknown>} */
  #last = Promise.resolve()

  /** @param {pg.Client} client */
  constructor(client) {
    this.#client = client
  }

  /** @param {string} level */
  async begin(level) {
    this.error = undefined
    await this.#client.query(`BEGIN ISOLATION LEVEL ${level}`)
    // The snapshot is taken now, wherever there is one.
    await this.#client.query('SELECT count(*) FROM test')
  }

  /** @param {string} sql @returns {Promise<string>} rows as `1:10,2:20`, or the SQLSTATE */
  run(sql) {
    const running = this.#last.then(async () => {
      if (this.error !== undefined) return this.error
      try {
        const { rows } = await this.#client.query({ text: sql, rowMode: 'array' })
        return rows.map((row) => row.join(':')).join()
      } catch (error) {
        this.error = /** @type {pg.DatabaseError} */ (error).code ?? ''
        return this.error
      }
    })
    this.#last = running
    return running
  }

  /** @returns {Promise<boolean>} whether it has committed */
  async commit() {
    const answer = await this.run('COMMIT')
    if (this.error !== undefined) await this.#client.query('ROLLBACK')
    return this.error === undefined && answer !== '40001'
  }

  async rollback() {
    await this.#last
    await this.#client.query('ROLLBACK')
  }

  /** Begins what may have to wait for another; returns when it waits, or is done. @param {string} sql @param {Session} observer */
  async start(sql, observer) {
    const progress = { isDone: false }
    const running = this.run(sql).finally(() => (progress.isDone = true))
    for (let rounds = 0; !progress.isDone && rounds < 20;) {
      const state = await observer.run(
        `SELECT state FROM pg_stat_activity WHERE query = '${sql.replaceAll("'", "''")}'`,
      )
      if (state === 'active') rounds++
    }
    return running
  }
}

/**
 * Each says whether the anomaly happened.
 * @type {Record<string, (sessions: readonly [Session, Session, Session], level: string, observer: Session) => Promise<boolean>>}
 */
const ANOMALIES = {
  G0: async ([a, b], level, observer) => {
    await Promise.all([a.begin(level), b.begin(level)])
    await a.run('UPDATE test SET value = 11 WHERE id = 1')
    const waiting = b.start('UPDATE test SET value = 12 WHERE id = 1', observer)
    await a.run('UPDATE test SET value = 21 WHERE id = 2')
    await a.commit()
    await waiting
    await b.run('UPDATE test SET value = 22 WHERE id = 2')
    await b.commit()
    return !['1:11,2:21', '1:12,2:22'].includes(await observer.run('SELECT * FROM test ORDER BY id'))
  },
  G1a: async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    await a.run('UPDATE test SET value = 101 WHERE id = 1')
    const seen = await b.run('SELECT * FROM test ORDER BY id')
    await a.rollback()
    const seenAfter = await b.run('SELECT * FROM test ORDER BY id')
    await b.commit()
    return seen !== '1:10,2:20' || seenAfter !== '1:10,2:20'
  },
  G1b: async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    await a.run('UPDATE test SET value = 101 WHERE id = 1')
    const seen = await b.run('SELECT value FROM test WHERE id = 1')
    await a.run('UPDATE test SET value = 11 WHERE id = 1')
    await a.commit()
    const seenAfter = await b.run('SELECT value FROM test WHERE id = 1')
    await b.commit()
    return seen === '101' || seenAfter === '101'
  },
  G1c: async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    await a.run('UPDATE test SET value = 11 WHERE id = 1')
    await b.run('UPDATE test SET value = 22 WHERE id = 2')
    const [first, second] = [
      await a.run('SELECT value FROM test WHERE id = 2'),
      await b.run('SELECT value FROM test WHERE id = 1'),
    ]
    const committed = [await a.commit(), await b.commit()]
    return committed.every(Boolean) && first === '22' && second === '11'
  },
  OTV: async ([a, b, c], level, observer) => {
    await Promise.all([a.begin(level), b.begin(level), c.begin(level)])
    await a.run('UPDATE test SET value = 11 WHERE id = 1')
    await a.run('UPDATE test SET value = 19 WHERE id = 2')
    const waiting = b.start('UPDATE test SET value = 12 WHERE id = 1', observer)
    await a.commit()
    await waiting
    const first = await c.run('SELECT value FROM test WHERE id = 1')
    await b.run('UPDATE test SET value = 18 WHERE id = 2')
    const second = await c.run('SELECT value FROM test WHERE id = 2')
    await b.commit()
    const third = await c.run('SELECT value FROM test WHERE id = 2')
    const fourth = await c.run('SELECT value FROM test WHERE id = 1')
    await c.commit()
    // Once a transaction has been seen, it does not vanish.
    return (first === '11' && second === '20') || (third === '18' && fourth !== '12')
  },
  PMP: async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    const before = await a.run('SELECT * FROM test WHERE value = 30')
    await b.run('INSERT INTO test VALUES (3, 30)')
    await b.commit()
    const later = await a.run('SELECT * FROM test WHERE value % 3 = 0')
    await a.commit()
    return before === '' && later === '3:30'
  },
  P4: async ([a, b], level, observer) => {
    await Promise.all([a.begin(level), b.begin(level)])
    await a.run('SELECT * FROM test WHERE id = 1')
    await b.run('SELECT * FROM test WHERE id = 1')
    await a.run('UPDATE test SET value = 11 WHERE id = 1')
    const waiting = b.start('UPDATE test SET value = 12 WHERE id = 1', observer)
    const first = await a.commit()
    await waiting
    const second = await b.commit()
    return first && second
  },
  'G-single': async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    const first = await a.run('SELECT value FROM test WHERE id = 1')
    await b.run('UPDATE test SET value = 12 WHERE id = 1')
    await b.run('UPDATE test SET value = 18 WHERE id = 2')
    await b.commit()
    const second = await a.run('SELECT value FROM test WHERE id = 2')
    await a.commit()
    return first === '10' && second === '18'
  },
  'G2-item': async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    for (const each of [a, b]) await each.run('SELECT * FROM test WHERE id IN (1, 2)')
    await a.run('UPDATE test SET value = 11 WHERE id = 1')
    await b.run('UPDATE test SET value = 21 WHERE id = 2')
    const committed = [await a.commit(), await b.commit()]
    return committed.every(Boolean)
  },
  G2: async ([a, b], level) => {
    await Promise.all([a.begin(level), b.begin(level)])
    for (const each of [a, b]) await each.run('SELECT * FROM test WHERE value % 3 = 0')
    await a.run('INSERT INTO test VALUES (3, 30)')
    await b.run('INSERT INTO test VALUES (4, 42)')
    const committed = [await a.commit(), await b.commit()]
    return committed.every(Boolean)
  },
}

onEachServer('isolation', (server) => {
  /** @type {pg.Client[]} */
  let clients = []

  before(async () => {
    clients = Array.from({ length: 4 }, () => new pg.Client({ connectionString: server().url }))
    for (const client of clients) await client.connect()
    await clients[0]?.query('CREATE TABLE test (id int PRIMARY KEY, value int)')
  })
  after(async () => {
    for (const client of clients) await client.end()
  })

  for (const level of LEVELS) {
    test(`${level} lets happen ${HAPPENING[level].join(', ') || 'nothing'}`, async () => {
      const [observing, ...others] = clients.map((client) => new Session(client))
      const [a, b, c] = others
      if (observing === undefined || a === undefined || b === undefined || c === undefined)
        throw new Error('no clients')
      const happened = []
      for (const [name, happens] of Object.entries(ANOMALIES)) {
        await observing.run('TRUNCATE test')
        await observing.run('INSERT INTO test VALUES (1, 10), (2, 20)')
        if (await happens([a, b, c], level, observing)) happened.push(name)
      }
      assert.deepEqual(happened, HAPPENING[level])
    })
  }
})
