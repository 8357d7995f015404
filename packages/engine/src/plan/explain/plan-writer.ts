import type { ScalarContext } from '../../scalar/scalar-context.js'
import type { Expression, SubqueryExpression } from '../expression.js'
import type { ExecutablePlan, PhysicalPlan } from '../physical-plan.js'
import { ColumnNames } from './column-names.js'
import { deparseExpression, deparseOperand } from './deparse.js'
import type { ExplainOptions, OperatorFigures, Property } from './explain-node.js'
import { kilobytes } from './shape.js'

/** What was counted when the plan was run; undefined: it was not. */
export type Figures = ReadonlyMap<PhysicalPlan, OperatorFigures> | undefined

export interface Subplan {
  /** Run once, before anything else. */
  readonly isInit: boolean
  readonly name: string
  /** How expressions refer to it. */
  readonly label: string
}

/** Writes what operators of one plan are made of: expressions, the names of plans inside of them, what was counted. */
export class PlanWriter {
  readonly isVerbose: boolean
  readonly #plan: ExecutablePlan
  readonly #scalar: ScalarContext
  readonly #figures: Figures
  readonly #names: ColumnNames
  readonly #subplans = new Map<object, Subplan>()
  #initPlans = 0

  constructor(plan: ExecutablePlan, scalar: ScalarContext, options: ExplainOptions, figures: Figures) {
    this.isVerbose = options.verbose === true
    this.#plan = plan
    this.#scalar = scalar
    this.#figures = figures
    this.#names = new ColumnNames(plan, this.isVerbose)
  }

  /** Whether the plan was run. */
  get isMeasured(): boolean {
    return this.#figures !== undefined
  }

  figuresOf(plan: PhysicalPlan): OperatorFigures | undefined {
    return this.#figures?.get(plan)
  }

  write(expression: Expression, showsImplicit = false, own?: PhysicalPlan): string {
    const ids = own === undefined ? undefined : new Set(own.columns.map((column) => column.id))
    const context = {
      scalar: this.#scalar,
      column: (column: Expression & { kind: 'column' }): string => {
        const isOwn = ids?.has(column.column) === true
        return this.#names.write(column, (inner) => this.write(inner, true), isOwn)
      },
      subquery: (subquery: SubqueryExpression): string => this.#subqueryText(subquery),
    }
    return showsImplicit ? deparseOperand(expression, context) : deparseExpression(expression, context)
  }

  /** @param own the operator that shows it, whose own columns are written out */
  condition(label: string, conditions: readonly (Expression | string)[], own?: PhysicalPlan): Property[] {
    if (conditions.length === 0) return []
    const texts = conditions.map((condition) =>
      typeof condition === 'string' ? condition : this.write(condition, false, own),
    )
    return [{ label, value: texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(' AND ')})` }]
  }

  output(plan: PhysicalPlan): Property[] {
    if (!this.isVerbose || plan.columns.length === 0) return []
    const columns = plan.columns.map(({ id, name, type }) =>
      this.write({ kind: 'column', column: id, name, type }, false, plan),
    )
    return [{ label: 'Output', value: columns }]
  }

  removed(label: 'Filter' | 'Join Filter', plan: PhysicalPlan): Property[] {
    const figures = this.figuresOf(plan)
    if (figures === undefined || figures.loops === 0 || figures.removedRows === 0) return []
    return [{ label: `Rows Removed by ${label}`, value: Math.round(figures.removedRows / figures.loops) }]
  }

  memory(plan: PhysicalPlan): Property[] {
    const figures = this.figuresOf(plan)
    if (figures === undefined || figures.loops === 0) return []
    const memory = kilobytes('Peak Memory Usage', figures.memoryPeakBytes, 'Memory Usage')
    return figures.spilledBytes > 0 ? [memory, kilobytes('Disk Usage', figures.spilledBytes)] : [memory]
  }

  #subqueryText(subquery: SubqueryExpression): string {
    const { mode, plan, operators } = subquery
    const { isInit, label } = this.subplan(plan, mode)
    if (mode === 'exists') return isInit ? label : `EXISTS(${label})`
    if (mode === 'array') return isInit ? label : `ARRAY(${label})`
    if (mode === 'scalar') return isInit ? label : `(${label})`
    const isHashed = this.#plan.subqueries.get(plan)?.correlations.length === 0
    const isNegated = mode === 'all' && operators?.[0]?.comparison === 'ne'
    const text = isHashed && (isNegated || mode === 'any') ? `(hashed ${label})` : `(${label})`
    return isNegated ? `(NOT ${text})` : text
  }

  subplan(plan: object, mode: SubqueryExpression['mode']): Subplan {
    let known = this.#subplans.get(plan)
    if (known === undefined) {
      const isUncorrelated = this.#plan.subqueries.get(plan)?.correlations.length === 0
      const isInit = isUncorrelated && mode !== 'any' && mode !== 'all'
      const number = this.#subplans.size + 1
      const parameter = `$${this.#initPlans}`
      if (isInit) this.#initPlans++
      known = isInit
        ? { isInit, name: `InitPlan ${number} (returns ${parameter})`, label: parameter }
        : { isInit, name: `SubPlan ${number}`, label: `SubPlan ${number}` }
      this.#subplans.set(plan, known)
    }
    return known
  }
}
