/**
 * Plans that TiKV's coprocessor runs beside the data: what is scanned, what of it is kept, how it is ordered, cut or
 * summed up. A plan says what tables and columns look like in TiDB's layout; it knows nothing of SQL.
 *
 * Each task (a region, or a page of one) runs the plan on its own part of the ranges. The answers of all tasks together
 * are what the plan asks for only where the plan has neither `aggregate` nor `topN`: see `DagPlan`.
 */
import type { CoprocessorOptions } from '../coprocessor-options.js'

/**
 * How a value is stored and compared. Comparisons need both sides of one kind; use a `cast` otherwise.
 *
 * - `int`: 64 bits. Booleans are 0 and 1; dates, times and enums that rows hold as integers are integers here, too.
 *   `unsigned` only where the row holds it so.
 * - `real`: a double. **NaN is null to TiKV**, wherever it is stored: do not declare a column `real` that may hold one.
 *   Declare it `bytes`: the stored form of a double, `realBytes(value)`, sorts as PostgreSQL sorts doubles, NaN last;
 *   only -0 and 0 differ there. `bytesReal` turns it back.
 * - `decimal`: exact, as MySQL stores it: precision up to 65, scale up to 30 and no more than the precision.
 * - `text`: UTF-8, compared as bytes (the `C` collation), no padding. Comes back as string.
 * - `bytes`: the same, comes back as bytes. Any stored value may be declared so, where only whole bytes matter.
 * - `duration`: MySQL's TIME, nanoseconds, signed; whole microseconds within ±838:59:59.999999. Servers round others.
 */
export type DagType =
  | { readonly kind: 'int'; readonly unsigned?: boolean | undefined }
  | { readonly kind: 'real' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'duration' }

/**
 * One value. `int` and `duration`: a number when it is a safe integer, otherwise a bigint. `real`: a number. `decimal`:
 * its exact text (`-12.50`), with the digits that the server gave it. `text`: a string. `bytes`: a Uint8Array of its own
 * memory.
 */
export type DagValue = null | number | bigint | string | Uint8Array

/** One row, in the order of the plan's output. */
export type DagRow = DagValue[]

/** A column that is read. */
export interface DagColumn {
  /** As in the stored row; not looked at for the column of an integer handle. A plan names a column once. */
  readonly id: number
  readonly type: DagType
  /** What rows have that say nothing of the column. Default null. */
  readonly absent?: DagValue | undefined
  /** The value is the row's integer handle and not in the row. One column at most; in an index the last one. */
  readonly isHandle?: boolean | undefined
}

/** Rows of a table. */
export interface DagTableSource {
  readonly kind: 'table'
  readonly tableId: number
  readonly columns: readonly DagColumn[]
  /**
   * Ids of all columns of a primary key that is not one integer, in its order: what the handle in each row's key is made
   * of. Those among `columns` whose rows do not hold them are read from the key.
   */
  readonly primaryKey?: readonly number[] | undefined
  /** Those of `primaryKey` that rows hold, too, because the key has less of them than the value: they are read there. */
  readonly primaryKeyInRows?: readonly number[] | undefined
}

/**
 * Entries of an index; `columns` are the index's columns in its order, from the first on and without a gap, and after
 * them, if wanted and only when all of the index's columns are there, those of the handle: one `isHandle` column, or
 * those of `primaryKey`. Not for an index with descending columns or with nulls last: TiKV cannot read its keys.
 */
export interface DagIndexSource {
  readonly kind: 'index'
  readonly tableId: number
  readonly indexId: number
  readonly columns: readonly DagColumn[]
  /** As of a table; its columns are the last ones of `columns`, in this order. */
  readonly primaryKey?: readonly number[] | undefined
}

export type DagSource = DagTableSource | DagIndexSource

export type DagComparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'is-not-distinct'

/**
 * What is computed of one row. Truth is the integers 1 and 0, or null; null is neither true nor false, as in SQL.
 *
 * - `column`: the `offset`-th column of the source.
 * - `constant`: null has the type, too. No NaN.
 * - `compare`: both sides of one kind. `is-not-distinct` is never null.
 * - `and`, `or`: of one argument or more; `not` of one. Arguments must be truth values or integers.
 * - `is-null`: never null.
 * - `in`: `item` against each of `list`, at least one, of its kind.
 * - `arithmetic`: of signed ints, reals or decimals, both sides of one kind. Beyond 64 bits, or with an infinite result,
 *   the scan fails with `STORE_REFUSED`, see `dagErrorNumber`; decimals beyond MySQL's 81 digits likewise. A product of
 *   decimals has the scale of both together; more than 30 is refused.
 * - `like`: of text; `%` and `_`, case-sensitive. The pattern is a constant; `escape` is one ASCII character, default
 *   backslash. A pattern that ends in its escape character is refused: servers differ about it.
 * - `cast`: signed int to real or decimal, decimal to real. A value that the decimal type cannot hold fails the scan.
 */
export type DagExpression =
  | { readonly kind: 'column'; readonly offset: number }
  | { readonly kind: 'constant'; readonly type: DagType; readonly value: DagValue }
  | {
      readonly kind: 'compare'
      readonly op: DagComparison
      readonly left: DagExpression
      readonly right: DagExpression
    }
  | { readonly kind: 'and' | 'or'; readonly args: readonly DagExpression[] }
  | { readonly kind: 'not'; readonly arg: DagExpression }
  | { readonly kind: 'is-null'; readonly arg: DagExpression }
  | { readonly kind: 'in'; readonly item: DagExpression; readonly list: readonly DagExpression[] }
  | {
      readonly kind: 'arithmetic'
      readonly op: 'plus' | 'minus' | 'multiply'
      readonly left: DagExpression
      readonly right: DagExpression
    }
  | {
      readonly kind: 'like'
      readonly text: DagExpression
      readonly pattern: string
      readonly escape?: string | undefined
    }
  | { readonly kind: 'cast'; readonly to: DagType; readonly arg: DagExpression }

/**
 * What becomes of the rows of a group. Nulls are passed over, but by `count` without `arg` and by `first`.
 *
 * Its columns in the output, and how those of several tasks are put together:
 * - `count`: int; added up.
 * - `sum`: of ints and decimals a decimal, of reals a real; null when nothing was added; added up.
 * - `avg`: two columns, `count` and `sum`.
 * - `min`, `max`: of the argument's type, null when there was nothing; the least, the greatest.
 * - `first`: of any row of the group; any of them.
 */
export type DagFunction =
  | { readonly kind: 'count'; readonly arg?: DagExpression | undefined }
  | { readonly kind: 'sum' | 'avg' | 'min' | 'max' | 'first'; readonly arg: DagExpression }

/** The output is the columns of `functions`, one after the other, then those of `groupBy`. */
export interface DagAggregate {
  /**
   * Values that are equal (null and null, too) make a group. Empty: all rows are one group, and a task whose ranges
   * have no row may answer with a row (count 0) or with none.
   */
  readonly groupBy: readonly DagExpression[]
  /** At least one, unless `groupBy` has any. */
  readonly functions: readonly DagFunction[]
  /** The rows come in the order of `groupBy`: groups are then put out as they end, in no more memory than one takes. */
  readonly isOrdered?: boolean | undefined
}

export interface DagOrder {
  readonly by: DagExpression
  readonly descending?: boolean | undefined
  /** Default `last` ascending, `first` descending, as in PostgreSQL. */
  readonly nulls?: 'first' | 'last' | undefined
}

/**
 * What each task does, in this order: scan, keep the rows for which all `conditions` are true, then one of `aggregate`,
 * `topN` and `limit`, then put out `output`.
 *
 * - With `aggregate` the rows are partial results: one row for each group **and task**, to be put together by the caller.
 * - With `topN` they are the first ones of each task, ordered within it; the caller takes the first of all.
 * - With `limit` alone, `dagScan` ends after so many rows.
 */
export interface DagPlan {
  readonly source: DagSource
  /** Tasks, and the rows of each, from the end of the ranges to their start. Default false. */
  readonly descending?: boolean | undefined
  readonly conditions?: readonly DagExpression[] | undefined
  readonly aggregate?: DagAggregate | undefined
  readonly topN?: { readonly orderBy: readonly DagOrder[]; readonly limit: number } | undefined
  readonly limit?: number | undefined
  /** Offsets of the source's columns to put out, in any order, repeated or not. Default all. Not with `aggregate`. */
  readonly output?: readonly number[] | undefined
}

/**
 * How a plan is run. `paging` is on by default, but for `aggregate` and `topN`, which go through all of a region anyhow;
 * its `minSize` is 1024 rows and its `maxSize` 32 768.
 */
export interface DagScanOptions extends Omit<CoprocessorOptions, 'streaming'> {
  /** Filled in with what the scan moved and what the servers did; see `newDagReport`. Makes the servers count. */
  readonly report?: DagReport | undefined
}

/** What scans have cost; they add to it. */
export interface DagReport {
  /** Answers, of tasks and of pages. */
  responses: number
  /** Of the answers that came over the network; those from the client's cache are not counted. */
  responseBytes: number
  /** Answers from the client's cache. */
  cachedResponses: number
  /** Rows that were put out by the servers. */
  rows: number
  /** In the order of the plan's steps; of all tasks together. Empty for servers that do not tell. */
  steps: DagStepReport[]
  /** What servers warned of, the first 64. */
  warnings: string[]
}

export interface DagStepReport {
  readonly step: 'table-scan' | 'index-scan' | 'selection' | 'aggregation' | 'top-n' | 'limit'
  /** Rows that the step passed on. */
  rows: number
  timeNs: bigint
}
