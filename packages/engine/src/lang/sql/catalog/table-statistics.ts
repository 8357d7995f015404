/** What ANALYZE has found, from its stored form. */
import type { TableLayout } from '../../../models/relational/layout/table-layout.js'
import { PLAIN_CONTEXT } from '../../../models/relational/types/plain-context.js'
import type { ColumnStatistics, RelationStatistics } from '../../../plan/statistics/relation-statistics.js'
import type { RelationColumn } from '../../../relation/relation.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Value } from '../../../scalar/value.js'

/** Plain JSON; values in their text form. */
export interface StoredStatistics {
  readonly rowCount: number
  /** By the id of the column; of what other models hold by its name. */
  readonly columns: Readonly<Record<string, StoredColumnStatistics>>
}

export interface StoredGraphStatistics {
  readonly nodes?: StoredStatistics
  readonly edges?: StoredStatistics
}

export interface StoredColumnStatistics {
  readonly nullFraction: number
  readonly distinctCount: number
  readonly averageBytes: number
  readonly mostCommon: readonly (readonly [value: string, fraction: number])[]
  readonly histogram: readonly string[]
}

export function relationStatistics(
  stored: StoredStatistics,
  layout: TableLayout,
  types: readonly DataType[],
): RelationStatistics {
  return {
    rowCount: stored.rowCount,
    columns: layout.columns.map(({ id, position }) => {
      const [column, type] = [stored.columns[id], types[position]]
      return column === undefined || type === undefined ? undefined : columnStatistics(column, type)
    }),
  }
}

/** Of what another model holds: by the names of its columns. */
export function namedStatistics(
  stored: StoredStatistics,
  columns: readonly RelationColumn[],
): RelationStatistics {
  return {
    rowCount: stored.rowCount,
    columns: columns.map(({ name, type }) => {
      const column = stored.columns[name]
      return column && columnStatistics(column, type)
    }),
  }
}

function columnStatistics(stored: StoredColumnStatistics, { scalar }: DataType): ColumnStatistics {
  const parse = (text: string): Value => scalar.parse(text, -1, PLAIN_CONTEXT)
  return {
    nullFraction: stored.nullFraction,
    distinctCount: stored.distinctCount,
    averageBytes: stored.averageBytes,
    mostCommon: stored.mostCommon.map(([text, fraction]) => ({ value: parse(text), fraction })),
    histogram: stored.histogram.map(parse),
  }
}
