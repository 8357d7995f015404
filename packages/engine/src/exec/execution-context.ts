import type { RelationContext } from '../relation/relation.js'
import type { FunctionServices } from '../scalar/functions/function.js'
import type { Value } from '../scalar/value.js'
import type { MemoryBudget } from './memory-budget.js'
import type { SpillSpace } from './spill-space.js'

/** What one execution of a plan works with. */
export interface ExecutionContext extends RelationContext {
  /** The values of `$1`, `$2`, … */
  readonly parameters: readonly Value[]
  readonly services: FunctionServices
  /** What all operators of the statement may hold together; beyond it they spill. */
  readonly memory: MemoryBudget
  readonly spill: SpillSpace
  /** Rows in a batch, at most. Default 1024. */
  readonly batchSize: number
}
