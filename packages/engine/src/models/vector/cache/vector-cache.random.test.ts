/**
 * Several databases on one store, any number of transactions at a time, each of whose searches must give what it would
 * give without anything kept in memory.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { TestEnv, hasCode, systemEnv } from '@orbit-ts/base'
import type { IsolationLevel, Savepoint } from '@orbit-ts/storage'
import { openDatabase, type Database } from '../../../database.js'
import type { DatabaseTransaction } from '../../../txn/database-transaction.js'
import { openStore } from '../../store.test.data.js'
import { checkIndex } from '../vectors-database.test.data.js'
import type { VectorSearch } from '../vector-queries.js'
import { vectors, type VectorSchema } from '../vectors.js'
import { checkSearches } from './kept-vectors.test.data.js'

const DATABASES = 2
const TRANSACTIONS = 4

interface Item {
  readonly id: string
  readonly vector: readonly number[]
  readonly metadata: { readonly group: number }
}

type Step =
  | { readonly do: 'begin'; readonly db: number; readonly at: number; readonly isolation: IsolationLevel }
  | { readonly do: 'upsert'; readonly at: number; readonly items: readonly Item[] }
  | { readonly do: 'delete'; readonly at: number; readonly ids: readonly string[] }
  | {
      readonly do: 'search'
      readonly at: number
      readonly db: number
      readonly vector: readonly number[]
      readonly k: number
      readonly probes: number
      readonly group: number
    }
  | { readonly do: 'build'; readonly db: number; readonly moveMax: number; readonly partitions: number }
  | { readonly do: 'commit' | 'rollback' | 'savepoint' | 'undo' | 'release'; readonly at: number }
  | { readonly do: 'index' | 'plain' | 'recreate'; readonly db: number }

const db = fc.integer({ min: 0, max: DATABASES - 1 })
/** A place for a transaction; without one there, what is done is a transaction of its own. */
const at = fc.integer({ min: 0, max: TRANSACTIONS - 1 })
const component = fc.integer({ min: -3, max: 3 })
const vector = fc.tuple(component, component)
const id = fc.integer({ min: 0, max: 40 }).map((n) => `v${n}`)
const item: fc.Arbitrary<Item> = fc.record(
  { id, vector, metadata: fc.record({ group: fc.integer({ min: 0, max: 2 }) }, { noNullPrototype: true }) },
  { noNullPrototype: true },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('begin' as const),
      db,
      at,
      isolation: fc.constantFrom<IsolationLevel>('snapshot', 'snapshot', 'serializable', 'read-committed'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('upsert' as const),
      at,
      items: fc.array(item, { maxLength: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('delete' as const), at, ids: fc.array(id, { maxLength: 4 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('search' as const),
      at,
      db,
      vector,
      k: fc.integer({ min: 1, max: 12 }),
      probes: fc.integer({ min: 1, max: 3 }),
      group: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('build' as const),
      db,
      moveMax: fc.integer({ min: 1, max: 12 }),
      partitions: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom('commit', 'commit', 'rollback', 'savepoint', 'undo', 'release'),
      at,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('index', 'plain', 'recreate'), db }) },
)

interface Open {
  readonly db: Database
  readonly tx: DatabaseTransaction
  readonly isolation: IsolationLevel
  saved: Savepoint | undefined
}

class Run {
  readonly #databases: readonly Database[]
  readonly #open: (Open | undefined)[] = []

  constructor(databases: readonly Database[]) {
    this.#databases = databases
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'begin':
        return this.#begin(step)
      case 'upsert':
        return this.#write(step.at, (tx) => tx.vectors('v').upsertMany(step.items))
      case 'delete':
        return this.#write(step.at, (tx) => tx.vectors('v').deleteMany(step.ids))
      case 'search':
        return this.#search(step)
      case 'build':
        return this.#build(step)
      case 'index':
      case 'plain':
      case 'recreate':
        return this.#define(step)
      default:
        return this.#control(step.do, step.at)
    }
  }

  async end(): Promise<void> {
    await this.#endAll()
    for (const each of this.#databases) await checkIndex(each, 'v')
  }

  async #begin({ db, at, isolation }: Extract<Step, { do: 'begin' }>): Promise<void> {
    if (this.#open[at] !== undefined) return
    const database = this.#database(db)
    const tx = await database.begin({ isolation, lockWaitMs: 1 })
    this.#open[at] = { db: database, tx, isolation, saved: undefined }
  }

  async #write(at: number, work: (tx: DatabaseTransaction) => Promise<unknown>): Promise<void> {
    const open = this.#open[at]
    if (open === undefined) return unlessConflict(this.#database(at % 2).transaction(work, { lockWaitMs: 1 }))
    await unlessConflict(work(open.tx))
  }

  async #search({ at, db, vector, k, probes, group }: Extract<Step, { do: 'search' }>): Promise<void> {
    const searches: VectorSearch[] = [
      { vector, k, exact: true, includeVectors: true },
      { vector, k, exact: true, where: { group } },
      { vector, k: 1000 },
      { vector, k, probes },
      { vector, k, probes, where: { group } },
    ]
    const open = this.#open[at]
    if (open !== undefined) {
      // What it then reads, until it asks for more, is of one snapshot at this level too.
      if (open.isolation === 'read-committed') await open.tx.storage.refresh()
      await checkSearches(open.db, open.tx, 'v', searches)
      return
    }
    const database = this.#database(db)
    await database.transaction((tx) => checkSearches(database, tx, 'v', searches))
  }

  async #build({ db, moveMax, partitions }: Extract<Step, { do: 'build' }>): Promise<void> {
    const database = this.#database(db)
    await database
      .transaction((tx) => tx.vectors('v').buildIndex({ moveMax, partitions }), {
        lockWaitMs: 1,
        attemptsMax: 2,
      })
      .catch((error: unknown) => {
        if (!isConflict(error) && !hasCode(error, 'INVALID_ARGUMENT')) throw error
      })
  }

  async #define({ do: what, db }: Extract<Step, { do: 'index' | 'plain' | 'recreate' }>): Promise<void> {
    // A transaction that writes protects the definition, and would have to be waited for.
    await this.#endAll()
    const database = this.#database(db)
    if (what === 'recreate') await database.drop('vectors', 'v')
    await database.apply([schemaOf(what === 'index')])
  }

  async #control(what: 'commit' | 'rollback' | 'savepoint' | 'undo' | 'release', at: number): Promise<void> {
    const open = this.#open[at]
    if (open === undefined) return
    if (what === 'savepoint') open.saved = open.tx.savepoint()
    else if (what === 'undo' && open.saved !== undefined) open.tx.rollbackTo(open.saved)
    else if (what === 'release' && open.saved !== undefined) {
      open.tx.storage.release(open.saved)
      open.saved = undefined
    } else if (what === 'commit' || what === 'rollback') {
      this.#open[at] = undefined
      await unlessConflict(open.tx[what]())
      await open.tx.rollback()
    }
  }

  async #endAll(): Promise<void> {
    for (let at = 0; at < TRANSACTIONS; at++) await this.#control(at % 2 === 0 ? 'commit' : 'rollback', at)
  }

  #database(number: number): Database {
    const database = this.#databases[number]
    assert.ok(database !== undefined)
    return database
  }
}

function isConflict(error: unknown): boolean {
  return hasCode(error, 'TRANSACTION_CONFLICT') || hasCode(error, 'LOCK_TIMEOUT')
}

async function unlessConflict(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isConflict(error)) throw error
  })
}

function schemaOf(isIndexed: boolean): VectorSchema {
  const index = { kind: 'partitioned' } as const
  return vectors('v', { dimension: 2, metric: 'l2', ...(isIndexed ? { index } : {}) })
}

describe('searches of many transactions of several databases', () => {
  let [hits, misses] = [0, 0]
  for (const isIndexed of [false, true]) {
    it(`give what they give without anything kept: ${isIndexed ? 'an index' : 'no index'} at first`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
          const storage = await openStore()
          // Both draw the same numbers: what they write must differ all the same.
          const open = (): Promise<Database> => {
            const env = { ...systemEnv, random: new TestEnv({ seed: 1 }).random }
            return openDatabase({ storage, schema: [schemaOf(isIndexed)], env })
          }
          const databases = [await open(), await open()]
          const run = new Run(databases)
          for (const each of steps) await run.take(each)
          await run.end()
          for (const { caches } of databases) {
            hits += caches.metrics().vectors.hits
            misses += caches.metrics().vectors.misses
          }
          await storage.close()
        }),
        { numRuns: 60 },
      )
    })
  }
  after(() => assert.ok(hits > 1000 && misses > 100, `${hits} hits, ${misses} misses`))
})
