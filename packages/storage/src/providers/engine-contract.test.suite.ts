import { after, before, describe } from 'node:test'
import type { LocalEngine } from '../transaction/local-engine.js'
import { Engines } from './engine-contract/engines.test.suite.js'
import { testBatches } from './engine-contract/test-batches.test.suite.js'
import { testCursors } from './engine-contract/test-cursors.test.suite.js'
import { testDamage, type Damage } from './engine-contract/test-damage.test.suite.js'
import { testFullDisk } from './engine-contract/test-full-disk.test.suite.js'
import { testModel } from './engine-contract/test-model.test.suite.js'
import { testClosed, testExclusion, testReopening } from './engine-contract/test-opening.test.suite.js'
import { testPermissions } from './engine-contract/test-permissions.test.suite.js'
import { testPoints } from './engine-contract/test-points.test.suite.js'

export type { Damage }

export interface EngineContractOptions {
  /** Default true. False leaves out everything about directories, reopening and damage. */
  readonly persistent?: boolean
  /**
   * Source of an ES module that assigns `globalThis.openEngine = (dataDir) => Promise<LocalEngine>`; it lets a second
   * process try to open a directory that is in use.
   */
  readonly childOpener?: string
  /** Harm that this engine notices after a clean close. Each entry is applied to every matching file in turn. */
  readonly damage?: readonly Damage[]
  /** Largest value that is tried, bytes. Default 5 MiB. */
  readonly largeValueBytes?: number
}

/** Registers the tests that every {@link LocalEngine} must pass. `open` gets a directory that may not exist yet. */
export function testLocalEngine(
  name: string,
  open: (dataDir: string) => Promise<LocalEngine>,
  options: EngineContractOptions = {},
): void {
  const persistent = options.persistent ?? true
  describe(`local engine ${name}`, () => {
    const engines = new Engines(open)
    before(() => engines.setUp())
    after(() => engines.tearDown())
    testPoints(engines)
    testCursors(engines)
    testBatches(engines, options.largeValueBytes ?? 5 * 1024 * 1024)
    testModel(engines, persistent)
    testClosed(engines, persistent)
    if (!persistent) return
    testReopening(engines)
    testFullDisk(engines)
    testExclusion(engines, options.childOpener)
    if (options.childOpener !== undefined) testPermissions(engines, options.childOpener)
    for (const damage of options.damage ?? []) testDamage(engines, damage)
  })
}
