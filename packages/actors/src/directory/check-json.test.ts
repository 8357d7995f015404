import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, hasCode } from '@orbit-ts/base'
import { openProvider } from '@orbit-ts/storage'
import { StorageClusterNodes } from './storage-cluster-nodes.js'

const cycle: Record<string, unknown> = { zone: 'a' }
cycle['self'] = { deep: cycle }
const deep: unknown = Array.from({ length: 120 }).reduce((inner: unknown) => [inner], 1)

const REFUSED: readonly [capabilities: unknown, message: RegExp][] = [
  [cycle, /capabilities\.self\.deep: contains itself/],
  [{ cores: { count: 8n } }, /capabilities\.cores\.count: is a bigint/],
  [{ tags: ['a', () => 1] }, /capabilities\.tags\[1\]: is a function/],
  [{ load: Number.NaN }, /capabilities\.load: is NaN/],
  [{ since: new Date(0) }, /capabilities\.since: is no plain object/],
  [{ name: '\ud800' }, /capabilities\.name: has a lone surrogate/],
  [{ deep }, /is nested deeper than 100 levels/],
  [7, /capabilities: is 7; it must be an object/],
  [null, /capabilities: is null; it must be an object/],
  [['a'], /capabilities: is an array; it must be an object/],
  [{ big: 'x'.repeat(70_000) }, /capabilities: \d+ bytes of JSON; at most 65536/],
]

test('capabilities are plain JSON, and what is not is named', async () => {
  await using storage = await openProvider({ kind: 'memory' })
  const nodes = new StorageClusterNodes(storage, { env: new TestEnv() })
  const joined = await nodes.join(
    { id: 'n', url: 'http://n', capabilities: { cores: 8, zones: ['a', null], more: { left: undefined } } },
    { ttlMs: 1000 },
  )
  assert.equal(joined.joined, true)
  assert.deepEqual((await nodes.get('n'))?.capabilities, { cores: 8, zones: ['a', null], more: {} })
  const { version } = joined.node
  for (const [capabilities, message] of REFUSED) {
    const isRefusal = (error: unknown): boolean =>
      hasCode(error, 'INVALID_ARGUMENT') && message.test(error.message)
    const given = capabilities as Record<string, unknown>
    await assert.rejects(
      async () => nodes.join({ id: 'm', url: 'http://m', capabilities: given }, { ttlMs: 1000 }),
      isRefusal,
    )
    if (capabilities === null) continue
    await assert.rejects(nodes.update({ id: 'n', version }, { capabilities: given }), isRefusal)
  }
  assert.equal((await nodes.active()).nodes.length, 1)
})
