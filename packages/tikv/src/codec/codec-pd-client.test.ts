import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { OpenCore } from '../core/open-core.js'
import { bytes, ClientBench, range, text } from '../raw/client-bench.fake.js'
import type { RegionInfo } from '../pd/pd-client.js'

let bench: ClientBench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

/** A keyspace with a region boundary at `k`, in a cluster with others around it. */
async function open(): Promise<{ core: OpenCore; run: ClientBench['finish'] }> {
  const opened = await ClientBench.open({ apiVersion: 'v2', keyspaces: ['one', 'two', 'three'] })
  bench = opened
  const core = await opened.core('transaction', { apiVersion: 'v2', keyspace: 'two' })
  const prefix = (id: number): Uint8Array => Uint8Array.of(0x78, 0, 0, id)
  const id = core.codec.keyspaceId ?? assert.fail()
  opened.cluster.splitAt(prefix(id - 1))
  opened.cluster.splitAt(Uint8Array.of(...prefix(id), ...bytes('k')))
  opened.cluster.splitAt(prefix(id + 2))
  return { core, run: (work) => opened.finish(work) }
}

const bounds = (info: RegionInfo | undefined): string | undefined =>
  info === undefined ? undefined : `${text(info.region.startKey)}-${text(info.region.endKey)}`

describe('PD as one keyspace sees it', () => {
  it('has the regions of the keyspace, cut to it', async () => {
    const { core, run } = await open()
    assert.equal(bounds(await run(core.pd.getRegion(bytes('')))), '-k')
    assert.equal(bounds(await run(core.pd.getRegion(bytes('a')))), '-k')
    assert.equal(bounds(await run(core.pd.getRegion(bytes('k')))), 'k-')
    assert.deepEqual((await run(core.pd.scanRegions(range('', ''), 100))).map(bounds), ['-k', 'k-'])
    assert.deepEqual((await run(core.pd.scanRegions(range('m', ''), 100))).map(bounds), ['k-'])
    assert.deepEqual(
      (await run(core.pd.batchScanRegions([range('a', 'b'), range('x', 'z')], 100))).map(bounds),
      ['-k', 'k-'],
    )
  })

  it('has no region by the number of one that lies elsewhere', async () => {
    const { core, run } = await open()
    const ids = (bench ?? assert.fail()).cluster.state.regions().map(({ region }) => region.id)
    const seen = []
    for (const id of ids) seen.push(bounds(await run(core.pd.getRegionById(id))))
    assert.deepEqual(seen, [undefined, '-k', 'k-', undefined])
  })

  it('has the region before a key', async () => {
    const { core, run } = await open()
    assert.equal(bounds(await run(core.pd.getPreviousRegion(bytes('k')))), '-k')
  })

  it('splits at keys of the keyspace', async () => {
    const { core, run } = await open()
    await run(core.pd.splitRegions([bytes('c')]))
    assert.deepEqual((await run(core.pd.scanRegions(range('', ''), 100))).map(bounds), ['-c', 'c-k', 'k-'])
  })

  it('stays open below when it is closed', async () => {
    const { core, run } = await open()
    await core.pd.close()
    assert.equal(bounds(await run(core.pd.getRegion(bytes('a')))), '-k')
  })
})
