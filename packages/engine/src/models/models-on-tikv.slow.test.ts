/** Runs the tests of the engine that open a store once more, on a TiKV cluster whose regions split and merge meanwhile. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'

const ENGINE = fileURLToPath(new URL('..', import.meta.url))
/** What opens stores for tests; whoever imports it can run on any. */
const OPENS_STORES =
  /\/(store|table-database|collection-database|graph-database|vectors-database)\.test\.data\.js'/
const FILE_TIMEOUT_MS = 15 * 60_000

// Much of their time goes by in waits for leases to run out.
describe('the engine on TiKV', { concurrency: 4 }, () => {
  let cluster: TestCluster
  let splitting: { cancel(): void }
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    splitting = keepSplitting(cluster)
  })
  after(async () => {
    splitting.cancel()
    await cluster.close()
  })

  for (const file of testFiles()) {
    test(file, { timeout: FILE_TIMEOUT_MS }, async () => {
      const { code, output } = await run(join(ENGINE, file), cluster.pdEndpoints)
      assert.equal(code, 0, output)
    })
  }
})

function testFiles(): string[] {
  const files = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.test.js') && !file.endsWith('.slow.test.js'))
    .filter((file) => OPENS_STORES.test(readFileSync(join(ENGINE, file), 'utf8')))
    .sort()
}

function run(
  file: string,
  pdEndpoints: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, ['--test', '--test-reporter=spec', file], {
    env: { ...env, ORBIT_TEST_PD_ENDPOINTS: pdEndpoints.join(',') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => (output += text))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
