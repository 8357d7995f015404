import type { ArrayExpression, FieldExpression, RowExpression } from '../../plan/expression.js'
import { SqlArray, type ArrayDimension } from '../../scalar/array/sql-array.js'
import { queryError } from '../../scalar/condition.js'
import { RecordValue } from '../../scalar/record-value.js'
import { requireElements } from '../../scalar/value-limits.js'
import type { Value } from '../../scalar/value.js'
import { workMeter } from '../../scalar/work-meter.js'
import type { Compile, Evaluator } from './evaluator.js'

export function compileRow(expression: RowExpression, compile: Compile): Evaluator {
  const { fields } = expression
  const args = expression.args.map(compile)
  return (row, run) =>
    new RecordValue(
      fields,
      args.map((arg) => arg(row, run)),
    )
}

export function compileField(expression: FieldExpression, compile: Compile): Evaluator {
  const arg = compile(expression.arg)
  const { index } = expression
  return (row, run) => {
    const value = arg(row, run)
    return value instanceof RecordValue ? (value.values[index] ?? null) : null
  }
}

export function compileArray(expression: ArrayExpression, compile: Compile): Evaluator {
  const elements = expression.elements.map(compile)
  if (!expression.isNested) return (row, run) => new SqlArray(elements.map((element) => element(row, run)))
  return (row, run) => nest(elements.map((element) => element(row, run)))
}

/** Arrays of the same dimensions, as the elements of one that has a dimension more. */
function nest(parts: readonly Value[]): SqlArray {
  const arrays = parts.filter(
    (part): part is SqlArray => part instanceof SqlArray && part.dimensions.length > 0,
  )
  const [first] = arrays
  if (first === undefined) return new SqlArray([])
  if (arrays.length < parts.length || !arrays.every((array) => hasDimensions(array, first.dimensions))) {
    throw queryError(
      'array_subscript_error',
      'multidimensional arrays must have array expressions with matching dimensions',
    )
  }
  const inner = first.dimensions
  if (inner.length >= DIMENSIONS_MAX) {
    throw queryError(
      'program_limit_exceeded',
      `number of array dimensions (${inner.length + 1}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    )
  }
  const count = arrays.reduce((sum, array) => sum + array.elements.length, 0)
  requireElements(count)
  const elements = arrays.flatMap((array) => array.elements)
  workMeter.work(count)
  return new SqlArray(elements, [{ length: arrays.length, lower: 1 }, ...inner])
}

const DIMENSIONS_MAX = 6

function hasDimensions(array: SqlArray, dimensions: readonly ArrayDimension[]): boolean {
  return (
    array.dimensions.length === dimensions.length &&
    array.dimensions.every(
      (own, at) => own.length === dimensions[at]?.length && own.lower === dimensions[at].lower,
    )
  )
}
