import { TestEnv } from '@orbit-ts/base'
import { registerAddressableTests } from './addressable-topics.js'
import { registerClusterNodeTests } from './cluster-node-topics.js'
import type { DirectoryConformanceOptions, DirectoryTest } from './harness.js'

/** Registers the tests that every directory must pass. A provider's own test file is a factory. */
export function runDirectoryConformance(options: DirectoryConformanceOptions): void {
  const { runner, factory } = options
  const test: DirectoryTest = (name, body) => {
    runner.test(name, async () => {
      const env = new TestEnv()
      const store = await factory(env)
      try {
        await body(store, env)
      } finally {
        await store.dispose()
      }
    })
  }
  runner.describe(`directory conformance: ${options.name}`, () => {
    runner.describe('addressables', () => registerAddressableTests(test))
    runner.describe('cluster nodes', () => registerClusterNodeTests(test))
  })
}
