import { runDurableConformance } from '../engine-contract/run-conformance.test.suite.js'
import { openRocksdbEngine } from './open-rocksdb-engine.js'

for (const binding of ['nxtedition', 'holepunch'] as const) {
  runDurableConformance(`rocksdb (${binding})`, (dataDir, env) =>
    openRocksdbEngine({ dataDir, binding }, { env }),
  )
}
