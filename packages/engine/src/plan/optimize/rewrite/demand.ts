import type { ColumnId, Expression } from '../../expression.js'

/** What is known from above while going down. */
export interface Demand {
  /** Must hold for each row; none is volatile. */
  readonly conditions: readonly Expression[]
  /** Rows with a null in one of these columns are of no use above. */
  readonly rejected: ReadonlySet<ColumnId>
}

export const NO_DEMAND: Demand = { conditions: [], rejected: new Set() }
