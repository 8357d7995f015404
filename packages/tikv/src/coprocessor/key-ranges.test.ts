import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { range, text } from '../raw/client-bench.fake.js'
import type { KeyRange } from '../key-range.js'
import { rangesBefore, rangesFrom, remainingRanges } from './key-ranges.js'

const shown = (ranges: readonly KeyRange[]): string =>
  ranges.map(({ start, end }) => `${text(start)}-${text(end)}`).join(' ')
const ranges = [range('b', 'd'), range('f', 'h'), range('k', '')]
const key = (of: string): Uint8Array => range(of, '').start

describe('ranges cut at a key', () => {
  it('are what lies at or after it', () => {
    const rows = {
      '': 'b-d f-h k-',
      c: 'c-d f-h k-',
      d: 'f-h k-',
      e: 'f-h k-',
      g: 'g-h k-',
      h: 'k-',
      z: 'z-',
    }
    for (const [at, left] of Object.entries(rows)) assert.equal(shown(rangesFrom(ranges, key(at))), left, at)
  })

  it('are what lies before it', () => {
    const rows = { b: '', c: 'b-c', d: 'b-d', f: 'b-d', g: 'b-d f-g', k: 'b-d f-h', z: 'b-d f-h k-z' }
    for (const [at, left] of Object.entries(rows))
      assert.equal(shown(rangesBefore(ranges, key(at))), left, at)
  })

  it('are what a page has left, in either direction', () => {
    assert.equal(shown(remainingRanges(ranges, range('b', 'g'), false)), 'g-h k-')
    assert.equal(shown(remainingRanges(ranges, range('b', ''), false)), '')
    assert.equal(shown(remainingRanges(ranges, range('g', ''), true)), 'b-d f-g')
  })
})
