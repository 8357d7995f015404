import type { ColumnId } from '../expression.js'
import type { LogicalPlan, OutputColumn } from '../logical-plan.js'
import { walkExpression } from '../expressions/each-argument.js'
import { changedRowColumns } from './free-columns.js'
import { eachExpression } from './plan-expressions.js'
import { inputsOf } from './plan-inputs.js'

/** Gives out column ids that a statement does not use yet. */
export class ColumnIds {
  #last: ColumnId

  /** @param plan the whole statement. */
  constructor(plan: LogicalPlan) {
    this.#last = largestId(plan)
  }

  next(): ColumnId {
    return ++this.#last
  }

  /** A column that looks like another one. */
  like(column: Pick<OutputColumn, 'name' | 'type'>): OutputColumn {
    return { id: this.next(), name: column.name, type: column.type }
  }
}

function largestId(plan: LogicalPlan): ColumnId {
  let largest = 0
  for (const { id } of plan.columns) largest = Math.max(largest, id)
  for (const id of changedRowColumns(plan)) largest = Math.max(largest, id)
  eachExpression(plan, (expression) =>
    walkExpression(expression, (part) => {
      if (part.kind === 'column') largest = Math.max(largest, part.column)
      if (part.kind === 'subquery') largest = Math.max(largest, largestId(part.plan))
    }),
  )
  for (const input of inputsOf(plan)) largest = Math.max(largest, largestId(input))
  return largest
}
