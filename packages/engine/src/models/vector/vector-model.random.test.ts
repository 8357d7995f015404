/** Random work on a collection and its index, compared step by step with a map and brute force. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, hasCode, utf8 } from '@orbit-ts/base'
import type { Database } from '../../database.js'
import type { DatabaseTransaction } from '../../txn/database-transaction.js'
import { checkIndex, distance, withVectors } from './vectors-database.test.data.js'
import type { AutoCommit } from '../../txn/auto-commit.js'
import type { VectorSession } from './vector-session.js'
import { METRICS, type Metric } from './vectors-input.js'
import { vectors, type VectorSchema } from './vectors.js'

interface Item {
  readonly id: string
  readonly vector: readonly number[]
  readonly metadata: { readonly group: number }
}

type Contents = ReadonlyMap<string, Item>

type Step =
  | { readonly do: 'upsert' | 'insert'; readonly items: readonly Item[] }
  | { readonly do: 'delete'; readonly ids: readonly string[] }
  | {
      readonly do: 'search'
      readonly vector: readonly number[]
      readonly k: number
      readonly group: number | undefined
    }
  | { readonly do: 'build'; readonly moveMax: number; readonly partitions: number }
  | { readonly do: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'undo' | 'index' | 'plain' | 'check' }

// Small whole numbers: distances are exact, equal ones frequent, and so are updates.
const component = fc.integer({ min: -3, max: 3 })
const vector = fc
  .tuple(component, component, component)
  .filter((components) => components.some((x) => x !== 0))
const id = fc.integer({ min: 0, max: 30 }).map((n) => `v${n}`)
const item: fc.Arbitrary<Item> = fc.record({
  id,
  vector,
  metadata: fc.record({ group: fc.integer({ min: 0, max: 3 }) }, { noNullPrototype: true }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('upsert' as const), items: fc.array(item, { maxLength: 8 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('insert' as const), items: fc.array(item, { maxLength: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('delete' as const), ids: fc.array(id, { maxLength: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('search' as const),
      vector,
      k: fc.integer({ min: 1, max: 12 }),
      group: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('build' as const),
      moveMax: fc.integer({ min: 1, max: 12 }),
      partitions: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(['begin', 'commit', 'rollback', 'savepoint', 'undo', 'index', 'plain', 'check'] as const),
      ),
    }),
  },
)

class Run {
  readonly #db: Database
  readonly #metric: Metric
  #committed: Contents = new Map()
  #pending: Contents = this.#committed
  #tx: DatabaseTransaction | undefined
  #saved: { readonly point: { readonly id: number }; readonly contents: Contents } | undefined
  #isIndexed = false

  constructor(db: Database, metric: Metric) {
    this.#db = db
    this.#metric = metric
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'upsert':
        await this.#session.upsertMany(step.items)
        return this.#write((contents) => step.items.forEach((each) => contents.set(each.id, each)))
      case 'insert':
        return this.#insert(step.items)
      case 'delete':
        return this.#delete(step.ids)
      case 'search':
        return this.#search(step)
      case 'build':
        if (this.#isIndexed)
          await this.#session.buildIndex({ moveMax: step.moveMax, partitions: step.partitions })
        return
      case 'check':
        if (this.#tx === undefined) await checkIndex(this.#db, 'v')
        return
      case 'index':
      case 'plain':
        return this.#declare(step.do === 'index')
      default:
        return this.#control(step.do)
    }
  }

  async end(): Promise<void> {
    if (this.#tx !== undefined) await this.take({ do: 'commit' })
    await checkIndex(this.#db, 'v')
    const found: string[] = []
    for await (const chunk of this.#db.vectors('v').scan()) found.push(...chunk.map((each) => each.id))
    assert.deepEqual(found, [...this.#committed.keys()].sort())
  }

  get #session(): AutoCommit<VectorSession> {
    return this.#tx?.vectors('v') ?? this.#db.vectors('v')
  }

  #write(change: (contents: Map<string, Item>) => void): void {
    const contents = new Map(this.#pending)
    change(contents)
    this.#pending = contents
    if (this.#tx === undefined) this.#committed = contents
  }

  async #insert(items: readonly Item[]): Promise<void> {
    const ids = items.map((each) => each.id)
    const isNew = new Set(ids).size === ids.length && ids.every((each) => !this.#pending.has(each))
    if (isNew) {
      await this.#session.insertMany(items)
      return this.#write((contents) => items.forEach((each) => contents.set(each.id, each)))
    }
    await assert.rejects(this.#session.insertMany(items), (error) => hasCode(error, 'RECORD_EXISTS'))
  }

  async #delete(ids: readonly string[]): Promise<void> {
    const present = new Set(ids.filter((each) => this.#pending.has(each)))
    assert.equal(await this.#session.deleteMany(ids), present.size)
    this.#write((contents) => present.forEach((each) => contents.delete(each)))
  }

  async #search({ vector: query, k, group }: Extract<Step, { do: 'search' }>): Promise<void> {
    const where = group === undefined ? {} : { group }
    const exact = await this.#session.search({ vector: query, k, where, exact: true })
    const everywhere = await this.#session.search({ vector: query, k, where, probes: 1000 })
    assert.deepEqual(everywhere, exact)
    const byDefault = await this.#session.search({ vector: query, k, where })
    assert.equal(byDefault.length, exact.length)

    const fitting = [...this.#pending.values()].filter(
      (each) => group === undefined || each.metadata.group === group,
    )
    const ranked = fitting
      .map((each) => ({ ...each, distance: distance(this.#metric, query, each.vector) }))
      .sort((a, b) => a.distance - b.distance || compareBytes(utf8(a.id), utf8(b.id)))
      .slice(0, k)
    assert.equal(exact.length, ranked.length)
    exact.forEach((hit, i) => {
      const item = this.#pending.get(hit.id)
      assert.deepEqual(hit.metadata, item?.metadata)
      const own = distance(this.#metric, query, item?.vector ?? [])
      if (this.#metric === 'cosine') {
        assert.ok(Math.abs(hit.distance - own) < 1e-12)
        assert.ok(Math.abs(hit.distance - (ranked[i]?.distance ?? NaN)) < 1e-12)
      } else {
        assert.equal(hit.distance, own)
        assert.equal(hit.id, ranked[i]?.id)
      }
    })
  }

  /** A declaration is changed by a transaction of its own, which one under way would have to wait for. */
  async #declare(isIndexed: boolean): Promise<void> {
    if (this.#tx !== undefined) return
    await this.#db.apply([schemaOf(this.#metric, isIndexed)])
    this.#isIndexed = isIndexed
  }

  async #control(what: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'undo'): Promise<void> {
    if (what === 'begin') {
      this.#tx ??= await this.#db.begin()
    } else if (what === 'savepoint') {
      if (this.#tx !== undefined) this.#saved = { point: this.#tx.savepoint(), contents: this.#pending }
    } else if (what === 'undo') {
      if (this.#tx === undefined || this.#saved === undefined) return
      this.#tx.rollbackTo(this.#saved.point)
      this.#pending = this.#saved.contents
    } else {
      if (this.#tx === undefined) return
      await this.#tx[what]()
      if (what === 'commit') this.#committed = this.#pending
      this.#pending = this.#committed
      this.#tx = undefined
      this.#saved = undefined
    }
  }
}

function schemaOf(metric: Metric, isIndexed: boolean): VectorSchema {
  const index = { kind: 'partitioned', probes: 1 } as const
  return vectors('v', { dimension: 3, metric, ...(isIndexed ? { index } : {}) })
}

describe('random work on vectors', () => {
  for (const metric of METRICS) {
    it(`gives what a map and brute force give: ${metric}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) =>
          withVectors([schemaOf(metric, false)], async (db) => {
            const run = new Run(db, metric)
            for (const each of steps) await run.take(each)
            await run.end()
          }),
        ),
        { numRuns: 60 },
      )
    })
  }
})
