import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { addFloat, checkFloat4, divideFloat, multiplyFloat, subtractFloat } from './checked-float.js'

const add = (_: unknown, a: number, b: number): number => addFloat(a, b)
const subtract = (_: unknown, a: number, b: number): number => subtractFloat(a, b)
const multiply = (_: unknown, a: number, b: number): number => multiplyFloat(a, b)
const divide = (_: unknown, a: number, b: number): number => divideFloat(a, b)
const negate = (_: unknown, a: number): number => -a
const same = (_: unknown, a: number): number => a
const absolute = (_: unknown, a: number): number => Math.abs(a)

/** Overflow and underflow are errors, as far as the arguments were finite. */
export const floatArithmetic: readonly ScalarFunction[] = [
  scalar('218 float8pl(float8,float8) float8', add),
  scalar('281 float48pl(float4,float8) float8', add),
  scalar('285 float84pl(float8,float4) float8', add),
  scalar('219 float8mi(float8,float8) float8', subtract),
  scalar('282 float48mi(float4,float8) float8', subtract),
  scalar('286 float84mi(float8,float4) float8', subtract),
  scalar('216 float8mul(float8,float8) float8', multiply),
  scalar('279 float48mul(float4,float8) float8', multiply),
  scalar('283 float84mul(float8,float4) float8', multiply),
  scalar('217 float8div(float8,float8) float8', divide),
  scalar('280 float48div(float4,float8) float8', divide),
  scalar('284 float84div(float8,float4) float8', divide),
  scalar('220 float8um(float8) float8', negate),
  scalar('1914 float8up(float8) float8', same),
  scalar('221 float8abs(float8) float8', absolute),
  scalar('1395 abs(float8) float8', absolute),

  scalar('204 float4pl(float4,float4) float4', (_, a: number, b: number) =>
    checkFloat4(Math.fround(a + b), !isFinite(a) || !isFinite(b), true),
  ),
  scalar('205 float4mi(float4,float4) float4', (_, a: number, b: number) =>
    checkFloat4(Math.fround(a - b), !isFinite(a) || !isFinite(b), true),
  ),
  scalar('202 float4mul(float4,float4) float4', (_, a: number, b: number) =>
    checkFloat4(Math.fround(a * b), !isFinite(a) || !isFinite(b), a === 0 || b === 0),
  ),
  scalar('203 float4div(float4,float4) float4', (_, a: number, b: number) => {
    divideFloat(a, b)
    return checkFloat4(Math.fround(a / b), !isFinite(a), a === 0 || !isFinite(b))
  }),
  scalar('206 float4um(float4) float4', negate),
  scalar('1913 float4up(float4) float4', same),
  scalar('207 float4abs(float4) float4', absolute),
  scalar('1394 abs(float4) float4', absolute),
]
