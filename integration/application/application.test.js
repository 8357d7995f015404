// @ts-check
/** The same application on RocksDB and on a TiKV cluster whose regions go on splitting: the answers are the same. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import { runApplication } from './application.js'

const QUESTIONS_MIN = 45

test('the application answers the same on RocksDB and on TiKV', { timeout: 5 * 60_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'orbit-application-'))
  const cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  const splitting = keepSplitting(cluster)
  context.after(async () => {
    splitting.cancel()
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const embedded = await runApplication({ kind: 'rocksdb', dataDir: join(folder, 'data') })
  const onCluster = await runApplication({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] })
  assert.ok(embedded.length >= QUESTIONS_MIN)
  assert.ok(cluster.state.regions().length > 1)
  for (const [at, { question, answer }] of embedded.entries()) {
    assert.deepEqual(onCluster[at], { question, answer })
  }
  assert.equal(onCluster.length, embedded.length)
  const answers = new Map(embedded.map(({ question, answer }) => [question, answer]))
  assert.deepEqual(answers.get('the way from n0 to n39'), ['n0', 'n3', 'n12', 'n39'])
  assert.equal(answers.get('customers without a city'), 29)
  assert.equal(answers.get('what a cascade takes along'), 0)
  assert.equal(answers.get('the new customer'), undefined)
})
