import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../errors/orbit-error.js'
import { duration, parseDuration } from './duration.js'
import type { ParseContext } from './field.js'

const inFile: ParseContext = { text: false, native: false, env: {}, readTextFile: () => '' }

describe('duration', () => {
  const field = duration({ unit: 's', minMs: 1000, maxMs: 3_600_000, default: '5m' })
  const parse = (raw: unknown, context: ParseContext = inFile): unknown => {
    const parsed = field.leaf.parse(raw, context)
    return parsed.ok ? parsed.value : parsed.message
  }
  const refusal = 'must be a number of s or text such as "30s" or "5m", 1s to 1h'

  it('counts plain numbers in its unit, or in ms under its own name in code', () => {
    assert.equal(parse(300), 300_000)
    assert.equal(parse('300'), 300_000)
    assert.equal(parse(1500, { ...inFile, native: true }), 1500)
  })

  it('takes text with a unit', () => {
    assert.equal(parse('2500ms'), 2500)
    assert.equal(parse('1.5m'), 90_000)
    assert.equal(parse('1h'), 3_600_000)
  })

  it('refuses what is out of range or no duration', () => {
    for (const raw of [0, 3601, -1, Number.NaN, '5 minutes', 'm', '-5s', '', true, null, '2h']) {
      assert.equal(parse(raw), refusal)
    }
  })

  it('writes its default as a file would have it', () => {
    assert.equal(field.default, 300_000)
    assert.equal(field.leaf.format(300_000), '300')
    assert.equal(field.leaf.format(1500), '"1500ms"')
  })

  it('refuses a default that is no duration', () => {
    assert.throws(
      () => duration({ unit: 's', default: 'soon' }),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  })

  it('reads back what it writes', () => {
    const unlimited = duration({ unit: 'm' })
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 12 }), (ms) => {
        const written: unknown = JSON.parse(unlimited.leaf.format(ms))
        assert.deepEqual(unlimited.leaf.parse(written, inFile), { ok: true, value: ms })
      }),
    )
  })
})

it('parseDuration gives undefined for other text', () => {
  assert.equal(parseDuration('250ms'), 250)
  assert.equal(parseDuration('7d'), 604_800_000)
  assert.equal(parseDuration('7'), undefined)
  assert.equal(parseDuration('7w'), undefined)
})
