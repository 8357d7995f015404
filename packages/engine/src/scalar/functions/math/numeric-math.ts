import { signNumeric } from '../../numeric/arithmetic.js'
import { stripZeros } from '../../numeric/compare-numeric.js'
import { limited } from '../../numeric/numeric-limits.js'
import { Numeric } from '../../numeric/numeric.js'
import { powerOfTen } from '../../numeric/powers-of-ten.js'
import { ceilNumeric, floorNumeric, roundNumeric, truncateNumeric } from '../../numeric/round-numeric.js'
import { expNumeric, lnNumeric, log10Numeric, logNumeric, sqrtNumeric } from '../../numeric/transcendental.js'
import { powerNumeric } from '../../numeric/power.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { greatestCommonDivisor } from './integer-math.js'

const ceil = (_: unknown, value: Numeric): Numeric => ceilNumeric(value)
const sqrt = (_: unknown, value: Numeric): Numeric => sqrtNumeric(value)
const exp = (_: unknown, value: Numeric): Numeric => expNumeric(value)
const ln = (_: unknown, value: Numeric): Numeric => lnNumeric(value)
const log = (_: unknown, base: Numeric, value: Numeric): Numeric => logNumeric(base, value)
const log10 = (_: unknown, value: Numeric): Numeric => log10Numeric(value)
const power = (_: unknown, base: Numeric, exponent: Numeric): Numeric => powerNumeric(base, exponent)

/** The digits of both at the larger scale. */
function aligned(a: Numeric, b: Numeric): { a: bigint; b: bigint; scale: number } {
  const scale = Math.max(a.scale, b.scale)
  return { a: a.digits * powerOfTen(scale - a.scale), b: b.digits * powerOfTen(scale - b.scale), scale }
}

function gcd(_: unknown, a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) return Numeric.NAN
  const both = aligned(a, b)
  return new Numeric(greatestCommonDivisor(both.a, both.b), both.scale)
}

function lcm(_: unknown, a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) return Numeric.NAN
  const both = aligned(a, b)
  if (both.a === 0n || both.b === 0n) return new Numeric(0n, both.scale)
  const product = (both.a / greatestCommonDivisor(both.a, both.b)) * both.b
  return limited(product < 0n ? -product : product, both.scale)
}

export const numericMath: readonly ScalarFunction[] = [
  scalar('1711 ceil(numeric) numeric', ceil),
  scalar('2167 ceiling(numeric) numeric', ceil),
  scalar('1712 floor(numeric) numeric', (_, value: Numeric) => floorNumeric(value)),
  scalar('1707 round(numeric,int4) numeric', (_, value: Numeric, places: number) =>
    roundNumeric(value, places),
  ),
  scalar('1708 round(numeric) numeric', (_, value: Numeric) => roundNumeric(value, 0)),
  scalar('1709 trunc(numeric,int4) numeric', (_, value: Numeric, places: number) =>
    truncateNumeric(value, places),
  ),
  scalar('1710 trunc(numeric) numeric', (_, value: Numeric) => truncateNumeric(value, 0)),
  scalar('1706 sign(numeric) numeric', (_, value: Numeric) => signNumeric(value)),
  scalar('1730 sqrt(numeric) numeric', sqrt),
  scalar('1731 numeric_sqrt(numeric) numeric', sqrt),
  scalar('1732 exp(numeric) numeric', exp),
  scalar('1733 numeric_exp(numeric) numeric', exp),
  scalar('1734 ln(numeric) numeric', ln),
  scalar('1735 numeric_ln(numeric) numeric', ln),
  scalar('1736 log(numeric,numeric) numeric', log),
  scalar('1737 numeric_log(numeric,numeric) numeric', log),
  scalar('1741 log(numeric) numeric', log10),
  scalar('1481 log10(numeric) numeric', log10),
  scalar('1738 pow(numeric,numeric) numeric', power),
  scalar('2169 power(numeric,numeric) numeric', power),
  scalar('1739 numeric_power(numeric,numeric) numeric', power),
  scalar('3281 scale(numeric) int4', (_, value: Numeric) => (value.isFinite ? value.scale : null)),
  scalar('5042 min_scale(numeric) int4', (_, value: Numeric) =>
    value.isFinite ? stripZeros(value.digits, value.scale).scale : null,
  ),
  scalar('5043 trim_scale(numeric) numeric', (_, value: Numeric) => {
    if (!value.isFinite) return value
    const { digits, scale } = stripZeros(value.digits, value.scale)
    return new Numeric(digits, scale)
  }),
  scalar('5048 gcd(numeric,numeric) numeric', gcd),
  scalar('5049 lcm(numeric,numeric) numeric', lcm),
]
