import assert from 'node:assert/strict'
import { OrbitError, type Env, type ErrorCode, type TestEnv } from '@orbit-ts/base'
import type { StorageProvider } from '@orbit-ts/storage'
import type { AddressableDirectoryProvider } from '../directory/addressable-directory.js'
import type { ClusterNodeProvider } from '../directory/cluster-nodes.js'

/** What the suite needs of a test runner. `node:test`, Vitest and Jest fit as they are. */
export interface DirectoryConformanceRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => Promise<void>): unknown
}

/** Empty directories of their own for one test, over one store. */
export interface DirectoryConformanceStore {
  /** Where the tests write actor state, fenced by the directory. */
  readonly storage: StorageProvider
  readonly directory: AddressableDirectoryProvider
  readonly nodes: ClusterNodeProvider
  dispose(): Promise<void>
}

export interface DirectoryConformanceOptions {
  /** Shown in front of every test. */
  readonly name: string
  readonly runner: DirectoryConformanceRunner
  /** Both directories must take their time from `env`: the tests move it. */
  readonly factory: (env: Env) => Promise<DirectoryConformanceStore>
}

export type DirectoryTest = (
  name: string,
  body: (store: DirectoryConformanceStore, env: TestEnv) => Promise<void>,
) => void

/** The error of a call that must fail with `code`. */
export async function failsWith(code: ErrorCode, work: () => Promise<unknown>): Promise<OrbitError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof OrbitError && error.code === code) return error
    throw error
  }
  return assert.fail(`expected ${code}, but the call succeeded`)
}
