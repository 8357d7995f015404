import type { Relation } from '../../relation/relation.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import type { Value } from '../../scalar/value.js'
import { evaluateConstant } from '../expressions/evaluate-constant.js'
import { rewriteExpression } from '../expressions/map-arguments.js'
import { constantExpression } from '../expressions/conditions.js'
import { walkExpression } from '../expressions/each-argument.js'
import { isVolatile } from '../expressions/volatility.js'
import type { Expression } from '../expression.js'
import { freeColumns } from '../logical/free-columns.js'
import type { LogicalPlan, OutputColumn } from '../logical-plan.js'
import type { OptimizerOptions } from '../optimizer.js'
import { defaultWidth, type ColumnFacts } from '../statistics/column-facts.js'
import { Selectivity } from '../statistics/selectivity.js'
import { COST } from './cost/costs.js'

/** What one run of a plan inside an expression costs, and how many rows it gives. */
export interface PlanCost {
  readonly rows: number
  readonly totalCost: number
}

interface EvaluationCost {
  readonly perRow: number
  readonly once: number
}

/** Estimates shares, sizes and costs of expressions. */
export class Estimator {
  readonly facts: ColumnFacts
  readonly memoryBytes: number
  readonly #selectivity: Selectivity
  readonly #disabled: ReadonlySet<string>
  readonly #shares = new Map<Expression, number>()
  readonly #costs = new Map<Expression, EvaluationCost>()
  readonly #planCost: (plan: LogicalPlan) => PlanCost
  /** See `OptimizerOptions.partsOf`. */
  readonly partsOf: (relation: Relation) => number

  constructor(facts: ColumnFacts, options: OptimizerOptions, planCost: (plan: LogicalPlan) => PlanCost) {
    this.facts = facts
    this.memoryBytes = options.workMemoryBytes
    this.#disabled = options.disabled ?? new Set()
    this.#planCost = planCost
    const { partsOf } = options
    this.partsOf = (relation) => Math.max(1, partsOf?.(relation) ?? 1)
    this.#selectivity = new Selectivity(facts, (expression) => expectedValue(expression, options.scalar))
  }

  /** Which share of rows meets all conditions. */
  share(conditions: readonly Expression[]): number {
    const [only] = conditions
    if (only === undefined) return 1
    if (conditions.length > 1) return this.#selectivity.ofAll(conditions)
    let share = this.#shares.get(only)
    if (share === undefined) {
      share = this.#selectivity.ofAll(conditions)
      this.#shares.set(only, share)
    }
    return share
  }

  /** What evaluating the expressions costs for each row. */
  costOf(expressions: readonly Expression[]): number {
    let cost = 0
    for (const expression of expressions) cost += this.#costOf(expression).perRow
    return cost
  }

  /** What evaluating the expressions costs once, however many rows there are. */
  startupOf(expressions: readonly Expression[]): number {
    let cost = 0
    for (const expression of expressions) cost += this.#costOf(expression).once
    return cost
  }

  #costOf(expression: Expression): EvaluationCost {
    let known = this.#costs.get(expression)
    if (known === undefined) {
      known = this.#computeCost(expression)
      this.#costs.set(expression, known)
    }
    return known
  }

  #computeCost(expression: Expression): EvaluationCost {
    let perRow = 0
    let once = 0
    walkExpression(expression, (part) => {
      if (part.kind === 'subquery') {
        const cost = this.#costOfPlan(part.plan)
        perRow += cost.perRow
        once += cost.once
      } else if (part.kind !== 'column' && part.kind !== 'constant') perRow += COST.operation
    })
    return { perRow, once }
  }

  #costOfPlan(plan: LogicalPlan): EvaluationCost {
    const { totalCost } = this.#planCost(plan)
    const isCorrelated = freeColumns(plan).size > 0
    return isCorrelated
      ? { perRow: totalCost + COST.subplan, once: 0 }
      : { perRow: COST.operation, once: totalCost }
  }

  isDisabled(setting: string): boolean {
    return this.#disabled.has(setting)
  }

  /** What a method costs more when a setting asks to avoid it. */
  penalty(setting: string): number {
    return this.#disabled.has(setting) ? COST.disabled : 0
  }

  widthOf(columns: readonly OutputColumn[]): number {
    let width = 0
    for (const { id, name, type } of columns) {
      const statistics = this.facts.statisticsOf({ kind: 'column', column: id, name, type })
      width += statistics?.averageBytes ?? defaultWidth(type)
    }
    return width
  }

  /** How many groups rows fall into by the values of expressions. */
  groupCount(expressions: readonly Expression[], rows: number): number {
    let product = 1
    for (const expression of expressions) product *= this.facts.distinctCount(expression, rows)
    return Math.max(1, Math.min(product, expressions.length > 1 ? Math.max(rows / 2, 1) : rows, rows))
  }
}

/** The value of an expression without columns, if it can be had now: what is stable is taken as it is at present. */
function expectedValue(expression: Expression, scalar: ScalarContext): Value | undefined {
  if (expression.kind === 'constant') return expression.value
  if (expression.kind === 'column' || expression.kind === 'parameter' || isVolatile(expression))
    return undefined
  const folded = rewriteExpression(expression, (part) => {
    if (part.kind !== 'call' && part.kind !== 'cast' && part.kind !== 'array') return part
    const value = evaluateConstant(part, scalar)
    return value === undefined ? part : constantExpression(value, part.type)
  })
  return folded.kind === 'constant' ? folded.value : undefined
}
