/**
 * Comparisons that JavaScript's own operators make exactly as the types do, without calling the types' functions.
 */
import type { CallExpression, Expression } from '../../plan/expression.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Comparison } from '../../scalar/functions/function.js'
import type { Value } from '../../scalar/value.js'
import type { Evaluator } from './evaluator.js'
import { INTEGER_TYPES, SAME_TEXT_TYPES, NUMBERED_TYPES, TypeOid } from './type-oids.js'

/** Undefined where the operator's function has to be called. */
export function compileComparison(
  expression: CallExpression,
  args: readonly Evaluator[],
): Evaluator | undefined {
  const comparison = expression.operator?.comparison
  const [left, right] = args
  const [leftExpression, rightExpression] = expression.args
  if (comparison === undefined || left === undefined || right === undefined) return undefined
  if (leftExpression === undefined || rightExpression === undefined) return undefined
  if (!isDirect(comparison, leftExpression.type, rightExpression.type)) return undefined
  const constant = constantOf(rightExpression)
  return constant === null || constant === undefined
    ? compareBoth(comparison, left, right)
    : compareWithConstant(comparison, left, constant)
}

function constantOf(expression: Expression): Value | undefined {
  return expression.kind === 'constant' ? expression.value : undefined
}

/** Whether values of these types compare as the primitives that they are. */
export function isDirect(comparison: Comparison, left: DataType, right: DataType): boolean {
  const a = left.scalar.oid
  const b = right.scalar.oid
  if (INTEGER_TYPES.has(a) && INTEGER_TYPES.has(b)) return true
  if (a === b && NUMBERED_TYPES.has(a)) return true
  if (comparison !== 'eq' && comparison !== 'ne') return false
  if (SAME_TEXT_TYPES.has(a) && SAME_TEXT_TYPES.has(b)) return true
  return a === b && (a === TypeOid.UUID || a === TypeOid.BOOL)
}

function compareBoth(comparison: Comparison, left: Evaluator, right: Evaluator): Evaluator {
  switch (comparison) {
    case 'eq':
      return (row, run) => {
        const a = left(row, run)
        const b = right(row, run)
        return a === null || b === null ? null : a === b
      }
    case 'ne':
      return (row, run) => {
        const a = left(row, run)
        const b = right(row, run)
        return a === null || b === null ? null : a !== b
      }
    case 'lt':
      return (row, run) => {
        const a = left(row, run) as number | null
        const b = right(row, run) as number | null
        return a === null || b === null ? null : a < b
      }
    case 'le':
      return (row, run) => {
        const a = left(row, run) as number | null
        const b = right(row, run) as number | null
        return a === null || b === null ? null : a <= b
      }
    case 'gt':
      return (row, run) => {
        const a = left(row, run) as number | null
        const b = right(row, run) as number | null
        return a === null || b === null ? null : a > b
      }
    case 'ge':
      return (row, run) => {
        const a = left(row, run) as number | null
        const b = right(row, run) as number | null
        return a === null || b === null ? null : a >= b
      }
  }
}

function compareWithConstant(
  comparison: Comparison,
  left: Evaluator,
  constant: NonNullable<Value>,
): Evaluator {
  // Mixed numbers and bigints compare by value.
  const bound = constant as number
  switch (comparison) {
    case 'eq':
      return (row, run) => {
        const a = left(row, run)
        return a === null ? null : a === constant
      }
    case 'ne':
      return (row, run) => {
        const a = left(row, run)
        return a === null ? null : a !== constant
      }
    case 'lt':
      return (row, run) => {
        const a = left(row, run) as number | null
        return a === null ? null : a < bound
      }
    case 'le':
      return (row, run) => {
        const a = left(row, run) as number | null
        return a === null ? null : a <= bound
      }
    case 'gt':
      return (row, run) => {
        const a = left(row, run) as number | null
        return a === null ? null : a > bound
      }
    case 'ge':
      return (row, run) => {
        const a = left(row, run) as number | null
        return a === null ? null : a >= bound
      }
  }
}
