import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { FakeCluster } from './fake-cluster.fake.js'
import { RegionLoader, REGIONS_PER_CALL } from './region-loader.js'

const refuse = (): never => assert.fail('not asked for here')

describe('RegionLoader', () => {
  it('does not ask for ever when a full answer leads nowhere', async () => {
    const cluster = new FakeCluster()
    const before = Array.from({ length: REGIONS_PER_CALL }, (_, at) => {
      const key = (index: number): string => `a${String(index).padStart(4, '0')}`
      return cluster.region(BigInt(at + 1), key(at), key(at + 1))
    })
    let asked = 0
    const loader = new RegionLoader<string>({
      pd: {
        getRegion: () => new Promise((resolve) => setImmediate(() => resolve(undefined))),
        getPreviousRegion: refuse,
        getRegionById: refuse,
        scanRegions: refuse,
        batchScanRegions: () => Promise.resolve(++asked > 100 ? [] : before),
      },
      closing: new AbortController().signal,
      onQuestion: () => undefined,
      known: () => undefined,
      accept: () => Promise.resolve('accepted'),
    })
    const keys = ['z1', 'z2', 'z3'].map((key) => loader.byKey(utf8(key), false))
    assert.deepEqual(await Promise.all(keys), [undefined, undefined, undefined])
    assert.equal(asked, 1)
  })
})
