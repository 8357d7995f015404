import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { testScalarContext } from '../scalar-context.test.data.js'
import { numeric } from '../types/system-types.js'
import { binaryOf, outcome } from '../types/text-facts.test.data.js'
import {
  absNumeric,
  addNumeric,
  divideNumeric,
  divideWholeNumeric,
  moduloNumeric,
  multiplyNumeric,
  signNumeric,
  subtractNumeric,
} from './arithmetic.js'
import { compareNumeric, numericHashKey } from './compare-numeric.js'
import { numericFromFloat8, numericToFloat8, numericToInt8 } from './convert-numeric.js'
import { numericFacts } from './numeric-facts.test.data.js'
import { Numeric } from './numeric.js'
import { parseNumeric } from './parse-numeric.js'
import { powerNumeric } from './power.js'
import { ceilNumeric, floorNumeric, roundNumeric, truncateNumeric } from './round-numeric.js'
import { expNumeric, lnNumeric, logNumeric, sqrtNumeric } from './transcendental.js'

const context = testScalarContext()

const TWO_ARGUMENTS: Readonly<Record<string, (a: Numeric, b: Numeric) => Numeric>> = {
  '+': addNumeric,
  '-': subtractNumeric,
  '*': multiplyNumeric,
  '/': divideNumeric,
  '%': moduloNumeric,
  div: divideWholeNumeric,
  power: powerNumeric,
  log: logNumeric,
  round: (a, b) => roundNumeric(a, Number(b.toString())),
  trunc: (a, b) => truncateNumeric(a, Number(b.toString())),
}
const ONE_ARGUMENT: Readonly<Record<string, (a: Numeric) => Numeric>> = {
  sqrt: sqrtNumeric,
  ln: lnNumeric,
  exp: expNumeric,
  ceil: ceilNumeric,
  floor: floorNumeric,
  abs: absNumeric,
  sign: signNumeric,
}

function compute(operation: string, a: string, b: string): string {
  if (b === '') return ONE_ARGUMENT[operation]?.(parseNumeric(a)).toString() ?? 'no such operation'
  return TWO_ARGUMENTS[operation]?.(parseNumeric(a), parseNumeric(b)).toString() ?? 'no such operation'
}

const numerics = fc
  .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 45 }))
  .map(([digits, scale]) => new Numeric(digits, scale))
const smallNumerics = fc
  .tuple(fc.bigInt({ min: -2000n, max: 2000n }), fc.integer({ min: 0, max: 3 }))
  .map(([digits, scale]) => new Numeric(digits, scale))

describe('numeric', () => {
  it('computes as PostgreSQL does', () => {
    for (const [operation, a, b, result] of numericFacts) {
      assert.equal(
        outcome(() => compute(operation, a, b)),
        result,
        `${operation} of ${a} and ${b}`,
      )
    }
  })

  it('comes back from its text and its bytes', () => {
    fc.assert(
      fc.property(numerics, (value) => {
        assert.deepEqual(parseNumeric(value.toString()), value)
        assert.deepEqual(
          numeric.decode(Buffer.from(binaryOf(numeric, value, context), 'hex'), -1, context),
          value,
        )
      }),
    )
  })

  it('has the same key exactly for equal values', () => {
    fc.assert(
      fc.property(fc.oneof(numerics, smallNumerics), fc.oneof(numerics, smallNumerics), (a, b) => {
        assert.equal(numericHashKey(a) === numericHashKey(b), compareNumeric(a, b) === 0)
      }),
    )
    fc.assert(
      fc.property(numerics, fc.integer({ min: 1, max: 40 }), (value, zeros) => {
        const same = new Numeric(value.digits * 10n ** BigInt(zeros), value.scale + zeros)
        assert.equal(compareNumeric(value, same), 0)
        assert.equal(numericHashKey(value), numericHashKey(same))
      }),
    )
  })

  it('adds, multiplies and divides exactly', () => {
    fc.assert(
      fc.property(numerics, numerics, (a, b) => {
        assert.equal(compareNumeric(subtractNumeric(addNumeric(a, b), b), a), 0)
        if (b.digits === 0n) return
        const quotient = divideWholeNumeric(a, b)
        const rest = moduloNumeric(a, b)
        assert.equal(compareNumeric(addNumeric(multiplyNumeric(quotient, b), rest), a), 0)
        assert.equal(compareNumeric(divideNumeric(multiplyNumeric(a, b), b), a), 0)
      }),
    )
  })

  it('orders infinities and NaN around the numbers', () => {
    const order = ['-Infinity', '-1.5', '0', '1e-20', '1', 'Infinity', 'NaN'].map(parseNumeric)
    assert.deepEqual(order.toReversed().sort(compareNumeric), order)
  })

  it('refuses bytes that are none', () => {
    const decode = (hex: string): string =>
      outcome(() => numeric.format(numeric.decode(Buffer.from(hex, 'hex'), -1, context), context))
    assert.equal(decode('00010000000000002710'), 'ERR 22P03 invalid digit in external "numeric" value')
    assert.equal(decode('0000000012340000'), 'ERR 22P03 invalid sign in external "numeric" value')
    assert.equal(decode('0000000000004000'), 'ERR 22P03 invalid scale in external "numeric" value')
    assert.equal(decode('00050000000000000001'), 'ERR 22P03 incorrect binary data format')
    assert.equal(decode('0000'), 'ERR 08P01 insufficient data left in message')
  })

  it('says which fields are too small', () => {
    const fit = (text: string, ...values: number[]): string =>
      outcome(() =>
        numeric.format(numeric.parse(text, numeric.makeModifier?.(values) ?? -1, context), context),
      )
    const refusal = 'ERR 22003 numeric field overflow D:A field with precision'
    assert.equal(fit('0.0999', 3, 3), '0.100')
    assert.equal(fit('12345', 3, -2), '12300')
    assert.equal(fit('100', 2), `${refusal} 2, scale 0 must round to an absolute value less than 10^2.`)
    assert.equal(fit('1', 2, 2), `${refusal} 2, scale 2 must round to an absolute value less than 1.`)
    assert.equal(
      fit('0.0999', 2, 3),
      `${refusal} 2, scale 3 must round to an absolute value less than 10^-1.`,
    )
    assert.equal(fit('Infinity', 2), `${refusal} 2, scale 0 cannot hold an infinite value.`)
    assert.equal(fit('NaN', 2), 'NaN')
  })

  it('turns into other numbers and back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 22 }), (digits, scale) => {
        const value = new Numeric(BigInt(digits), scale)
        assert.equal(numericToFloat8(value), Number(value.toString()))
      }),
    )
    assert.equal(numericFromFloat8(0.1).toString(), '0.1')
    assert.equal(numericFromFloat8(1.2345678901234567).toString(), '1.23456789012346')
    assert.equal(numericFromFloat8(1e300).toString().length, 301)
    assert.equal(numericToInt8(parseNumeric('-9223372036854775808.4')), -9223372036854775808n)
    assert.equal(
      outcome(() => numericToInt8(parseNumeric('9223372036854775807.5'))),
      'ERR 22003 bigint out of range',
    )
    assert.equal(
      outcome(() => numericToInt8(Numeric.NAN)),
      'ERR 0A000 cannot convert NaN to bigint',
    )
  })
})
