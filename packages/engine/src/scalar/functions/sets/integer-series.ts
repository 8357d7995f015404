import type { Int64, Row } from '../../value.js'
import { queryError } from '../../condition.js'
import { addInt64 } from '../arithmetic/int64-arithmetic.js'
import { table } from '../define/table-function.js'
import type { TableFunction } from '../function.js'

/** From `start` to `stop`, both included. A step over the end of the type's range ends the series. */
function* series(start: Int64, stop: Int64, step: Int64): Iterable<Row> {
  if (step === 0) throw queryError('invalid_parameter_value', 'step size cannot equal zero')
  const isUp = step > 0
  let value = start
  while (isUp ? value <= stop : value >= stop) {
    yield [value]
    if (typeof value === 'bigint' && BigInt.asIntN(64, value + BigInt(step)) !== value + BigInt(step)) return
    value = addInt64(value, step)
  }
}

const rows = (_: unknown, start: Int64, stop: Int64, step: Int64): Iterable<Row> => series(start, stop, step)
const rowsByOne = (_: unknown, start: Int64, stop: Int64): Iterable<Row> => series(start, stop, 1)

export const integerSeries: readonly TableFunction[] = [
  table('1067 generate_series(int4,int4) int4', rowsByOne),
  table('1066 generate_series(int4,int4,int4) int4', rows),
  table('1069 generate_series(int8,int8) int8', rowsByOne),
  table('1068 generate_series(int8,int8,int8) int8', rows),
]
