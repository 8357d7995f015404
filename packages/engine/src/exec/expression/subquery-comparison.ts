import { defined } from '@orbit-ts/base'
import type { SubqueryExpression } from '../../plan/expression.js'
import type { Comparison } from '../../scalar/functions/function.js'
import type { Row, Value } from '../../scalar/value.js'
import { compareValues } from '../rows/compare-rows.js'
import type { Run } from '../run.js'

/** `left op row`, in three-valued logic. */
export type RowTest = (left: readonly Value[], row: Row, run: Run) => boolean | null

/** The comparison of an `any` or `all`. */
export function compileRowTest(expression: SubqueryExpression): RowTest {
  const left = defined(expression.left, 'the left side')
  const single = left.length === 1 ? compileColumnTests(expression)[0] : undefined
  if (single !== undefined) return (values, row, run) => single(values[0] ?? null, row[0] ?? null, run)
  const comparison = defined(expression.comparison, 'the comparison of rows')
  return comparison === 'eq' || comparison === 'ne'
    ? compileRowEquality(expression, comparison === 'ne')
    : compileRowOrder(expression, comparison)
}

type ColumnTest = (a: Value, b: Value, run: Run) => boolean | null

function compileColumnTests(expression: SubqueryExpression): ColumnTest[] {
  const left = defined(expression.left, 'the left side')
  return defined(expression.operators, 'the operators').map((operator, at) => {
    const leftType = defined(left[at], 'a left side for each operator').type
    const rightType = defined(expression.plan.columns[at], 'a column for each operator').type
    const callee = operator.function
    const compare = callee.bind([leftType, rightType], { scalar: callee.result, modifier: -1 })
    return (a, b, run) => {
      if (callee.isStrict && (a === null || b === null)) return null
      return compare(run.scalar, a, b) as boolean | null
    }
  })
}

/** Equal when all columns are; different when one surely is. The operators are all `=`, or all `<>`. */
function compileRowEquality(expression: SubqueryExpression, isNegated: boolean): RowTest {
  const tests = compileColumnTests(expression)
  return (left, row, run) => {
    let result: boolean | null = !isNegated
    for (const [at, test] of tests.entries()) {
      const answer = test(left[at] ?? null, row[at] ?? null, run)
      if (answer === isNegated) return isNegated
      if (answer === null) result = null
    }
    return result
  }
}

/** The first columns that differ decide. */
function compileRowOrder(expression: SubqueryExpression, comparison: Comparison): RowTest {
  const orders = defined(expression.left, 'the left side').map(({ type }) => compareValues(type))
  return (left, row) => {
    for (const [at, compare] of orders.entries()) {
      const a = left[at] ?? null
      const b = row[at] ?? null
      if (a === null || b === null) return null
      const order = compare(a, b)
      if (order !== 0)
        return order < 0
          ? comparison === 'lt' || comparison === 'le'
          : comparison === 'gt' || comparison === 'ge'
    }
    return comparison === 'le' || comparison === 'ge'
  }
}
