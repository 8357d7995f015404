/** What stands in FROM, as names in expressions see it. */
import type { ColumnId, Expression } from '../../../../plan/expression.js'
import type { Relation } from '../../../../relation/relation.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { RecordField } from '../../../../scalar/record-value.js'
import type { ColumnOrigin } from '../context/facts.js'
import type { ClassUse, UsedClass } from '../context/privileges.js'

export interface RangeColumn {
  readonly name: string
  readonly type: DataType
  /** What a reference stands for; copied for each. */
  readonly value: Expression
  readonly origin?: ColumnOrigin
  /** The fields of a record whose type does not tell them. */
  readonly fields?: readonly RecordField[]
  /** Not in `*`. */
  readonly isHidden?: boolean
  /** What reading it needs to be allowed. */
  readonly reads?: readonly { readonly use: ClassUse; readonly column: string }[]
}

export type RangeKind = 'relation' | 'view' | 'subquery' | 'join' | 'function' | 'values' | 'common'

export interface RangeItemOptions {
  readonly kind: RangeKind
  /** Undefined for joins and subqueries without an alias. */
  readonly name: string | undefined
  readonly columns: readonly RangeColumn[]
  /** Of relations and views that were not given an alias: they can be named with their schema. */
  readonly used?: UsedClass
  readonly hasAlias?: boolean
  readonly relation?: Relation
  readonly rowType?: ScalarType
  readonly use?: ClassUse
  /** Asks the plan for a column that is null exactly where an outer join made the row up. */
  readonly presence?: () => ColumnId
  /** A function of one unnamed value: the row is the value. */
  readonly isScalar?: boolean
}

export class RangeItem {
  readonly kind: RangeKind
  readonly name: string | undefined
  readonly columns: readonly RangeColumn[]
  readonly used: UsedClass | undefined
  readonly hasAlias: boolean
  readonly relation: Relation | undefined
  readonly rowType: ScalarType | undefined
  readonly use: ClassUse | undefined
  readonly presence: (() => ColumnId) | undefined
  readonly isScalar: boolean

  /** `name.column` and `name.*` mean it. */
  isTableVisible = true
  /** Its columns are meant by their names alone. */
  areColumnsVisible = true
  /** Only LATERAL items see it now. */
  isLateralOnly = false
  /** LATERAL items may refer to it: not from the wrong side of an outer join. */
  isLateralOk = true
  /** What the statement changes. */
  isTarget = false
  /** On the side of an outer join whose rows may be made up of nulls. */
  isNullable = false

  constructor(options: RangeItemOptions) {
    this.kind = options.kind
    this.name = options.name
    this.columns = options.columns
    this.used = options.used
    this.hasAlias = options.hasAlias ?? false
    this.relation = options.relation
    this.rowType = options.rowType
    this.use = options.use
    this.presence = options.presence
    this.isScalar = options.isScalar ?? false
  }

  /** What `*` expands to. */
  get visibleColumns(): readonly RangeColumn[] {
    return this.columns.filter((column) => column.isHidden !== true)
  }
}
