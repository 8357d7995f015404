import type { ColumnId } from '../../plan/expression.js'
import type { OutputColumn } from '../../plan/logical-plan.js'

/** Where in a row columns are. What is not in it is a correlation. */
export interface Scope {
  readonly positions: ReadonlyMap<ColumnId, number>
  /** Values in a row. */
  readonly width: number
}

export const EMPTY_SCOPE: Scope = { positions: new Map(), width: 0 }

/** The rows of one operator, or of several side by side. */
export function scopeOf(...inputs: readonly (readonly OutputColumn[])[]): Scope {
  return scopeOfIds(...inputs.map((columns) => columns.map((column) => column.id)))
}

export function scopeOfIds(...inputs: readonly (readonly ColumnId[])[]): Scope {
  const positions = new Map<ColumnId, number>()
  let width = 0
  for (const ids of inputs) for (const id of ids) positions.set(id, width++)
  return { positions, width }
}
