import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { defined, utf8, type ErrorCode } from '@orbit-ts/base'
import { Error as RegionError } from '../gen/errorpb.js'
import type { SeenCall } from '../testing/faults.js'
import { tikvMethods } from '../rpc/methods.js'
import { newExecDetails } from '../telemetry/exec-details.js'
import { failsWith, put, scenario, text, type Scenario } from './scenario.fake.js'

const TWO_PHASE = { asyncCommit: false, onePc: false }

/** What one read of `key` cost a client that knew the region before. */
async function readAgain(
  bench: Scenario,
  key: string,
): Promise<{ slept: string[]; calls: readonly SeenCall[]; regionLoads: number }> {
  const client = await bench.client()
  const loads = (): number => bench.cluster.pd.calls.get('GetRegion') ?? 0
  const before = loads()
  bench.faults.clearLog()
  const details = newExecDetails()
  const snapshot = await client.txn.snapshot(undefined, { details })
  assert.equal(text(await snapshot.get(utf8(key))), 'v')
  const calls = bench.faults.callsOf('KvGet')
  return { slept: [...details.sleeps.keys()], calls, regionLoads: loads() - before }
}

/** A client that has read `k`, and whose region is then changed. */
async function known(bench: Scenario): Promise<bigint> {
  await bench.write({ k: 'v', a: 'v' })
  await readAgain(bench, 'k')
  return bench.cluster.regionOf(utf8('k')).region.id
}

describe('a whole client', () => {
  scenario('[S10] learns a split from the error, without a pause or PD', {}, async (bench) => {
    await known(bench)
    bench.cluster.splitAt(utf8('c'))
    const { slept, calls, regionLoads } = await readAgain(bench, 'k')
    assert.deepEqual({ slept, calls: calls.length, regionLoads }, { slept: [], calls: 2, regionLoads: 0 })
    assert.equal((await readAgain(bench, 'a')).calls.length, 1)
  })

  scenario('[S12] loads a region anew when the error names none', {}, async (bench) => {
    await known(bench)
    const error = RegionError.fromPartial({ epochNotMatch: {} })
    bench.faults.regionError({ method: 'KvGet' }, error, { times: 1 })
    const { calls, regionLoads } = await readAgain(bench, 'k')
    assert.deepEqual([calls.length, regionLoads], [2, 1])
  })

  scenario('[S13] follows the leader named by NotLeader without a pause', {}, async (bench) => {
    const regionId = await known(bench)
    bench.cluster.state.transferLeader(regionId, 3n)
    const { slept, calls, regionLoads } = await readAgain(bench, 'k')
    assert.deepEqual({ slept, regionLoads }, { slept: [], regionLoads: 0 })
    assert.deepEqual(
      calls.map(({ storeId }) => storeId),
      [1n, 3n],
    )
    assert.deepEqual(
      (await readAgain(bench, 'k')).calls.map(({ storeId }) => storeId),
      [3n],
    )
  })

  scenario('[S15] loads a region anew that its store does not know', {}, async (bench) => {
    const regionId = await known(bench)
    const error = RegionError.fromPartial({ regionNotFound: { regionId } })
    bench.faults.regionError({ method: 'KvGet' }, error, { times: 1 })
    const { calls, regionLoads } = await readAgain(bench, 'k')
    assert.ok(calls.length === 2 && regionLoads === 1)
  })

  scenario('[S22] loads a region anew that does not have the key', {}, async (bench) => {
    const regionId = await known(bench)
    const error = RegionError.fromPartial({ keyNotInRegion: { regionId, key: utf8('k') } })
    bench.faults.regionError({ method: 'KvGet' }, error, { times: 1 })
    const { calls, regionLoads } = await readAgain(bench, 'k')
    assert.ok(calls.length === 2 && regionLoads >= 1)
  })

  scenario('[S23] sends many reads in few messages, and matches their answers', {}, async (bench) => {
    const keys = Array.from({ length: 200 }, (_, row) => `k${row}`)
    await bench.write(Object.fromEntries(keys.map((key) => [key, key])))
    const snapshot = await (await bench.client()).txn.snapshot()
    bench.faults.clearLog()
    const values = await Promise.all(keys.map((key) => snapshot.get(utf8(key))))
    assert.deepEqual(values.map(text), keys)
    const calls = bench.faults.callsOf('KvGet')
    assert.equal(calls.length, 200)
    assert.ok(calls.every(({ batched }) => batched))
  })

  scenario('[S24] sends again what a broken stream had under way', {}, async (bench) => {
    const keys = Array.from({ length: 10 }, (_, row) => `k${row}`)
    await bench.write(Object.fromEntries(keys.map((key) => [key, key])))
    const snapshot = await (await bench.client()).txn.snapshot(undefined, { cacheBytesMax: 0 })
    const cut = bench.faults.cutStream(0, 1n)
    const values = await Promise.all(keys.map((key) => snapshot.get(utf8(key))))
    assert.deepEqual(values.map(text), keys)
    assert.equal(cut.hits, 1)
    const lost = bench.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' }, { times: 1 })
    const transaction = await (await bench.client()).txn.begin(TWO_PHASE)
    put(transaction, { k0: 'again' })
    bench.faults.clearLog()
    await transaction.commit()
    assert.equal(lost.hits, 1)
    const marks = bench.requests(tikvMethods.kvPrewrite).map(({ context }) => context?.isRetryRequest)
    assert.deepEqual(marks, [false, true])
    await (await bench.client()).settle()
    assert.equal(await bench.read('k0'), 'again')
  })

  scenario('[S26] ends an aborted call at once, and goes on over the same connection', {}, async (bench) => {
    await known(bench)
    const client = await bench.client()
    const hang = bench.faults.add({ method: 'KvGet' }, { kind: 'hang' })
    const abort = new AbortController()
    const call = (await client.txn.snapshot()).get(utf8('k'), { signal: abort.signal })
    const failing = failsWith(call, 'ABORTED')
    await bench.until(() => hang.hits === 1)
    abort.abort()
    await failing
    hang.remove()
    assert.deepEqual((await readAgain(bench, 'k')).slept, [])
  })

  scenario('[S33] waits for a leader that does not know the largest timestamp yet', {}, async (bench) => {
    await known(bench)
    const error = RegionError.fromPartial({ maxTimestampNotSynced: {} })
    const fault = bench.faults.regionError({ method: 'KvPrewrite' }, error, { times: 3 })
    const { txn } = await bench.client()
    await txn.run(async (transaction) => put(transaction, { k: 'w' }))
    assert.equal(fault.hits, 3)
    assert.equal(await bench.read('k'), 'w')
  })

  const finals: readonly (readonly [string, string, RegionError, ErrorCode])[] = [
    [
      '[S34] an entry too large for the servers',
      'KvPrewrite',
      RegionError.fromPartial({ raftEntryTooLarge: { entrySize: 9n } }),
      'RAFT_ENTRY_TOO_LARGE',
    ],
    [
      '[S35] a flashback',
      'KvPrewrite',
      RegionError.fromPartial({ flashbackInProgress: { regionId: 1n } }),
      'FLASHBACK_IN_PROGRESS',
    ],
  ]
  for (const [what, method, error, code] of finals) {
    scenario(`${what} is told after one attempt`, {}, async (bench) => {
      await known(bench)
      const fault = bench.faults.regionError({ method }, error)
      const client = await bench.client()
      const transaction = await client.txn.begin()
      put(transaction, { k: 'w' })
      await failsWith(transaction.commit(), code)
      assert.equal(fault.hits, 1)
      fault.remove()
      await client.settle()
      assert.equal(await bench.read('k'), 'v')
    })
  }

  scenario('[S36] [S41] leaves locks alone when nobody knows whether it has committed', {}, async (bench) => {
    const client = await bench.client()
    const lost = bench.faults.add({ method: 'KvCommit' }, { kind: 'lose-answer' }, { times: 1 })
    const error = RegionError.fromPartial({ undeterminedResult: {} })
    bench.faults.regionError({ method: 'KvCommit', where: () => lost.hits > 0 }, error, { skip: 1 })
    const transaction = await client.txn.begin(TWO_PHASE)
    put(transaction, { k: 'v' })
    await failsWith(transaction.commit(), 'COMMIT_UNDETERMINED')
    bench.faults.clear()
    await client.settle()
    assert.equal(bench.faults.callsOf('KvBatchRollback').length, 0)
    assert.equal(await bench.read('k'), 'v')
  })

  scenario(
    '[S35] a full disk is told when waiting has not helped',
    {},
    async (bench) => {
      await known(bench)
      for (const storeId of bench.cluster.storeIds) bench.cluster.settings(storeId).diskUsage = 'already-full'
      const client = await bench.client()
      const transaction = await client.txn.begin()
      put(transaction, { k: 'w' })
      await failsWith(transaction.commit(), 'STORAGE_FULL')
      await client.settle()
      assert.equal(await bench.read('k'), 'v')
    },
    ['in-process'],
  )

  scenario(
    '[S42] takes back what it has prewritten when a batch fails',
    { cluster: { splitKeys: [utf8('m')] } },
    async (bench) => {
      const client = await bench.client()
      const transaction = await client.txn.begin()
      put(transaction, { a: '1', z: '1' })
      await bench.write({ z: 'other' })
      bench.faults.clearLog()
      await failsWith(transaction.commit(), 'TRANSACTION_CONFLICT')
      await client.settle()
      assert.equal(bench.faults.callsOf('KvCommit').length, 0)
      assert.deepEqual(bench.locks, [])
      assert.equal(await bench.read('a'), undefined)
    },
  )

  scenario('[S03] [S09] follows the leader of PD', { cluster: { pdMembers: 3 } }, async (bench) => {
    const client = await bench.client()
    let last = await client.txn.currentTimestamp()
    for (const leader of [1, 2, 0]) {
      bench.cluster.pd.setLeader(leader)
      const startMs = bench.nowMs()
      const timestamps = await Promise.all(Array.from({ length: 50 }, () => client.txn.currentTimestamp()))
      bench.tookAtMost(bench.nowMs() - startMs, 1000)
      assert.ok(timestamps.every((timestamp) => timestamp > last))
      last = defined(timestamps.at(-1), 'a timestamp')
    }
  })

  scenario(
    '[S07] connects through a member of PD that does not lead',
    { cluster: { pdMembers: 3 } },
    async (bench) => {
      const client = await bench.connect({ pdEndpoints: bench.pdEndpoints.slice(1, 2) })
      await client.txn.run(async (transaction) => put(transaction, { k: 'v' }))
      assert.equal(await bench.read('k'), 'v')
    },
  )
})
