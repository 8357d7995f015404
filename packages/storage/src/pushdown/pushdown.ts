/**
 * Work that a store does beside its data: which rows of a table it keeps, how it orders, cuts or sums them up. Only a
 * store that understands the layout of rows (`relationalKeys`, the row format of the engine) offers it.
 *
 * A store runs a plan on each part of its data by itself and puts the answers side by side. So those of a plan with
 * `aggregate` or `topN` are partial, and the caller finishes the work. Truth is SQL's: the integers 1 and 0, or null.
 */
import type { KeyRange } from '../provider.js'

/**
 * How a value is stored and compared.
 *
 * - `int`: 64 bits, signed. Booleans are 0 and 1; dates, times and enums are the integers that rows hold.
 * - `decimal`: exact, with a fixed precision (up to 65) and scale (up to 30).
 * - `text`: UTF-8, in the order of its bytes. Comes back as a string.
 * - `bytes`: the same, comes back as bytes. Any stored value can be read so: as the bytes that rows hold.
 */
export type PushedType =
  | { readonly kind: 'int' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'bytes' }

/** Of an `int` a number when it is a safe integer, otherwise a bigint; of a `decimal` its exact text. */
export type PushedValue = null | number | bigint | string | Uint8Array

export interface PushedColumn {
  /** As in the stored row. */
  readonly id: number
  readonly type: PushedType
  /** What rows have that say nothing of the column. Default null. */
  readonly absent?: PushedValue
  /** The value is the row's integer handle, and in its key only. */
  readonly isHandle?: boolean
}

/** Rows of a table. */
export interface PushedSource {
  readonly kind: 'table'
  readonly tableId: number
  /** At least one; each once. */
  readonly columns: readonly PushedColumn[]
  /** Ids of the columns of a primary key that is not one integer, in its order. */
  readonly primaryKey?: readonly number[]
  /** Those of `primaryKey` whose values are in the rows as well, because the key holds less of them. */
  readonly primaryKeyInRows?: readonly number[]
}

export type PushedComparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** Computed of one row. @typeParam Leaf what stands for a value that does not depend on the row */
export type PushedExpression<Leaf = PushedConstant> =
  | Leaf
  /** The `offset`-th column of the source. */
  | { readonly kind: 'column'; readonly offset: number }
  /** Both sides are of one type. Null when one of them is. */
  | {
      readonly kind: 'compare'
      readonly op: PushedComparison
      readonly left: PushedExpression<Leaf>
      readonly right: PushedExpression<Leaf>
    }
  | { readonly kind: 'and' | 'or'; readonly args: readonly PushedExpression<Leaf>[] }
  | { readonly kind: 'not' | 'is-null'; readonly arg: PushedExpression<Leaf> }
  | PushedLike<Leaf>
  /** Equal to one of the list, which has at least one. */
  | {
      readonly kind: 'in'
      readonly item: PushedExpression<Leaf>
      readonly list: readonly PushedExpression<Leaf>[]
    }

/** `%` and `_` as in SQL, of a `text`; a backslash takes away what is special of the next character. */
interface PushedLike<Leaf> {
  readonly kind: 'like'
  readonly text: PushedExpression<Leaf>
  readonly pattern: string
}

export interface PushedConstant {
  readonly kind: 'constant'
  readonly type: PushedType
  readonly value: PushedValue
}

/**
 * One column of the answer each. Nulls are passed over, but by `count` without `arg`. Over nothing `count` is 0, the
 * others are null. Sums are decimals.
 */
export type PushedFunction<Leaf = PushedConstant> =
  | { readonly kind: 'count'; readonly arg?: PushedExpression<Leaf> }
  | { readonly kind: 'sum' | 'min' | 'max'; readonly arg: PushedExpression<Leaf> }

export interface PushedOrder {
  readonly by: PushedExpression
  readonly descending: boolean
  readonly nulls: 'first' | 'last'
}

/** The rows for which all conditions are true, and then one of `aggregate`, `topN` and `limit`. */
export interface PushedPlan {
  readonly source: PushedSource
  readonly conditions: readonly PushedExpression[]
  /**
   * One row for each group and part of the data: the functions, then what is grouped by. Without `groupBy` a part that
   * has no rows gives one or none.
   */
  readonly aggregate?: {
    readonly functions: readonly PushedFunction[]
    readonly groupBy: readonly PushedExpression[]
  }
  /** So many of the first rows of each part. */
  readonly topN?: { readonly orderBy: readonly PushedOrder[]; readonly limit: number }
  /** No more rows than this are wanted. */
  readonly limit?: number
  /** Offsets of columns, in the order in which they are given back. Left out with `aggregate`. */
  readonly output?: readonly number[]
}

export interface PushedScanOptions {
  /** Rows come in the order of their keys. Otherwise as the parts of the data answer. */
  readonly isOrdered: boolean
  /** From the end of the ranges to their start. */
  readonly isReverse: boolean
  readonly signal?: AbortSignal
}

/** Why a plan cannot be run now by whom it was asked of. Nothing has been read. */
export interface PushedRefusal {
  readonly refused: string
}

export interface Pushdown {
  /**
   * Begins a scan of the same snapshot that `Reader.scan` reads. A transaction refuses where the answer would not be the
   * one that its own scan gives: it has written in the ranges itself, or has to remember each row that it reads.
   * @param ranges of keys of rows, disjoint and in key order
   * @returns rows in non-empty batches; leaving the loop early frees what the scan holds.
   * @throws STORE_REFUSED while it is read: a server does not know something that the plan asks for. As `Reader.scan`.
   */
  scan(
    plan: PushedPlan,
    ranges: readonly KeyRange[],
    options: PushedScanOptions,
  ): AsyncIterable<PushedValue[][]> | PushedRefusal
}
