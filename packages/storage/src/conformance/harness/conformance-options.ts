import type { Env } from '@orbit-ts/base'
import type { Capabilities, StorageProvider } from '../../provider.js'

/** What the suite needs of a test runner. `node:test`, Vitest and Jest fit as they are. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => Promise<void>): unknown
}

/** An empty store of its own for one test. */
export interface ConformanceStore {
  readonly provider: StorageProvider
  /**
   * Closes what is open and opens the same data again. Needed when `expected.durability` is not empty; the provider
   * opened last is the one that `dispose` closes.
   */
  reopen?(): Promise<StorageProvider>
  /** Closes the provider, also a closed one, and removes what the test left behind. */
  dispose(): Promise<void>
}

/** The capabilities that choose the tests, and any others that the provider must show. */
export type ExpectedCapabilities = Partial<Capabilities> &
  Pick<Capabilities, 'isolationLevels' | 'modes' | 'durability' | 'snapshots'>

export interface ConformanceOptions {
  /** Shown in front of every test, for example `rocksdb`. */
  readonly name: string
  readonly runner: ConformanceRunner
  /** Opens an empty store; `env` is where it takes time from, when `virtualTime` says that it can. */
  readonly factory: (env: Env) => Promise<ConformanceStore>
  readonly expected: ExpectedCapabilities
  /** True when a store lives by the clock and the timers of the `env` given to the factory. Default false: the tests of timeouts are left out. */
  readonly virtualTime?: boolean
  /** Where the random tests start. Default 1. A failure names the seed that shows it again. */
  readonly seed?: number
  /** How many random runs each random test makes. Default 20. */
  readonly randomRuns?: number
}
