import type { PushedType } from '@orbit-ts/storage'
import type { StoredRows } from '../../relation/stored-rows.js'
import { collationName, isSameFamily, withoutRelabel } from '../expressions/type-families.js'
import type { ColumnId, Expression } from '../expression.js'
import { ROW_ID_ORDINAL } from '../logical-plan.js'
import type { TableScan } from '../physical-plan.js'

/** A column of a scan that an expression is, but for conversions that leave its values as they are. */
export interface StoredColumn {
  readonly ordinal: number
  readonly column: Expression & { readonly kind: 'column' }
  /** Undefined: the store cannot compute with it. */
  readonly type: PushedType | undefined
}

/** The columns of a scan, as the store knows them. */
export class StoredScan {
  readonly scan: TableScan
  readonly rows: StoredRows
  readonly #ordinals: ReadonlyMap<ColumnId, number>

  constructor(scan: TableScan, rows: StoredRows) {
    this.scan = scan
    this.rows = rows
    this.#ordinals = new Map(scan.columns.map(({ id }, at) => [id, scan.ordinals[at] ?? ROW_ID_ORDINAL]))
  }

  has(column: ColumnId): boolean {
    return this.#ordinals.has(column)
  }

  columnOf(expression: Expression): StoredColumn | undefined {
    const column = withoutWidening(expression)
    if (column.kind !== 'column' || collationName(expression) !== collationName(column)) return undefined
    const ordinal = this.#ordinals.get(column.column)
    if (ordinal === undefined || ordinal === ROW_ID_ORDINAL) return undefined
    return { ordinal, column, type: this.rows.typeOf(ordinal) }
  }
}

/** Integers and floats, by `pg_type.oid`, each list from the narrowest on. */
const WIDENING: readonly (readonly number[])[] = [
  [21, 23, 20], // int2, int4, int8
  [700, 701], // float4, float8
]

/** The expression below conversions that keep values as they are: to names of the same type, to wider numbers. */
function withoutWidening(expression: Expression): Expression {
  const inner = withoutRelabel(expression)
  if (inner.kind !== 'cast' || inner.cast === undefined || inner.type.modifier !== -1) return inner
  const from = inner.arg.type.scalar.oid
  const to = inner.type.scalar.oid
  const isWider = WIDENING.some((oids) => oids.includes(from) && oids.indexOf(from) < oids.indexOf(to))
  return isWider ? withoutWidening(inner.arg) : inner
}

/** Whether values of both compare as stored values do that are of one type. */
export function comparesAsStored(a: Expression, b: Expression): boolean {
  return isSameFamily(a.type.scalar, b.type.scalar) && collationName(a) === 'C' && collationName(b) === 'C'
}
