/** What the tests of the vector model have in common. */
import assert from 'node:assert/strict'
import { TestEnv, asBuffer, compareBytes, hasCode, systemEnv, utf8, type ErrorCode } from '@orbit-ts/base'
import { parseKey, vectorKeys } from '@orbit-ts/storage'
import type { KeyRange, Transaction } from '@orbit-ts/storage'
import { openDatabase, type Database, type ObjectSchema } from '../../database.js'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { decodeVector } from '../../record/vector-record.js'
import { decodeAssignment } from './index/assignment.js'
import { getIndexState } from './index/index-state.js'
import { openStore } from '../store.test.data.js'
import type { VectorsDefinition } from './vectors-definition.js'
import type { Metric } from './vectors-input.js'

/** A database with these collections; its random numbers, but not its time, come from the seed. */
export async function withVectors(
  schema: readonly ObjectSchema[],
  work: (db: Database) => Promise<void>,
  seed = 1,
): Promise<void> {
  const env = { clock: systemEnv.clock, timers: systemEnv.timers, random: new TestEnv({ seed }).random }
  const storage = await openStore()
  try {
    await work(await openDatabase({ storage, schema, env }))
  } finally {
    await storage.close()
  }
}

export function refuses(work: Promise<unknown>, code: ErrorCode, pattern: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(hasCode(error, code), `${code} expected, got ${String(error)}`)
    assert.match(error.message, pattern)
    return true
  })
}

/** Calls `buildIndex` until it is done. */
export async function buildFully(db: Database, name: string): Promise<number> {
  for (let calls = 1; ; calls++) if ((await db.vectors(name).buildIndex()).done) return calls
}

/** Every key and value of a collection, so that "nothing changed" can be said of all there is. */
export async function contents(db: Database, name: string): Promise<[string, string][]> {
  const { id } = await db.describe('vectors', name)
  const found: [string, string][] = []
  await using tx = await db.storage.begin()
  for await (const chunk of tx.scan(vectorKeys.collection(id))) {
    for (const { key, value } of chunk)
      found.push([asBuffer(key).toString('hex'), asBuffer(value).toString('hex')])
  }
  return found
}

/** Asserts the invariants of `index-state.ts`; returns the partition of each vector. */
export async function checkIndex(db: Database, name: string): Promise<Map<string, number>> {
  const object = (await db.describe('vectors', name)) as CatalogObject<VectorsDefinition>
  await using tx = await db.storage.begin()
  return await new IndexCheck(tx, object).run()
}

class IndexCheck {
  readonly #tx: Transaction
  readonly #object: CatalogObject<VectorsDefinition>
  readonly #records = new Map<string, string>()
  readonly #assignments = new Map<string, number>()
  readonly #postings = new Map<string, { partition: number; components: string }>()
  readonly #centres = new Set<number>()

  constructor(tx: Transaction, object: CatalogObject<VectorsDefinition>) {
    this.#tx = tx
    this.#object = object
  }

  async run(): Promise<Map<string, number>> {
    await this.#read()
    const { index } = this.#object.definition
    if (index === undefined) {
      assert.equal(this.#assignments.size + this.#postings.size + this.#centres.size, 0)
      return this.#assignments
    }
    const state = await getIndexState(this.#tx, this.#object.id, index.id)
    const known = state.generations.flatMap(({ firstPartition, partitions }) =>
      Array.from({ length: partitions }, (_, i) => firstPartition + i),
    )
    assert.deepEqual([...this.#centres].sort(), known.sort(), 'exactly the listed generations have centres')
    assert.ok(state.building || state.generations.length <= 1, 'older generations go when a build ends')
    for (const [id, { partition, components }] of this.#postings) {
      assert.equal(components, this.#records.get(id), `posting of ${id}`)
      assert.equal(partition, this.#assignments.get(id), `assignment of ${id}`)
      assert.ok(
        partition === 0 ? state.unassigned : known.includes(partition),
        `${id} is in partition ${partition}`,
      )
    }
    assert.equal(this.#postings.size, this.#assignments.size)
    if (state.incomplete === undefined) assert.equal(this.#postings.size, this.#records.size)
    return this.#assignments
  }

  async #read(): Promise<void> {
    const { id, definition } = this.#object
    for await (const chunk of this.#tx.scan(vectorKeys.collection(id))) {
      for (const { key, value } of chunk) {
        const parsed = parseKey(key)
        assert.ok(parsed.model === 'vector')
        if (parsed.kind === 'lane') continue
        if (parsed.kind !== 'record' && parsed.indexId !== definition.index?.id)
          assert.fail('entry of no index')
        if (parsed.kind === 'record') this.#records.set(parsed.id, hex(decodeVector(value, key)))
        else if (parsed.kind === 'assignment') this.#assignments.set(parsed.id, decodeAssignment(value))
        else if (parsed.kind === 'posting') {
          assert.ok(!this.#postings.has(parsed.id), `${parsed.id} has two postings`)
          this.#postings.set(parsed.id, {
            partition: parsed.partitionId,
            components: asBuffer(value).toString('hex'),
          })
        } else if (parsed.kind === 'centroid' && parsed.partitionId > 0) this.#centres.add(parsed.partitionId)
      }
    }
  }
}

function hex(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex')
}

/** The distance as the documentation defines it, in the plainest way. */
export function distance(metric: Metric, a: ArrayLike<number>, b: ArrayLike<number>): number {
  const pairs = Array.from(a, (x, i) => [Math.fround(x), Math.fround(b[i] ?? 0)] as const)
  const dot = pairs.reduce((sum, [x, y]) => sum + x * y, 0)
  if (metric === 'dot') return 0 - dot
  if (metric === 'l2') return Math.sqrt(pairs.reduce((sum, [x, y]) => sum + (x - y) ** 2, 0))
  const [aa, bb] = pairs.reduce(([p, q], [x, y]) => [p + x * x, q + y * y], [0, 0])
  return 1 - dot / Math.sqrt(aa) / Math.sqrt(bb)
}

/** The ids of the `k` nearest, by brute force. */
export function nearestIds(
  metric: Metric,
  query: ArrayLike<number>,
  vectors: Iterable<readonly [string, ArrayLike<number>]>,
  k: number,
): string[] {
  return [...vectors]
    .map(([id, vector]) => ({ id, distance: distance(metric, query, vector) }))
    .sort((a, b) => a.distance - b.distance || compareBytes(utf8(a.id), utf8(b.id)))
    .slice(0, k)
    .map(({ id }) => id)
}

/** How many keys a range holds, to see what is left of something that was removed. */
export async function countKeys(db: Database, range: KeyRange): Promise<number> {
  await using tx = await db.storage.begin()
  let count = 0
  for await (const chunk of tx.scan(range, { keysOnly: true })) count += chunk.length
  return count
}

/** Vectors around centres, the same for the same seed. */
export function clusteredVectors(
  count: number,
  options: { dimension: number; clusters: number; spread: number; seed: number },
): Float32Array[] {
  const { dimension, clusters, spread, seed } = options
  const { random } = new TestEnv({ seed })
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float())
  const centres = Array.from({ length: clusters }, () => Float32Array.from({ length: dimension }, normal))
  return Array.from({ length: count }, (_, i) =>
    (centres[i % clusters] ?? new Float32Array(dimension)).map((x) => x + spread * normal()),
  )
}
