/**
 * Expressions of query plans: names looked up, functions chosen, types known, conversions made visible. They belong to
 * no language: SQL, Cypher, CQL and the others all end here.
 *
 * A column is known by its {@link ColumnId}, which is unique in a whole statement: it can be moved freely between
 * operators, and what an expression refers to but its input does not give is a correlation with an outer query.
 */
import type { DataType } from '../scalar/data-type.js'
import type {
  AggregateFunction,
  AsyncFunction,
  Cast,
  Comparison,
  Operator,
  ScalarFunction,
  WindowFunction,
} from '../scalar/functions/function.js'
import type { RecordField } from '../scalar/record-value.js'
import type { Value } from '../scalar/value.js'
import type { LogicalPlan } from './logical-plan.js'

/** Unique in a statement, from 1. */
export type ColumnId = number

export type Expression =
  | ConstantExpression
  | ParameterExpression
  | ColumnExpression
  | CallExpression
  | AndOrExpression
  | NotExpression
  | TestExpression
  | DistinctExpression
  | CaseExpression
  | CoalesceExpression
  | CastExpression
  | QuantifiedExpression
  | ArrayExpression
  | RowExpression
  | FieldExpression
  | SubscriptExpression
  | SubqueryExpression
  | DefaultExpression

interface Typed {
  readonly type: DataType
}

export interface ConstantExpression extends Typed {
  readonly kind: 'constant'
  readonly value: Value
}

/** A value that comes with each execution: `$1` has index 0. */
export interface ParameterExpression extends Typed {
  readonly kind: 'parameter'
  readonly index: number
}

export interface ColumnExpression extends Typed {
  readonly kind: 'column'
  readonly column: ColumnId
  /** For EXPLAIN and messages. */
  readonly name: string
}

/** A function or an operator. Arguments are of the types the function takes: conversions have been put in. */
export interface CallExpression extends Typed {
  readonly kind: 'call'
  readonly function: ScalarFunction | AsyncFunction
  readonly args: readonly Expression[]
  /** Set when it was written as one; comparisons have it always. */
  readonly operator?: Operator
}

/** SQL's three-valued logic, over two or more arguments. */
export interface AndOrExpression extends Typed {
  readonly kind: 'and' | 'or'
  readonly args: readonly Expression[]
}

export interface NotExpression extends Typed {
  readonly kind: 'not'
  readonly arg: Expression
}

/** `IS [NOT] NULL`, `IS [NOT] TRUE`, … Never null. A record is null when all its fields are (`IS NULL` only). */
export interface TestExpression extends Typed {
  readonly kind: 'test'
  readonly test: 'null' | 'true' | 'false' | 'unknown'
  readonly isNegated: boolean
  readonly arg: Expression
}

/** `IS [NOT] DISTINCT FROM`: `equals` compares two values that are not null. Never null. */
export interface DistinctExpression extends Typed {
  readonly kind: 'distinct'
  readonly isNegated: boolean
  readonly equals: Operator
  readonly left: Expression
  readonly right: Expression
}

/** The first branch whose condition is true. `CASE x WHEN …` and NULLIF have been written out. */
export interface CaseExpression extends Typed {
  readonly kind: 'case'
  readonly branches: readonly { readonly condition: Expression; readonly result: Expression }[]
  /** A null constant where there was no ELSE. */
  readonly otherwise: Expression
}

/** `coalesce`: the first that is not null. `greatest`, `least`: by the type's order, nulls left out. */
export interface CoalesceExpression extends Typed {
  readonly kind: 'coalesce' | 'greatest' | 'least'
  readonly args: readonly Expression[]
}

export interface CastExpression extends Typed {
  readonly kind: 'cast'
  readonly arg: Expression
  /** Undefined: only the modifier changes, or elements of an array are converted by `element`. */
  readonly cast?: Cast
  readonly element?: Cast
  readonly isExplicit: boolean
}

/** `left op ANY (right)` and ALL over an array; IN lists of constants and of same-typed values come as arrays too. */
export interface QuantifiedExpression extends Typed {
  readonly kind: 'quantified'
  readonly quantifier: 'any' | 'all'
  readonly operator: Operator
  readonly left: Expression
  /** An array. */
  readonly right: Expression
}

/** `ARRAY[…]`; with `isNested` its elements are arrays themselves, of one more dimension together. */
export interface ArrayExpression extends Typed {
  readonly kind: 'array'
  readonly elements: readonly Expression[]
  readonly isNested: boolean
}

export interface RowExpression extends Typed {
  readonly kind: 'row'
  readonly fields: readonly RecordField[]
  readonly args: readonly Expression[]
}

/** `(record).field`, by its position from 0. */
export interface FieldExpression extends Typed {
  readonly kind: 'field'
  readonly arg: Expression
  readonly index: number
}

/** `array[1]`, `array[1:2]`, `jsonb['key']`: one entry for each dimension. */
export interface SubscriptExpression extends Typed {
  readonly kind: 'subscript'
  readonly arg: Expression
  readonly isSlice: boolean
  readonly subscripts: readonly {
    readonly lower: Expression | undefined
    readonly upper: Expression | undefined
  }[]
}

/**
 * - `scalar`: the one value of the one row at most; null without a row. @throws cardinality_violation for more.
 * - `exists`: whether there is a row.
 * - `any`, `all`: `left op (row)` over the rows, in three-valued logic: `IN` is `any` with `=`, `NOT IN` `all` with `<>`.
 *   Several columns compare as rows do.
 * - `array`: the values of the one column, in order, as an array.
 */
export interface SubqueryExpression extends Typed {
  readonly kind: 'subquery'
  readonly mode: 'scalar' | 'exists' | 'any' | 'all' | 'array'
  readonly plan: LogicalPlan
  /** Of `any` and `all`: one for each column of the plan. */
  readonly left?: readonly Expression[]
  readonly operators?: readonly Operator[]
  readonly comparison?: Comparison
}

/**
 * DEFAULT in the rows of an INSERT: the column's default, which its relation knows (`undefined` in a `WriteRow`). Only as
 * a whole value of a `ValuesPlan` that is the input of an `InsertPlan`.
 */
export interface DefaultExpression extends Typed {
  readonly kind: 'default'
}

/** One aggregate of an Aggregate operator. */
export interface AggregateCall extends Typed {
  readonly function: AggregateFunction
  readonly args: readonly Expression[]
  readonly isDistinct: boolean
  readonly filter?: Expression
  readonly orderBy: readonly SortKey[]
}

export interface SortKey {
  readonly expression: Expression
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}

export type FrameBound =
  | { readonly kind: 'unbounded' | 'current' }
  | {
      readonly kind: 'offset'
      readonly expression: Expression
      /**
       * Of RANGE: `order value ± offset`, to compare with the order's type. Chosen by the binder.
       */
      readonly add?: Operator
    }

export interface WindowFrame {
  readonly unit: 'rows' | 'range' | 'groups'
  readonly start: FrameBound & { readonly side: 'preceding' | 'following' }
  readonly end: FrameBound & { readonly side: 'preceding' | 'following' }
  readonly exclude: 'no others' | 'current row' | 'group' | 'ties'
}

/** One window function of a Window operator, whose partitioning and order it shares. */
export interface WindowCall extends Typed {
  readonly function: WindowFunction | AggregateFunction
  readonly args: readonly Expression[]
  readonly filter?: Expression
  readonly frame: WindowFrame
}
