/** Leases under virtual time: several providers on one cluster, whose messages take long now and then. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { delay, equalBytes, hasCode, silentLogger, TestEnv, utf8 } from '@orbit-ts/base'
import { TiKVClient } from '@orbit-ts/tikv'
import { TestCluster } from '@orbit-ts/tikv/testing'
import type { IsolationLevel, Transaction } from '../../../provider.js'
import { openTikvProvider } from '../open-tikv-provider.js'
import { TikvKeys } from '../tikv-keys.js'
import type { TikvProvider } from '../tikv-provider.js'

const LEASED = { leased: true } as const
const DEFINITION = utf8('definition')
const GUARD = utf8('guard')
const ROW = utf8('row')

const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString()

/** What a commit of one row takes by itself. */
const COMMITS: Readonly<Record<IsolationLevel, readonly string[]>> = {
  'read-committed': ['KvPrewrite', 'KvPessimisticLock'],
  snapshot: ['KvPrewrite'],
  serializable: ['KvPrewrite', 'KvCommit'],
}

class Bench implements AsyncDisposable {
  readonly env: TestEnv
  readonly cluster: TestCluster
  readonly #opened: TikvProvider[] = []

  private constructor(env: TestEnv, cluster: TestCluster) {
    this.env = env
    this.cluster = cluster
  }

  static async start(seed = 1): Promise<Bench> {
    const env = new TestEnv({ seed })
    return new Bench(env, await TestCluster.start({ env, stores: 3, splitKeys: [utf8('h')] }))
  }

  async open(): Promise<TikvProvider> {
    const provider = await this.run(
      openTikvProvider(
        { pdEndpoints: [...this.cluster.pdEndpoints] },
        {
          env: this.env,
          transactions: { transactionTimeoutMs: 30_000, lockWaitMs: 10_000 },
          runtime: { logger: silentLogger, transport: this.cluster.transport },
        },
      ),
    )
    this.#opened.push(provider)
    return provider
  }

  /** Lets time pass until the promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false }
    const settle = (): void => {
      state.settled = true
    }
    promise.then(settle, settle)
    for (let step = 0; !state.settled; step++) {
      assert.ok(step < 200_000, 'the work does not end')
      await this.env.advance(1)
    }
    return promise
  }

  /** Requests to the servers of data. */
  async requestsOf(work: () => Promise<unknown>): Promise<string[]> {
    const methods = ['KvGet', 'KvBatchGet', 'KvScan', 'KvPrewrite', 'KvCommit', 'KvPessimisticLock'] as const
    const before = methods.map((method) => this.cluster.faults.callsOf(method).length)
    await this.run(work())
    return methods.flatMap((method, at) =>
      Array.from({ length: this.cluster.faults.callsOf(method).length - (before[at] ?? 0) }, () => method),
    )
  }

  /** How many notices of holders of leases there are. */
  async holders(): Promise<number> {
    const client = await this.run(
      TiKVClient.connect(
        { pdEndpoints: [...this.cluster.pdEndpoints] },
        { env: this.env, logger: silentLogger, transport: this.cluster.transport },
      ),
    )
    const count = async (): Promise<number> => {
      let found = 0
      const snapshot = await client.txn.snapshot()
      for await (const entries of snapshot.scan(new TikvKeys(undefined).notices('holder')))
        found += entries.length
      return found
    }
    const found = await this.run(count())
    await this.run(client.close())
    return found
  }

  /** Lets the provider have its lease, of what it is used for. */
  async settle(provider: TikvProvider): Promise<void> {
    await this.run(provider.transact((tx) => tx.get(DEFINITION, LEASED)))
    await this.env.advance(50)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const provider of this.#opened) await this.run(provider.close())
    await this.run(this.cluster.close())
  }
}

async function define(tx: Transaction, value: string): Promise<void> {
  await tx.lock([DEFINITION, GUARD], LEASED)
  tx.put(DEFINITION, utf8(value))
}

function protect(tx: Transaction): Promise<void> {
  return tx.lock([GUARD], { mode: 'shared', ...LEASED })
}

/** Reads the definition, protects it, and writes a row by it. */
async function follow(tx: Transaction): Promise<void> {
  await tx.refresh()
  await protect(tx)
  tx.put(ROW, (await tx.get(DEFINITION, LEASED)) ?? utf8('none'))
}

/** Whether a prewrite is of the key. */
function writes(request: unknown, wanted: Uint8Array): boolean {
  if (typeof request !== 'object' || request === null || !('mutations' in request)) return false
  const mutations = request.mutations as readonly { readonly key: Uint8Array }[]
  return mutations.some(({ key }) => equalBytes(key, wanted))
}

describe('leases of keys', () => {
  for (const isolation of ['read-committed', 'snapshot', 'serializable'] satisfies IsolationLevel[]) {
    test(`${isolation}: within a lease nobody is asked for a leased key`, async () => {
      await using bench = await Bench.start()
      const provider = await bench.open()
      await bench.run(provider.transact((tx) => define(tx, '1')))
      await bench.env.advance(4_000)
      await bench.settle(provider)
      const work = (): Promise<void> => provider.transact(follow, { isolation })
      await bench.run(work())
      assert.deepEqual(await bench.requestsOf(work), COMMITS[isolation])
      assert.equal(text(await bench.run(provider.transact((tx) => tx.get(ROW)))), '1')
    })
  }

  test('the absence of a leased key is remembered, and its creation seen', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.settle(provider)
    const read = (): Promise<Uint8Array | undefined> => provider.transact((tx) => tx.get(DEFINITION, LEASED))
    await bench.run(read())
    assert.deepEqual(await bench.requestsOf(read), [])
    await bench.run(other.transact((tx) => define(tx, '1')))
    assert.equal(text(await bench.run(read())), '1')
  })

  test('a change waits for the leases of all to run out, and those that follow at once do not', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.settle(provider)
    const took = async (value: string): Promise<number> => {
      const startedMs = bench.env.clock.monotonicMs()
      await bench.run(other.transact((tx) => define(tx, value)))
      return bench.env.clock.monotonicMs() - startedMs
    }
    const first = await took('1')
    assert.ok(first >= 500 && first < 600, `${first} ms`)
    const second = await took('2')
    assert.ok(second < 100, `${second} ms`)
    assert.equal(other.metrics().engine['lease_announcements'], 1)
  })

  test('a transaction that has read by a lease protects its key when it commits after the end', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.run(provider.transact((tx) => define(tx, '1')))
    await bench.env.advance(4_000)
    await bench.settle(provider)
    const [slow, late] = [await provider.begin(), await provider.begin()]
    await bench.run(follow(slow))
    await bench.run(protect(late))
    await bench.env.advance(20_000)
    await bench.run(slow.commit())
    await bench.run(other.transact((tx) => define(tx, '2')))
    late.put(ROW, utf8('1'))
    await assert.rejects(bench.run(late.commit()), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
  })

  test('who has read before it changes a leased key for the first time has to begin again', async () => {
    await using bench = await Bench.start()
    const provider = await bench.open()
    const runs = { count: 0 }
    const change = provider.transact(async (tx) => {
      runs.count++
      await tx.get(ROW)
      await define(tx, '1')
    })
    await bench.run(change)
    assert.equal(runs.count, 2)
    const tx = await provider.begin()
    await bench.run(tx.get(ROW))
    await bench.run(define(tx, '2'))
    await bench.run(tx.commit())
  })

  test('an announcement is withdrawn some seconds after the last change, or when its store is closed', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.run(other.transact((tx) => define(tx, '1')))
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 0)
    await bench.env.advance(4_000)
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 1)
    await bench.run(other.transact((tx) => define(tx, '2')))
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 1)
    await bench.run(other.close())
    await bench.env.advance(1_000)
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 2)
  })

  test('a change that takes long keeps its announcement', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    const changing = await other.begin({ timeoutMs: Infinity })
    await bench.run(define(changing, '1'))
    for (let second = 0; second < 60; second++) {
      await bench.env.advance(1_000)
      await bench.settle(provider)
    }
    assert.equal(provider.metrics().engine['leases'], 0)
    await bench.run(changing.commit())
    assert.equal(text(await bench.run(provider.transact((tx) => tx.get(DEFINITION, LEASED)))), '1')
  })

  test('an announcement whose process is gone ends by itself, and what it was for is not committed', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    const changing = await other.begin({ timeoutMs: Infinity })
    await bench.run(define(changing, '1'))
    const fault = bench.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'drop' })
    await bench.env.advance(30_000)
    fault.remove()
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 1)
    await assert.rejects(bench.run(changing.commit()), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
    assert.equal(await bench.run(provider.transact((tx) => tx.get(DEFINITION))), undefined)
  })

  test('a transaction that ends while it announces a change does not keep the announcement', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.settle(provider)
    const changing = await other.begin()
    const locking = define(changing, '1').then(
      () => assert.fail('the lock was given'),
      (error: unknown) => assert.ok(hasCode(error, 'TRANSACTION_CLOSED')),
    )
    await bench.env.advance(50)
    await bench.run(changing.rollback())
    await bench.run(locking)
    await bench.env.advance(4_000)
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 2)
  })

  for (const isLeased of [true, false]) {
    const by = isLeased ? 'by a lease' : 'by a lock'
    test(`read-committed: who has followed a definition ${by} cannot change it after another one has`, async () => {
      await using bench = await Bench.start()
      const [provider, other] = [await bench.open(), await bench.open()]
      await bench.run(provider.transact((tx) => define(tx, '1')))
      if (isLeased) await bench.env.advance(4_000)
      await bench.settle(provider)
      const tx = await provider.begin({ isolation: 'read-committed' })
      await bench.run(follow(tx))
      await bench.run(other.transact((each) => define(each, '2')))
      await assert.rejects(bench.run(define(tx, '3')), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
      await bench.run(tx.rollback())
    })
  }

  test('a change of which nobody knows the outcome stays announced for as long as it may be committed', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    const { faults } = bench.cluster
    const where = ({ request }: { readonly request: unknown }): boolean => writes(request, DEFINITION)
    const changing = await other.begin({ timeoutMs: Infinity })
    await bench.run(define(changing, '1'))
    faults.add({ method: 'KvPrewrite', where }, { kind: 'lose-answer' })
    faults.add({ method: 'KvCheckTxnStatus' }, { kind: 'drop' })
    await assert.rejects(bench.run(changing.commit()), (error) => hasCode(error, 'COMMIT_UNDETERMINED'))
    faults.clear()
    await bench.env.advance(4_000)
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 0)
    await bench.env.advance(10_000)
    await bench.settle(provider)
    assert.notEqual(provider.metrics().engine['leases'], 0)
  })

  test('where nobody holds leases, or for long, a change waits for nobody', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    const took = async (value: string): Promise<number> => {
      const startedMs = bench.env.clock.monotonicMs()
      await bench.run(other.transact((tx) => define(tx, value)))
      return bench.env.clock.monotonicMs() - startedMs
    }
    const first = await took('1')
    assert.ok(first < 100, `${first} ms`)
    await bench.env.advance(4_000)
    await bench.settle(provider)
    const second = await took('2')
    assert.ok(second >= 500 && second < 600, `${second} ms`)
    await bench.run(provider.close())
    await bench.env.advance(61_000)
    const third = await took('3')
    assert.ok(third < 100, `${third} ms`)
  })

  test('what providers have left that are long gone is removed by those who change something', async () => {
    await using bench = await Bench.start()
    const [gone, other] = [await bench.open(), await bench.open()]
    await bench.settle(gone)
    await bench.run(gone.close())
    assert.equal(await bench.holders(), 1)
    await bench.run(other.transact((tx) => define(tx, '1')))
    await bench.run(delay(bench.env, 5_000))
    assert.equal(await bench.holders(), 1)
    await bench.env.advance(2 * 3600_000)
    await bench.run(other.transact((tx) => define(tx, '2')))
    await bench.run(delay(bench.env, 5_000))
    assert.equal(await bench.holders(), 0)
  })

  test('who cannot say that it holds leases holds none', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    const fault = bench.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'drop' })
    await bench.settle(provider)
    await bench.env.advance(2_000)
    await bench.settle(provider)
    assert.equal(provider.metrics().engine['leases'], 0)
    fault.remove()
    await bench.run(other.transact((tx) => define(tx, '1')))
    assert.equal(text(await bench.run(provider.transact((tx) => tx.get(DEFINITION, LEASED)))), '1')
  })

  test('a change that cannot be announced ends with its transaction, and with its store', async () => {
    await using bench = await Bench.start()
    const provider = await bench.open()
    await bench.run(provider.transact((tx) => tx.get(ROW)))
    bench.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'drop' })
    const startedMs = bench.env.clock.monotonicMs()
    const endedAfterMs = async (timeoutMs: number): Promise<number> => {
      await assert.rejects(define(await provider.begin({ timeoutMs }), '1'))
      return bench.env.clock.monotonicMs() - startedMs
    }
    const endless = endedAfterMs(Infinity)
    assert.deepEqual(await bench.run(Promise.all([endedAfterMs(3_000), endedAfterMs(2_000)])), [3_000, 2_000])
    await bench.run(provider.close())
    assert.equal(await endless, 3_000)
  })

  test('an announcement that cannot be renewed does not keep its store from being closed', async () => {
    await using bench = await Bench.start()
    const provider = await bench.open()
    await bench.run(define(await provider.begin({ timeoutMs: Infinity }), '1'))
    bench.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'drop' })
    await bench.env.advance(9_000)
    const startedMs = bench.env.clock.monotonicMs()
    await bench.run(provider.close())
    assert.ok(bench.env.clock.monotonicMs() - startedMs < 2_000)
  })

  test('what is shared by a lease stays so, also when it is shared again without one', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.run(other.transact((tx) => define(tx, '1')))
    await bench.env.advance(4_000)
    await bench.settle(provider)
    const tx = await provider.begin({ isolation: 'read-committed' })
    await bench.run(follow(tx))
    await bench.run(other.transact((changing) => define(changing, '2')))
    await bench.run(tx.refresh())
    await bench.run(protect(tx))
    await assert.rejects(bench.run(tx.commit()), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
  })

  test('a commit may wait for other shared keys longer than a lease lasts', async () => {
    await using bench = await Bench.start()
    const [provider, other] = [await bench.open(), await bench.open()]
    await bench.settle(provider)
    const [tx, holder] = [
      await provider.begin({ isolation: 'read-committed' }),
      await other.begin({ isolation: 'read-committed' }),
    ]
    await bench.run(follow(tx))
    await bench.run(tx.lock([utf8('parent')], { mode: 'shared' }))
    await bench.run(holder.lock([utf8('parent')]))
    const committing = tx.commit()
    await bench.env.advance(700)
    await bench.run(holder.rollback())
    await bench.run(committing)
    assert.equal(tx.status, 'committed')
  })

  test('a key that a transaction holds already is announced before it is changed', async () => {
    await using bench = await Bench.start()
    const provider = await bench.open()
    const tx = await provider.begin({ isolation: 'read-committed' })
    await bench.run(tx.refresh())
    await bench.run(tx.lock([DEFINITION]))
    const { snapshotCount } = tx
    await bench.run(tx.lock([DEFINITION], LEASED))
    assert.equal(provider.metrics().engine['lease_announcements'], 1)
    assert.equal(tx.snapshotCount, snapshotCount + 1)
    await bench.run(tx.lock([DEFINITION], LEASED))
    assert.equal(tx.snapshotCount, snapshotCount + 1)
  })

  for (const isolation of ['read-committed', 'snapshot', 'serializable'] satisfies IsolationLevel[]) {
    test(`${isolation}: commits that take longer than a lease do not conflict again and again`, async () => {
      await using bench = await Bench.start()
      const provider = await bench.open()
      await bench.settle(provider)
      bench.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'delay', ms: 600 })
      const runs = { count: 0 }
      for (let commits = 1; commits <= 5; commits++) {
        await bench.run(
          provider.transact(
            (tx) => {
              runs.count++
              return follow(tx)
            },
            { isolation },
          ),
        )
      }
      assert.equal(runs.count, 6)
    })
  }

  test('whatever the delays, every row follows the definition, and writers hold leases most of the time', async (t) => {
    const totals = { hits: 0, changes: 0, rows: 0, refused: 0 }
    for (let seed = 1; seed <= 5; seed++) {
      try {
        const { hits, changes, rows, refused } = await history(seed)
        totals.hits += hits
        totals.changes += changes
        totals.rows += rows
        totals.refused += refused
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
      }
    }
    t.diagnostic(JSON.stringify(totals))
    assert.ok(totals.hits > 100 && totals.changes > 10 && totals.rows > 300, JSON.stringify(totals))
  })
})

interface History {
  readonly hits: number
  readonly changes: number
  readonly rows: number
  readonly refused: number
}

const LEVELS = ['read-committed', 'snapshot', 'serializable'] as const
/** What a transaction may end with when others change definitions or messages take too long. */
const EXPECTED = [
  'TRANSACTION_CONFLICT',
  'TRANSACTION_DEADLOCK',
  'LOCK_TIMEOUT',
  'TRANSACTION_TIMEOUT',
  'COMMIT_UNDETERMINED',
] as const

/**
 * Three providers write rows by the definition, with pauses in their transactions, while it is changed now and then,
 * with all rows. In every snapshot all rows are as the definition says.
 */
async function history(seed: number): Promise<History> {
  await using bench = await Bench.start(seed)
  const { env } = bench
  const below = (end: number): number => Math.floor(env.random.float() * end)
  const providers = [await bench.open(), await bench.open(), await bench.open()]
  await bench.run(Promise.all(providers.slice(0, 1).map((each) => each.transact((tx) => define(tx, '0')))))
  bench.cluster.network?.addHook({
    // Where commits take long they do not count on leases.
    onMessage: () => ({ delayMs: seed % 2 === 0 && env.random.float() < 0.03 ? below(1500) : below(4) }),
  })
  const count = { changes: 0, rows: 0, refused: 0 }
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!EXPECTED.some((code) => hasCode(error, code))) throw error
      count.refused++
    }
  }
  const endMs = env.clock.monotonicMs() + 40_000
  const busy = (): boolean => env.clock.monotonicMs() < endMs
  const write = async (provider: TikvProvider): Promise<void> => {
    const isolation = LEVELS[below(LEVELS.length)] ?? 'snapshot'
    await provider.transact(
      async (tx) => {
        await tx.refresh()
        const early = below(3) === 0 ? await tx.get(DEFINITION, LEASED) : undefined
        if (below(10) === 0) await delay(env, below(1500))
        await protect(tx)
        const value = await tx.get(DEFINITION, LEASED)
        // Whoever has one snapshot sees one definition.
        if (early !== undefined && isolation !== 'read-committed') assert.deepEqual(value, early)
        // A row of its own: it conflicts with nothing but a change of the definition.
        tx.put(utf8(`row ${below(1e9)}`), value ?? utf8('none'))
        if (below(10) === 0) await delay(env, below(1500))
      },
      { isolation },
    )
    count.rows++
  }
  const change = async (provider: TikvProvider): Promise<void> => {
    await provider.transact(
      async (tx) => {
        if (below(4) === 0) await tx.get(ROW)
        await tx.lock([DEFINITION, GUARD], LEASED)
        const before = Number(text(await tx.get(DEFINITION, LEASED)))
        if (below(5) === 0) await delay(env, below(1500))
        const after = utf8(String(before + 1))
        tx.put(DEFINITION, after)
        for await (const chunk of tx.scan({ start: utf8('row '), end: utf8('row~') }))
          for (const { key } of chunk) tx.put(key, after)
      },
      { isolation: LEVELS[below(LEVELS.length)] ?? 'snapshot' },
    )
    count.changes++
  }
  const check = async (provider: TikvProvider): Promise<void> => {
    await using snapshot = await provider.snapshot()
    const value = text(await snapshot.get(DEFINITION))
    for await (const chunk of snapshot.scan({ start: utf8('row '), end: utf8('row~') }))
      for (const row of chunk) assert.equal(text(row.value), value, `${text(row.key)} at ${snapshot.version}`)
  }
  const loop = async (work: (provider: TikvProvider) => Promise<void>, pauseMs: number): Promise<void> => {
    while (busy()) {
      const provider = providers[below(providers.length)]
      assert.ok(provider !== undefined)
      await attempt(() => work(provider))
      await delay(env, below(pauseMs))
    }
  }
  await bench.run(
    Promise.all([
      loop(write, 300),
      loop(write, 300),
      loop(write, 300),
      loop(change, 12_000),
      loop(check, 500),
    ]),
  )
  const hits = providers.reduce((sum, provider) => sum + (provider.metrics().engine['lease_hits'] ?? 0), 0)
  return { hits, ...count }
}
