/**
 * What the store can do with the rows of a relation beside the data, in the terms of the relation: its columns by
 * ordinal, its values as queries know them.
 */
import type { PushedComparison, PushedExpression, PushedRefusal, PushedType } from '@orbit-ts/storage'
import type { Row, Value } from '../scalar/value.js'
import type { AccessPath, RelationContext } from './relation.js'

export interface StoredRows {
  /**
   * As what the store compares, orders and sums the values of a column, in agreement with their type; undefined: it can
   * only give them back, and tell whether they are null.
   */
  typeOf(ordinal: number): PushedType | undefined
  /** Whether `compare` and `isOneOf` know the column: all that have a `typeOf`, and some that only compare with values. */
  canCompare(ordinal: number): boolean
  /**
   * `column op value`; undefined: the store has no equal of the value. Null when one of both is.
   * @param value of the column's type, or of one that compares with it as the same numbers or texts do
   */
  compare(ordinal: number, op: PushedComparison, value: Value): PushedExpression | undefined
  /** Whether the column equals one of the values, of which there is at least one and none is null. */
  isOneOf(ordinal: number, values: readonly Value[]): PushedExpression | undefined
  /** Whether the rows lie in the order of this index, so that its ranges are ranges of rows. */
  isKey(index: string): boolean
  /** Begins to read; a refusal says why the store cannot do it now. */
  open(context: RelationContext, request: StoredRequest): AsyncIterable<Row[]> | PushedRefusal
}

/** The rows for which all conditions are true, and then one of `aggregate`, `topN` and `limit`, each for parts of them. */
export interface StoredRequest {
  readonly access: AccessPath
  readonly isReverse: boolean
  /** Rows are wanted in the order of the access path. */
  readonly isOrdered: boolean
  /** Columns are ordinals. */
  readonly conditions: readonly PushedExpression[]
  /** The values of each row, by ordinal. Not looked at with `aggregate`. */
  readonly columns: readonly number[]
  /** Rows of values: one for each function, then one for each group. */
  readonly aggregate?: StoredAggregate | undefined
  readonly topN?: { readonly keys: readonly StoredOrder[]; readonly limit: number } | undefined
  readonly limit?: number | undefined
}

export interface StoredAggregate {
  readonly functions: readonly StoredFunction[]
  /** Ordinals of columns that have a `typeOf`. */
  readonly groups: readonly number[]
}

/** `count` gives an int8, `sum` of integers a numeric, the others what the column holds. */
export type StoredFunction =
  | { readonly kind: 'count'; readonly column?: number }
  | { readonly kind: 'sum' | 'min' | 'max'; readonly column: number }

export interface StoredOrder {
  readonly column: number
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}
