import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { parseMoment } from './moment.js'

it('reads milliseconds and ISO 8601, in UTC unless a zone is named', () => {
  const noon = Date.UTC(2024, 4, 1, 12)
  for (const text of [
    noon,
    String(noon),
    '2024-05-01T12:00Z',
    '2024-05-01 12:00:00',
    '2024-05-01t12:00:00.000z',
    '2024-05-01T14:00:00+02:00',
    '2024-05-01T07:30-0430',
    ' 2024-05-01T12:00:00.000000 ',
  ]) {
    assert.equal(parseMoment(text), noon, String(text))
  }
  assert.equal(parseMoment('2024-05-01'), Date.UTC(2024, 4, 1))
  assert.equal(parseMoment('-1'), -1)
})

it('refuses what is no moment', () => {
  for (const text of [
    '',
    'today',
    '2024-02-30',
    '2024-13-01',
    '2024-05-01T25:00',
    '2024-05-01T12',
    '1.5',
    null,
    {},
  ]) {
    assert.throws(
      () => parseMoment(text),
      (error) => hasCode(error, 'TYPE_MISMATCH'),
      JSON.stringify(text),
    )
  }
})

it('reads back every date that JavaScript writes', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      assert.equal(parseMoment(date.toISOString()), date.getTime())
    }),
  )
})
