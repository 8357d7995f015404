import { eachArgument } from '../expressions/each-argument.js'
import type { ColumnId, Expression } from '../expression.js'
import { inputsOf } from '../logical/plan-inputs.js'
import { ROW_ID_ORDINAL, type LogicalPlan } from '../logical-plan.js'
import type { Relation } from '../../relation/relation.js'
import type { DataType } from '../../scalar/data-type.js'
import { DEFAULTS } from './column-selectivity.js'
import type { ColumnStatistics } from './relation-statistics.js'

/** Rows of a relation that nobody has counted. */
export const UNKNOWN_ROW_COUNT = 1000

interface Source {
  readonly relation: Relation
  readonly ordinal: number
}

/** Where the columns of a statement come from, and what is known of their values. */
export class ColumnFacts {
  readonly #sources = new Map<ColumnId, Source>()
  readonly #definitions = new Map<ColumnId, Expression>()
  /** Row counts of plans whose columns are made up by them. */
  readonly #ownCounts = new Map<ColumnId, number>()
  readonly #seen = new WeakSet<LogicalPlan>()

  /** Takes in the columns of a plan and of all its inputs. */
  add(plan: LogicalPlan): void {
    if (this.#seen.has(plan)) return
    this.#seen.add(plan)
    inputsOf(plan).forEach((input) => this.add(input))
    if (plan.kind === 'scan') {
      plan.columns.forEach(({ id }, at) => {
        const ordinal = plan.ordinals[at]
        if (ordinal !== undefined) this.#sources.set(id, { relation: plan.relation, ordinal })
      })
    } else if (plan.kind === 'project') this.#define(plan.columns, plan.expressions)
    else if (plan.kind === 'aggregate') this.#define(plan.columns, plan.groups)
    else if (plan.kind === 'set-operation') {
      this.#define(
        plan.columns,
        plan.left.columns.map(({ id, name, type }) => ({ kind: 'column', column: id, name, type })),
      )
    } else if (plan.kind === 'values') {
      for (const { id } of plan.columns) this.#ownCounts.set(id, plan.rows.length)
    }
  }

  /** The stored column that an expression hands on unchanged. */
  sourceOf(expression: Expression): Source | undefined {
    let current = expression
    // Definitions lead downwards in the plan, so this ends.
    for (;;) {
      if (current.kind === 'cast' && (current.cast === undefined || current.cast.method === 'relabel')) {
        current = current.arg
        continue
      }
      if (current.kind !== 'column') return undefined
      const source = this.#sources.get(current.column)
      if (source !== undefined) return source
      const definition = this.#definitions.get(current.column)
      if (definition === undefined || definition === current) return undefined
      current = definition
    }
  }

  statisticsOf(expression: Expression): ColumnStatistics | undefined {
    const source = this.sourceOf(expression)
    return source?.relation.statistics?.columns[source.ordinal]
  }

  /** How many different values an expression has over so many rows. */
  distinctCount(expression: Expression, rows: number): number {
    return Math.max(1, Math.min(rows, this.#distinctAtAll(expression, rows)))
  }

  #distinctAtAll(expression: Expression, rows: number): number {
    if (expression.kind === 'constant' || expression.kind === 'parameter') return 1
    const source = this.sourceOf(expression)
    if (source !== undefined) return distinctOfSource(source)
    if (expression.type.scalar.category === 'B') return 2
    if (expression.kind === 'column') {
      const definition = this.#definitions.get(expression.column)
      if (definition !== undefined && definition !== expression) return this.#distinctAtAll(definition, rows)
      return this.#ownCounts.get(expression.column) ?? DEFAULTS.distinct
    }
    let product = 1
    let hasColumns = false
    eachArgument(expression, (argument) => {
      if (argument.kind === 'constant') return
      hasColumns = true
      product *= this.#distinctAtAll(argument, rows)
    })
    return hasColumns ? product : 1
  }

  #define(columns: LogicalPlan['columns'], expressions: readonly Expression[]): void {
    expressions.forEach((expression, at) => {
      const column = columns[at]
      if (column !== undefined && !(expression.kind === 'column' && expression.column === column.id)) {
        this.#definitions.set(column.id, expression)
      }
    })
  }
}

export function rowCountOf(relation: Relation): number {
  return Math.max(1, relation.statistics?.rowCount ?? UNKNOWN_ROW_COUNT)
}

/** Whether a single column of a relation has no value twice. */
export function isUniqueColumn(relation: Relation, ordinal: number): boolean {
  return relation.indexes.some(
    (index) =>
      index.isUnique &&
      index.predicate === undefined &&
      index.keys.length === 1 &&
      index.keys[0]?.key === ordinal,
  )
}

function distinctOfSource({ relation, ordinal }: Source): number {
  if (ordinal === ROW_ID_ORDINAL || isUniqueColumn(relation, ordinal)) return rowCountOf(relation)
  const known = relation.statistics?.columns[ordinal]?.distinctCount
  if (known !== undefined) return known
  if (relation.columns[ordinal]?.type.scalar.category === 'B') return 2
  return Math.min(DEFAULTS.distinct, rowCountOf(relation))
}

/** Bytes that a value of a type takes where nobody measured it. */
export function defaultWidth(type: DataType): number {
  const { length } = type.scalar
  if (length > 0) return length
  return type.modifier > 4 && type.scalar.category === 'S' ? Math.min(32, type.modifier - 4) : 32
}
