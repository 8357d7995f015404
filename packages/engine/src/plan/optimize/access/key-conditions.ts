import { comparisonOf, constantExpression, flipped } from '../../expressions/conditions.js'
import { isSameExpression } from '../../expressions/expression-key.js'
import { isRecord } from '../../expressions/simplify.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { refersToNone } from '../../logical/equivalences.js'
import { afterPrefix, likePrefix } from '../../statistics/like-prefix.js'
import type { IndexKey } from './index-keys.js'
import { collationName, isSameFamily, withoutRelabel } from '../../expressions/type-families.js'

export interface KeyBound {
  readonly value: Expression
  readonly isInclusive: boolean
}

/** What a condition says of one key of an index. */
export type KeyCondition =
  | { readonly kind: 'equal'; readonly value: Expression }
  | { readonly kind: 'null' }
  | { readonly kind: 'any'; readonly array: Expression }
  | {
      readonly kind: 'range'
      readonly lower?: KeyBound
      readonly upper?: KeyBound
      /** The range holds rows for which the condition is not true: it has to be checked again. */
      readonly isLossy?: boolean
    }
  | { readonly kind: 'not null' }

/** @param own the columns of the scan: what refers to none of them is known when the scan begins. */
export function keyCondition(
  condition: Expression,
  key: IndexKey,
  own: ReadonlySet<ColumnId>,
): KeyCondition | undefined {
  const { expression } = key
  if (expression === undefined) return undefined
  const isFixed = (value: Expression): boolean => refersToNone(value, own) && !isVolatile(value)
  // An index over what the condition says.
  if (isSameExpression(condition, expression)) return equalsBoolean(true, expression)
  switch (condition.kind) {
    case 'test':
      if (condition.test === 'null' && !isRecord(condition.arg)) {
        if (!isSameExpression(condition.arg, expression)) return undefined
        return { kind: condition.isNegated ? 'not null' : 'null' }
      }
      if (condition.test === 'true' || condition.test === 'false') {
        if (condition.isNegated || !isSameExpression(condition.arg, expression)) return undefined
        return equalsBoolean(condition.test === 'true', expression)
      }
      return undefined
    case 'not':
      return isSameExpression(condition.arg, expression) ? equalsBoolean(false, expression) : undefined
    case 'quantified': {
      const { quantifier, operator, left, right } = condition
      const element = right.type.scalar.element
      if (quantifier !== 'any' || operator.comparison !== 'eq' || element === undefined) return undefined
      if (!isKey(left, expression) || !isFixed(right)) return undefined
      return isSameFamily(element, expression.type.scalar) ? { kind: 'any', array: right } : undefined
    }
    case 'call':
      return comparedKey(condition, key, expression, isFixed)
    default:
      return undefined
  }
}

function equalsBoolean(value: boolean, key: Expression): KeyCondition {
  return { kind: 'equal', value: constantExpression(value, key.type) }
}

function comparedKey(
  condition: Expression & { kind: 'call' },
  key: IndexKey,
  expression: Expression,
  isFixed: (value: Expression) => boolean,
): KeyCondition | undefined {
  const parts = comparisonOf(condition)
  if (parts === undefined) return likeCondition(condition, key, expression)
  const isLeft = isKey(parts.left, expression)
  if (!isLeft && !isKey(parts.right, expression)) return undefined
  const value = withoutRelabel(isLeft ? parts.right : parts.left)
  if (!isFixed(value) || !isSameFamily(value.type.scalar, expression.type.scalar)) return undefined
  const comparison = isLeft ? parts.comparison : flipped(parts.comparison)
  if (comparison === 'eq') return { kind: 'equal', value }
  if (!key.isOrdered || collationName(isLeft ? parts.left : parts.right) !== collationName(expression))
    return undefined
  switch (comparison) {
    case 'lt':
      return { kind: 'range', upper: { value, isInclusive: false } }
    case 'le':
      return { kind: 'range', upper: { value, isInclusive: true } }
    case 'gt':
      return { kind: 'range', lower: { value, isInclusive: false } }
    case 'ge':
      return { kind: 'range', lower: { value, isInclusive: true } }
    case 'ne':
      return undefined
  }
}

const BPCHAR = 1042

/** `key LIKE 'abc%'`: the texts that begin with `abc` are next to one another. */
function likeCondition(
  condition: Expression & { kind: 'call' },
  key: IndexKey,
  expression: Expression,
): KeyCondition | undefined {
  const [subject, pattern] = condition.args
  if (condition.operator?.name !== '~~' || subject === undefined || pattern === undefined) return undefined
  if (pattern.kind !== 'constant' || typeof pattern.value !== 'string' || !isKey(subject, expression))
    return undefined
  // Texts of fixed length are padded, which LIKE sees and their equality does not.
  if (expression.type.scalar.oid === BPCHAR || !isSameFamily(subject.type.scalar, expression.type.scalar)) {
    return undefined
  }
  const { prefix, isExact } = likePrefix(pattern.value)
  if (isExact) return { kind: 'equal', value: constantExpression(prefix, expression.type) }
  if (prefix === '' || !key.isOrdered) return undefined
  const end = afterPrefix(prefix)
  return {
    kind: 'range',
    lower: { value: constantExpression(prefix, expression.type), isInclusive: true },
    ...(end && { upper: { value: constantExpression(end, expression.type), isInclusive: false } }),
    isLossy: true,
  }
}

/** Whether an operand is the key, perhaps under another name of its type. */
export function isKey(operand: Expression, key: Expression): boolean {
  return isSameExpression(operand, key) || isSameExpression(withoutRelabel(operand), key)
}
