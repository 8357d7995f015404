/** Functions of tests, where those of the system would show less. */
import type { AsyncFunction, ScalarFunction, TableFunction } from '../../scalar/functions/function.js'
import { int4 } from '../../scalar/types/integer-types.js'
import type { Row, Value } from '../../scalar/value.js'
import { INT4 } from './plans.test.data.js'

/** Adds one, and counts how often it was asked. */
export function countingFunction(
  volatility: ScalarFunction['volatility'] = 'immutable',
): ScalarFunction & { calls: number } {
  const self: ScalarFunction & { calls: number } = {
    kind: 'scalar',
    oid: 90_001,
    name: 'counting',
    parameters: [int4],
    result: int4,
    isStrict: true,
    volatility,
    calls: 0,
    bind: () => (_context, value) => {
      self.calls++
      return Number(value) + 1
    },
  }
  return self
}

/** Waits, then gives what `invoke` gives for it. */
export const asyncFunction: AsyncFunction = {
  kind: 'async',
  oid: 90_002,
  name: 'slowly',
  parameters: [int4],
  result: int4,
  isStrict: true,
  volatility: 'volatile',
  call: (services, _context, args) => services.invoke('slowly', args),
}

/** The numbers from the first argument to the second. */
export const series: TableFunction = {
  kind: 'table',
  oid: 90_003,
  name: 'series',
  parameters: [int4, int4],
  result: int4,
  isStrict: true,
  volatility: 'immutable',
  columns: () => [{ name: 'series', type: INT4 }],
  *rows(_types, _context, [from, to]: readonly Value[]): Generator<Row> {
    for (let value = Number(from); value <= Number(to); value++) yield [value]
  },
}

/** Fails when it is asked at all. */
export const failing: ScalarFunction = {
  ...countingFunction(),
  oid: 90_004,
  name: 'failing',
  bind: () => () => {
    throw new Error('asked')
  },
}
