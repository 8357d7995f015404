import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestEnv, type Env } from '@orbit-ts/base'
import type { ModelContext } from '../../models/model.js'
import type { ExecutablePlan, PhysicalPlan } from '../../plan/physical-plan.js'
import type { FunctionServices } from '../../scalar/functions/function.js'
import { testScalarContext } from '../../scalar/scalar-context.test.data.js'
import type { Row, Value } from '../../scalar/value.js'
import { compilePlan } from '../compile-plan.js'
import type { PlanExecution } from '../compiled-plan.js'
import type { ExecutionContext } from '../execution-context.js'
import { MemoryBudget } from '../memory-budget.js'
import { SpillDirectory } from '../spill/spill-directory.js'
import type { SpillSpace } from '../spill-space.js'
import { executable } from './plans.test.data.js'

export const PLENTY_BYTES = 64 * 1024 * 1024
/** So little that everything that can be moved to disk is. */
export const TINY_BYTES = 2048

export interface TestRunOptions {
  readonly memoryBytes?: number
  readonly hardLimitBytes?: number
  readonly batchSize?: number
  readonly parameters?: readonly Value[]
  readonly signal?: AbortSignal
  readonly services?: Partial<FunctionServices>
  readonly isMeasured?: boolean
  readonly env?: Env
}

const refuse = (what: string) => () => Promise.reject(new Error(`no test asked for ${what}`))

const NO_SERVICES: FunctionServices = {
  nextValue: refuse('nextValue'),
  setValue: refuse('setValue'),
  currentValue: () => null,
  lastValue: () => null,
  invoke: refuse('invoke'),
}

/** Runs plans with temporary files in a directory of its own, and tells what is left there. */
export class PlanRunner implements AsyncDisposable {
  readonly #path: string
  readonly #directory: SpillDirectory
  readonly #spaces: SpillSpace[] = []
  readonly env: TestEnv

  private constructor(path: string, directory: SpillDirectory, env: TestEnv) {
    this.#path = path
    this.#directory = directory
    this.env = env
  }

  static async open(): Promise<PlanRunner> {
    const env = new TestEnv()
    const path = await mkdtemp(join(tmpdir(), 'orbit-exec-'))
    return new PlanRunner(path, await SpillDirectory.open({ env, path, batchSize: 64 }), env)
  }

  context(options: TestRunOptions = {}): ExecutionContext {
    const spill = this.#directory.space()
    this.#spaces.push(spill)
    const limitBytes = options.memoryBytes ?? PLENTY_BYTES
    return {
      // The relations of these tests have no store below them.
      models: {} as ModelContext,
      scalar: testScalarContext({}, { env: options.env ?? this.env }),
      signal: options.signal ?? new AbortController().signal,
      parameters: options.parameters ?? [],
      services: { ...NO_SERVICES, ...options.services },
      memory: new MemoryBudget(limitBytes, options.hardLimitBytes ?? PLENTY_BYTES),
      spill,
      batchSize: options.batchSize ?? 64,
    }
  }

  start(plan: PhysicalPlan | ExecutablePlan, options: TestRunOptions = {}): PlanExecution {
    const whole = 'root' in plan ? plan : executable(plan)
    return compilePlan(whole).run(this.context(options), { isMeasured: options.isMeasured === true })
  }

  async rows(plan: PhysicalPlan | ExecutablePlan, options: TestRunOptions = {}): Promise<Row[]> {
    const rows: Row[] = []
    for await (const batch of this.start(plan, options)) rows.push(...batch)
    return rows
  }

  /** Ends all statements so far. */
  async closeSpaces(): Promise<void> {
    for (const space of this.#spaces.splice(0)) await space.close()
  }

  async filesLeft(): Promise<string[]> {
    return readdir(this.#path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeSpaces()
    await rm(this.#path, { recursive: true, force: true })
  }
}
