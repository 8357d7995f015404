import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { outcome } from '../types/text-facts.test.data.js'
import {
  findTimeZone,
  findZoneOrAbbreviation,
  offsetZone,
  timeZoneNames,
  tryFindTimeZone,
} from './time-zones.js'

const HOUR_MS = 3_600_000
const newYork = findTimeZone('america/new_york')

describe('time zones', () => {
  it('are found by name in any case, and keep the name of the list', () => {
    assert.equal(newYork.name, 'America/New_York')
    assert.equal(findTimeZone('us/eastern').name, 'US/Eastern')
    assert.equal(tryFindTimeZone('Nowhere/Land'), undefined)
    assert.equal(
      outcome(() => findTimeZone('Nowhere/Land').name),
      'ERR 22023 time zone "Nowhere/Land" not recognized',
    )
    assert.ok(timeZoneNames().length > 550)
    for (const name of timeZoneNames()) findTimeZone(name).at(0)
  })

  it('are made from hours east, and from POSIX offsets west', () => {
    assert.deepEqual([findTimeZone('-7').name, findTimeZone('-7').at(0).offsetSeconds], ['<-07>+07', -25_200])
    assert.equal(findTimeZone('5.75').name, '<+05:45>-05:45')
    assert.deepEqual(
      [findTimeZone('foo+3').name, findTimeZone('foo+3').at(0)],
      ['FOO+3', { offsetSeconds: -10_800, abbreviation: 'FOO' }],
    )
    assert.equal(findTimeZone('<xyz>-3:30').at(0).offsetSeconds, 12_600)
    assert.equal(offsetZone(-12_600).name, '<-03:30>+03:30')
  })

  it('change at the moment they do', () => {
    const springForward = Date.UTC(2024, 2, 10, 7)
    assert.deepEqual(
      [springForward - 1, springForward].map((ms) => newYork.at(ms).offsetSeconds),
      [-18_000, -14_400],
    )
    assert.deepEqual(
      [springForward - 1, springForward].map((ms) => newYork.at(ms).abbreviation),
      ['EST', 'EDT'],
    )
    assert.equal(findTimeZone('Europe/Dublin').at(Date.UTC(2024, 6, 1)).abbreviation, 'IST')
    assert.equal(findTimeZone('Europe/Dublin').at(Date.UTC(2024, 0, 1)).abbreviation, 'GMT')
    assert.equal(findTimeZone('America/Sao_Paulo').at(Date.UTC(2024, 0, 1)).abbreviation, '-03')
    assert.equal(newYork.at(Date.UTC(1700, 0, 1)).abbreviation, 'LMT')
  })

  it('take the offset before a gap, and the later one of two', () => {
    assert.equal(newYork.atLocal(Date.UTC(2024, 2, 10, 2, 30)), -18_000)
    assert.equal(newYork.atLocal(Date.UTC(2024, 10, 3, 1, 30)), -18_000)
    assert.equal(newYork.atLocal(Date.UTC(2024, 10, 3, 0, 59)), -14_400)
    const berlin = findTimeZone('Europe/Berlin')
    assert.equal(berlin.atLocal(Date.UTC(2024, 2, 31, 2, 30)), 3600)
    assert.equal(berlin.atLocal(Date.UTC(2024, 9, 27, 2, 30)), 3600)
    assert.equal(berlin.atLocal(Date.UTC(2024, 9, 27, 1, 59)), 7200)
  })

  it('find their way back from local time, but for the hour that happens twice', () => {
    const zones = [
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
      'Europe/Dublin',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1850, 0, 1) / 60_000, max: Date.UTC(2200, 0, 1) / 60_000 }),
        (name, minutes) => {
          const zone = findTimeZone(name)
          const ms = minutes * 60_000
          const { offsetSeconds } = zone.at(ms)
          const found = zone.atLocal(ms + offsetSeconds * 1000)
          // Later by up to a few hours: the second time that clocks showed this.
          assert.ok(found === offsetSeconds || found < offsetSeconds)
          assert.equal(zone.at(ms + (offsetSeconds - found) * 1000).offsetSeconds, found)
        },
      ),
    )
  })

  it('give the same answers in whatever order they are asked', () => {
    const moments = Array.from({ length: 500 }, (_, index) => Date.UTC(2010, 0, 1) + index * 200 * HOUR_MS)
    const forth = moments.map((ms) => findTimeZone('Europe/London').at(ms).offsetSeconds)
    const back = moments.toReversed().map((ms) => findTimeZone('GB').at(ms).offsetSeconds)
    assert.deepEqual(back.toReversed(), forth)
  })

  it('are preceded by abbreviations where both are taken', () => {
    assert.equal(findZoneOrAbbreviation('pst').at(0).offsetSeconds, -28_800)
    assert.equal(findZoneOrAbbreviation('msk').name, 'Europe/Moscow')
    assert.equal(findZoneOrAbbreviation('Asia/Tokyo').at(0).offsetSeconds, 32_400)
  })
})
