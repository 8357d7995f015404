import { queryError } from '../../../scalar/condition.js'
import { Numeric } from '../../../scalar/numeric/numeric.js'
import { Interval } from '../../../scalar/temporal/interval.js'
import type { Value } from '../../../scalar/value.js'
import { NO_ROW } from '../../expression/evaluator.js'
import type { Run } from '../../run.js'
import type { BoundShape, CallShape } from './window-shape.js'

/** The offsets of a frame, which are the same for all rows; null where there is none. */
export interface FrameOffsets {
  readonly start: Value
  readonly end: Value
}

/** @throws null_value_not_allowed, invalid_preceding_or_following_size */
export async function frameOffsets(call: CallShape, run: Run): Promise<FrameOffsets> {
  return {
    start: await offsetOf(call.start, 'starting', run),
    end: await offsetOf(call.end, 'ending', run),
  }
}

async function offsetOf(shape: BoundShape, which: 'starting' | 'ending', run: Run): Promise<Value> {
  if (shape.offset === undefined) return null
  const value = await shape.offset(NO_ROW, run)
  if (value === null) throw queryError('null_value_not_allowed', `frame ${which} offset must not be null`)
  if (!isNegative(value)) return value
  throw queryError(
    'invalid_preceding_or_following_size',
    shape.add === undefined
      ? `frame ${which} offset must not be negative`
      : 'invalid preceding or following size in window function',
  )
}

const DAY_MICROS = 86_400_000_000
const MONTH_DAYS = 30

function isNegative(value: Value): boolean {
  if (typeof value === 'number') return value < 0 || Number.isNaN(value)
  if (typeof value === 'bigint') return value < 0n
  if (value instanceof Numeric)
    return value.digits < 0n || value.special === 'nan' || value.special === '-infinity'
  if (value instanceof Interval) {
    return (value.months * MONTH_DAYS + value.days) * DAY_MICROS + value.micros < 0
  }
  return false
}
