import { defined } from '@orbit-ts/base'
import type { ColumnExpression, ColumnId, Expression } from '../../../../plan/expression.js'
import type { LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import type { StatementState } from '../context/statement-state.js'
import type { Target } from './target-list.js'

/** Which column of a plan each target of a SELECT list becomes. */
export class Projection {
  readonly #statement: StatementState
  readonly #columns = new Map<Target, OutputColumn>()
  readonly #used = new Set<ColumnId>()

  constructor(statement: StatementState) {
    this.#statement = statement
  }

  columnOf(target: Target): OutputColumn {
    return defined(this.#columns.get(target), 'the column of a target')
  }

  reference(target: Target): ColumnExpression {
    const { id, name, type } = this.columnOf(target)
    return { kind: 'column', column: id, name, type }
  }

  /** Computes targets. A column of the input keeps its id where no other target has it. @param kept columns to hand on */
  apply(input: LogicalPlan, targets: readonly Target[], kept: readonly ColumnId[]): LogicalPlan {
    const columns: OutputColumn[] = []
    const expressions: Expression[] = []
    const add = (column: OutputColumn, expression: Expression): void => {
      columns.push(column)
      expressions.push(expression)
    }
    const own = new Set(input.columns.map(({ id }) => id))
    for (const target of targets) {
      const column = this.#allocate(target, own)
      add(column, target.expression)
    }
    const present = new Set(columns.map(({ id }) => id))
    for (const id of kept) {
      const column = input.columns.find((one) => one.id === id)
      if (column === undefined || present.has(id)) continue
      present.add(id)
      add(column, { kind: 'column', column: id, name: column.name, type: column.type })
    }
    return { kind: 'project', input, expressions, columns }
  }

  /** A column from further out gets an id of its own: of an outer join, this one may be null where that one is not. */
  #allocate(target: Target, own: ReadonlySet<ColumnId>): OutputColumn {
    const { expression, name } = target
    const isFree =
      expression.kind === 'column' && own.has(expression.column) && !this.#used.has(expression.column)
    const id = isFree ? expression.column : this.#statement.newColumn()
    this.#used.add(id)
    const column = { id, name, type: expression.type }
    this.#columns.set(target, column)
    return column
  }
}
