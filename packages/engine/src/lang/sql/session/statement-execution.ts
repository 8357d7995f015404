import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { ExecutionContext } from '../../../exec/execution-context.js'
import { MemoryBudget } from '../../../exec/memory-budget.js'
import type { SpillSpace } from '../../../exec/spill-space.js'
import type { FunctionServices } from '../../../scalar/functions/function.js'
import type { Int64, Value } from '../../../scalar/value.js'
import { functionServices } from './function-services.js'
import { PlannedDefinitions } from './planned-definitions.js'
import type { SessionState } from './session-state.js'
import type { StatementScope } from './statement-scope.js'

/** Rows in a batch, at most. */
const BATCH_SIZE = 1024

/** What the plan of a session's statement works with. Most statements are small, and need little of it. */
export class StatementExecution implements ExecutionContext {
  readonly models: ExecutionContext['models']
  readonly scalar: ExecutionContext['scalar']
  readonly signal: AbortSignal
  readonly parameters: readonly Value[]
  readonly batchSize = BATCH_SIZE
  readonly #state: SessionState
  readonly #scope: StatementScope
  #definitions: PlannedDefinitions | undefined
  #services: FunctionServices | undefined
  #memory: MemoryBudget | undefined
  #spill: SpillSpace | undefined

  constructor(state: SessionState, parameters: readonly Value[], scope: StatementScope) {
    this.models = scope.context
    this.scalar = state.scalar
    this.signal = scope.signal
    this.parameters = parameters
    this.#state = state
    this.#scope = scope
  }

  isAsPlanned(object: CatalogObject): Promise<boolean> | undefined {
    const { context, snapshot } = this.#scope
    if (context.storage.snapshotCount === snapshot) return undefined
    this.#definitions ??= new PlannedDefinitions(this.#scope)
    return this.#definitions.isAsPlanned(object)
  }

  noteSequence(sequence: number, last: Int64): void {
    this.#state.sequences.taken(sequence, last)
  }

  get services(): FunctionServices {
    return (this.#services ??= functionServices(this.#state, this.#scope))
  }

  get memory(): MemoryBudget {
    return (this.#memory ??= new MemoryBudget(Number(this.#state.settings.get('work_mem')) * 1024))
  }

  get spill(): SpillSpace {
    return (this.#spill ??= this.#openSpill())
  }

  #openSpill(): SpillSpace {
    const spill = this.#state.engine.spillSpace()
    this.#scope.cleanups.add(() => spill.close())
    return spill
  }
}
