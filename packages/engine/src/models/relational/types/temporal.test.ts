import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  dateToMicros,
  formatDate,
  formatTime,
  formatTimestamp,
  microsToDate,
  parseDate,
  parseTime,
  parseTimestamp,
} from './temporal.js'

test('dates agree with Date', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      const text = date.toISOString()
      const days = parseDate(text.slice(0, text.indexOf('T')))
      assert.equal(days, Math.floor(date.getTime() / 86_400_000))
      assert.equal(formatDate(days ?? NaN), text.slice(0, text.indexOf('T')))
    }),
  )
})

test('timestamps agree with Date, and keep their microseconds', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), fc.integer({ min: 0, max: 999 }), (date, rest) => {
      const text = date.toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`)
      const micros = parseTimestamp(text, 6, true)
      // The last representable millisecond cannot have microseconds on top.
      if (micros === undefined) return assert.equal(date.getTime(), 8.64e15)
      assert.equal(micros, BigInt(date.getTime()) * 1000n + BigInt(rest))
      assert.equal(formatTimestamp(micros, true), text)
      assert.deepEqual(microsToDate(micros), date)
      assert.equal(dateToMicros(date, 3), BigInt(date.getTime()) * 1000n)
    }),
  )
})

test('times keep their microseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_399_999_999 }), (micros) => {
      assert.equal(parseTime(formatTime(micros), 6), micros)
    }),
  )
  assert.equal(formatTime(0), '00:00:00')
  assert.equal(formatTime(3_600_000_100), '01:00:00.0001')
})

test('offsets are applied to moments and ignored in plain timestamps', () => {
  const utc = Date.UTC(2024, 4, 1, 10) * 1000
  for (const text of [
    '2024-05-01T12:00+02',
    '2024-05-01 12:00:00+0200',
    '2024-05-01T04:30:00-05:30',
    '2024-05-01T10:00:00z',
  ]) {
    assert.equal(parseTimestamp(text, 6, true), BigInt(utc), text)
  }
  assert.equal(parseTimestamp('2024-05-01T10:00:00+02:00', 6, false), BigInt(utc))
})

test('fractions are rounded to the precision', () => {
  assert.equal(parseTime('00:00:00.123456789', 6), 123457)
  assert.equal(parseTime('00:00:00.125', 2), 130_000)
  assert.equal(dateToMicros(new Date(1499), 0), 1_000_000n)
  assert.equal(dateToMicros(new Date(1500), 0), 2_000_000n)
  assert.equal(dateToMicros(new Date(NaN), 3), undefined)
})
