import { after, describe, test } from 'node:test'
import { StorePool } from '../../conformance/harness/store-pool.js'
import { runStorageConformance } from '../../conformance/storage-conformance.js'
import { storesOnCluster, TIKV_CAPABILITIES } from './conformance-cluster.test.suite.js'

const pool = new StorePool(storesOnCluster('sockets'))
after(() => pool.close())

runStorageConformance({
  name: 'tikv, over sockets',
  runner: { describe, test },
  factory: pool.factory,
  expected: TIKV_CAPABILITIES,
})
