/** Harm for a test cluster, decided by a seed, and checkers of what its clients saw meanwhile. */
export type { Harm, Harmer, Victims } from './cluster-faults.js'
export { Dice } from './dice.js'
export { FaultScheduler } from './fault-scheduler.js'
export {
  nameOf,
  payloadOf,
  writtenBy,
  type Anomaly,
  type HistoryTransaction,
  type Operation,
  type Outcome,
  type ReadOperation,
} from './history.js'
export { checkListAppend, listOf, type List } from './list-append-checker.js'
export { NodeEnv } from './node-env.js'
export type { Level } from './workload.js'
