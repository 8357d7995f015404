import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { missingCpuFeatures } from './cpu-features.js'

const MODERN = 'flags\t\t: fpu sse4_2 movbe popcnt avx f16c abm bmi1 avx2 bmi2 fma pclmulqdq sha_ni\n'

describe('CPU features', () => {
  it('accepts a machine that has them all', () =>
    assert.deepEqual(
      missingCpuFeatures('linux', 'x64', () => MODERN),
      [],
    ))

  it('names what an older machine lacks', () =>
    assert.deepEqual(
      missingCpuFeatures('linux', 'x64', () => MODERN.replace(' avx2', '').replace(' movbe', '')),
      ['avx2', 'movbe'],
    ))

  it('trusts nothing when the list cannot be read', () =>
    assert.equal(
      missingCpuFeatures('linux', 'x64', () => {
        throw new Error('ENOENT')
      }).length,
      10,
    ))

  it('has no question on other platforms', () =>
    assert.deepEqual(
      missingCpuFeatures('darwin', 'arm64', () => ''),
      [],
    ))
})
