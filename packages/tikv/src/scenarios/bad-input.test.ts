import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError, utf8, type ErrorCode } from '@orbit-ts/base'
import { TiKVClient } from '../client.js'
import { KeyspaceState } from '../gen/keyspacepb.js'
import { failsWith, put, scenario, text, type Scenario } from './scenario.fake.js'

const EMPTY = new Uint8Array(0)
const EVERYTHING = { start: EMPTY, end: EMPTY }
const LARGE_KEY = new Uint8Array(8193).fill(1)

/** Fails like `failsWith`, and nothing is sent to a store. */
async function refusedHere(
  { faults }: Scenario,
  work: () => unknown,
  code: ErrorCode,
  message: RegExp,
): Promise<void> {
  const before = faults.calls.length
  await failsWith((async () => work())(), code, message)
  assert.equal(faults.calls.length, before)
}

const firstOf = async <T>(rows: AsyncGenerator<T, unknown, unknown>): Promise<T | undefined> => {
  for await (const row of rows) return row
  return undefined
}

describe('configuration', () => {
  const refuses = async (
    config: Record<string, unknown>,
    code: ErrorCode,
    message: RegExp,
  ): Promise<void> => {
    const connect = TiKVClient.connect(Object.assign({ pdEndpoints: ['127.0.0.1:1'] }, config))
    await failsWith(connect, code, message)
  }

  it('of an unknown key names the nearest one', async () => {
    await refuses({ pdEndpoint: ['a:1'] }, 'CONFIG_UNKNOWN_KEY', /pdEndpoint\b.*did you mean.*pdEndpoints/i)
    await refuses({ apiversion: 'v2' }, 'CONFIG_UNKNOWN_KEY', /apiversion.*did you mean.*apiVersion/i)
    await refuses({ tls: { caFiles: 'x' } }, 'CONFIG_UNKNOWN_KEY', /caFiles.*did you mean.*caFile/i)
  })

  it('out of range names the field, the value and the limit', async () => {
    await refuses({ grpcConnectionCount: 0 }, 'CONFIG_INVALID', /grpc_connection_count.*1 to 64, not 0/)
    await refuses({ grpcConnectionCount: 65 }, 'CONFIG_INVALID', /grpc_connection_count.*1 to 64, not 65/)
    await refuses({ connectTimeout: 'soon' }, 'CONFIG_INVALID', /connect_timeout.*soon/)
    await refuses({ apiVersion: 'v3' }, 'CONFIG_INVALID', /api_version.*v1.*v2.*v3/)
    await refuses({ tsoMaxWait: '11ms' }, 'CONFIG_INVALID', /tso_max_wait.*0s to 10ms.*11ms/)
    await refuses({ idleTimeout: 0 }, 'CONFIG_INVALID', /idle_timeout.*1ms or longer/)
    await refuses({ pdMemberCheckInterval: 0 }, 'CONFIG_INVALID', /pd_member_check_interval.*1ms or longer/)
    await refuses({ safePointInterval: '2m' }, 'CONFIG_INVALID', /safe_point_interval.*1ms to 1m.*2m/)
    await refuses({ keyspace: 'mine' }, 'CONFIG_INVALID', /keyspace.*"mine".*needs apiVersion "v2"/)
    await refuses(
      { tls: { cert: 'x' } },
      'CONFIG_INVALID',
      /certificate without its private key; set keyFile or key/,
    )
  })
})

describe('keys and values', () => {
  scenario('that no server takes are refused before anything is sent', {}, async (bench) => {
    const client = await bench.client()
    const { raw, txn } = client
    await bench.write({ k: 'v' })
    const snapshot = await txn.snapshot()
    const transaction = await txn.begin({ mode: 'pessimistic' })
    const ofEmptyKeys = [
      () => raw.get(EMPTY),
      () => raw.put(EMPTY, utf8('v')),
      () => raw.delete(EMPTY),
      () => raw.batchGet([utf8('k'), EMPTY]),
      () => raw.batchPut([{ key: EMPTY, value: utf8('v') }]),
      () => raw.batchDelete([utf8('k'), EMPTY]),
      () => raw.atomic().compareAndSwap(EMPTY, utf8('v'), { expected: undefined }),
      () => snapshot.get(EMPTY),
      () => snapshot.batchGet([utf8('k'), EMPTY]),
      () => transaction.get(EMPTY),
      () => transaction.put(EMPTY, utf8('v')),
      () => transaction.insert(EMPTY, utf8('v')),
      () => transaction.delete(EMPTY),
      () => transaction.lock([utf8('k'), EMPTY]),
      () => transaction.getForUpdate(EMPTY),
    ]
    for (const work of ofEmptyKeys) await refusedHere(bench, work, 'INVALID_ARGUMENT', /empty/)
    const ofLargeKeys = [
      () => raw.put(LARGE_KEY, utf8('v')),
      () => raw.get(LARGE_KEY),
      () => transaction.put(LARGE_KEY, utf8('v')),
      () => transaction.delete(LARGE_KEY),
      () => transaction.lock([LARGE_KEY]),
    ]
    for (const work of ofLargeKeys) {
      await refusedHere(bench, work, 'KEY_TOO_LARGE', /8193.*8192.*keyBytesMax/)
    }
    const largeValue = new Uint8Array(6 * 1024 * 1024)
    for (const work of [() => raw.put(utf8('k'), largeValue), () => transaction.put(utf8('k'), largeValue)]) {
      await refusedHere(bench, work, 'VALUE_TOO_LARGE', /6291457.*6291456.*entryBytesMax/)
    }
    assert.equal(transaction.keyCount, 0)
    await transaction.rollback()
    await refusedHere(bench, () => raw.scan(EVERYTHING, 10_241), 'INVALID_ARGUMENT', /limit.*10240/)
    await refusedHere(
      bench,
      () => raw.put(utf8('k'), EMPTY, { ttlSeconds: 5 }),
      'API_VERSION_MISMATCH',
      /apiVersion/,
    )
    await refusedHere(bench, () => raw.withColumnFamily('writes'), 'INVALID_ARGUMENT', /default, lock, write/)
  })

  scenario(
    'that are too much for one transaction are refused; the rest can be committed',
    { config: { transactionBytesMax: 2048 } },
    async (bench) => {
      const { txn } = await bench.client()
      const transaction = await txn.begin()
      transaction.put(utf8('a'), new Uint8Array(1000))
      transaction.put(utf8('b'), new Uint8Array(1000))
      const message = /2048.*transactionBytesMax/
      await refusedHere(
        bench,
        () => transaction.put(utf8('c'), new Uint8Array(1000)),
        'TRANSACTION_TOO_LARGE',
        message,
      )
      assert.equal(transaction.keyCount, 2)
      await transaction.commit()
      assert.equal((await bench.read('b'))?.length, 1000)
      assert.equal(await bench.read('c'), undefined)
    },
  )

  scenario('and options that make no sense are refused, naming the field', {}, async (bench) => {
    const { txn } = await bench.client()
    const wrong: object = { isolation: 'serialisable' }
    await refusedHere(bench, () => txn.begin(wrong), 'INVALID_ARGUMENT', /did you mean.*serializable/i)
    await refusedHere(bench, () => txn.begin({ startTs: -1n }), 'INVALID_ARGUMENT', /startTs is -1/)
    await refusedHere(bench, () => txn.begin({ timeoutMs: 0 }), 'INVALID_ARGUMENT', /timeoutMs is 0/)
    await refusedHere(bench, () => txn.snapshot(-5n), 'INVALID_ARGUMENT', /readTs is -5/)
    await refusedHere(
      bench,
      () => txn.run(async () => undefined, { attemptsMax: 0 }),
      'INVALID_ARGUMENT',
      /attemptsMax/,
    )
  })
})

describe('what the types forbid', () => {
  scenario('is refused before anything is sent, and spoils nothing', {}, async (bench) => {
    const { txn, raw, admin, coprocessor } = await bench.client()
    await bench.write({ abc: 'v' })
    const snapshot = await txn.snapshot()
    const transaction = await txn.begin()
    const pipelined = await txn.begin({ pipelined: true })
    const own = await txn.begin()
    put(own, { abc: 'own' })
    // What a program without types may pass: text of a plausible length, numbers, views of other widths.
    const wrongs: readonly unknown[] = [
      'abc',
      5,
      undefined,
      null,
      [1, 2],
      new Uint16Array(3),
      new ArrayBuffer(3),
    ]
    for (const wrong of wrongs) {
      const bytes = wrong as Uint8Array
      const range = { start: bytes, end: utf8('z') }
      const uses = [
        () => snapshot.get(bytes),
        () => snapshot.batchGet([utf8('abc'), bytes]),
        () => firstOf(snapshot.scan(range)),
        () => transaction.get(bytes),
        () => transaction.batchGet([bytes]),
        () => transaction.put(bytes, utf8('v')),
        () => transaction.put(utf8('k'), bytes),
        () => transaction.insert(bytes, utf8('v')),
        () => transaction.insert(utf8('k'), bytes),
        () => transaction.delete(bytes),
        () => transaction.assertExists(bytes),
        () => transaction.lock([bytes]),
        () => transaction.release([bytes]),
        () => firstOf(transaction.scan(range)),
        () => pipelined.put(bytes, utf8('v')),
        () => pipelined.put(utf8('k'), bytes),
        () => raw.put(bytes, utf8('v')),
        () => raw.put(utf8('k'), bytes),
        () => admin.splitRegions([bytes]),
        () => admin.mvccByKey(bytes),
        () => admin.deleteRange(range),
        () => firstOf(coprocessor.send({ data: bytes, ranges: [EVERYTHING], startTs: 1n })),
        () => firstOf(coprocessor.send({ data: EMPTY, ranges: [range], startTs: 1n })),
      ]
      for (const use of uses) await refusedHere(bench, use, 'INVALID_ARGUMENT', /Uint8Array/)
    }
    const misspelt: object = { replicaRead: 'folower' }
    const unknown: object = { isolation: 'serializable' }
    const ofOptions = [
      () => txn.snapshot(undefined, { readTimeoutMs: NaN }),
      () => txn.snapshot(undefined, { readTimeoutMs: Infinity }),
      () => txn.snapshot(undefined, { busyThresholdMs: -1 }),
      () => txn.snapshot(undefined, { cacheBytesMax: NaN }),
      () => txn.snapshot(undefined, { taskId: -1n }),
      () => txn.snapshot(undefined, { ignoreLocksOf: [-1n] }),
      () => txn.snapshot(undefined, misspelt),
      () => txn.snapshot(undefined, unknown),
      () => txn.begin({ readTimeoutMs: NaN }),
      () => txn.begin({ txnSource: -1n }),
      () => txn.begin({ readSetBytesMax: NaN }),
      () => txn.run(async () => undefined, { backoffMs: NaN }),
      () => txn.currentTimestamp({ timeoutMs: NaN }),
      () => txn.staleTimestamp(Infinity),
      () => firstOf(snapshot.scan(EVERYTHING, { sampleStep: -1 })),
      () => firstOf(own.scan(EVERYTHING, { limit: -1 })),
      () => firstOf(own.scan(EVERYTHING, { limit: NaN })),
      () => firstOf(own.scan(EVERYTHING, { batchSize: 0 })),
      () => own.commit({ afterTs: -1n }),
      () => own.commit({ beforeTs: -1n }),
    ]
    for (const use of ofOptions) await refusedHere(bench, use, 'INVALID_ARGUMENT', /; give /)
    assert.equal(transaction.keyCount, 0)
    for (const unused of [transaction, pipelined, own]) await unused.rollback()
    assert.equal(await bench.read('abc'), 'v')
  })

  scenario('as a wait for a lock: Infinity is always', {}, async (bench) => {
    const { txn } = await bench.client()
    const transaction = await txn.begin({ mode: 'pessimistic' })
    await transaction.lock([utf8('k')], { wait: Infinity })
    await transaction.rollback()
  })
})

describe('use after the end', () => {
  scenario('of a transaction is refused, and a rollback is harmless', {}, async (bench) => {
    const { txn } = await bench.client()
    for (const end of ['commit', 'rollback'] as const) {
      const transaction = await txn.begin()
      put(transaction, { k: end })
      await transaction[end]()
      const uses = [
        () => transaction.get(utf8('k')),
        () => transaction.batchGet([utf8('k')]),
        () => transaction.put(utf8('k'), utf8('late')),
        () => transaction.insert(utf8('n'), utf8('late')),
        () => transaction.delete(utf8('k')),
        () => transaction.lock([utf8('k')]),
        () => transaction.savepoint(),
        () => firstOf(transaction.scan(EVERYTHING)),
        () => transaction.commit(),
      ]
      for (const use of uses) await refusedHere(bench, use, 'TRANSACTION_CLOSED', /begin a new one/)
      await transaction.rollback()
    }
    assert.equal(await bench.read('k'), 'commit')
  })

  scenario('of a client is refused in all of its parts, and ends what is under way', {}, async (bench) => {
    await bench.write({ k: 'v' })
    const client = await bench.connect()
    const { txn, raw, admin, coprocessor } = client
    const snapshot = await txn.snapshot()
    const transaction = await txn.begin()
    put(transaction, { k: 'late' })
    bench.faults.add({ method: ['KvGet', 'RawGet'] }, { kind: 'hang' })
    const hanging = [snapshot.get(utf8('k')), raw.get(utf8('k'))].map((call) =>
      failsWith(call, 'CLIENT_CLOSED'),
    )
    await bench.until(() => bench.faults.callsOf({ method: ['KvGet', 'RawGet'] }).length === 2)
    bench.cluster.pd.freeze()
    const waiting = failsWith(txn.begin(), 'CLIENT_CLOSED')
    await client.close()
    await Promise.all([...hanging, waiting])
    const uses = [
      () => client.txn.begin(),
      () => client.raw.get(utf8('k')),
      () => txn.begin(),
      () => txn.snapshot(),
      () => txn.run(async () => undefined),
      () => raw.put(utf8('k'), utf8('v')),
      () => raw.scan(EVERYTHING, 1),
      () => firstOf(raw.entries(EVERYTHING)),
      () => snapshot.get(utf8('k')),
      () => firstOf(snapshot.scan(EVERYTHING)),
      () => transaction.get(utf8('n')),
      () => transaction.commit(),
      () => admin.gc(1n),
      () => admin.deleteRange(EVERYTHING),
      () =>
        firstOf(
          coprocessor.send({ data: EMPTY, ranges: [{ start: utf8('a'), end: utf8('z') }], startTs: 1n }),
        ),
    ]
    for (const use of uses) await refusedHere(bench, use, 'CLIENT_CLOSED', /open another/)
    await client.close()
    bench.cluster.pd.thaw()
    bench.faults.clear()
    assert.equal(await bench.read('k'), 'v')
  })
})

describe('keyspaces', () => {
  scenario(
    'that are not there, or not enabled, are refused at connect by their name',
    { cluster: { apiVersion: 'v2', keyspaces: ['one', 'two'] }, config: { apiVersion: 'v2' } },
    async (bench) => {
      const keyspaces = bench.cluster.pd.keyspaces
      keyspaces.setState(keyspaces.find('two')?.id ?? 0, KeyspaceState.DISABLED)
      await failsWith(
        bench.connect({ keyspace: 'three' }),
        'KEYSPACE_UNAVAILABLE',
        /"three" does not exist; create it/,
      )
      await failsWith(
        bench.connect({ keyspace: 'two' }),
        'KEYSPACE_UNAVAILABLE',
        /"two" is not enabled.*enable it/,
      )
      const client = await bench.connect({ keyspace: 'one' })
      await client.raw.put(utf8('k'), utf8('v'))
      assert.equal(text(await client.raw.get(utf8('k'))), 'v')
    },
  )
})

describe('[S70] a server of another API version', () => {
  const MESSAGE = /apiVersion|API V/

  for (const store of ['v1', 'v1ttl', 'v2'] as const) {
    for (const mine of ['v1', 'v1ttl', 'v2'] as const) {
      if (store === mine) continue
      const options = { cluster: { apiVersion: store }, config: { apiVersion: mine } }
      scenario(`${store} refuses a client of ${mine} by its version, once`, options, async (bench) => {
        const client = await bench.client()
        const rawWorks = store === 'v1ttl' && mine === 'v1'
        if (rawWorks) await client.raw.put(utf8('k'), utf8('v'))
        else {
          const ttl = mine === 'v1ttl' ? { ttlSeconds: 5 } : {}
          await failsWith(client.raw.put(utf8('k'), utf8('v'), ttl), 'API_VERSION_MISMATCH', MESSAGE)
          assert.equal(bench.faults.callsOf('RawPut').length, 1)
          if (mine !== 'v1ttl') await failsWith(client.raw.get(utf8('k')), 'API_VERSION_MISMATCH', MESSAGE)
        }
        if (mine === 'v1ttl') {
          assert.throws(
            () => client.txn,
            (error: unknown) => error instanceof OrbitError && error.code === 'API_VERSION_MISMATCH',
          )
          return
        }
        const commit = client.txn.run(async (transaction) => put(transaction, { k: 'v' }))
        await failsWith(commit, 'API_VERSION_MISMATCH', MESSAGE)
        assert.equal(bench.faults.callsOf('KvPrewrite').length, 1)
        const snapshot = await client.txn.snapshot()
        await failsWith(snapshot.get(utf8('k')), 'API_VERSION_MISMATCH', MESSAGE)
        await failsWith(snapshot.batchGet([utf8('k'), utf8('l')]), 'API_VERSION_MISMATCH', MESSAGE)
        await failsWith(firstOf(snapshot.scan(EVERYTHING)), 'API_VERSION_MISMATCH', MESSAGE)
        const locking = await client.txn.begin({ mode: 'pessimistic' })
        await failsWith(locking.lock([utf8('k')]), 'API_VERSION_MISMATCH', MESSAGE)
        await locking.rollback()
        await client.settle()
      })
    }
  }
})

describe('PD that does not answer', () => {
  scenario(
    '[S06] ends every wait at its deadline',
    // What PD does answer must come in time on a busy machine too.
    { config: { pdServerTimeout: '300ms' }, speed: 0.2 },
    async (bench) => {
      await bench.write({ k: 'v' })
      const client = await bench.connect()
      bench.cluster.pd.freeze()
      const begin = await bench.timed(
        failsWith(client.txn.begin(), 'PD_UNAVAILABLE', /within 300 ms \(pdServerTimeout\)/),
      )
      assert.ok(begin >= 300)
      await failsWith(client.txn.currentTimestamp({ timeoutMs: 50 }), 'PD_UNAVAILABLE', /within 50 ms/)
      bench.cluster.pd.thaw()
      await client.txn.begin()
    },
  )

  scenario('[S06] at the start ends the attempt to connect', {}, async (bench) => {
    bench.cluster.pd.freeze()
    const config = { connectTimeout: '700ms', pdServerTimeout: '200ms' }
    await failsWith(bench.connect(config), 'PD_UNAVAILABLE', /within 700 ms \(connectTimeout\)/)
    const signal = AbortSignal.abort(new Error('changed my mind'))
    await failsWith(bench.connect(config, { signal }), 'ABORTED')
    bench.cluster.pd.thaw()
  })

  scenario('[S08] at the start is waited for', {}, async (bench) => {
    bench.cluster.pd.setLeader(undefined)
    const connecting = bench.connect()
    await bench.sleep(1500)
    bench.cluster.pd.setLeader(0)
    const client = await connecting
    assert.equal(client.clusterId, bench.cluster.state.clusterId)
  })
})
