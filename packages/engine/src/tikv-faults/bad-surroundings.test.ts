/** A database whose cluster is not what it should be: clear errors in bounded time, and nothing lost. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, OrbitError, silentLogger, TestEnv, utf8, type ErrorCode } from '@orbit-ts/base'
import { internalKeys, openProvider, type ProviderOptions, type StorageProvider } from '@orbit-ts/storage'
import { type InProcessNetwork, TestCluster, type TestClusterOptions } from '@orbit-ts/tikv/testing'
import { NodeEnv } from '@orbit-ts/tikv/testing/histories'
import { openDatabase, type Database } from '../database.js'
import { collection } from '../models/document/collection.js'
import { int4, text } from '../models/relational/schema/column-types.js'
import { table } from '../models/relational/table.js'

const items = table('items', { id: int4().primaryKey(), what: text() })
const notes = collection('notes')

const TIMEOUT_MS = 2_000
const HOUR_MS = 3_600_000
/** Of virtual time: nothing may take longer than a transaction may live, and some. */
const LIMIT_MS = 60_000

type TikvOptions = Partial<Omit<Extract<ProviderOptions, { kind: 'tikv' }>, 'kind'>>

/** Clusters and databases in virtual time. */
class Surroundings {
  readonly env = new TestEnv({ seed: 1 })
  readonly servers = new NodeEnv(this.env)
  /** The clock of the database's machine. */
  readonly own = new NodeEnv(this.env)
  readonly #clusters: TestCluster[] = []
  readonly #opened: { close(): Promise<void> }[] = []

  static async with(work: (surroundings: Surroundings) => Promise<void>): Promise<void> {
    const surroundings = new Surroundings()
    try {
      await surroundings.passing(work(surroundings))
    } finally {
      await surroundings.passing(surroundings.#close())
    }
  }

  async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const cluster = await TestCluster.start({ env: this.servers, ...options })
    this.#clusters.push(cluster)
    return cluster
  }

  async openProvider(
    cluster: TestCluster,
    options: TikvOptions = {},
    network: InProcessNetwork | undefined = cluster.network,
  ): Promise<StorageProvider> {
    const transport = network?.transport('db')
    assert.ok(transport !== undefined)
    const provider = await openProvider(
      {
        kind: 'tikv',
        pdEndpoints: [...cluster.pdEndpoints],
        timeoutMs: TIMEOUT_MS,
        gcIntervalMs: 0,
        ...options,
      },
      { env: this.own, transport, logger: silentLogger },
    )
    this.#opened.push(provider)
    return provider
  }

  async open(cluster: TestCluster, options: TikvOptions = {}): Promise<Database> {
    const storage = await this.openProvider(cluster, options)
    const db = await openDatabase({ storage, env: this.own, schema: [items, notes] })
    this.#opened.push(db)
    return db
  }

  /** Fails with this error, in bounded time. */
  async fails(work: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
    const startedMs = this.env.clock.monotonicMs()
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof OrbitError, String(error))
      assert.equal(error.code, code, error.message)
      assert.match(error.message, message)
      return true
    })
    const tookMs = this.env.clock.monotonicMs() - startedMs
    assert.ok(tookMs <= LIMIT_MS, `${tookMs} ms of virtual time`)
  }

  /** Lets virtual time pass until the work is done. */
  async passing<T>(work: Promise<T>): Promise<T> {
    const progress = { isOver: false }
    const over = (): void => void (progress.isOver = true)
    work.then(over, over)
    while (!progress.isOver) await this.env.advance(5)
    return work
  }

  async #close(): Promise<void> {
    for (const each of this.#opened.reverse()) await each.close()
    for (const cluster of this.#clusters) await cluster.close()
    assert.equal(this.env.pendingTimers, 0)
  }
}

const scenario = (what: string, work: (surroundings: Surroundings) => Promise<void>): void =>
  void it(what, () => Surroundings.with(work))

async function fill(db: Database, ids: readonly number[]): Promise<void> {
  await db.transaction(async (tx) => {
    for (const id of ids) {
      await tx.table(items).insert({ id, what: `item ${id}` })
      await tx.collection(notes).insert({ id: `note-${id}` })
    }
  })
}

async function contents(db: Database): Promise<readonly (readonly [number, string])[]> {
  const rows = await db.table(items).find()
  const documents = await db.collection(notes).find()
  assert.equal(documents.length, rows.length)
  return rows.map(({ id }, at) => [id, String(documents[at]?.id)] as const)
}

const versionsIn = ({ mvcc }: TestCluster): number =>
  [...mvcc.state.data.ascending(utf8(''))].reduce((sum, [, { writes }]) => sum + writes.length, 0)

const pairs = (ids: readonly number[]): readonly (readonly [number, string])[] =>
  ids.map((id) => [id, `note-${id}`] as const)

describe('a database in wrong surroundings', () => {
  scenario('names the address where nobody is', async (at) => {
    const cluster = await at.start()
    await at.fails(
      at.openProvider(cluster, { pdEndpoints: ['nowhere:2379'] }),
      'STORAGE_UNAVAILABLE',
      /no PD .*nowhere:2379.*within 2000 ms \(connectTimeout\)|nowhere:2379/,
    )
  })

  scenario('tells a TiKV server from PD', async (at) => {
    const cluster = await at.start()
    const { address } = cluster.state.store(1n)
    await at.fails(
      at.openProvider(cluster, { pdEndpoints: [address] }),
      'PD_REFUSED',
      /must name PD, not a TiKV server/,
    )
  })

  scenario('refuses addresses of two clusters', async (at) => {
    const [first, second] = [await at.start(), await at.start()]
    // Both have the same addresses, each in a network of its own: here is one in which the second is somewhere else.
    const network = first.network
    assert.ok(network !== undefined)
    network.register('elsewhere:2379', second.pd.service(0))
    await at.fails(
      at.openProvider(first, { pdEndpoints: [...first.pdEndpoints, 'elsewhere:2379'] }),
      'PD_CLUSTER_MISMATCH',
      new RegExp(`different clusters.*is of cluster ${first.state.clusterId}`, 's'),
    )
    network.unregister('elsewhere:2379')
  })

  scenario('names a keyspace that is not there', async (at) => {
    const cluster = await at.start({ apiVersion: 'v2', keyspaces: ['mine'] })
    const options = { apiVersion: 'v2', keyspace: 'yours' } as const
    await at.fails(at.openProvider(cluster, options), 'KEYSPACE_UNAVAILABLE', /yours/)
    const db = await at.open(cluster, { apiVersion: 'v2', keyspace: 'mine' })
    await fill(db, [1])
    assert.deepEqual(await contents(db), pairs([1]))
  })

  for (const [wanted, actual] of [
    ['v2', 'v1'],
    ['v1', 'v2'],
  ] as const) {
    scenario(`says that the cluster has API ${actual} when ${wanted} is configured`, async (at) => {
      const cluster = await at.start({ apiVersion: actual })
      await at.fails(
        at.open(cluster, { apiVersion: wanted }),
        'API_VERSION_MISMATCH',
        /apiVersion|api_version/,
      )
    })
  }

  scenario('leaves a cluster alone that a newer release has written', async (at) => {
    const cluster = await at.start()
    await fill(await at.open(cluster), [1])
    const storage = await at.openProvider(cluster)
    const key = internalKeys.fact('format')
    const before = await storage.transact((tx) => tx.get(key))
    assert.equal(Buffer.from(before ?? []).toString(), '1')
    await storage.write([{ type: 'put', key, value: utf8('2') }])
    const versions = versionsIn(cluster)
    await at.fails(
      at.open(cluster),
      'RECORD_VERSION_UNSUPPORTED',
      /the store has format 2, this release knows up to 1; open it with the newer release that wrote it/,
    )
    assert.equal(versionsIn(cluster), versions)
    await storage.write([{ type: 'put', key, value: utf8('1') }])
    assert.deepEqual(await contents(await at.open(cluster)), pairs([1]))
  })
})

describe('a database that cannot reach its cluster', () => {
  scenario('says so when that is why the time of a transaction has passed', async (at) => {
    const cluster = await at.start({ stores: 3 })
    const db = await at.open(cluster)
    await fill(db, [1])
    for (const id of cluster.storeIds) await cluster.stopStore(id)
    await at.fails(
      db.transaction((tx) => tx.table(items).get(1), { timeoutMs: 4_000 }),
      'STORAGE_UNAVAILABLE',
      /; last: .*; this went on until transaction \S+ lived longer than its 4000 ms/,
    )
    for (const id of cluster.storeIds) await cluster.startStore(id)
    assert.deepEqual(await contents(db), pairs([1]))
  })

  for (const [what, timeoutMs] of [
    ['is over before PD is given up', 2_000],
    ['goes on over several attempts', 10_000],
  ] as const) {
    scenario(`says so when PD is lost and the caller's time ${what}`, async (at) => {
      const cluster = await at.start()
      const db = await at.open(cluster)
      await fill(db, [1])
      const { network } = cluster
      assert.ok(network !== undefined)
      const back = network.addHook({
        onCall: ({ to }) => (cluster.pdEndpoints.includes(to) ? 'refuse' : undefined),
      })
      for (const to of cluster.pdEndpoints) network.cut({ to })
      const deadline = new AbortController()
      const reason = new OrbitError('TRANSACTION_TIMEOUT', `${timeoutMs} ms were over`, { timeoutMs })
      const timer = at.env.timers.set(() => deadline.abort(reason), timeoutMs)
      await at.fails(
        db.transaction((tx) => tx.table(items).get(1), { signal: deadline.signal }),
        'STORAGE_UNAVAILABLE',
        new RegExp(`PD g[ai]ves? no timestamps?.*; this went on until ${timeoutMs} ms were over`),
      )
      timer.cancel()
      back()
      assert.deepEqual(await contents(db), pairs([1]))
    })
  }
})

describe('a database whose clocks jump', () => {
  for (const [what, ms] of [
    ['an hour ahead', HOUR_MS],
    ['an hour back', -HOUR_MS],
  ] as const) {
    scenario(`goes on when its own clock jumps ${what}`, async (at) => {
      const db = await at.open(await at.start())
      await fill(db, [1])
      const open = await db.begin()
      await open.table(items).insert({ id: 2, what: 'item 2' })
      await open.collection(notes).insert({ id: 'note-2' })
      at.own.jump(ms)
      await open.commit()
      await fill(db, [3])
      assert.deepEqual(await contents(db), pairs([1, 2, 3]))
    })
  }

  scenario('goes on when the clock of PD jumps ahead, and finishes what was begun before', async (at) => {
    const cluster = await at.start()
    const db = await at.open(cluster)
    await fill(db, [1])
    const open = await db.begin()
    await open.table(items).insert({ id: 2, what: 'item 2' })
    await open.collection(notes).insert({ id: 'note-2' })
    at.servers.jump(HOUR_MS)
    await open.commit()
    await fill(db, [3])
    assert.deepEqual(await contents(db), pairs([1, 2, 3]))
  })

  scenario('gives up locks that the jump has ended, and loses nothing', async (at) => {
    const cluster = await at.start()
    const [db, other] = [await at.open(cluster), await at.open(cluster)]
    await fill(db, [1])
    const holder = await db.begin({ mode: 'pessimistic' })
    await holder.table(items).get(1)
    at.servers.jump(HOUR_MS)
    await other.table(items).update(1, { what: 'changed' })
    await at.fails(
      (async () => {
        await holder.table(items).update(1, { what: 'too late' })
        await holder.commit()
      })(),
      'TRANSACTION_CONFLICT',
      /the servers have rolled the transaction back, as when its locks had run out; run it again/,
    )
    assert.equal((await db.table(items).get(1))?.what, 'changed')
  })
})

describe('a database on TiKV servers that are full', () => {
  scenario('says so, keeps what it has, and goes on once there is room', async (at) => {
    const cluster = await at.start({ stores: 3 })
    const db = await at.open(cluster)
    await fill(db, [1, 2])
    const all = cluster.storeIds.map((id) => cluster.settings(id))
    for (const settings of all) settings.diskUsage = 'already-full'
    await at.fails(fill(db, [3]), 'STORAGE_FULL', /free space on the TiKV servers or add one/)
    assert.deepEqual(await contents(db), pairs([1, 2]))
    for (const settings of all) settings.diskUsage = 'normal'
    // What was refused takes its locks back as soon as it can.
    await delay(at.env, LIMIT_MS)
    await fill(db, [3])
    assert.deepEqual(await contents(db), pairs([1, 2, 3]))
    assert.deepEqual(cluster.mvcc.locks(), [])
  })
})
