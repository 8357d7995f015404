/**
 * What is known of bound expressions beyond what plans need: where they were written, what they name. It is kept aside,
 * by the object, and handed on when one expression is made of another.
 */
import type { Expression } from '../../../../plan/expression.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { RecordField } from '../../../../scalar/record-value.js'

/** The column of a stored relation that a value comes from unchanged. */
export interface ColumnOrigin {
  readonly tableOid: number
  /** From 1. */
  readonly columnNumber: number
}

export interface Facts {
  /** Where the expression begins, as the tree gives it. */
  readonly location?: number
  readonly origin?: ColumnOrigin | undefined
  /**
   * How firm the collation of its type is: said by COLLATE, or contradictory (its arguments have different ones).
   * Otherwise it is that of a column, or none.
   */
  readonly collation?: 'explicit' | 'conflict'
  /** Where COLLATE is said. */
  readonly collateLocation?: number
  /** It is, or holds, a call of a set-returning function of this level (from 1), which is run below. */
  readonly setLevel?: number
  /** A row of columns that may be null as a whole. */
  readonly isWholeRow?: boolean
  /** The table that it is the row of. */
  readonly rowOf?: string
  /** The fields of a record whose type does not tell them. */
  readonly fields?: readonly RecordField[]
}

const facts = new WeakMap<Expression, Facts>()
const NONE: Facts = {}

export function factsOf(expression: Expression): Facts {
  return facts.get(expression) ?? NONE
}

/** Notes facts beside those that are known. Gives the expression back. */
export function note<E extends Expression>(expression: E, more: Facts): E {
  facts.set(expression, { ...facts.get(expression), ...more })
  return expression
}

export function located<E extends Expression>(expression: E, location: number | undefined): E {
  return note(expression, { location: location ?? 0 })
}

/** Where an expression begins; undefined where nobody wrote it. */
export function locationOf(expression: Expression): number | undefined {
  const location = facts.get(expression)?.location
  return location === undefined || location < 0 ? undefined : location
}

/** Hands on what is known of one expression to another that stands for it. */
export function withFactsOf<E extends Expression>(expression: E, original: Expression): E {
  const known = facts.get(original)
  return known === undefined ? expression : note(expression, known)
}

/** The same expression, known to be of another type. */
export function retyped<E extends Expression>(expression: E, type: DataType): E {
  const copy = { ...expression, type }
  const known = facts.get(expression)
  if (known !== undefined) facts.set(copy, known)
  return copy
}

/** The leftmost of the places where some expressions were written, and of one more. */
export function leftmost(expressions: readonly Expression[], location?: number): number | undefined {
  let first = location !== undefined && location >= 0 ? location : undefined
  for (const expression of expressions) {
    const own = locationOf(expression)
    if (own !== undefined && (first === undefined || own < first)) first = own
  }
  return first
}
