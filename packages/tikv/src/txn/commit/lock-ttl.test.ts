import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lockTtlMs } from './lock-ttl.js'

const MIB = 1024 * 1024

describe('lockTtlMs', () => {
  it('[S52] is 3 s for a small transaction, 6 s for 1 MiB, at most 20 s, and its age on top', () => {
    assert.equal(lockTtlMs(0, 0), 3000)
    assert.equal(lockTtlMs(16 * 1024 - 1, 700), 3700)
    assert.equal(lockTtlMs(256 * 1024, 0), 3000)
    assert.equal(lockTtlMs(MIB, 0), 6000)
    assert.equal(lockTtlMs(4 * MIB, 50), 12_050)
    assert.equal(lockTtlMs(12 * MIB, 0), 20_000)
    assert.equal(lockTtlMs(1024 * MIB, 5), 20_005)
  })
})
