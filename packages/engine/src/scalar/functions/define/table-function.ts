import type { DataType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Row } from '../../value.js'
import type { TableFunction } from '../function.js'
import { parseSignature } from './signature.js'
import type { ScalarOptions } from './scalar-function.js'

export interface TableOptions extends Pick<ScalarOptions, 'defaults'> {
  /** Default: one column of the result's type, named after the function. */
  columns?: TableFunction['columns']
}

/** Gives the rows for the values of the arguments. */
export type TypedRows = (context: ScalarContext, ...args: never[]) => Iterable<Row>

/** A function of rows whose implementation does not look at the types of a call. */
export function table(signature: string, rows: TypedRows, options: TableOptions = {}): TableFunction {
  return boundTable(signature, () => rows, options)
}

/** The columns that a query asks for of a function that gives records. */
export type ColumnDefinitions = readonly { readonly name: string; readonly type: DataType }[]

/** A function of rows whose implementation is chosen by the types of a call, and the columns that it asks for. */
export function boundTable(
  signature: string,
  bind: (types: readonly DataType[], definitions: ColumnDefinitions | undefined) => TypedRows,
  options: TableOptions = {},
): TableFunction {
  const parsed = parseSignature(signature)
  return {
    kind: 'table',
    ...parsed,
    columns: () => [{ name: parsed.name, type: { scalar: parsed.result, modifier: -1 } }],
    ...options,
    rows: (types, context, args, definitions) => bind(types, definitions)(context, ...(args as never[])),
  }
}
