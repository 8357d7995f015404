import { runDurableConformance } from '../engine-contract/run-conformance.test.suite.js'
import { openLsmTreeEngine } from './open-lsm-tree-engine.js'

runDurableConformance('lsm-tree', (dataDir, env) => openLsmTreeEngine({ dataDir }, { env }))
