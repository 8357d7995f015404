import { type Env, OrbitError, TestEnv, systemEnv } from '@orbit-ts/base'
import type { Capabilities, IsolationLevel, StorageProvider, TransactionMode } from '../../provider.js'
import type { ConformanceOptions, ConformanceStore, ExpectedCapabilities } from './conformance-options.js'

/** Far above what any test takes, so that it says nothing about speed. */
const DEADLINE_MS = 60_000

/** What the body of one test works on. */
export interface Fixture {
  readonly provider: StorageProvider
  readonly capabilities: Capabilities
  /** Closes the store and opens its data again. Only in tests of durable stores. */
  reopen(): Promise<StorageProvider>
}

/** Draws from `env`; notes what it does in `trace`, for the report of a failure. */
export type RandomBody = (fixture: Fixture, env: TestEnv, trace: string[]) => Promise<void>

/** Registers tests, each on an empty store of its own that is disposed of after it. */
export class ConformanceSuite {
  readonly expected: ExpectedCapabilities
  readonly seed: number
  readonly randomRuns: number
  readonly #options: ConformanceOptions

  constructor(options: ConformanceOptions) {
    this.#options = options
    this.expected = options.expected
    this.seed = options.seed ?? 1
    this.randomRuns = options.randomRuns ?? 20
  }

  get durable(): boolean {
    return this.expected.durability.length > 0
  }

  /** Options for tests of many commits, to which waiting for the disk adds nothing. */
  get unsynced(): { readonly durability?: 'os' } {
    return this.expected.durability.includes('os') ? { durability: 'os' } : {}
  }

  isolated(level: IsolationLevel): boolean {
    return this.expected.isolationLevels.includes(level)
  }

  offers(mode: TransactionMode): boolean {
    return this.expected.modes.includes(mode)
  }

  group(name: string, body: () => void): void {
    this.#options.runner.describe(name, body)
  }

  test(name: string, body: (fixture: Fixture) => Promise<void>): void {
    this.#options.runner.test(name, () => this.#run(systemEnv, body))
  }

  /** Registers a test that moves time itself; nothing where the store does not live by the suite's clock. */
  timedTest(name: string, body: (fixture: Fixture, env: TestEnv) => Promise<void>): void {
    if (this.#options.virtualTime !== true) return
    this.#options.runner.test(name, () => {
      const env = new TestEnv()
      return this.#run(env, (fixture) => body(fixture, env))
    })
  }

  /**
   * Registers a test that runs once for each of `randomRuns` seeds, or a `share` of them where one run takes long.
   * A failure names its seed.
   */
  randomTest(name: string, body: RandomBody, share = 1): void {
    const runs = Math.ceil(this.randomRuns * share)
    this.#options.runner.test(name, async () => {
      for (let run = 0; run < runs; run++) await this.#runSeed(this.seed + run, body)
    })
  }

  async #runSeed(seed: number, body: RandomBody): Promise<void> {
    const trace: string[] = []
    try {
      await this.#run(systemEnv, (fixture) => body(fixture, new TestEnv({ seed }), trace))
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const steps = trace.length === 0 ? '' : `\nsteps:\n  ${trace.join('\n  ')}`
      throw new Error(`seed ${seed}: ${reason}${steps}`, { cause: error })
    }
  }

  #run(env: Env, body: (fixture: Fixture) => Promise<void>): Promise<void> {
    return withDeadline(this.#runOn(env, body))
  }

  async #runOn(env: Env, body: (fixture: Fixture) => Promise<void>): Promise<void> {
    const store = await this.#options.factory(env)
    try {
      await body({
        provider: store.provider,
        capabilities: store.provider.capabilities,
        reopen: () => reopenStore(store),
      })
    } finally {
      await store.dispose()
    }
  }
}

/** A call that never settles must fail its own test, not end the run because nothing is left to wait for. */
function withDeadline(run: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new Error(`the test did not end within ${DEADLINE_MS} ms: a call of the provider never settled`))
    }
    const timer = systemEnv.timers.set(giveUp, DEADLINE_MS, { keepAlive: true })
    run.then(resolve, reject).finally(() => timer.cancel())
  })
}

function reopenStore(store: ConformanceStore): Promise<StorageProvider> {
  if (store.reopen === undefined) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      'the factory returned no `reopen`, which a store with `expected.durability` needs',
    )
  }
  return store.reopen()
}
