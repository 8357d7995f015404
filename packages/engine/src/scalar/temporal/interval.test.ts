import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { testScalarContext } from '../scalar-context.test.data.js'
import { interval } from '../types/system-types.js'
import { binaryOf, checkFacts } from '../types/text-facts.test.data.js'
import { isoFacts, postgresFacts, standardFacts, verboseFacts } from './interval-facts.test.data.js'
import { Interval } from './interval.js'

const context = testScalarContext()
const intervals = fc
  .tuple(
    fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
    fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
    fc.maxSafeInteger(),
  )
  .map(([months, days, micros]) => new Interval(months, days, micros))

describe('intervals', () => {
  it('are read and written as PostgreSQL does, in each style', () => {
    checkFacts(postgresFacts)
    checkFacts(verboseFacts, { intervalstyle: 'postgres_verbose' })
    checkFacts(standardFacts, { intervalstyle: 'sql_standard' })
    checkFacts(isoFacts, { intervalstyle: 'iso_8601' })
  })

  it('come back from their text in every style, and from their bytes', () => {
    for (const intervalstyle of ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601']) {
      const styled = testScalarContext({ intervalstyle })
      fc.assert(
        fc.property(intervals, (value) => {
          assert.deepEqual(interval.parse(interval.format(value, styled), -1, styled), value)
        }),
      )
    }
    fc.assert(
      fc.property(intervals, (value) => {
        const bytes = Buffer.from(binaryOf(interval, value, context), 'hex')
        assert.deepEqual(interval.decode(bytes, -1, context), value)
      }),
    )
  })

  it('have the same key exactly when they are as long', () => {
    fc.assert(
      fc.property(intervals, intervals, (a, b) => {
        const isEqual = interval.compare?.(a, b, undefined) === 0
        assert.equal(interval.hashKey?.(a) === interval.hashKey?.(b), isEqual)
      }),
    )
    assert.equal(interval.compare?.(new Interval(1, 0, 0), new Interval(0, 29, 86_400_000_000), undefined), 0)
    assert.equal(
      interval.hashKey?.(new Interval(1, 0, 0)),
      interval.hashKey?.(new Interval(0, 31, -86_400_000_000)),
    )
  })

  it('keep only the fields that their type names', () => {
    const YEAR = 4
    const MONTH = 2
    const [DAY, HOUR, MINUTE, SECOND] = [8, 1024, 2048, 4096]
    const read = (text: string, fields: number, ...precision: number[]): string => {
      const modifier = interval.makeModifier?.([fields, ...precision]) ?? -1
      return interval.format(interval.parse(text, modifier, context), context)
    }
    const all = '1 year 2 mons 3 days 04:05:06.789'
    assert.equal(read(all, YEAR), '1 year')
    assert.equal(read(all, YEAR | MONTH), '1 year 2 mons')
    assert.equal(read(all, DAY), '1 year 2 mons 3 days')
    assert.equal(read(all, DAY | HOUR), '1 year 2 mons 3 days 04:00:00')
    assert.equal(read(all, HOUR | MINUTE), '1 year 2 mons 3 days 04:05:00')
    assert.equal(read(all, SECOND, 1), '1 year 2 mons 3 days 04:05:06.8')
    assert.equal(read('1', YEAR), '1 year')
    assert.equal(read('1 2', DAY | HOUR), '1 day 02:00:00')
    assert.equal(read('1:2', MINUTE | SECOND), '00:01:02')
    assert.equal(read('1-2', YEAR | MONTH), '1 year 2 mons')
  })
})
