import { addNumeric, divideNumeric } from '../../numeric/arithmetic.js'
import { Numeric } from '../../numeric/numeric.js'
import { roundNumeric } from '../../numeric/round-numeric.js'
import { MICROS_PER_DAY } from '../../temporal/calendar.js'
import type { Int64 } from '../../value.js'

const INT64_MAX = 2n ** 63n - 1n

/** A field's value: exact, as `extract` gives it, and as the number that `date_part` gives. */
export interface Extracted {
  readonly numeric: Numeric
  readonly float: number
}

export function whole(value: number): Extracted {
  return { numeric: new Numeric(BigInt(value), 0), float: value + 0 }
}

export function infinite(isPositive: boolean): Extracted {
  return isPositive
    ? { numeric: Numeric.INFINITY, float: Infinity }
    : { numeric: Numeric.NEGATIVE_INFINITY, float: -Infinity }
}

/** Seconds with six digits after the point. */
export function seconds(micros: number): Extracted {
  const rest = micros % 1_000_000
  return {
    numeric: new Numeric(BigInt(micros), 6),
    float: (micros - rest) / 1_000_000 + rest / 1_000_000,
  }
}

/** The seconds of a minute in thousandths. */
export function milliseconds(micros: number): Extracted {
  const rest = micros % 1_000_000
  return { numeric: new Numeric(BigInt(micros), 3), float: (micros - rest) / 1000 + rest / 1000 }
}

/** Microseconds since 1970 as seconds. */
export function epoch(micros: Int64): Extracted {
  const exact = BigInt(micros)
  // Beyond 64 bits PostgreSQL divides, to sixteen digits.
  const numeric =
    exact > INT64_MAX
      ? roundNumeric(divideNumeric(new Numeric(exact, 0), new Numeric(1_000_000n, 0)), 6)
      : new Numeric(exact, 6)
  return { numeric, float: Number(micros) / 1_000_000 }
}

/** A Julian day and the part of it that is over. */
export function julian(day: number, time: number): Extracted {
  const part = divideNumeric(new Numeric(BigInt(time), 0), new Numeric(BigInt(MICROS_PER_DAY), 0))
  const rest = time % 1_000_000
  return {
    numeric: addNumeric(new Numeric(BigInt(day), 0), part),
    float: day + ((time - rest) / 1_000_000 + rest / 1_000_000) / 86_400,
  }
}
