import { runDurableConformance } from '../engine-contract/run-conformance.test.suite.js'
import { openCowBtreeEngine } from './open-cow-btree-engine.js'

runDurableConformance('cow-btree', (dataDir, env) => openCowBtreeEngine({ dataDir }, { env }))
