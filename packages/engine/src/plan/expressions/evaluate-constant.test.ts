import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { defined } from '@orbit-ts/base'
import { allFunctions } from '../../scalar/functions/all-functions.js'
import { namedType } from '../../scalar/functions/define/named-type.js'
import { testScalarContext } from '../../scalar/scalar-context.test.data.js'
import { workMeter } from '../../scalar/work-meter.js'
import type { Expression } from '../expression.js'
import { evaluateConstant } from './evaluate-constant.js'

const context = testScalarContext()

function repeated(count: number): Expression {
  const text = { scalar: namedType('text'), modifier: -1 }
  const repeat = defined(
    allFunctions.find(({ name }) => name === 'repeat'),
    'a function',
  )
  assert.equal(repeat.kind, 'scalar')
  return {
    kind: 'call',
    function: repeat,
    args: [
      { kind: 'constant', value: 'x', type: text },
      { kind: 'constant', value: count, type: { scalar: namedType('int4'), modifier: -1 } },
    ],
    type: text,
  }
}

beforeEach(() => workMeter.reset())

test('constants are worked out while planning unless they are large', () => {
  assert.equal(evaluateConstant(repeated(3), context), 'xxx')
  assert.equal(evaluateConstant(repeated(5_000_000), context), undefined)
})

test('constants are left to run time once planning has worked much', () => {
  workMeter.work(1_000_000)
  assert.equal(evaluateConstant(repeated(3), context), undefined)
})
