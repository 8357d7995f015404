import assert from 'node:assert/strict'
import { OrbitError, defined } from '@orbit-ts/base'
import { beforeEach, describe, test } from 'node:test'
import { SqlArray } from './array/sql-array.js'
import { callText } from './functions/define/call-text.test.data.js'
import { LENGTH_MAX } from './value-limits.js'
import { workMeter } from './work-meter.js'

function stateOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof OrbitError) return String(error.details['sqlState'])
    throw error
  }
  return 'it succeeded'
}

/** What a function says it has worked. */
function unitsOf(work: () => unknown): number {
  workMeter.reset()
  work()
  return workMeter.units
}

describe('what functions do', () => {
  beforeEach(() => workMeter.reset())

  test('is due for a turn when much was worked or made', () => {
    workMeter.work(1000)
    assert.equal(workMeter.isDue, false)
    workMeter.work(1_000_000)
    assert.equal(workMeter.isDue, true)
    workMeter.reset()
    workMeter.make('x'.repeat(10_000_000))
    assert.equal(workMeter.isDue, true)
    workMeter.reset()
    assert.equal(workMeter.isDue, false)
    assert.equal(workMeter.bytes, 0)
  })

  test('has limits for one value, one row and one call', () => {
    const large = 'x'.repeat(LENGTH_MAX)
    assert.equal(
      stateOf(() => workMeter.make(`${large}x`)),
      '54000',
    )
    assert.equal(
      stateOf(() => workMeter.make(new SqlArray(new Array<number>(16_777_217)))),
      '54000',
    )
    for (let count = 0; count < 4; count++) workMeter.make(large)
    assert.equal(
      stateOf(() => workMeter.make(large)),
      '53200',
    )
    workMeter.workOn(2_999_999)
    assert.equal(
      stateOf(() => workMeter.workOn(2)),
      '54001',
    )
    assert.equal(workMeter.units, 0)
  })

  test('is said by functions that take long for short texts', () => {
    const text = 'a'.repeat(500)
    const twice = text + text
    const calls: Readonly<Record<string, (text: string) => unknown>> = {
      // Each character is looked at once for each of the pattern.
      'textlike(text,text)': (each) => callText('textlike', each, `%${'_'.repeat(each.length / 2)}b%`),
      'regexp_count(text,text)': (each) => callText('regexp_count', each, 'a(?=a*b)'),
    }
    for (const [name, call] of Object.entries(calls)) {
      const [small, large] = [unitsOf(() => call(text)), unitsOf(() => call(twice))]
      assert.ok(small > 100, `${name} says ${small}`)
      assert.ok(large > 3.5 * small, `${name} says ${large} for twice as much as ${small}`)
    }
    for (const [name, call] of Object.entries(calls)) {
      workMeter.reset()
      workMeter.work(2_999_999)
      assert.equal(
        stateOf(() => call(text)),
        '54001',
        name,
      )
    }
  })

  test('ends before what is made of it is too large', () => {
    const text = 'a'.repeat(30_000)
    assert.equal(
      stateOf(() => callText('replace', text, 'a', text)),
      '54000',
    )
    assert.equal(
      stateOf(() => callText('quote_literal', `'`.repeat(LENGTH_MAX / 2 + 1))),
      '54001',
    )
    assert.equal(defined(callText('replace', 'abcab', 'ab', 'x'), 'a text'), 'xcx')
  })
})
