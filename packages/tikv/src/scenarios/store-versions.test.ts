import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { StoreState } from '../gen/metapb.js'
import { failsWith, put, scenario, text, type Scenario } from './scenario.fake.js'

const MINIMUM = { minimumStoreVersion: '6.3.0' }
/** By then the list of stores has been asked for again. */
const LISTED_MS = 11_000

const writer = async (bench: Scenario) => {
  const client = await bench.connect({}, MINIMUM)
  const write = (value: string) => client.txn.run(async (transaction) => put(transaction, { k: value }))
  const read = async () => text(await (await client.txn.snapshot()).get(utf8('k')))
  return { write, read }
}

describe('stores that are too old', () => {
  scenario('end connecting, before anything is asked of a store', {}, async (bench) => {
    bench.cluster.state.setStoreVersion(2n, '6.1.7')
    const { address } = bench.cluster.state.store(2n)
    await failsWith(
      bench.connect({}, MINIMUM),
      'STORAGE_UNSUPPORTED',
      new RegExp(
        `^STORAGE_UNSUPPORTED: store 2 \\(${address}\\) is TiKV 6\\.1\\.7, and 6\\.3\\.0 is the oldest`,
      ),
    )
    assert.equal(bench.faults.calls.length, 0)
    const client = await bench.connect()
    await client.txn.run(async (transaction) => put(transaction, { k: 'v' }))
  })

  scenario('do not count when they are removed', {}, async (bench) => {
    const { id } = await bench.cluster.addStore()
    bench.cluster.state.setStoreVersion(id, '5.0.0')
    await failsWith(bench.connect({}, MINIMUM), 'STORAGE_UNSUPPORTED', /store \d+ .*5\.0\.0/)
    bench.cluster.state.setStoreState(id, StoreState.Tombstone)
    const { write, read } = await writer(bench)
    await write('v')
    assert.equal(await read(), 'v')
  })

  scenario(
    'are not called once they have joined, and nothing is written that only they could check',
    {},
    async (bench) => {
      const { write, read } = await writer(bench)
      await write('before')
      const { id } = await bench.cluster.addStore()
      bench.cluster.state.setStoreVersion(id, '6.2.0')
      const regionId = bench.cluster.regionOf(utf8('k')).region.id
      bench.cluster.state.addPeer(regionId, id)
      bench.cluster.state.transferLeader(regionId, id)
      bench.faults.clearLog()
      await failsWith(write('after'), 'STORAGE_UNSUPPORTED', /is TiKV 6\.2\.0, and 6\.3\.0 is the oldest/)
      await failsWith(read(), 'STORAGE_UNSUPPORTED', /is TiKV 6\.2\.0/)
      assert.equal(bench.faults.calls.filter(({ storeId }) => storeId === id).length, 0)

      bench.cluster.state.setStoreVersion(id, '6.5.0')
      await bench.sleep(LISTED_MS)
      await write('after')
      assert.equal(await read(), 'after')
    },
    ['in-process'],
  )

  scenario(
    'are not called any more once one that was newer has been replaced',
    { cluster: { stores: 1 } },
    async (bench) => {
      const { write, read } = await writer(bench)
      await write('before')
      bench.cluster.state.setStoreVersion(1n, 'v6.1.0')
      await bench.sleep(LISTED_MS)
      await failsWith(write('after'), 'STORAGE_UNSUPPORTED', /store 1 .* is TiKV v6\.1\.0/)
      bench.cluster.state.setStoreVersion(1n, 'v7.5.0')
      await bench.sleep(LISTED_MS)
      assert.equal(await read(), 'before')
    },
    ['in-process'],
  )

  scenario(
    'the least version is one',
    {},
    async (bench) => {
      await failsWith(
        bench.connect({}, { minimumStoreVersion: 'new' }),
        'INVALID_ARGUMENT',
        /minimumStoreVersion: "new" is no version; give one as "6\.3\.0"/,
      )
    },
    ['in-process'],
  )
})
