import { int64, type Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import {
  absoluteInt64,
  addInt64,
  divideInt64,
  multiplyInt64,
  negateInt64,
  remainderInt64,
  shiftLeftInt64,
  shiftRightInt64,
  subtractInt64,
} from './int64-arithmetic.js'

const add = (_: unknown, a: Int64, b: Int64): Int64 => addInt64(a, b)
const subtract = (_: unknown, a: Int64, b: Int64): Int64 => subtractInt64(a, b)
const multiply = (_: unknown, a: Int64, b: Int64): Int64 => multiplyInt64(a, b)
const divide = (_: unknown, a: Int64, b: Int64): Int64 => divideInt64(a, b)
const remainder = (_: unknown, a: Int64, b: Int64): Int64 => remainderInt64(a, b)
const absolute = (_: unknown, a: Int64): Int64 => absoluteInt64(a)

/** Arithmetic whose result is int8. */
export const bigintArithmetic: readonly ScalarFunction[] = [
  scalar('463 int8pl(int8,int8) int8', add),
  scalar('1274 int84pl(int8,int4) int8', add),
  scalar('1278 int48pl(int4,int8) int8', add),
  scalar('837 int82pl(int8,int2) int8', add),
  scalar('841 int28pl(int2,int8) int8', add),
  scalar('464 int8mi(int8,int8) int8', subtract),
  scalar('1275 int84mi(int8,int4) int8', subtract),
  scalar('1279 int48mi(int4,int8) int8', subtract),
  scalar('838 int82mi(int8,int2) int8', subtract),
  scalar('942 int28mi(int2,int8) int8', subtract),
  scalar('465 int8mul(int8,int8) int8', multiply),
  scalar('1276 int84mul(int8,int4) int8', multiply),
  scalar('1280 int48mul(int4,int8) int8', multiply),
  scalar('839 int82mul(int8,int2) int8', multiply),
  scalar('943 int28mul(int2,int8) int8', multiply),
  scalar('466 int8div(int8,int8) int8', divide),
  scalar('1277 int84div(int8,int4) int8', divide),
  scalar('1281 int48div(int4,int8) int8', divide),
  scalar('840 int82div(int8,int2) int8', divide),
  scalar('948 int28div(int2,int8) int8', divide),
  scalar('945 int8mod(int8,int8) int8', remainder),
  scalar('947 mod(int8,int8) int8', remainder),
  scalar('462 int8um(int8) int8', (_, a: Int64) => negateInt64(a)),
  scalar('1910 int8up(int8) int8', (_, a: Int64) => a),
  scalar('1219 int8inc(int8) int8', (_, a: Int64) => addInt64(a, 1)),
  scalar('3546 int8dec(int8) int8', (_, a: Int64) => subtractInt64(a, 1)),
  scalar('1230 int8abs(int8) int8', absolute),
  scalar('1396 abs(int8) int8', absolute),
  scalar('1904 int8and(int8,int8) int8', (_, a: Int64, b: Int64) => int64(BigInt(a) & BigInt(b))),
  scalar('1905 int8or(int8,int8) int8', (_, a: Int64, b: Int64) => int64(BigInt(a) | BigInt(b))),
  scalar('1906 int8xor(int8,int8) int8', (_, a: Int64, b: Int64) => int64(BigInt(a) ^ BigInt(b))),
  scalar('1907 int8not(int8) int8', (_, a: Int64) => int64(~BigInt(a))),
  scalar('1908 int8shl(int8,int4) int8', (_, a: Int64, b: number) => shiftLeftInt64(a, b)),
  scalar('1909 int8shr(int8,int4) int8', (_, a: Int64, b: number) => shiftRightInt64(a, b)),
]
