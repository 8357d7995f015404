/** What functions, operators, aggregates and casts are to the binder, the optimizer and the executor. */
import type { RelationContext } from '../../relation/relation.js'
import type { DataType, ScalarType } from '../data-type.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Row, Value } from '../value.js'

/**
 * - `immutable`: depends on its arguments only; folded while planning.
 * - `stable`: the same for one statement (`now()`, what the session's settings decide).
 * - `volatile`: may differ from call to call, or does something (`random()`, `nextval()`).
 */
export type Volatility = 'immutable' | 'stable' | 'volatile'

/** Computes one value. The context comes first; then one argument for each parameter. */
export type Implementation = (context: ScalarContext, ...args: Value[]) => Value

/** What both kinds of callable share: how a call by name finds them. */
export interface Signature {
  readonly name: string
  /**
   * Types of the parameters. The polymorphic pseudo-types (`anyelement`, `anyarray`, `anynonarray`, `anyenum`,
   * `anycompatible…`, `any`) take what PostgreSQL lets them take.
   */
  readonly parameters: readonly ScalarType[]
  /** For calls with `name => value`; left out where parameters have no names. As in `pg_proc.proargnames`. */
  readonly parameterNames?: readonly string[]
  /** How many of the last parameters may be left out; their values then are `defaults`. */
  readonly defaults?: readonly Value[]
  /**
   * The last parameter takes any number of arguments of its element type, which come to the implementation as one array.
   * Where it is `any`, they are of any types and come one by one.
   */
  readonly isVariadic?: boolean
  /** May be polymorphic. */
  readonly result: ScalarType
}

export interface ScalarFunction extends Signature {
  readonly kind: 'scalar'
  /** As in `pg_proc` for PostgreSQL's own; ours begin at 90 000. */
  readonly oid: number
  /** NULL in, NULL out, without calling it. */
  readonly isStrict: boolean
  readonly volatility: Volatility
  /**
   * The implementation for one call, chosen when it is planned: `types` are those of the arguments after conversion,
   * `result` that of the call.
   */
  bind(types: readonly DataType[], result: DataType): Implementation
  /** The type of the result where it is not simply `result` (a modifier or a collation that is handed on). */
  resultOf?(types: readonly DataType[]): DataType
  /** Of a variadic `any`: what `f(VARIADIC array)` calls, with the array as the last argument. */
  readonly ofArray?: ScalarFunction
}

/** A function that has to wait: it takes numbers of a sequence, reads the catalog or another model. Never folded, never in an index. */
export interface AsyncFunction extends Signature {
  readonly kind: 'async'
  readonly oid: number
  readonly isStrict: boolean
  readonly volatility: Volatility
  /** @param services what the session lets functions do; see `ExecutionServices`. */
  call(services: FunctionServices, context: ScalarContext, args: readonly Value[]): Promise<Value>
}

/** What functions that wait can ask for. The session implements it. */
export interface FunctionServices {
  nextValue(sequence: number): Promise<Value>
  setValue(sequence: number, value: Value, isCalled: boolean): Promise<Value>
  currentValue(sequence: number): Value
  lastValue(): Value
  /** Anything else, by name: `pg_get_viewdef`, `pg_table_size`, `pg_advisory_lock`, `set_config`… */
  invoke(name: string, args: readonly Value[]): Promise<Value>
}

/** A function in FROM: any number of rows. Also callable in a SELECT list when it has one column. */
export interface TableFunction extends Signature {
  readonly kind: 'table'
  readonly oid: number
  readonly isStrict: boolean
  readonly volatility: Volatility
  /** The columns for these argument types; one column named after the function unless said otherwise. */
  columns(types: readonly DataType[]): readonly { readonly name: string; readonly type: DataType }[]
  /**
   * Rows one after another; the executor batches them.
   * @param definitions the columns that the query asks for, of functions whose `columns` are none (`json_to_record`)
   */
  rows(
    types: readonly DataType[],
    context: ScalarContext,
    args: readonly Value[],
    definitions?: readonly { readonly name: string; readonly type: DataType }[],
  ): Iterable<Row>
  /** In place of `rows`, of functions that have to wait: they read other models in the statement's transaction. */
  load?(context: RelationContext, args: readonly Value[]): Promise<Iterable<Row>>
}

/** The state of one aggregate over one group. */
export interface Accumulator {
  add(context: ScalarContext, args: readonly Value[]): void
  /** Takes back what `add` added first; only where {@link AggregateFunction.isInvertible}. */
  remove?(context: ScalarContext, args: readonly Value[]): void
  /** Adds all that another accumulator of the same call has seen. Left out where the order of rows matters. */
  merge?(other: Accumulator): void
  /** May be called again after more rows. */
  result(context: ScalarContext): Value
  /** Roughly how much memory it holds, beyond a fixed hundred bytes. Asked after each batch. */
  readonly sizeBytes: number
}

/** How one key of an order sorts. */
export interface SortDirection {
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}

export interface AggregateFunction extends Signature {
  readonly kind: 'aggregate'
  readonly oid: number
  /** Rows in which an argument is null are not added. */
  readonly isStrict: boolean
  readonly isInvertible: boolean
  /** `percentile_cont(…) WITHIN GROUP (ORDER BY …)`: the direct arguments come first, then the ordered ones. */
  readonly orderedSet?: { readonly directCount: number; readonly isHypothetical: boolean }
  /** What it is over no rows; null unless it counts. */
  readonly empty: Value
  /** @param order of the rows, for ordered sets: rows are added in it */
  bind(types: readonly DataType[], result: DataType, order?: readonly SortDirection[]): () => Accumulator
  resultOf?(types: readonly DataType[]): DataType
}

/** What a window function sees of the partition while it works on one row. Positions are from 0 within the partition. */
export interface WindowPartition {
  readonly size: number
  /** The row that is worked on. */
  readonly position: number
  /** The first and the last position of the rows that are equal to it in the window's order. */
  readonly peers: { readonly first: number; readonly last: number }
  /** How many groups of peers begin up to this row, itself included. */
  readonly peerGroup: number
  /** The frame's first and last position; `last < first` when it is empty. Excluded rows are given by `isExcluded`. */
  readonly frame: { readonly first: number; readonly last: number }
  isExcluded(position: number): boolean
  /** The value of an argument at a row of the partition. */
  argument(index: number, position: number): Value
}

/** `row_number`, `lag`, … Aggregates are window functions too, and are not listed as such. */
export interface WindowFunction extends Signature {
  readonly kind: 'window'
  readonly oid: number
  bind(
    types: readonly DataType[],
    result: DataType,
  ): (context: ScalarContext, partition: WindowPartition) => Value
  resultOf?(types: readonly DataType[]): DataType
}

export type AnyFunction = ScalarFunction | AsyncFunction | TableFunction | AggregateFunction | WindowFunction

/** What a comparison means, whatever its operator is called. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

export interface Operator {
  readonly oid: number
  readonly name: string
  /** Undefined: a prefix operator. */
  readonly left: ScalarType | undefined
  readonly right: ScalarType
  readonly function: ScalarFunction
  /** Set on the operators that agree with the order (`compare`) of their operands' common type. */
  readonly comparison?: Comparison
  /** The operator with its sides exchanged, and the one that is true when this is false, by name. */
  readonly commutator?: string
  readonly negator?: string
}

/** When a conversion happens by itself. `explicit`: only where CAST asks for it. */
export type CastContext = 'implicit' | 'assignment' | 'explicit'

export interface Cast {
  readonly source: ScalarType
  readonly target: ScalarType
  readonly context: CastContext
  /** `relabel`: the values are the same; `text`: through the text forms of both types. */
  readonly method: 'relabel' | 'text' | ((context: ScalarContext, value: Value, target: DataType) => Value)
  readonly volatility: Volatility
}
