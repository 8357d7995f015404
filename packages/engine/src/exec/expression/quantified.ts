import type { QuantifiedExpression } from '../../plan/expression.js'
import type { SqlArray } from '../../scalar/array/sql-array.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Operator } from '../../scalar/functions/function.js'
import type { Value } from '../../scalar/value.js'
import type { Run } from '../run.js'
import type { Compile, Evaluator } from './evaluator.js'
import { INTEGER_TYPES, SAME_TEXT_TYPES } from './type-oids.js'

/** Below this going through the array is as good as looking into a set. */
const ELEMENTS_OF_SET_MIN = 9

/** The elements of one array, for looking one up. */
interface ElementSet {
  readonly array: SqlArray
  readonly keys: ReadonlySet<unknown>
  readonly hasNull: boolean
}

/** @param cell where a run keeps the set of the array that it met last. */
export function compileQuantified(
  expression: QuantifiedExpression,
  compile: Compile,
  cell: () => number,
): Evaluator {
  const { quantifier, operator } = expression
  const isAny = quantifier === 'any'
  const left = compile(expression.left)
  const right = compile(expression.right)
  const elementType = {
    ...expression.right.type,
    scalar: expression.right.type.scalar.element ?? operator.right,
  }
  const loop = compareEach(operator, expression.left.type, elementType, isAny)
  const hashKey = keyFor(operator, isAny, expression.left.type, elementType)
  const arrayCell = hashKey === undefined ? -1 : cell()
  return (row, run) => {
    const value = left(row, run)
    const array = right(row, run) as SqlArray | null
    if (array === null) return null
    const { length } = array.elements
    if (length === 0) return !isAny
    if (hashKey === undefined || length < ELEMENTS_OF_SET_MIN) return loop(value, array, run)
    if (value === null) return null
    const set = setOf(array, hashKey, run, arrayCell)
    if (set.keys.has(hashKey(value))) return isAny
    return set.hasNull ? null : !isAny
  }
}

function setOf(
  array: SqlArray,
  hashKey: (value: NonNullable<Value>) => unknown,
  run: Run,
  cell: number,
): ElementSet {
  const kept = run.cells[cell] as ElementSet | undefined
  if (kept?.array === array) return kept
  const keys = new Set<unknown>()
  let hasNull = false
  for (const element of array.elements) {
    if (element === null) hasNull = true
    else keys.add(hashKey(element))
  }
  const set = { array, keys, hasNull }
  run.cells[cell] = set
  return set
}

/** The key under which equal values meet; undefined when the question is not one of equality. */
function keyFor(
  operator: Operator,
  isAny: boolean,
  left: DataType,
  element: DataType,
): ((value: NonNullable<Value>) => unknown) | undefined {
  if (operator.comparison !== (isAny ? 'eq' : 'ne') || !operator.function.isStrict) return undefined
  const a = left.scalar
  const b = element.scalar
  const isAlike =
    a.oid === b.oid ||
    (INTEGER_TYPES.has(a.oid) && INTEGER_TYPES.has(b.oid)) ||
    (SAME_TEXT_TYPES.has(a.oid) && SAME_TEXT_TYPES.has(b.oid))
  return isAlike ? a.hashKey : undefined
}

function compareEach(
  operator: Operator,
  left: DataType,
  element: DataType,
  isAny: boolean,
): (value: Value, array: SqlArray, run: Run) => Value {
  const { isStrict } = operator.function
  const compare = operator.function.bind([left, element], {
    scalar: operator.function.result,
    modifier: -1,
  })
  return (value, array, run) => {
    if (isStrict && value === null) return null
    let result: Value = !isAny
    for (const candidate of array.elements) {
      const answer = isStrict && candidate === null ? null : compare(run.scalar, value, candidate)
      if (answer === isAny) return isAny
      if (answer === null) result = null
    }
    return result
  }
}
