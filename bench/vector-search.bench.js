// @ts-check
/**
 * The ten nearest of 50 000 vectors of 128 components, by cosine: Orbit's exact search, and its partitioned index as
 * built and searched by default, in memory and on RocksDB, against a brute-force scan of one flat Float32Array and
 * against HNSW (`hnswlib-node`, in memory only; `efSearch` the least that finds as much as Orbit's index does).
 *
 * The vectors are drawn around 1000 centres, spread so widely that clusters overlap; the queries are drawn as they are
 * and are not among them. Recall is the share of the ten that brute force finds. Searches run one at a time. What they
 * have read stays in memory, as it does by default; the first round reads it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, vectors } from '@orbit-ts/engine'
import { contest, micros, printTable } from './measure.js'

const COUNT = 50_000
const DIMENSION = 128
const CLUSTERS = 1000
const SPREAD = 1
const QUERIES = 50
/** Of those, what takes long is timed with fewer. */
const QUERIES_SLOW = 10
const K = 10
const ROUNDS = 5
const BATCH = 2000

/** @typedef {{ name: string, search(query: Float32Array): Promise<string[]> | string[] }} Searcher */
/** @typedef {Awaited<ReturnType<typeof openDatabase>>} Database */

const data = drawVectors(COUNT + QUERIES)
const queries = data.splice(COUNT)
const brute = bruteForce(data)
const truth = await Promise.all(queries.map((query) => brute.search(query)))

const schema = vectors('bench', {
  dimension: DIMENSION,
  metric: 'cosine',
  index: { kind: 'partitioned' },
  metadata: { group: 'integer' },
})
const root = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
const stores = [
  await openDatabase({ storage: { kind: 'memory' }, schema: [schema] }),
  await openDatabase({
    storage: { kind: 'rocksdb', dataDir: join(root, 'rocksdb'), durability: 'os' },
    schema: [schema],
  }),
]
try {
  await run()
} finally {
  for (const db of stores) await db.close()
  rmSync(root, { recursive: true, force: true })
}

async function run() {
  for (const db of stores) await load(db)
  const hnsw = await openHnsw()
  const [memory, rocksdb] = stores
  if (memory === undefined || rocksdb === undefined) throw new Error('both stores are open')

  console.log('\n### Recall and speed\n')
  const indexed = orbit(memory, 'Orbit, partitioned, memory', {})
  const ours = [
    orbit(memory, 'Orbit, exact, memory', { exact: true }),
    orbit(rocksdb, 'Orbit, exact, RocksDB', { exact: true }),
    indexed,
    orbit(rocksdb, 'Orbit, partitioned, RocksDB', {}),
  ]
  const wanted = await recallOf(indexed)
  const rival = hnsw === undefined ? undefined : await tuned(hnsw, wanted)
  const head = [['search', 'recall@10', 'min / median µs', 'queries/s', 'time / brute force', 'time / HNSW']]
  const rows = []
  for (const searcher of rival === undefined ? ours : [...ours, rival]) {
    const against = await race(searcher, brute)
    const toHnsw = rival === undefined || searcher === rival ? undefined : await race(searcher, rival)
    rows.push([
      searcher.name,
      (await recallOf(searcher)).toFixed(3),
      `${micros(against.ours.min)} / ${micros(against.ours.median)}`,
      Math.round(1e6 / against.ours.median).toString(),
      (against.ours.median / against.rival.median).toFixed(2),
      toHnsw === undefined ? '' : (toHnsw.ours.median / toHnsw.rival.median).toFixed(1),
    ])
  }
  printTable([...head, ...rows])

  console.log('\n### Probes (memory)\n')
  const probed = []
  for (const probes of [1, 4, 16, 64, 256]) {
    const searcher = orbit(memory, `${probes}`, { probes })
    const { ours: time, rival: flat } = await race(searcher, brute)
    const recall = (await recallOf(searcher)).toFixed(3)
    probed.push([searcher.name, recall, micros(time.median), (time.median / flat.median).toFixed(2)])
  }
  printTable([['probes', 'recall@10', 'median µs', 'time / brute force'], ...probed])

  console.log('\n### With a filter on the metadata (memory)\n')
  const filtered = []
  for (const [share, where] of /** @type {const} */ ([
    ['50 %', { group: { lt: 500 } }],
    ['10 %', { group: { lt: 100 } }],
    ['1 %', { group: { lt: 10 } }],
    ['0.1 %', { group: 1 }],
    ['none', { group: -1 }],
  ])) {
    const exact = orbit(memory, 'exact', { exact: true, where })
    const searcher = orbit(memory, share, { where })
    const { ours: time, rival: full } = await race(searcher, exact)
    const expected = await Promise.all(queries.map((query) => exact.search(query)))
    const recall = expected.every((ids) => ids.length === 0)
      ? ''
      : (await recallOf(searcher, expected)).toFixed(3)
    filtered.push([share, recall, micros(time.median), (time.median / full.median).toFixed(2)])
  }
  printTable([['vectors that fit', 'recall@10', 'median µs', 'time / exact'], ...filtered])
}

/** @param {Database} db */
async function load(db) {
  const session = db.vectors(schema)
  const started = performance.now()
  for (let from = 0; from < COUNT; from += BATCH) {
    const batch = data.slice(from, from + BATCH)
    await session.insertMany(
      batch.map((vector, i) => ({ id: `v${from + i}`, vector, metadata: { group: (from + i) % 1000 } })),
    )
  }
  const loaded = performance.now()
  while (!(await session.buildIndex()).done) continue
  const built = performance.now()
  const { partitions } = await session.indexStatistics()
  const sizes = partitions.map((partition) => partition.vectors).toSorted((a, b) => a - b)
  console.log(
    `${db.storage.kind}: ${micros(((loaded - started) * 1000) / COUNT)} µs to insert a vector, ` +
      `${((built - loaded) / 1000).toFixed(1)} s to build ${sizes.length} partitions of ${sizes[0]} to ${sizes.at(-1)} vectors`,
  )
}

/** @param {Database} db @param {string} name @param {object} options @returns {Searcher} */
function orbit(db, name, options) {
  const session = db.vectors(schema)
  return {
    name,
    search: async (vector) => (await session.search({ vector, k: K, ...options })).map(({ id }) => id),
  }
}

/** @param {Searcher} ours @param {Searcher} rival @param {number} [per] */
function race(ours, rival, per = QUERIES_SLOW) {
  /** @param {Searcher} searcher */
  const all = (searcher) => async () => {
    for (const query of queries.slice(0, per)) await searcher.search(query)
  }
  return contest({ name: ours.name, per, ours: all(ours), rival: all(rival) }, ROUNDS)
}

/** @param {Searcher} searcher @param {readonly string[][]} expected */
async function recallOf(searcher, expected = truth) {
  let found = 0
  let all = 0
  for (const [i, query] of queries.entries()) {
    const right = new Set(expected[i])
    found += (await searcher.search(query)).filter((id) => right.has(id)).length
    all += right.size
  }
  return found / all
}

/** @param {readonly Float32Array[]} vectors_ @returns {Searcher} */
function bruteForce(vectors_) {
  const flat = new Float32Array(COUNT * DIMENSION)
  vectors_.forEach((vector, i) => {
    const length = Math.hypot(...vector)
    for (let j = 0; j < DIMENSION; j++) flat[i * DIMENSION + j] = (vector[j] ?? 0) / length
  })
  return { name: 'brute force', search: (query) => nearestInFlat(flat, query) }
}

/** @param {Float32Array} flat of vectors of length 1 @param {Float32Array} query */
function nearestInFlat(flat, query) {
  /** @type {{ i: number, product: number }[]} the nearest first */
  const best = []
  for (let i = 0; i < COUNT; i++) {
    const at = i * DIMENSION
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let j = 0; j < DIMENSION; j += 4) {
      a += query[j] * flat[at + j]
      b += query[j + 1] * flat[at + j + 1]
      c += query[j + 2] * flat[at + j + 2]
      d += query[j + 3] * flat[at + j + 3]
    }
    const product = a + b + c + d
    if (best.length === K && product <= (best[K - 1]?.product ?? 0)) continue
    const place = best.findIndex((each) => each.product < product)
    best.splice(place < 0 ? best.length : place, 0, { i, product })
    if (best.length > K) best.pop()
  }
  return best.map(({ i }) => `v${i}`)
}

/** HNSW with the usual settings. @returns {Promise<((efSearch: number) => Searcher) | undefined>} */
async function openHnsw() {
  const library = await import('hnswlib-node').catch((error) => {
    console.log(`hnswlib-node: not measured: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (library === undefined) return undefined
  const { HierarchicalNSW } = library.default
  const index = new HierarchicalNSW('cosine', DIMENSION)
  index.initIndex({ maxElements: COUNT, m: 16, efConstruction: 200, randomSeed: 1 })
  const started = performance.now()
  data.forEach((vector, i) => index.addPoint(Array.from(vector), i))
  console.log(
    `HNSW: ${((performance.now() - started) / 1000).toFixed(1)} s to build (m 16, efConstruction 200)`,
  )
  return (efSearch) => ({
    name: `HNSW, efSearch ${efSearch}`,
    search: (query) => {
      index.setEf(efSearch)
      return index.searchKnn(Array.from(query), K).neighbors.map((i) => `v${i}`)
    },
  })
}

/** @param {(efSearch: number) => Searcher} open @param {number} recall */
async function tuned(open, recall) {
  let efSearch = K
  while (efSearch < 5000 && (await recallOf(open(efSearch))) < recall) efSearch = Math.ceil(efSearch * 1.3)
  return open(efSearch)
}

/** The same for every run: mulberry32, and Box and Muller's normal distribution. @param {number} count */
function drawVectors(count) {
  let state = 20_240_601
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  const centres = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: DIMENSION }, normal))
  return Array.from({ length: count }, () => {
    const centre = centres[Math.floor(uniform() * CLUSTERS)] ?? new Float32Array(DIMENSION)
    return centre.map((x) => x + SPREAD * normal())
  })
}
