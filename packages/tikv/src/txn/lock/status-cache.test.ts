import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { StatusCache } from './status-cache.js'
import { ROLLED_BACK } from './transaction-status.js'

describe('status cache', () => {
  it('keeps the latest 2048 fates', () => {
    const cache = new StatusCache()
    for (let startTs = 1n; startTs <= 2049n; startTs++)
      cache.add(startTs, { kind: 'committed', commitTs: startTs + 1n })
    assert.equal(cache.size, 2048)
    assert.equal(cache.get(1n), undefined)
    assert.deepEqual(cache.get(2n), { kind: 'committed', commitTs: 3n })
    assert.deepEqual(cache.get(2049n), { kind: 'committed', commitTs: 2050n })
  })

  it('takes the same fate again, and refuses another', () => {
    const cache = new StatusCache()
    cache.add(1n, { kind: 'committed', commitTs: 5n })
    cache.add(1n, { kind: 'committed', commitTs: 5n })
    const violation = (error: unknown): boolean => hasCode(error, 'PROTOCOL_VIOLATION')
    assert.throws(() => cache.add(1n, { kind: 'committed', commitTs: 6n }), violation)
    assert.throws(() => cache.add(1n, ROLLED_BACK), violation)
    assert.deepEqual(cache.get(1n), { kind: 'committed', commitTs: 5n })
  })
})
