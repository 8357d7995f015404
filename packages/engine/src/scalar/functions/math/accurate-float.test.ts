import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  arccosineOf,
  arcsineOf,
  arctangentOf,
  cosineOf,
  cubeRoot,
  exponential,
  naturalLogarithm,
  powerOf,
  sineOf,
  tangentOf,
} from './accurate-float.js'

/** Results computed with sixty digits and rounded once; JavaScript's own functions miss most of them by one digit. */
const ANSWERS: readonly (readonly [compute: (value: number) => number, value: number, answer: number])[] = [
  [arcsineOf, 0.1, 0.1001674211615598],
  [arcsineOf, -0.999999, -1.5693821131146521],
  [arcsineOf, 0.7, 0.775397496610753],
  [arcsineOf, 1e-20, 1e-20],
  [arccosineOf, 0.1, 1.4706289056333368],
  [arccosineOf, -0.999999, 3.1401784399095485],
  [arccosineOf, -0.176326980708465, 1.7480500358919284],
  [arccosineOf, 0.9999999999, 1.4142136208911564e-5],
  [arctangentOf, 0.1, 0.09966865249116204],
  [arctangentOf, 3.141592653589793, 1.2626272556789118],
  [arctangentOf, -1000000000000000.0, -1.5707963267948957],
  [exponential, 0.1, 1.1051709180756477],
  [exponential, -55.5, 7.882359790600851e-25],
  [exponential, 700.25, 1.3022997366991783e304],
  [exponential, -740.5, 2.5e-322],
  [naturalLogarithm, 0.1, -2.3025850929940455],
  [naturalLogarithm, 1.0000001, 9.999999505838704e-8],
  [naturalLogarithm, 12345.678, 9.421061321291832],
  [naturalLogarithm, 1e-300, -690.7755278982137],
  [sineOf, 0.1, 0.09983341664682815],
  [sineOf, 90, 0.8939966636005579],
  [sineOf, 1000000000000000.0, 0.8582727931702359],
  [sineOf, -1e300, 0.8178819121159085],
  [sineOf, 3.141592653589793, 1.2246467991473532e-16],
  [cosineOf, 0.1, 0.9950041652780258],
  [cosineOf, 90, -0.4480736161291701],
  [cosineOf, 1000000000000000.0, -0.5131937377869703],
  [cosineOf, 1.5707963267948966, 6.123233995736766e-17],
  [tangentOf, 0.1, 0.10033467208545055],
  [tangentOf, 90, -1.995200412208242],
  [tangentOf, 1000000000000000.0, -1.672414782127583],
  [tangentOf, 1.5707963267948966, 1.633123935319537e16],
]

test('elementary functions are rounded correctly', () => {
  for (const [compute, value, answer] of ANSWERS) {
    assert.equal(compute(value), answer, `${compute.name}(${value})`)
  }
})

test('powers and roots are rounded correctly', () => {
  assert.equal(cubeRoot(27), 3)
  assert.equal(cubeRoot(-2.5), -1.3572088082974534)
  assert.equal(powerOf(2, 10), 1024)
  assert.equal(powerOf(10, -2), 0.01)
  assert.equal(powerOf(-8, 3), -512)
})
