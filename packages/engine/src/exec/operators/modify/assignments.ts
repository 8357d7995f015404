import { defined } from '@orbit-ts/base'
import type { Assignment } from '../../../plan/logical-plan.js'
import type { Expression } from '../../../plan/expression.js'
import type { Relation, RelationWrite } from '../../../relation/relation.js'
import { unsupported } from '../../../scalar/condition.js'
import type { Row, Value } from '../../../scalar/value.js'

/** New values for some columns of a relation, taken from rows in which they have been computed. */
export interface Assigned {
  /** In the order in which the rows have their values. */
  readonly expressions: readonly Expression[]
  /** By ordinal; undefined for columns that are not assigned. @param first where in the row the values begin. */
  values(rows: readonly Row[], first: number, write: RelationWrite): Promise<(Value | undefined)[][]>
  /** For rows that are new: undefined is the default anyway. The values begin the rows. */
  newRows(rows: readonly Row[]): (Value | undefined)[][]
}

export function compileAssignments(relation: Relation, assignments: readonly Assignment[]): Assigned {
  const given = assignments.filter((assignment) => assignment.expression !== undefined)
  const toDefault = assignments
    .filter((assignment) => assignment.expression === undefined)
    .map((assignment) => assignment.ordinal)
  const expressions = given.flatMap((assignment) => assignment.expression ?? [])
  const byOrdinal = (row: Row, first: number): (Value | undefined)[] => {
    const changed = new Array<Value | undefined>(relation.columns.length).fill(undefined)
    given.forEach(({ ordinal }, at) => (changed[ordinal] = row[first + at] as Value))
    return changed
  }
  return {
    expressions,
    newRows: (rows) => rows.map((row) => byOrdinal(row, 0)),
    values: async (rows, first, write) => {
      const values = rows.map((row) => byOrdinal(row, first))
      if (toDefault.length > 0) await setDefaults(relation, toDefault, values, write)
      return values
    },
  }
}

async function setDefaults(
  relation: Relation,
  ordinals: readonly number[],
  values: readonly (Value | undefined)[][],
  write: RelationWrite,
): Promise<void> {
  const defaults = await write.defaults?.(ordinals, values.length)
  for (const [at, ordinal] of ordinals.entries()) {
    const column = defined(relation.columns[ordinal], 'the column')
    if (defaults === undefined && (column.hasDefault || column.generated !== undefined)) {
      throw unsupported(`setting column "${column.name}" of "${relation.name}" to its default`)
    }
    values.forEach((row, index) => (row[ordinal] = defaults?.[index]?.[at] ?? null))
  }
}
