import type { Expression, SortKey } from '../expression.js'

/** What the operators above a plan could make use of. */
export interface Goals {
  /** Orders of which at least the first keys would help. */
  readonly orders: readonly (readonly SortKey[])[]
  /** Expressions whose equal values would better come together. */
  readonly groups: readonly (readonly Expression[])[]
  /** Only so many of the first rows are wanted, in the order in which they come. */
  readonly limit?: RowLimit
}

export interface RowLimit {
  /** Expected rows. */
  readonly rows: number
  /** Undefined: not to be named as one expression. */
  readonly expression: Expression | undefined
}

export const NO_GOALS: Goals = { orders: [], groups: [] }
