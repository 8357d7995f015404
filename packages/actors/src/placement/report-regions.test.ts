import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY_BYTES, utf8 } from '@orbit-ts/base'
import { actorKeys, type RegionPlace, type StorageCluster } from '@orbit-ts/storage'
import { ActorRegionMapper } from './actor-region-mapper.js'
import { locateIn, reportRegions } from './report-regions.js'

const CART = { type: 'Cart', key: '7' }

const place = (
  id: number,
  start: Uint8Array,
  end: Uint8Array,
  more: Partial<RegionPlace> = {},
): RegionPlace => ({
  id,
  version: 1,
  confVersion: 1,
  startKey: start,
  endKey: end,
  storeId: 1,
  peers: 3,
  downPeers: 0,
  pendingPeers: 0,
  ...more,
})

test('the mapper is told of regions with keys of actors that have a leader, and of no others', () => {
  const mapper = new ActorRegionMapper({ nodes: [] })
  const cart = actorKeys.state(CART)
  const changes = reportRegions(mapper, [
    place(1, EMPTY_BYTES, utf8('a')),
    place(2, utf8('a'), cart),
    place(3, cart, utf8('b'), { storeId: undefined }),
    place(4, utf8('b'), EMPTY_BYTES),
  ])
  assert.deepEqual(changes, ['new'])
  assert.deepEqual(
    mapper.regions.map(({ id }) => id),
    [2],
  )
})

test('a region that is not known is asked of the cluster, once it has a leader', async () => {
  const asked: Uint8Array[] = []
  let answer: RegionPlace | undefined
  const cluster: Pick<StorageCluster, 'regionOf'> = {
    regionOf: async (key) => {
      asked.push(key)
      return answer
    },
  }
  const mapper = new ActorRegionMapper({ nodes: [], locate: locateIn(cluster) })
  assert.equal(await mapper.regionOf(CART), undefined)
  answer = place(1, EMPTY_BYTES, EMPTY_BYTES, { storeId: undefined })
  assert.equal(await mapper.regionOf(CART), undefined)
  answer = place(1, EMPTY_BYTES, EMPTY_BYTES, { storeId: 2 })
  assert.equal((await mapper.regionOf(CART))?.storeId, 2)
  assert.equal((await mapper.regionOf(CART))?.storeId, 2)
  assert.deepEqual(asked, [actorKeys.state(CART), actorKeys.state(CART), actorKeys.state(CART)])
})
