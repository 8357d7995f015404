/**
 * The algebra that all query languages compile to. A plan is an immutable tree; every operator states the columns that
 * it puts out, in order. Joins may be lateral: their right side may refer to columns of the left.
 */
import type { DataType } from '../scalar/data-type.js'
import type { TableFunction } from '../scalar/functions/function.js'
import type { Relation } from '../relation/relation.js'
import type { AggregateCall, ColumnId, Expression, SortKey, WindowCall } from './expression.js'

export interface OutputColumn {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
}

export type LogicalPlan =
  | ScanPlan
  | ValuesPlan
  | FilterPlan
  | ProjectPlan
  | JoinPlan
  | AggregatePlan
  | WindowPlan
  | SortPlan
  | LimitPlan
  | DistinctPlan
  | SetOperationPlan
  | TableFunctionPlan
  | WithPlan
  | CommonScanPlan
  | RecursivePlan
  | LockPlan
  | UnnestCallsPlan
  | InsertPlan
  | UpdatePlan
  | DeletePlan
  | MergePlan

interface Operator {
  readonly columns: readonly OutputColumn[]
}

/** Reads a relation: a table, a view of the catalog, a collection, a graph's nodes… */
export interface ScanPlan extends Operator {
  readonly kind: 'scan'
  readonly relation: Relation
  /** What the query calls it. */
  readonly alias: string
  /** Which column of the relation each column is, by its ordinal; {@link ROW_ID_ORDINAL} for the row's identity. */
  readonly ordinals: readonly number[]
}

/** The ordinal of the value that identifies a stored row to `Relation.write`; its type is `record`, opaque to plans. */
export const ROW_ID_ORDINAL = -1

/** Rows of expressions. One row without columns is what a SELECT without FROM reads. */
export interface ValuesPlan extends Operator {
  readonly kind: 'values'
  readonly rows: readonly (readonly Expression[])[]
}

export interface FilterPlan extends Operator {
  readonly kind: 'filter'
  readonly input: LogicalPlan
  readonly condition: Expression
}

/** New columns computed from the input; a column that is handed on keeps its id and is an expression of kind `column`. */
export interface ProjectPlan extends Operator {
  readonly kind: 'project'
  readonly input: LogicalPlan
  /** One for each column. */
  readonly expressions: readonly Expression[]
}

/** `semi`, `anti`: the rows of the left side that have, or do not have, a match. Their columns are those of the left. */
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'

export interface JoinPlan extends Operator {
  readonly kind: 'join'
  readonly type: JoinType
  readonly left: LogicalPlan
  readonly right: LogicalPlan
  /** Undefined: every pair matches. */
  readonly condition: Expression | undefined
  /** The right side refers to columns of the left. */
  readonly isLateral: boolean
  /**
   * Of an `anti` join that stands for NOT IN: a row is also left out when the condition is unknown for some match.
   */
  readonly isNullAware?: boolean
}

export interface AggregatePlan extends Operator {
  readonly kind: 'aggregate'
  readonly input: LogicalPlan
  /** What is grouped by. The first output columns. */
  readonly groups: readonly Expression[]
  /** GROUPING SETS, ROLLUP, CUBE written out: indexes into `groups`. Left out: one set of all. */
  readonly groupingSets?: readonly (readonly number[])[]
  /** The output columns after the groups. */
  readonly aggregates: readonly AggregateCall[]
  /** `GROUPING(…)` calls: indexes into `groups`. The output columns after the aggregates, of type int4. */
  readonly groupings?: readonly (readonly number[])[]
}

/** The input's columns, then one for each call. */
export interface WindowPlan extends Operator {
  readonly kind: 'window'
  readonly input: LogicalPlan
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly calls: readonly WindowCall[]
}

export interface SortPlan extends Operator {
  readonly kind: 'sort'
  readonly input: LogicalPlan
  readonly keys: readonly SortKey[]
}

export interface LimitPlan extends Operator {
  readonly kind: 'limit'
  readonly input: LogicalPlan
  /** Undefined or null: no limit. */
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
  /** Also the rows that are equal to the last one by the order of the sort below. */
  readonly withTies?: readonly SortKey[]
}

/** Without `on`: one of each set of equal rows. With it: the first row for each value of `on`, the input being sorted. */
export interface DistinctPlan extends Operator {
  readonly kind: 'distinct'
  readonly input: LogicalPlan
  readonly on?: readonly Expression[]
}

/** Columns correspond by position; both sides have the types of the output. */
export interface SetOperationPlan extends Operator {
  readonly kind: 'set-operation'
  readonly operation: 'union' | 'intersect' | 'except'
  readonly isAll: boolean
  readonly left: LogicalPlan
  readonly right: LogicalPlan
}

/** Table functions in FROM, side by side: shorter ones are filled up with nulls. */
export interface TableFunctionPlan extends Operator {
  readonly kind: 'table-function'
  readonly calls: readonly { readonly function: TableFunction; readonly args: readonly Expression[] }[]
  /** WITH ORDINALITY: the last column counts from 1. */
  readonly hasOrdinality: boolean
}

/** Table functions in a SELECT list: each row of the input, once for each row that the longest of the calls gives. */
export interface UnnestCallsPlan extends Operator {
  readonly kind: 'unnest-calls'
  readonly input: LogicalPlan
  /** The columns after the input's. */
  readonly calls: readonly { readonly function: TableFunction; readonly args: readonly Expression[] }[]
}

/** Names plans for use in `body` and in later ones: WITH. */
export interface WithPlan extends Operator {
  readonly kind: 'with'
  readonly definitions: readonly CommonDefinition[]
  readonly body: LogicalPlan
}

export interface CommonDefinition {
  /** Unique in a statement. */
  readonly id: number
  readonly name: string
  readonly plan: LogicalPlan
  /** `true`: computed once and kept; `false`: written into each place that reads it; undefined: as PostgreSQL decides. */
  readonly isMaterialized: boolean | undefined
  /** How many places read it. Modifying plans are run to their end even when none does. */
  readonly uses: number
}

/** Reads a plan that a {@link WithPlan} above names, or the rows of the last round of a {@link RecursivePlan}. */
export interface CommonScanPlan extends Operator {
  readonly kind: 'common-scan'
  readonly definition: number
  readonly name: string
  /** Which column of the definition each is, by position. */
  readonly ordinals: readonly number[]
}

/** WITH RECURSIVE: `start`, then `step` over the rows of the last round until it gives none. */
export interface RecursivePlan extends Operator {
  readonly kind: 'recursive'
  /** What `step` names in its {@link CommonScanPlan}. */
  readonly id: number
  readonly start: LogicalPlan
  readonly step: LogicalPlan
  /** UNION instead of UNION ALL: rows that were there before are left out. */
  readonly isDistinct: boolean
}

/** FOR UPDATE and such: locks the rows that come through, checks them again where others changed them meanwhile. */
export interface LockPlan extends Operator {
  readonly kind: 'lock'
  readonly input: LogicalPlan
  readonly targets: readonly {
    readonly relation: Relation
    /** The column that holds the row's identity. */
    readonly rowId: ColumnId
    readonly strength: 'update' | 'no key update' | 'share' | 'key share'
    readonly wait: 'block' | 'nowait' | 'skip'
  }[]
}

/** What to give back of changed rows: expressions over the columns of `row` (the new row, of DELETE the old one). */
export interface Returning {
  readonly expressions: readonly Expression[]
  /** What each new row must meet. */
  readonly checks?: readonly RowCheck[]
}

/** WITH CHECK OPTION of a view: a row for which the condition is not true is refused. */
export interface RowCheck {
  readonly view: string
  readonly condition: Expression
}

export interface InsertPlan extends Operator {
  readonly kind: 'insert'
  readonly relation: Relation
  readonly alias: string
  readonly input: LogicalPlan
  /** The ordinal that each column of the input goes to; the others get their defaults. */
  readonly targets: readonly number[]
  /** OVERRIDING SYSTEM VALUE, USER VALUE. */
  readonly overriding?: 'system' | 'user'
  readonly onConflict?: OnConflict
  /** The ids under which `returning` and `onConflict` refer to the relation's columns, by ordinal. */
  readonly row: readonly ColumnId[]
  readonly returning?: Returning
}

export interface OnConflict {
  /** The unique index that decides; undefined: any of them (DO NOTHING only). */
  readonly index: string | undefined
  /** Undefined: DO NOTHING. */
  readonly update?: {
    /** New values by ordinal, over `row` (the row that is there) and `excluded`. */
    readonly assignments: readonly Assignment[]
    readonly condition?: Expression
    /** The ids of the columns of the row that was to be inserted, by ordinal. */
    readonly excluded: readonly ColumnId[]
  }
}

export interface Assignment {
  readonly ordinal: number
  /** Undefined: DEFAULT. */
  readonly expression: Expression | undefined
}

/** The input gives the rows to change, with everything that assignments and `returning` need. */
export interface UpdatePlan extends Operator {
  readonly kind: 'update'
  readonly relation: Relation
  readonly alias: string
  readonly input: LogicalPlan
  /** The column of the input with the row's identity; rows that come twice are changed once, as first met. */
  readonly rowId: ColumnId
  readonly assignments: readonly Assignment[]
  /** The ids under which `returning` refers to the columns of the changed row, by ordinal. */
  readonly row: readonly ColumnId[]
  readonly returning?: Returning
}

export interface DeletePlan extends Operator {
  readonly kind: 'delete'
  readonly relation: Relation
  readonly alias: string
  readonly input: LogicalPlan
  readonly rowId: ColumnId
  readonly row: readonly ColumnId[]
  readonly returning?: Returning
}

/** The input joins the source with the target (left join, the source on the left); `rowId` is null where nothing matched. */
export interface MergePlan extends Operator {
  readonly kind: 'merge'
  readonly relation: Relation
  readonly alias: string
  readonly input: LogicalPlan
  readonly rowId: ColumnId
  readonly actions: readonly MergeAction[]
}

export interface MergeAction {
  readonly isMatched: boolean
  readonly condition?: Expression
  readonly action:
    | { readonly kind: 'nothing' | 'delete' }
    | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
    | {
        readonly kind: 'insert'
        readonly assignments: readonly Assignment[]
        readonly overriding?: 'system' | 'user'
      }
}
