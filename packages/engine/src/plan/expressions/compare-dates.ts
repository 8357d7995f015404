import type { Comparison, Operator } from '../../scalar/functions/function.js'
import { systemRegistry } from '../../scalar/system-registry.js'
import type { CallExpression, ConstantExpression, Expression } from '../expression.js'
import { comparisonOf, constantExpression, flipped, operatorCall } from './conditions.js'

const DATE = 1082
const TIMESTAMP = 1114
const DAY_MICROS = 86_400_000_000

/**
 * A date compared with a constant timestamp, or the other way round, as a comparison of two values of the column's type:
 * indexes and statistics can then be used.
 */
export function compareInOneType(call: CallExpression): Expression {
  const parts = comparisonOf(call)
  if (parts === undefined) return call
  const { left, right, comparison } = parts
  if (right.kind === 'constant') return converted(call, left, right, comparison)
  if (left.kind === 'constant') return converted(call, right, left, flipped(comparison))
  return call
}

function converted(
  call: CallExpression,
  subject: Expression,
  constant: ConstantExpression,
  comparison: Comparison,
): Expression {
  const types = [subject.type.scalar.oid, constant.type.scalar.oid]
  const { value } = constant
  if (typeof value !== 'number' && typeof value !== 'bigint') return call
  if (types[0] === TIMESTAMP && types[1] === DATE) {
    const micros = Number(value) * DAY_MICROS
    if (Number.isFinite(micros) && !Number.isSafeInteger(micros)) return call
    return compared(call, subject, comparison, micros)
  }
  if (types[0] !== DATE || types[1] !== TIMESTAMP) return call
  const days = Math.floor(Number(value) / DAY_MICROS)
  const isMidnight = !Number.isFinite(days) || days * DAY_MICROS === Number(value)
  if (isMidnight) return compared(call, subject, comparison, days)
  switch (comparison) {
    case 'lt':
    case 'le':
      return compared(call, subject, 'le', days)
    case 'gt':
    case 'ge':
      return compared(call, subject, 'gt', days)
    default:
      return call
  }
}

function compared(
  call: CallExpression,
  subject: Expression,
  comparison: Comparison,
  value: number,
): Expression {
  const operator = operatorOf(subject, comparison)
  if (operator === undefined) return call
  return operatorCall(
    operator,
    subject,
    constantExpression(value, { ...subject.type, modifier: -1 }),
    call.type,
  )
}

const NAMES: Readonly<Record<Comparison, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
}

function operatorOf(subject: Expression, comparison: Comparison): Operator | undefined {
  const { oid } = subject.type.scalar
  return systemRegistry
    .operatorsByName(NAMES[comparison])
    .find(({ left, right }) => left?.oid === oid && right.oid === oid)
}
