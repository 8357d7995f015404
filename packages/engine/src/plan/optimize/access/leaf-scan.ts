import { allOf, conjunctsOf } from '../../expressions/conditions.js'
import { substitute } from '../../expressions/substitute.js'
import { cheapFirst } from '../../expressions/cheap-first.js'
import { hasSubquery, isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { refersToNone } from '../../logical/equivalences.js'
import { columnsOf } from '../../logical/free-columns.js'
import { columnIds } from '../../logical/unique-keys.js'
import { ROW_ID_ORDINAL, type LogicalPlan, type ScanPlan } from '../../logical-plan.js'
import type { TableScan } from '../../physical-plan.js'
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
      conditions.push(...own)
      current = current.input
    }
    return current.kind === 'scan' ? new LeafScan(current, conditions) : undefined
  }

  /** Whether an index holds all the columns that are read. */
  isCovered(covers: readonly number[]): boolean {
    return this.scan.ordinals.every((ordinal) => ordinal !== ROW_ID_ORDINAL && covers.includes(ordinal))
  }

  /** Parts the conditions that the relation checks itself from those that are left to us. */
  pushDown(conditions: readonly Expression[]): Pick<TableScan, 'pushed' | 'residual' | 'notPushed'> {
    // Relations without it leave no work undone that they could do.
    if (this.scan.relation.canFilter === undefined) {
      const all = allOf(cheapFirst(conditions))
      return all === undefined ? {} : { residual: all }
    }
    const pushed: Expression[] = []
    const residual: Expression[] = []
    const reasons = new Set<string>()
    for (const condition of conditions) {
      const result = this.#pushOne(condition)
      if (typeof result === 'string') {
        residual.push(condition)
        reasons.add(result)
      } else pushed.push(result)
    }
    const pushedAll = allOf(pushed)
    const residualAll = allOf(cheapFirst(residual))
    return {
      ...(pushedAll && { pushed: pushedAll }),
      ...(residualAll && { residual: residualAll }),
      ...(reasons.size > 0 && { notPushed: [...reasons].join('; ') }),
    }
  }

  /** The condition over ordinals, or why the relation does not check it. */
  #pushOne(condition: Expression): Expression | string {
    const { relation } = this.scan
    if (isVolatile(condition)) return 'a volatile function is called'
    if (hasSubquery(condition)) return 'a subquery is evaluated'
    const ordinals = new Map<ColumnId, Expression>()
    for (const column of columnsOf(condition)) {
      const ordinal = this.columns.ordinalOf(column)
      if (ordinal === undefined) return 'an outer query is referred to'
      if (ordinal === ROW_ID_ORDINAL) return 'the row identity is referred to'
      const { name, type } = this.#column(column)
      ordinals.set(column, { kind: 'column', column: ordinal, name, type })
    }
    const overOrdinals = substitute(condition, ordinals)
    return relation.canFilter?.(overOrdinals) === true ? overOrdinals : `${relation.name} cannot check it`
  }

  #column(id: ColumnId): ScanPlan['columns'][number] {
    const found = this.scan.columns.find((column) => column.id === id)
    if (found === undefined) throw new RangeError(`no column ${id} is scanned`)
    return found
  }
}
