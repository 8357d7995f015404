import { queryError } from '../../condition.js'
import { multiplyNumeric } from '../../numeric/arithmetic.js'
import { numericFromInt, numericToInt8 } from '../../numeric/convert-numeric.js'
import { Numeric } from '../../numeric/numeric.js'
import { outOfRange } from '../../types/bad-input.js'
import { int64, type Int64 } from '../../value.js'
import { comparisons } from '../comparison/comparisons.js'
import { primitiveComparisons } from '../comparison/comparison-implementations.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

function inRange(amount: bigint): Int64 {
  if (BigInt.asIntN(64, amount) !== amount) throw outOfRange('money')
  return int64(amount)
}

const divisionByZero = () => queryError('division_by_zero', 'division by zero')

/** Half to even, as the processor rounds. */
function rounded(value: number): Int64 {
  const whole = Math.round(value)
  const even = Math.abs(value % 1) === 0.5 && whole % 2 !== 0 ? whole - 1 : whole
  if (!Number.isFinite(even) || Math.abs(even) >= 2 ** 63) throw outOfRange('money')
  return int64(BigInt(even))
}

const times = (_: unknown, amount: Int64, by: Int64): Int64 => inRange(BigInt(amount) * BigInt(by))
const timesFloat = (_: unknown, amount: Int64, by: number): Int64 => rounded(Number(amount) * by)

function divided(_: unknown, amount: Int64, by: Int64): Int64 {
  if (BigInt(by) === 0n) throw divisionByZero()
  return inRange(BigInt(amount) / BigInt(by))
}

function dividedByFloat(_: unknown, amount: Int64, by: number): Int64 {
  if (by === 0) throw divisionByZero()
  return rounded(Number(amount) / by)
}

export function numericOfMoney(amount: Int64): Numeric {
  return new Numeric(BigInt(amount), 2)
}

const HUNDRED = numericFromInt(100)

export function moneyOfNumeric(value: Numeric): Int64 {
  return numericToInt8(multiplyNumeric(value, HUNDRED))
}

export function moneyOfInteger(value: Int64): Int64 {
  const amount = BigInt(value) * 100n
  if (BigInt.asIntN(64, amount) !== amount) throw outOfRange('bigint')
  return int64(amount)
}

export const moneyFunctions: readonly ScalarFunction[] = [
  scalar('894 cash_pl(money,money) money', (_, a: Int64, b: Int64) => inRange(BigInt(a) + BigInt(b))),
  scalar('895 cash_mi(money,money) money', (_, a: Int64, b: Int64) => inRange(BigInt(a) - BigInt(b))),
  scalar('3822 cash_div_cash(money,money) float8', (_, a: Int64, b: Int64) => {
    if (BigInt(b) === 0n) throw divisionByZero()
    return Number(a) / Number(b)
  }),
  scalar('866 cash_mul_int2(money,int2) money', times),
  scalar('864 cash_mul_int4(money,int4) money', times),
  scalar('3344 cash_mul_int8(money,int8) money', times),
  scalar('863 int2_mul_cash(int2,money) money', times),
  scalar('862 int4_mul_cash(int4,money) money', times),
  scalar('3399 int8_mul_cash(int8,money) money', times),
  scalar('846 cash_mul_flt4(money,float4) money', timesFloat),
  scalar('896 cash_mul_flt8(money,float8) money', timesFloat),
  scalar('848 flt4_mul_cash(float4,money) money', timesFloat),
  scalar('919 flt8_mul_cash(float8,money) money', timesFloat),
  scalar('867 cash_div_int2(money,int2) money', divided),
  scalar('865 cash_div_int4(money,int4) money', divided),
  scalar('3345 cash_div_int8(money,int8) money', divided),
  scalar('847 cash_div_flt4(money,float4) money', dividedByFloat),
  scalar('897 cash_div_flt8(money,float8) money', dividedByFloat),
  scalar('3823 numeric(money) numeric stable', (_, amount: Int64) => numericOfMoney(amount)),
  scalar('3824 money(numeric) money stable', (_, value: Numeric) => moneyOfNumeric(value)),
  scalar('3811 money(int4) money stable', (_, value: Int64) => moneyOfInteger(value)),
  scalar('3812 money(int8) money stable', (_, value: Int64) => moneyOfInteger(value)),
  ...comparisons(
    primitiveComparisons,
    `
  cmp 377 cash_cmp(money,money) int4
  eq 888 cash_eq(money,money) bool
  ne 889 cash_ne(money,money) bool
  lt 890 cash_lt(money,money) bool
  le 891 cash_le(money,money) bool
  gt 892 cash_gt(money,money) bool
  ge 893 cash_ge(money,money) bool
  larger 898 cashlarger(money,money) money
  smaller 899 cashsmaller(money,money) money
`,
  ),
]
