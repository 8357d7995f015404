import { conjunctsOf } from '../../expressions/conditions.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { refersToNone } from '../../logical/equivalences.js'
import { columnIds } from '../../logical/unique-keys.js'
import { ROW_ID_ORDINAL, type LogicalPlan, type ScanPlan } from '../../logical-plan.js'
import type { RelationIndex } from '../../../relation/relation.js'
import { ScanColumns } from './index-keys.js'

/** A relation with the conditions that its rows have to meet. */
export class LeafScan {
  readonly scan: ScanPlan
  readonly conditions: readonly Expression[]
  readonly columns: ScanColumns
  readonly own: ReadonlySet<ColumnId>

  constructor(scan: ScanPlan, conditions: readonly Expression[]) {
    this.scan = scan
    this.conditions = conditions
    this.columns = new ScanColumns(scan)
    this.own = columnIds(scan)
  }

  /** Undefined for plans that are no scan with filters. */
  static of(plan: LogicalPlan): LeafScan | undefined {
    const conditions: Expression[] = []
    let current = plan
    while (current.kind === 'filter') {
      const own = conjunctsOf(current.condition)
      // What does not depend on rows is asked once, before anything is read.
      const columns = columnIds(current)
      if (own.every((condition) => refersToNone(condition, columns) && !isVolatile(condition)))
        return undefined
      conditions.unshift(...own)
      current = current.input
    }
    return current.kind === 'scan' ? new LeafScan(current, conditions) : undefined
  }

  /** The indexes that may be of use for conditions. */
  indexesFor(conditions: readonly Expression[]): readonly RelationIndex[] {
    const { relation } = this.scan
    const made = relation.indexesFor?.(conditions, (column) => this.columns.ordinalOf(column)) ?? []
    return made.length === 0 ? relation.indexes : [...relation.indexes, ...made]
  }

  /** Whether an index holds all the columns that are read. */
  isCovered(covers: readonly number[]): boolean {
    return this.scan.ordinals.every((ordinal) => ordinal !== ROW_ID_ORDINAL && covers.includes(ordinal))
  }
}
