import type { Row, Value } from '../../scalar/value.js'
import type { Run } from '../run.js'
import type { AnyEvaluator } from './evaluator.js'

/** The values of several expressions for one row; a promise only when one of them has to be waited for. */
export function evaluateAll(
  evaluators: readonly AnyEvaluator[],
  row: Row,
  run: Run,
): Value[] | Promise<Value[]> {
  const values: Value[] = []
  for (let at = 0; at < evaluators.length; at++) {
    // `at` is below the number of evaluators.
    const value = (evaluators[at] as AnyEvaluator)(row, run)
    if (value instanceof Promise) return finishAll(evaluators, values, value, row, run)
    values.push(value)
  }
  return values
}

async function finishAll(
  evaluators: readonly AnyEvaluator[],
  values: Value[],
  pending: Promise<Value>,
  row: Row,
  run: Run,
): Promise<Value[]> {
  values.push(await pending)
  for (const evaluator of evaluators.slice(values.length)) values.push(await evaluator(row, run))
  return values
}
