import { after, describe, test } from 'node:test'
import { StorePool } from '../../conformance/harness/store-pool.js'
import { runStorageConformance } from '../../conformance/storage-conformance.js'
import { storesOnCluster, TIKV_CAPABILITIES } from './conformance-cluster.test.suite.js'

/** Long runs of many transactions at once; `tikv.conformance.slow.test.ts` has all topics. */
const LEFT_OUT: readonly string[] = ['contention', 'serializability']

/**
 * Calls of one transaction that lock do so one after the other, for the primary key and the timestamp of all its locks
 * are one: these tests let time stand still until a call has gone past one that waits.
 */
const IN_TURN: readonly string[] = [
  'a wait that fails gives back no key that another call of its transaction relies on',
  'nor one that two calls of the transaction waited for',
]

const pool = new StorePool(storesOnCluster('in-process'))
after(() => pool.close())

runStorageConformance({
  name: 'tikv, within the process',
  runner: {
    describe: (name, body) => (LEFT_OUT.includes(name) ? undefined : describe(name, body)),
    test: (name, body) => test(name, { skip: IN_TURN.includes(name) }, body),
  },
  factory: pool.factory,
  virtualTime: true,
  randomRuns: 5,
  expected: TIKV_CAPABILITIES,
})
