import { comparisonOf } from '../../expressions/conditions.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { columnsOf } from '../../logical/free-columns.js'
import { collationName, isSameFamily, withoutRelabel } from '../../expressions/type-families.js'

/** `left = right`, one side of each input. */
export interface EqualPair {
  readonly condition: Expression
  readonly left: Expression
  readonly right: Expression
  /** Also when both are null: IS NOT DISTINCT FROM. */
  readonly nullsEqual: boolean
  readonly isHashable: boolean
  readonly isMergeable: boolean
}

export interface JoinConditions {
  readonly pairs: readonly EqualPair[]
  readonly others: readonly Expression[]
}

/** Takes the conditions of a join apart into pairs to look up by and others to check. */
export function splitConditions(
  conditions: readonly Expression[],
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): JoinConditions {
  const pairs: EqualPair[] = []
  const others: Expression[] = []
  for (const condition of conditions) {
    const pair = equalPair(condition, left, right)
    if (pair === undefined) others.push(condition)
    else pairs.push(pair)
  }
  return { pairs, others }
}

function equalPair(
  condition: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): EqualPair | undefined {
  const sides = equalSides(condition)
  if (sides === undefined || isVolatile(condition)) return undefined
  const [a, b, nullsEqual] = sides
  const ofA = sideOf(a, left, right)
  const ofB = sideOf(b, left, right)
  if (ofA === undefined || ofB === undefined || ofA === ofB) return undefined
  const own = withoutRelabel(ofA === 'left' ? a : b)
  const other = withoutRelabel(ofA === 'left' ? b : a)
  const types = [own.type.scalar, other.type.scalar] as const
  const isComparable = isSameFamily(...types)
  return {
    condition,
    left: own,
    right: other,
    nullsEqual,
    isHashable: isComparable && types.every((type) => type.hashKey !== undefined),
    isMergeable:
      isComparable &&
      !nullsEqual &&
      types.every((type) => type.compare !== undefined) &&
      collationName(own) === collationName(other),
  }
}

function equalSides(condition: Expression): readonly [Expression, Expression, boolean] | undefined {
  if (condition.kind === 'distinct') {
    return condition.isNegated && condition.equals.comparison === 'eq'
      ? [condition.left, condition.right, true]
      : undefined
  }
  const parts = comparisonOf(condition)
  return parts?.comparison === 'eq' ? [parts.left, parts.right, false] : undefined
}

/** Which of the two inputs an expression is made of; undefined for both or none. */
function sideOf(
  expression: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): 'left' | 'right' | undefined {
  let ofLeft = false
  let ofRight = false
  for (const column of columnsOf(expression)) {
    ofLeft ||= left.has(column)
    ofRight ||= right.has(column)
  }
  return ofLeft === ofRight ? undefined : ofLeft ? 'left' : 'right'
}
