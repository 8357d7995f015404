/** Expressions above a grouping: what they may refer to are the groups, and columns that depend on them. */
import { mapArguments } from '../../../../plan/expressions/map-arguments.js'
import { isSameExpression } from '../../../../plan/expressions/expression-key.js'
import type { ColumnExpression, ColumnId, Expression } from '../../../../plan/expression.js'
import { freeColumns } from '../../../../plan/logical/free-columns.js'
import { mapExpressions } from '../../../../plan/logical/plan-expressions.js'
import { mapInputs } from '../../../../plan/logical/plan-inputs.js'
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import { locationOf, withFactsOf } from '../context/facts.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { RangeItem } from '../scope/range-item.js'

export interface GroupColumn {
  readonly expression: Expression
  readonly id: ColumnId
}

export class Regroup {
  /** What is grouped by, then the columns that depend on it. */
  readonly columns: GroupColumn[]
  /** How many of them the query names. */
  readonly written: number
  readonly #scope: QueryScope
  /** What the grouping reads. */
  readonly #input: ReadonlySet<ColumnId>
  /** Groups that are in all sets. */
  readonly #common: ReadonlySet<ColumnId>

  constructor(
    scope: QueryScope,
    groups: readonly Expression[],
    sets: readonly (readonly number[])[] | undefined,
    input: ReadonlySet<ColumnId>,
  ) {
    this.#scope = scope
    this.#input = input
    this.columns = groups.map((expression) => ({
      expression,
      id:
        expression.kind === 'column' && sets === undefined && input.has(expression.column)
          ? expression.column
          : scope.statement.newColumn(),
    }))
    this.written = groups.length
    const common = new Set<ColumnId>()
    for (const [index, expression] of groups.entries()) {
      const isInAll = sets?.every((set) => set.includes(index)) ?? true
      if (expression.kind === 'column' && isInAll) common.add(expression.column)
    }
    this.#common = common
  }

  /** The expression over what the grouping gives. @throws grouping_error */
  apply(expression: Expression, isInSubquery = false): Expression {
    const group = this.columns.find((column) => isSameExpression(column.expression, expression))
    if (group !== undefined) return this.#reference(group, expression)
    if (expression.kind === 'column') return this.#column(expression, isInSubquery)
    const mapped = mapArguments(expression, (argument) => this.apply(argument, isInSubquery))
    if (mapped.kind !== 'subquery')
      return mapped === expression ? expression : withFactsOf(mapped, expression)
    const plan = this.#plan(mapped.plan)
    return plan === mapped.plan ? mapped : withFactsOf({ ...mapped, plan }, expression)
  }

  /** Which of the groups an argument of GROUPING is; -1: none. */
  indexOf(expression: Expression): number {
    return this.columns.findIndex((column) => isSameExpression(column.expression, expression))
  }

  #reference(group: GroupColumn, expression: Expression): Expression {
    if (expression.kind === 'column' && expression.column === group.id) return expression
    const name = expression.kind === 'column' ? expression.name : ''
    const column: ColumnExpression = { kind: 'column', column: group.id, name, type: expression.type }
    return withFactsOf(column, expression)
  }

  #column(expression: ColumnExpression, isInSubquery: boolean): Expression {
    if (!this.#input.has(expression.column)) return expression
    const source = this.#sourceOf(expression.column)
    if (source !== undefined && this.#isDetermined(source.item)) {
      const group = { expression, id: expression.column }
      this.columns.push(group)
      return expression
    }
    const table = source?.item.name
    const name = source?.name ?? expression.name
    const path = table === undefined ? name : `${table}.${name}`
    throw this.#scope.statement.error(
      'grouping_error',
      isInSubquery
        ? `subquery uses ungrouped column "${path}" from outer query`
        : `column "${path}" must appear in the GROUP BY clause or be used in an aggregate function`,
      locationOf(expression),
    )
  }

  #sourceOf(id: ColumnId): { readonly item: RangeItem; readonly name: string } | undefined {
    const items = [...this.#scope.all].sort((a, b) => Number(a.kind === 'join') - Number(b.kind === 'join'))
    for (const item of items) {
      const column = item.columns.find(({ value }) => value.kind === 'column' && value.column === id)
      if (column !== undefined) return { item, name: column.name }
    }
    return undefined
  }

  /** Whether the groups hold the whole primary key of the item's table. */
  #isDetermined({ relation, columns }: RangeItem): boolean {
    const primary = relation?.indexes.find((index) => index.isPrimary && index.isUnique)
    if (primary === undefined || primary.keys.length === 0) return false
    return primary.keys.every(({ key }) => {
      const value = typeof key === 'number' ? columns[key]?.value : undefined
      return value?.kind === 'column' && this.#common.has(value.column)
    })
  }

  #plan(plan: LogicalPlan): LogicalPlan {
    const free = freeColumns(plan)
    let isAffected = false
    for (const column of free) isAffected ||= this.#input.has(column)
    if (!isAffected) return plan
    return mapExpressions(
      mapInputs(plan, (input) => this.#plan(input)),
      (expression) => this.apply(expression, true),
    )
  }
}
