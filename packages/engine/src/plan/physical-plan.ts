/**
 * Plans as they are executed: which index, which join, in which order. Made from a logical plan by the optimizer, run by
 * `exec`. Rows are arrays with one value for each output column, in the order of `columns`.
 *
 * An expression may refer to a column that its operator's input does not give: a correlation. Its value comes from the
 * operator above that binds it (`nested-loop` with `isLateral`, or a subquery of an expression), which opens the plan
 * again for each of its rows.
 */
import type { PushedComparison, PushedExpression } from '@orbit-ts/storage'
import type { Relation } from '../relation/relation.js'
import type { StoredAggregate, StoredOrder } from '../relation/stored-rows.js'
import type { TableFunction } from '../scalar/functions/function.js'
import type { AggregateCall, ColumnId, Expression, SortKey, WindowCall } from './expression.js'
import type {
  DeletePlan,
  InsertPlan,
  JoinType,
  LockPlan,
  MergePlan,
  OutputColumn,
  UpdatePlan,
} from './logical-plan.js'

/** What the optimizer expects. Costs are in units of reading one row of a table in order. */
export interface Estimate {
  readonly rows: number
  readonly startupCost: number
  readonly totalCost: number
  /** Mean size of a row, bytes. */
  readonly width: number
}

interface Operator {
  readonly columns: readonly OutputColumn[]
  readonly estimate: Estimate
}

export type PhysicalPlan =
  | TableScan
  | StoreScan
  | ValuesScan
  | Filter
  | Project
  | NestedLoopJoin
  | HashJoin
  | MergeJoin
  | IndexJoin
  | Aggregate
  | Window
  | Sort
  | Limit
  | Distinct
  | SetOperation
  | TableFunctionScan
  | UnnestCalls
  | With
  | CommonScan
  | Recursive
  | Lock
  | Modify

export interface TableScan extends Operator {
  readonly kind: 'table-scan'
  readonly relation: Relation
  readonly alias: string
  /** One for each column. */
  readonly ordinals: readonly number[]
  readonly access: AccessPlan
  /** In how many parts of the store the rows are expected to lie, where that is more than one. */
  readonly parts?: number
  readonly isReverse: boolean
  /** What is checked of the rows that come, over the ids in `columns`. */
  readonly residual?: Expression
  /** The operators above want no more rows than this. */
  readonly limit?: Expression
  /** Columns that are not read, as `access` settles what was asked of them: what EXPLAIN calls them. */
  readonly settled?: { readonly columns: readonly OutputColumn[]; readonly ordinals: readonly number[] }
  /** Why something could not be handed to the store, for EXPLAIN. */
  readonly notPushed?: string
}

/**
 * What the store computes beside the data, where it can when it is asked; otherwise `local`, which gives the same rows.
 * A store works on parts of the data apart: rows come in the order of `scan`, but with `topN` as the first ones of each
 * part, and with `aggregate` as one row for each group and part, which are merged here.
 */
export interface StoreScan extends Operator {
  readonly kind: 'store-scan'
  readonly local: PhysicalPlan
  /** Of all rows or of ranges of the primary key, with the columns that are sent. */
  readonly scan: TableScan
  readonly conditions: readonly StoreCondition[]
  /** What is checked of the rows that come, over the ids in `scan.columns`. Never with `aggregate`, `topN` or `limit`. */
  readonly residual?: Expression
  readonly aggregate?: {
    readonly request: StoredAggregate
    /** What the store's rows are, functions first. */
    readonly columns: readonly OutputColumn[]
    readonly groups: readonly Expression[]
    readonly aggregates: readonly AggregateCall[]
  }
  /** Rows of which no others than the first so many are wanted by the sort above. */
  readonly topN?: { readonly keys: readonly StoredOrder[]; readonly limit: Expression }
  /** No more rows than both together are wanted by the limit above. */
  readonly limit?: { readonly count: Expression; readonly offset: Expression | undefined }
  /** What the store does, and why it does not do more: for EXPLAIN. */
  readonly pushed: readonly string[]
  readonly notPushed?: string
}

/** Of one row, for the store: columns are ordinals, tests are against values of an execution. */
export type StoreCondition = PushedExpression<StoreTest>

/**
 * A column against a value that does not depend on the row: a comparison; `same`, which is IS NOT DISTINCT FROM; `one-of`,
 * of the elements of an array; `like`, of a pattern.
 */
export interface StoreTest {
  readonly kind: 'test'
  readonly test: PushedComparison | 'same' | 'one-of' | 'like'
  readonly ordinal: number
  readonly value: Expression
}

/** How a relation is read, with values yet to be computed from constants, parameters and correlations. */
export type AccessPlan =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'points'
      readonly index: string
      /** One for each key of the index. A null finds nothing. */
      readonly keys: readonly (readonly Expression[])[]
    }
  /** `key = ANY (array)`: one point for each different element. */
  | {
      readonly kind: 'point-array'
      readonly index: string
      readonly prefix: readonly Expression[]
      readonly array: Expression
    }
  | {
      readonly kind: 'ranges'
      readonly index: string
      readonly ranges: readonly RangePlan[]
      readonly indexOnly: boolean
    }

export interface RangePlan {
  /** Equalities. A null finds nothing unless `prefixNulls` has the position. */
  readonly prefix: readonly Expression[]
  /** Positions of `prefix` that stand for IS NULL. */
  readonly prefixNulls?: readonly number[]
  /** A null bound finds nothing. */
  readonly lower?: { readonly value: Expression; readonly isInclusive: boolean }
  readonly upper?: { readonly value: Expression; readonly isInclusive: boolean }
  readonly notNull?: boolean
}

export interface ValuesScan extends Operator {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expression[])[]
}

export interface Filter extends Operator {
  readonly kind: 'filter'
  readonly input: PhysicalPlan
  readonly condition: Expression
}

export interface Project extends Operator {
  readonly kind: 'project'
  readonly input: PhysicalPlan
  readonly expressions: readonly Expression[]
}

/** The columns of the left side, then those of the right (of `semi` and `anti`: the left alone). */
export interface NestedLoopJoin extends Operator {
  readonly kind: 'nested-loop'
  readonly type: Exclude<JoinType, 'right' | 'full'> | 'full' | 'right'
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  readonly condition: Expression | undefined
  /** The right side is opened anew for each row of the left, whose columns it refers to. Otherwise it is kept. */
  readonly isLateral: boolean
  readonly isNullAware?: boolean
}

/** `right` is read into a table first; rows are equal when all keys are, and then `residual` must hold. */
export interface HashJoin extends Operator {
  readonly kind: 'hash-join'
  readonly type: JoinType
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  readonly leftKeys: readonly Expression[]
  readonly rightKeys: readonly Expression[]
  /** By position: the keys are equal also when both are null (IS NOT DISTINCT FROM). */
  readonly nullsEqual?: readonly boolean[]
  readonly residual: Expression | undefined
  readonly isNullAware?: boolean
}

/** Both sides come in the order of their keys. */
export interface MergeJoin extends Operator {
  readonly kind: 'merge-join'
  readonly type: JoinType
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  readonly leftKeys: readonly SortKey[]
  readonly rightKeys: readonly SortKey[]
  readonly residual: Expression | undefined
}

/** For each batch of the left side, the matching rows of a relation through one of its indexes. */
export interface IndexJoin extends Operator {
  readonly kind: 'index-join'
  readonly type: 'inner' | 'left' | 'semi' | 'anti'
  readonly left: PhysicalPlan
  readonly relation: Relation
  readonly alias: string
  readonly index: string
  /** Values for the first keys of the index, over the left side's columns. */
  readonly keys: readonly Expression[]
  /** What is read of the relation. */
  readonly right: readonly OutputColumn[]
  readonly ordinals: readonly number[]
  readonly indexOnly: boolean
  /** Over the columns of both. */
  readonly residual: Expression | undefined
}

export interface Aggregate extends Operator {
  readonly kind: 'aggregate'
  /** `sorted`: equal groups come together. `hash` and `plain` (one group) take any order. */
  readonly strategy: 'plain' | 'hash' | 'sorted'
  readonly input: PhysicalPlan
  readonly groups: readonly Expression[]
  readonly groupingSets?: readonly (readonly number[])[]
  readonly aggregates: readonly AggregateCall[]
  readonly groupings?: readonly (readonly number[])[]
  /** Why the store does none of it, for EXPLAIN; only where it could do some. */
  readonly notPushed?: string
}

/** The input comes in the order of `partitionBy`, then `orderBy`. */
export interface Window extends Operator {
  readonly kind: 'window'
  readonly input: PhysicalPlan
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly calls: readonly WindowCall[]
}

export interface Sort extends Operator {
  readonly kind: 'sort'
  readonly input: PhysicalPlan
  readonly keys: readonly SortKey[]
  /** The input comes sorted by so many of the keys already. */
  readonly presorted: number
  /** Only so many of the first rows are wanted: top-n, within memory. */
  readonly limit?: Expression
}

export interface Limit extends Operator {
  readonly kind: 'limit'
  readonly input: PhysicalPlan
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
  readonly withTies?: readonly SortKey[]
}

export interface Distinct extends Operator {
  readonly kind: 'distinct'
  readonly strategy: 'hash' | 'sorted'
  readonly input: PhysicalPlan
  /** DISTINCT ON: the first row of each run of equal values; always `sorted`. */
  readonly on?: readonly Expression[]
}

export interface SetOperation extends Operator {
  readonly kind: 'set-operation'
  /** `append`: UNION ALL. */
  readonly operation: 'append' | 'union' | 'intersect' | 'except'
  readonly isAll: boolean
  readonly inputs: readonly PhysicalPlan[]
}

export interface TableFunctionScan extends Operator {
  readonly kind: 'table-function'
  readonly calls: readonly { readonly function: TableFunction; readonly args: readonly Expression[] }[]
  readonly hasOrdinality: boolean
}

export interface UnnestCalls extends Operator {
  readonly kind: 'unnest-calls'
  readonly input: PhysicalPlan
  readonly calls: readonly { readonly function: TableFunction; readonly args: readonly Expression[] }[]
}

export interface With extends Operator {
  readonly kind: 'with'
  readonly definitions: readonly {
    readonly id: number
    readonly name: string
    readonly plan: PhysicalPlan
    readonly isModifying: boolean
  }[]
  readonly body: PhysicalPlan
}

export interface CommonScan extends Operator {
  readonly kind: 'common-scan'
  readonly definition: number
  readonly name: string
  readonly ordinals: readonly number[]
}

export interface Recursive extends Operator {
  readonly kind: 'recursive'
  readonly id: number
  readonly start: PhysicalPlan
  readonly step: PhysicalPlan
  readonly isDistinct: boolean
}

export interface Lock extends Operator {
  readonly kind: 'lock'
  readonly input: PhysicalPlan
  readonly targets: LockPlan['targets']
}

/** A change, with the rows that it is made of; what it says is in the logical plan. */
export interface Modify extends Operator {
  readonly kind: 'modify'
  readonly change: InsertPlan | UpdatePlan | DeletePlan | MergePlan
  readonly input: PhysicalPlan
}

/** A plan inside of an expression: by the logical plan that `SubqueryExpression` holds. */
export type SubqueryPlans = ReadonlyMap<object, SubqueryPlanEntry>

export interface SubqueryPlanEntry {
  readonly plan: PhysicalPlan
  /** Columns of outer rows that it refers to; none: it is run once in an execution. */
  readonly correlations: readonly ColumnId[]
}

/** A whole statement, ready to run; it may be run many times and by many at once. */
export interface ExecutablePlan {
  readonly root: PhysicalPlan
  readonly subqueries: SubqueryPlans
  /** Of statements that give no rows but a count. */
  readonly isModifying: boolean
}
