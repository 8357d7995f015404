import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { ModelRun } from '../model/model-run.js'

const COMMANDS = 150

/** Random commands over several open transactions and snapshots, against a reference map. */
export function registerModelBased(suite: ConformanceSuite): void {
  const register = (name: string, reopens: boolean, share: number): void =>
    suite.randomTest(
      name,
      async ({ provider, reopen }, env, trace) => {
        const run = new ModelRun({
          provider,
          env,
          trace,
          isolationLevels: suite.expected.isolationLevels,
          snapshots: suite.expected.snapshots,
          durability: suite.unsynced,
          reopen: reopens ? reopen : undefined,
        })
        await run.run(COMMANDS)
      },
      share,
    )

  register('random commands do what the reference does', false, 1)
  if (suite.durable)
    register('random commands with reopening in between do what the reference does', true, 0.2)
}
