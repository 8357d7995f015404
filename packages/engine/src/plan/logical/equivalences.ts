import type { Operator } from '../../scalar/functions/function.js'
import { comparisonOf, operatorCall } from '../expressions/conditions.js'
import { expressionKey } from '../expressions/expression-key.js'
import { isVolatile } from '../expressions/volatility.js'
import type { Expression } from '../expression.js'
import { columnsOf } from './free-columns.js'

/** Expressions that are equal to one another wherever certain conditions hold. */
export interface EquivalenceClass {
  readonly members: readonly Expression[]
  /** A member that refers to no column of the input: a constant, a parameter, a correlation. */
  readonly fixed: Expression | undefined
  /** Compares two members: they are all of one type. */
  readonly operator: Operator
  readonly conditionType: Expression['type']
}

/**
 * What `a = b AND b = c` says, put together. Only comparisons of two values of one type take part, so that any two
 * members can be compared by the same operator.
 */
export class Equivalences {
  readonly #classOf = new Map<string, Class>()
  /** Conditions that became part of a class. */
  readonly used = new Set<Expression>()

  constructor(conditions: readonly Expression[], isFixed: (expression: Expression) => boolean) {
    for (const condition of conditions) {
      if (this.#add(condition, isFixed)) this.used.add(condition)
    }
  }

  classes(): readonly EquivalenceClass[] {
    return [...new Set(this.#classOf.values())]
  }

  classOf(expression: Expression): EquivalenceClass | undefined {
    return this.#classOf.get(expressionKey(expression))
  }

  #add(condition: Expression, isFixed: (expression: Expression) => boolean): boolean {
    const parts = comparisonOf(condition)
    if (parts === undefined || !isEquality(condition)) return false
    const { left, right, operator } = parts
    const leftKey = expressionKey(left)
    const rightKey = expressionKey(right)
    if (leftKey === rightKey) return false
    const own = this.#classOf.get(leftKey) ?? newClass(operator, condition)
    const other = this.#classOf.get(rightKey) ?? newClass(operator, condition)
    if (own.operator.oid !== operator.oid || other.operator.oid !== operator.oid) return false
    for (const member of [left, right]) {
      const key = expressionKey(member)
      if (!this.#classOf.has(key)) {
        own.members.push(member)
        this.#classOf.set(key, own)
      }
      if (isFixed(member) && (own.fixed === undefined || member.kind === 'constant')) own.fixed = member
    }
    if (own !== other) this.#merge(own, other)
    return true
  }

  #merge(own: Class, other: Class): void {
    for (const member of other.members) {
      own.members.push(member)
      this.#classOf.set(expressionKey(member), own)
    }
    own.fixed ??= other.fixed
  }
}

interface Class extends EquivalenceClass {
  readonly members: Expression[]
  fixed: Expression | undefined
}

function newClass(operator: Operator, condition: Expression): Class {
  return { members: [], fixed: undefined, operator, conditionType: condition.type }
}

/** A condition `a = b` between values of one type, from which `b = a` and more can be concluded. */
export function isEquality(condition: Expression): boolean {
  const parts = comparisonOf(condition)
  if (parts?.comparison !== 'eq' || condition.kind !== 'call') return false
  const { operator, left, right } = parts
  if (operator.left !== operator.right || !operator.function.isStrict) return false
  if (left.type.scalar.oid !== right.type.scalar.oid) return false
  return operator.function.volatility === 'immutable' && !isVolatile(left) && !isVolatile(right)
}

/** The members of a class set equal to the fixed one: they say all that the class says. */
export function fixedConditions(found: EquivalenceClass, fixed: Expression): Expression[] {
  const fixedKey = expressionKey(fixed)
  return found.members
    .filter((member) => expressionKey(member) !== fixedKey)
    .map((member) => operatorCall(found.operator, member, fixed, found.conditionType))
}

/** Whether an expression refers to none of the columns that conditions are about. */
export function refersToNone(expression: Expression, columns: ReadonlySet<number>): boolean {
  for (const column of columnsOf(expression)) if (columns.has(column)) return false
  return true
}
