/**
 * Expressions of SQL in the definitions of tables: checks, defaults, generated columns, keys and conditions of indexes.
 * The relational model stores their text; whoever brings SQL along says here how they are computed.
 */
import { defined } from '@orbit-ts/base'
import type { Datum } from '@orbit-ts/storage'
import type { ModelContext } from '../../model.js'
import type { ColumnType } from '../types/column-type.js'
import type { TableLayout } from './table-layout.js'

/** An expression of one table, ready to be computed over rows of datums. */
export interface RowExpression {
  /** Positions of the columns that it reads. */
  readonly positions: readonly number[]
  readonly evaluate: (datums: readonly Datum[]) => Datum
}

export interface RowExpressionCompiler {
  /** @param result the type of what it gives; `condition`: a truth value as an integer, or null. */
  compile(table: TableLayout, sql: string, result: ColumnType | 'condition'): RowExpression
  /** As `compile`, of an expression that may have to wait. */
  compileDefault(table: TableLayout, sql: string, result: ColumnType): DefaultExpression
}

export interface DefaultExpression {
  /** It may be another for each row of a statement. */
  readonly isVolatile: boolean
  /** @param session what the statement works with, where there is one; opaque here. */
  readonly evaluate: (context: ModelContext, session?: unknown) => Promise<Datum>
}

type CompilerSource = (context: ModelContext) => Promise<RowExpressionCompiler>

let source: CompilerSource | undefined

/** To be called once, before tables with expressions are used. */
export function provideRowExpressions(compilers: CompilerSource): void {
  source = compilers
}

/** What compiles the expressions of the tables that a transaction sees. */
export async function rowExpressions(context: ModelContext): Promise<RowExpressionCompiler> {
  return defined(source, 'a compiler of expressions in SQL')(context)
}
