import { columnExpression } from '../../expressions/conditions.js'
import { substitute } from '../../expressions/substitute.js'
import type { ColumnId, Expression, SortKey } from '../../expression.js'
import { columnsOf } from '../../logical/free-columns.js'
import type { ScanPlan } from '../../logical-plan.js'
import type { RelationIndex } from '../../../relation/relation.js'
import { collationName } from '../../expressions/type-families.js'

/** Expressions of a relation, whose columns are ordinals, over the columns that a scan gives them. */
export class ScanColumns {
  readonly #byOrdinal = new Map<ColumnId, Expression>()
  readonly #ordinals = new Map<ColumnId, number>()

  constructor(scan: ScanPlan) {
    scan.columns.forEach((column, at) => {
      const ordinal = scan.ordinals[at]
      if (ordinal === undefined) return
      if (!this.#byOrdinal.has(ordinal)) this.#byOrdinal.set(ordinal, columnExpression(column))
      this.#ordinals.set(column.id, ordinal)
    })
  }

  /** Undefined when it needs a column that is not read. */
  fromOrdinals(expression: Expression): Expression | undefined {
    for (const ordinal of columnsOf(expression)) if (!this.#byOrdinal.has(ordinal)) return undefined
    return substitute(expression, this.#byOrdinal)
  }

  column(ordinal: number): Expression | undefined {
    return this.#byOrdinal.get(ordinal)
  }

  ordinalOf(column: ColumnId): number | undefined {
    return this.#ordinals.get(column)
  }
}

/** A key of an index over the columns of a scan. */
export interface IndexKey {
  /** Undefined when the scan does not read what it is made of: then no condition can be about it. */
  readonly expression: Expression | undefined
  readonly isDescending: boolean
  readonly nullsFirst: boolean
  /** Entries are in the order of the type and its collation: ranges can be read. */
  readonly isOrdered: boolean
  /** They come in that order, too. */
  readonly givesOrder: boolean
}

export function indexKeys(index: RelationIndex, columns: ScanColumns): readonly IndexKey[] {
  return index.keys.map(({ key, isDescending, nullsFirst, isUnordered }) => {
    const expression = typeof key === 'number' ? columns.column(key) : columns.fromOrdinals(key)
    const isOrdered = expression !== undefined && isOrderedByBytes(expression)
    const givesOrder = isOrdered && isUnordered !== true && index.isLossy !== true
    return { expression, isDescending, nullsFirst, isOrdered, givesOrder }
  })
}

/** Entries of an index are ordered by code points, whatever collation the column has. */
function isOrderedByBytes(expression: Expression): boolean {
  if (!expression.type.scalar.isCollatable) return true
  return collationName(expression) === 'C'
}

/** The order in which an index gives rows, as far as it can be named. */
export function indexOrder(keys: readonly IndexKey[], isReverse: boolean): SortKey[] {
  const order: SortKey[] = []
  for (const { expression, isDescending, nullsFirst, givesOrder } of keys) {
    if (expression === undefined || !givesOrder) break
    order.push({
      expression,
      isDescending: isDescending !== isReverse,
      nullsFirst: nullsFirst !== isReverse,
    })
  }
  return order
}
