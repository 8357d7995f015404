import { queryError } from '../../condition.js'
import { addNumeric } from '../../numeric/arithmetic.js'
import { compareNumeric } from '../../numeric/compare-numeric.js'
import { Numeric } from '../../numeric/numeric.js'
import type { ScalarContext } from '../../scalar-context.js'
import { compareIntervals } from '../../temporal/interval-arithmetic.js'
import { Interval } from '../../temporal/interval.js'
import { addIntervalToMoment, addIntervalToTimestamp } from '../../temporal/timestamp-arithmetic.js'
import { isInfinite } from '../../temporal/timestamp.js'
import type { Int64, Row } from '../../value.js'
import { table } from '../define/table-function.js'
import type { TableFunction } from '../function.js'

function* numericSeries(_: unknown, start: Numeric, stop: Numeric, step = Numeric.ONE): Iterable<Row> {
  requireFinite(start, 'start value')
  requireFinite(stop, 'stop value')
  requireFinite(step, 'step size')
  if (step.sign === 0) throw stepIsZero()
  for (let value = start; compareNumeric(value, stop) * step.sign <= 0; value = addNumeric(value, step)) {
    yield [value]
  }
}

function requireFinite(value: Numeric, what: string): void {
  if (value.isFinite) return
  throw queryError('invalid_parameter_value', `${what} cannot be ${value.isNaN ? 'NaN' : 'infinity'}`)
}

function stepIsZero(): Error {
  return queryError('invalid_parameter_value', 'step size cannot equal zero')
}

const ZERO = new Interval(0, 0, 0)

function* momentSeries(
  start: Int64,
  stop: Int64,
  step: Interval,
  add: (value: Int64, step: Interval) => Int64,
): Iterable<Row> {
  const sign = compareIntervals(step, ZERO)
  if (sign === 0) throw stepIsZero()
  for (let value = start; sign > 0 ? value <= stop : value >= stop; value = add(value, step)) {
    yield [value]
    if (isInfinite(value)) return
  }
}

export const otherSeries: readonly TableFunction[] = [
  table('3260 generate_series(numeric,numeric) numeric', numericSeries),
  table('3259 generate_series(numeric,numeric,numeric) numeric', numericSeries),
  table(
    '938 generate_series(timestamp,timestamp,interval) timestamp',
    (_, start: Int64, stop: Int64, step: Interval) => momentSeries(start, stop, step, addIntervalToTimestamp),
  ),
  table(
    '939 generate_series(timestamptz,timestamptz,interval) timestamptz stable',
    ({ timeZone }: ScalarContext, start: Int64, stop: Int64, step: Interval) =>
      momentSeries(start, stop, step, (value, by) => addIntervalToMoment(value, by, timeZone)),
  ),
]
