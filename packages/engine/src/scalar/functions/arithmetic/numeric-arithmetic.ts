import {
  absNumeric,
  addNumeric,
  divideNumeric,
  divideWholeNumeric,
  moduloNumeric,
  multiplyNumeric,
  negateNumeric,
  subtractNumeric,
} from '../../numeric/arithmetic.js'
import { Numeric } from '../../numeric/numeric.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

const ONE = new Numeric(1n, 0)

const absolute = (_: unknown, a: Numeric): Numeric => absNumeric(a)
const modulo = (_: unknown, a: Numeric, b: Numeric): Numeric => moduloNumeric(a, b)
const divideWhole = (_: unknown, a: Numeric, b: Numeric): Numeric => divideWholeNumeric(a, b)

/** Arithmetic whose result is numeric. */
export const numericArithmetic: readonly ScalarFunction[] = [
  scalar('1724 numeric_add(numeric,numeric) numeric', (_, a: Numeric, b: Numeric) => addNumeric(a, b)),
  scalar('1725 numeric_sub(numeric,numeric) numeric', (_, a: Numeric, b: Numeric) => subtractNumeric(a, b)),
  scalar('1726 numeric_mul(numeric,numeric) numeric', (_, a: Numeric, b: Numeric) => multiplyNumeric(a, b)),
  scalar('1727 numeric_div(numeric,numeric) numeric', (_, a: Numeric, b: Numeric) => divideNumeric(a, b)),
  scalar('1980 numeric_div_trunc(numeric,numeric) numeric', divideWhole),
  scalar('1973 div(numeric,numeric) numeric', divideWhole),
  scalar('1729 numeric_mod(numeric,numeric) numeric', modulo),
  scalar('1728 mod(numeric,numeric) numeric', modulo),
  scalar('1771 numeric_uminus(numeric) numeric', (_, a: Numeric) => negateNumeric(a)),
  scalar('1915 numeric_uplus(numeric) numeric', (_, a: Numeric) => a),
  scalar('1764 numeric_inc(numeric) numeric', (_, a: Numeric) => addNumeric(a, ONE)),
  scalar('1704 numeric_abs(numeric) numeric', absolute),
  scalar('1705 abs(numeric) numeric', absolute),
]
