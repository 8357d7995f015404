import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { checkInt2, checkInt4, divisionByZero } from './integer-range.js'

/** Arithmetic whose result is int2 or int4. Products of two int4 may be rounded, but only far outside of the range. */
export const integerArithmetic: readonly ScalarFunction[] = [
  scalar('176 int2pl(int2,int2) int2', (_, a: number, b: number) => checkInt2(a + b)),
  scalar('180 int2mi(int2,int2) int2', (_, a: number, b: number) => checkInt2(a - b)),
  scalar('152 int2mul(int2,int2) int2', (_, a: number, b: number) => checkInt2(a * b)),
  scalar('153 int2div(int2,int2) int2', (_, a: number, b: number) => checkInt2(divide(a, b))),
  scalar('155 int2mod(int2,int2) int2', remainder),
  scalar('940 mod(int2,int2) int2', remainder),
  scalar('213 int2um(int2) int2', (_, a: number) => checkInt2(-a)),
  scalar('1911 int2up(int2) int2', (_, a: number) => a),
  scalar('1253 int2abs(int2) int2', (_, a: number) => checkInt2(Math.abs(a))),
  scalar('1398 abs(int2) int2', (_, a: number) => checkInt2(Math.abs(a))),
  scalar('1892 int2and(int2,int2) int2', and),
  scalar('1893 int2or(int2,int2) int2', or),
  scalar('1894 int2xor(int2,int2) int2', exclusiveOr),
  scalar('1895 int2not(int2) int2', not),
  scalar('1896 int2shl(int2,int4) int2', (_, a: number, b: number) => ((a << b) << 16) >> 16),
  scalar('1897 int2shr(int2,int4) int2', shiftRight),

  scalar('177 int4pl(int4,int4) int4', add),
  scalar('178 int24pl(int2,int4) int4', add),
  scalar('179 int42pl(int4,int2) int4', add),
  scalar('181 int4mi(int4,int4) int4', subtract),
  scalar('182 int24mi(int2,int4) int4', subtract),
  scalar('183 int42mi(int4,int2) int4', subtract),
  scalar('141 int4mul(int4,int4) int4', multiply),
  scalar('170 int24mul(int2,int4) int4', multiply),
  scalar('171 int42mul(int4,int2) int4', multiply),
  scalar('154 int4div(int4,int4) int4', divideInt4),
  scalar('172 int24div(int2,int4) int4', divideInt4),
  scalar('173 int42div(int4,int2) int4', divideInt4),
  scalar('156 int4mod(int4,int4) int4', remainder),
  scalar('941 mod(int4,int4) int4', remainder),
  scalar('212 int4um(int4) int4', (_, a: number) => checkInt4(-a)),
  scalar('1912 int4up(int4) int4', (_, a: number) => a),
  scalar('766 int4inc(int4) int4', (_, a: number) => checkInt4(a + 1)),
  scalar('1251 int4abs(int4) int4', (_, a: number) => checkInt4(Math.abs(a))),
  scalar('1397 abs(int4) int4', (_, a: number) => checkInt4(Math.abs(a))),
  scalar('1898 int4and(int4,int4) int4', and),
  scalar('1899 int4or(int4,int4) int4', or),
  scalar('1900 int4xor(int4,int4) int4', exclusiveOr),
  scalar('1901 int4not(int4) int4', not),
  scalar('1902 int4shl(int4,int4) int4', (_, a: number, b: number) => a << b),
  scalar('1903 int4shr(int4,int4) int4', shiftRight),
]

function add(_: unknown, a: number, b: number): number {
  return checkInt4(a + b)
}

function subtract(_: unknown, a: number, b: number): number {
  return checkInt4(a - b)
}

function multiply(_: unknown, a: number, b: number): number {
  return checkInt4(a * b)
}

function divide(a: number, b: number): number {
  if (b === 0) throw divisionByZero()
  return Math.trunc(a / b)
}

function divideInt4(_: unknown, a: number, b: number): number {
  return checkInt4(divide(a, b))
}

function remainder(_: unknown, a: number, b: number): number {
  if (b === 0) throw divisionByZero()
  return (a % b) + 0
}

function and(_: unknown, a: number, b: number): number {
  return a & b
}

function or(_: unknown, a: number, b: number): number {
  return a | b
}

function exclusiveOr(_: unknown, a: number, b: number): number {
  return a ^ b
}

function not(_: unknown, a: number): number {
  return ~a
}

function shiftRight(_: unknown, a: number, b: number): number {
  return a >> b
}
