import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { Error as RegionError } from '../gen/errorpb.js'
import { CommitResponse, type CommitRequest } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { newExecDetails } from '../telemetry/exec-details.js'
import { put, scenario, text } from './scenario.fake.js'

const TWO_PHASE = { asyncCommit: false, onePc: false }
const TWO_REGIONS = { splitKeys: [utf8('m')] }

describe('a whole client under faults', () => {
  scenario('[S14] asks other replicas while a region has no leader', {}, async (bench) => {
    await bench.write({ k: 'v' })
    const client = await bench.client()
    const { region } = bench.cluster.regionOf(utf8('k'))
    const loads = bench.cluster.pd.calls.get('GetRegion') ?? 0
    bench.faults.regionError(
      { method: 'KvGet' },
      RegionError.fromPartial({ notLeader: { regionId: region.id } }),
      {
        times: 2,
      },
    )
    bench.faults.clearLog()
    const details = newExecDetails()
    assert.equal(text(await (await client.txn.snapshot(undefined, { details })).get(utf8('k'))), 'v')
    assert.ok(new Set(bench.faults.callsOf('KvGet').map(({ storeId }) => storeId)).size >= 2)
    assert.deepEqual([...details.sleeps.keys()], ['regionScheduling'])
    assert.ok((bench.cluster.pd.calls.get('GetRegion') ?? 0) - loads <= 1)
  })

  scenario('[S16] finds a store whose address another one has taken', {}, async (bench) => {
    await bench.write({ k: 'v' })
    const client = await bench.client()
    const error = RegionError.fromPartial({ storeNotMatch: { requestStoreId: 1n, actualStoreId: 9n } })
    bench.faults.regionError({ method: 'KvGet' }, error, { times: 1 })
    const before = bench.cluster.pd.calls.get('GetStore') ?? 0
    assert.equal(text(await (await client.txn.snapshot()).get(utf8('k'))), 'v')
    await bench.until(() => (bench.cluster.pd.calls.get('GetStore') ?? 0) > before)
  })

  scenario(
    '[S31] waits for a busy leader, and asks another replica instead of a busy follower',
    { speed: 4 },
    async (bench) => {
      await bench.write({ k: 'v' })
      const client = await bench.client()
      const error = RegionError.fromPartial({ serverIsBusy: { reason: 'busy' } })
      for (const [replicaRead, kinds] of [
        ['leader', ['tikvServerBusy']],
        ['follower', []],
      ] as const) {
        bench.faults.regionError({ method: 'KvGet' }, error, { times: 1 })
        const details = newExecDetails()
        const snapshot = await client.txn.snapshot(undefined, { details, replicaRead })
        assert.equal(text(await snapshot.get(utf8('k'))), 'v')
        assert.deepEqual([...details.sleeps.keys()], kinds)
        bench.faults.clear()
      }
    },
  )

  scenario('[S32] asks the leader when a stale read finds no data ready', {}, async (bench) => {
    await bench.write({ k: 'v' })
    const client = await bench.client()
    for (const storeId of bench.cluster.storeIds) bench.cluster.settings(storeId).safeTs = 1n
    bench.faults.clearLog()
    const readTs = await client.txn.currentTimestamp()
    assert.equal(text(await (await client.txn.snapshot(readTs, { staleRead: true })).get(utf8('k'))), 'v')
    const reads = bench.requests(tikvMethods.kvGet).map(({ context }) => context?.staleRead)
    assert.equal(reads[0], true)
    assert.equal(reads.at(-1), false)
  })

  scenario('[S40] commits at a newer timestamp when a reader has overtaken it', {}, async (bench) => {
    const client = await bench.client()
    let minCommitTs = 0n
    const expired = bench.faults.add(
      { method: 'KvCommit' },
      {
        kind: 'answer',
        response: ({ request }) => {
          const { commitVersion, startVersion, keys } = request as CommitRequest
          minCommitTs = commitVersion + 100n
          const facts = {
            startTs: startVersion,
            attemptedCommitTs: commitVersion,
            key: keys[0] ?? utf8(''),
            minCommitTs,
          }
          return CommitResponse.fromPartial({ error: { commitTsExpired: facts } })
        },
      },
      { times: 1 },
    )
    const transaction = await client.txn.begin(TWO_PHASE)
    put(transaction, { k: 'v' })
    // Time must pass for PD to get there.
    await bench.sleep(5)
    const { commitTs = 0n } = await transaction.commit()
    assert.equal(expired.hits, 1)
    assert.equal(bench.requests(tikvMethods.kvCommit).length, 2)
    assert.ok(commitTs > 0n && minCommitTs > 0n)
    assert.equal(await bench.read('k'), 'v')
  })

  scenario(
    '[S45] asks for async commit up to 256 keys, and names the others once',
    { cluster: TWO_REGIONS },
    async (bench) => {
      const client = await bench.client()
      for (const [count, isAsync] of [
        [256, true],
        [257, false],
      ] as const) {
        bench.faults.clearLog()
        const transaction = await client.txn.begin({ onePc: false })
        for (let row = 0; row < count; row++)
          transaction.put(utf8(`${row % 2 === 0 ? 'a' : 'z'}${row}`), utf8('v'))
        assert.equal((await transaction.commit()).asyncCommit, isAsync)
        await client.settle()
        const requests = bench.requests(tikvMethods.kvPrewrite)
        assert.ok(requests.every(({ useAsyncCommit }) => useAsyncCommit === isAsync))
        const secondaries = requests
          .map((request) => request.secondaries.length)
          .filter((length) => length > 0)
        assert.deepEqual(secondaries, isAsync ? [count - 1] : [])
      }
    },
  )

  scenario(
    '[S59] finishes an asynchronous commit of a client that died',
    { cluster: TWO_REGIONS, speed: 4 },
    async (bench) => {
      const dying = await bench.connect()
      bench.faults.add({ method: 'KvCommit' }, { kind: 'hang' })
      const transaction = await dying.txn.begin({ onePc: false })
      put(transaction, { a: '1', z: '2' })
      const { commitTs } = await transaction.commit()
      await dying.close()
      bench.faults.clear()
      await bench.sleep(4000)
      bench.faults.clearLog()
      const client = await bench.client()
      const snapshot = await client.txn.snapshot()
      assert.equal((await snapshot.getVersioned(utf8('z')))?.commitTs, commitTs)
      assert.equal(text(await snapshot.get(utf8('a'))), '1')
      assert.ok(bench.faults.callsOf('KvCheckSecondaryLocks').length >= 1)
      await client.settle()
      assert.deepEqual(bench.locks, [])
    },
  )
})
