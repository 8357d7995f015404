/** FROM while names are looked up in it: the plan is built when it is known what the rest of the query wants of it. */
import type { ColumnId, Expression } from '../../../../plan/expression.js'
import { freeColumns } from '../../../../plan/logical/free-columns.js'
import type { JoinType, LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import { ROW_ID_ORDINAL } from '../../../../plan/logical-plan.js'
import type { Relation } from '../../../../relation/relation.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { RangeItem } from '../scope/range-item.js'

export interface FromTree {
  build(): LogicalPlan
}

/** What the binder needs of one entry of FROM. */
export interface BoundFrom {
  readonly tree: FromTree
  /** What names mean, its own and those inside of it that can still be seen. */
  readonly items: readonly RangeItem[]
  /** All entries within, those too that cannot be named any more. */
  readonly leaves: readonly RangeItem[]
}

/** Something that is not a join. */
export class Leaf implements FromTree {
  readonly #statement: StatementState
  readonly #plan: () => LogicalPlan
  #presence: ColumnId | undefined

  constructor(statement: StatementState, plan: () => LogicalPlan) {
    this.#statement = statement
    this.#plan = plan
  }

  /** A column that is true in its rows, and null where an outer join makes them up. */
  readonly presence = (): ColumnId => {
    this.#presence ??= this.#statement.newColumn()
    return this.#presence
  }

  build(): LogicalPlan {
    const input = this.#plan()
    if (this.#presence === undefined) return input
    const type = this.#statement.type(OID.bool)
    const present: Expression = { kind: 'constant', value: true, type }
    return {
      kind: 'project',
      input,
      expressions: [...input.columns.map(columnExpression), present],
      columns: [...input.columns, { id: this.#presence, name: 'present', type }],
    }
  }
}

/** A relation that is read. */
export class ScanLeaf extends Leaf {
  readonly columns: readonly OutputColumn[]
  /** The column with the row's identity, which is then read too. */
  readonly rowId: () => ColumnId

  constructor(statement: StatementState, relation: Relation, alias: string) {
    const columns = relation.columns.map(({ name, type }): OutputColumn => ({
      id: statement.newColumn(),
      name,
      type,
    }))
    let rowId: OutputColumn | undefined
    super(statement, () => ({
      kind: 'scan',
      relation,
      alias,
      ordinals: [...columns.keys(), ...(rowId === undefined ? [] : [ROW_ID_ORDINAL])],
      columns: rowId === undefined ? columns : [...columns, rowId],
    }))
    this.columns = columns
    this.rowId = () => {
      rowId ??= { id: statement.newColumn(), name: 'row', type: statement.type(OID.record) }
      return rowId.id
    }
  }
}

/** Rows that meet conditions. */
export class FilteredTree implements FromTree {
  readonly #tree: FromTree
  readonly #conditions: readonly Expression[]

  constructor(tree: FromTree, conditions: readonly Expression[]) {
    this.#tree = tree
    this.#conditions = conditions
  }

  build(): LogicalPlan {
    return this.#conditions.reduce(
      (input, condition): LogicalPlan => ({ kind: 'filter', input, condition, columns: input.columns }),
      this.#tree.build(),
    )
  }
}

export class JoinTree implements FromTree {
  readonly #type: JoinType
  readonly #left: FromTree
  readonly #right: FromTree
  readonly #condition: Expression | undefined

  constructor(type: JoinType, left: FromTree, right: FromTree, condition: Expression | undefined) {
    this.#type = type
    this.#left = left
    this.#right = right
    this.#condition = condition
  }

  build(): LogicalPlan {
    const left = this.#left.build()
    const right = this.#right.build()
    return {
      kind: 'join',
      type: this.#type,
      left,
      right,
      condition: this.#condition,
      isLateral: refersTo(right, left),
      columns: [...left.columns, ...right.columns],
    }
  }
}

function refersTo(plan: LogicalPlan, other: LogicalPlan): boolean {
  const free = freeColumns(plan)
  return other.columns.some(({ id }) => free.has(id))
}

export function columnExpression({ id, name, type }: OutputColumn): Expression {
  return { kind: 'column', column: id, name, type }
}

/** The one row without columns that a query without FROM reads. */
export function emptyRow(): LogicalPlan {
  return { kind: 'values', rows: [[]], columns: [] }
}
