import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { testScalarContext } from '../scalar-context.test.data.js'
import { date, time, timestamp, timestamptz, timetz } from '../types/system-types.js'
import { binaryOf, checkFacts, outcome } from '../types/text-facts.test.data.js'
import { int64 } from '../value.js'
import { civilFromDays, daysFromCivil, isoWeek, weekday } from './calendar.js'
import { dateFacts, timestampFacts } from './date-facts.test.data.js'
import { decodeDatetime } from './decode-datetime.js'
import { readIsoTimestamp } from './iso-text.js'
import { timeFacts } from './time-facts.test.data.js'
import { TimeWithZone } from './time-with-zone.js'
import { joinTimestamp } from './timestamp.js'
import { berlinFacts, kolkataFacts, newYorkFacts } from './zone-facts.test.data.js'

const context = testScalarContext()

/** Microseconds from 4714 BC to 294276, of all sizes. */
const moments = fc.bigInt({ min: -210866803200000000n, max: 9224318015999999999n }).map(int64)

describe('dates and times', () => {
  it('are read and written as PostgreSQL does', () => {
    checkFacts(dateFacts)
    checkFacts(timestampFacts)
    checkFacts(timeFacts)
  })

  it('are read and written in other time zones and styles', () => {
    checkFacts(newYorkFacts, { timezone: 'America/New_York', datestyle: 'SQL, DMY' })
    checkFacts(berlinFacts, { timezone: 'Europe/Berlin', datestyle: 'Postgres, YMD' })
    checkFacts(kolkataFacts, { timezone: 'Asia/Kolkata', datestyle: 'German, DMY' })
  })

  it('come back from their text and their bytes', () => {
    const zoned = testScalarContext({ timezone: 'America/New_York' })
    fc.assert(
      fc.property(moments, (micros) => {
        for (const type of [timestamp, timestamptz]) {
          // Of the hour that happens twice in autumn the text says which it is.
          assert.equal(type.parse(type.format(micros, zoned), -1, zoned), micros)
          assert.equal(type.decode(Buffer.from(binaryOf(type, micros, zoned), 'hex'), -1, zoned), micros)
        }
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: -2440000, max: 2145000000 }), (day) => {
        assert.equal(date.parse(date.format(day, context), -1, context), day)
      }),
    )
  })

  it('are read the same way with and without the short way for ISO texts', () => {
    const berlin = testScalarContext({ timezone: 'Europe/Berlin' })
    const two = fc.integer({ min: 0, max: 61 }).map((value) => String(value).padStart(2, '0'))
    const texts = fc
      .tuple(
        fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')),
        ...[two, two, two, two, two],
        fc.constantFrom('', '.5', '.123456', '.1234567', '.'),
        fc.constantFrom('', 'Z', '+02', '-03:30', '+16', '+1', ' BC'),
        fc.constantFrom(' ', 'T'),
      )
      .map(
        ([year, month, day, hour, minute, second, fraction, zone, separator]) =>
          `${year}-${month}-${day}${separator}${hour}:${minute}:${second}${fraction}${zone}`,
      )
    fc.assert(
      fc.property(texts, (text) => {
        const quick = readIsoTimestamp(text, berlin.timeZone)
        if (quick === undefined) return
        const { day, micros, offsetSeconds } = decodeDatetime(text, berlin)
        assert.equal(quick, joinTimestamp(day, micros - offsetSeconds * 1_000_000), text)
      }),
      { numRuns: 2000 },
    )
  })

  it('know the moment of the transaction', () => {
    const tokyo = testScalarContext({ timezone: 'Asia/Tokyo' })
    const shown = (type: typeof date, word: string): string => type.format(type.parse(word, -1, tokyo), tokyo)
    assert.equal(shown(timestamptz, 'now'), '2024-02-29 21:34:56.789012+09')
    assert.equal(shown(timestamp, 'now'), '2024-02-29 21:34:56.789012')
    assert.equal(shown(date, 'tomorrow'), '2024-03-01')
    assert.equal(shown(date, 'yesterday'), '2024-02-28')
    assert.equal(shown(timestamp, 'today 10:30'), '2024-02-29 10:30:00')
    assert.equal(shown(time, 'now'), '21:34:56.789012')
    assert.equal(shown(timetz, '10:00'), '10:00:00+09')
  })

  it('are refused as bytes when they are out of range', () => {
    const decode = (type: typeof date, hex: string): string =>
      outcome(() => type.format(type.decode(Buffer.from(hex, 'hex'), -1, context), context))
    assert.equal(decode(date, '7fffffff'), 'infinity')
    assert.equal(decode(date, '7ffffffe'), 'ERR 22008 date out of range')
    assert.equal(decode(timestamp, '7ffffffffffffffe'), 'ERR 22008 timestamp out of range')
    assert.equal(decode(timestamp, '8000000000000000'), '-infinity')
    assert.equal(decode(time, 'ffffffffffffffff'), 'ERR 22008 time out of range')
  })

  it('compare times with zones by the moment, then by zone', () => {
    const noonInUtc = new TimeWithZone(43_200_000_000, 0)
    const sameInParis = new TimeWithZone(46_800_000_000, 3600)
    assert.equal(Math.sign(timetz.compare?.(sameInParis, noonInUtc, undefined) ?? 0), -1)
    assert.notEqual(timetz.hashKey?.(sameInParis), timetz.hashKey?.(noonInUtc))
  })
})

describe('calendar', () => {
  it('turns days into dates and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3_000_000, max: 2_200_000_000 }), (days) => {
        const { year, month, day } = civilFromDays(days)
        assert.equal(daysFromCivil(year, month, day), days)
      }),
    )
    assert.deepEqual(civilFromDays(0), { year: 1970, month: 1, day: 1 })
    assert.deepEqual(civilFromDays(-719_529), { year: -1, month: 12, day: 31 })
  })

  it('knows weekdays and ISO weeks', () => {
    assert.equal(weekday(daysFromCivil(2024, 2, 29)), 4)
    assert.deepEqual(isoWeek(daysFromCivil(2021, 1, 3)), { year: 2020, week: 53 })
    assert.deepEqual(isoWeek(daysFromCivil(2024, 12, 30)), { year: 2025, week: 1 })
    assert.deepEqual(isoWeek(daysFromCivil(2024, 2, 29)), { year: 2024, week: 9 })
  })
})
