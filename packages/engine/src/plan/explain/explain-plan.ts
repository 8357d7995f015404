/** Plans as EXPLAIN shows them: in PostgreSQL's operators, which are not quite ours. */
import { quoteIdentifier } from '../../scalar/functions/text/quote-identifier.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import { conjunctsOf } from '../expressions/conditions.js'
import type { Expression } from '../expression.js'
import { columnsOf } from '../logical/free-columns.js'
import type { ExecutablePlan, PhysicalPlan, StoreScan, With } from '../physical-plan.js'
import { plansInside } from './column-names.js'
import type { ExplainChild, ExplainNode, ExplainOptions } from './explain-node.js'
import { aggregateShape, distinctShape, setOperationShape } from './grouping-shapes.js'
import { indexJoinShape, joinShape } from './join-shapes.js'
import { PlanWriter, type Figures } from './plan-writer.js'
import { modifyShape, scanShape, valuesShape } from './scan-shapes.js'
import { fact, notPushed, one, type Explaining, type Shape } from './shape.js'
import { sortShape } from './sort-shape.js'

/** The operators of a plan for {@link explainText} and {@link explainJson}. */
export function explainPlan(
  plan: ExecutablePlan,
  scalar: ScalarContext,
  options: ExplainOptions = {},
  figures?: Figures,
): ExplainNode {
  return new Explainer(plan, new PlanWriter(plan, scalar, options, figures)).node(plan.root)
}

class Explainer implements Explaining {
  readonly writer: PlanWriter
  readonly #plan: ExecutablePlan
  readonly #shown = new Set<object>()
  readonly #recursive = new Set<number>()

  constructor(plan: ExecutablePlan, writer: PlanWriter) {
    this.#plan = plan
    this.writer = writer
  }

  node(plan: PhysicalPlan): ExplainNode {
    // A projection is a part of the operator below, and so is a filter where that one can have a filter.
    if (plan.kind === 'project')
      return this.#withPlans(plan, { ...this.node(plan.input), estimate: plan.estimate })
    if (plan.kind === 'filter') return this.#filter(plan)
    if (plan.kind === 'with') return this.#with(plan)
    if (plan.kind === 'store-scan') return this.#storeScan(plan)
    return this.#finish(plan, this.#shape(plan))
  }

  #finish(plan: PhysicalPlan, shape: Shape): ExplainNode {
    return this.#withPlans(plan, {
      title: shape.title,
      facts: shape.facts,
      estimate: plan.estimate,
      figures: this.writer.figuresOf(plan),
      isMeasured: this.writer.isMeasured,
      properties: [...this.writer.output(plan), ...(shape.properties ?? [])],
      children: shape.children ?? [],
    })
  }

  #shape(plan: PhysicalPlan): Shape {
    switch (plan.kind) {
      case 'table-scan':
        return scanShape(this, plan)
      case 'values':
        return valuesShape(plan.rows.length)
      case 'nested-loop':
      case 'hash-join':
      case 'merge-join':
        return joinShape(this, plan)
      case 'index-join':
        return indexJoinShape(this, plan)
      case 'aggregate':
        return aggregateShape(this, plan)
      case 'window':
        return one('WindowAgg', plan.input, this)
      case 'sort':
        return sortShape(this, plan)
      case 'limit':
        return one('Limit', plan.input, this)
      case 'distinct':
        return distinctShape(this, plan)
      case 'set-operation':
        return setOperationShape(this, plan)
      case 'table-function': {
        const name = plan.calls[0]?.function.name ?? ''
        const quoted = quoteIdentifier(name)
        return {
          title: `Function Scan on ${quoted}`,
          facts: [fact('Node Type', 'Function Scan'), fact('Function Name', name), fact('Alias', name)],
        }
      }
      case 'unnest-calls':
        return one('ProjectSet', plan.input, this)
      case 'common-scan': {
        const type = this.#recursive.has(plan.definition) ? 'WorkTable Scan' : 'CTE Scan'
        return {
          title: `${type} on ${quoteIdentifier(plan.name)}`,
          facts: [fact('Node Type', type), fact('CTE Name', plan.name), fact('Alias', plan.name)],
        }
      }
      case 'recursive': {
        this.#recursive.add(plan.id)
        const children = [this.child('Outer', plan.start), this.child('Inner', plan.step)]
        return { title: 'Recursive Union', facts: [fact('Node Type', 'Recursive Union')], children }
      }
      case 'lock':
        return one('LockRows', plan.input, this)
      case 'modify':
        return modifyShape(this, plan)
      default:
        return one('Result', plan, this)
    }
  }

  /** As the plan in whose place it stands, with what the store does of it. */
  #storeScan(plan: StoreScan): ExplainNode {
    const node = this.node(plan.local)
    const figures = this.writer.figuresOf(plan)
    const said = [{ label: 'Pushed Down', value: plan.pushed }, ...notPushed(plan)]
    if (figures?.refused !== undefined) {
      const reason = { label: 'Run Here', value: figures.refused }
      return { ...node, properties: [...node.properties, ...said, reason] }
    }
    return {
      ...node,
      estimate: plan.estimate,
      figures,
      properties: [...node.properties, ...this.writer.removed('Filter', plan), ...said],
      children: node.children.map((child) => ({ ...child, node: { ...child.node, isMeasured: false } })),
    }
  }

  /** A filter is shown as a part of what it filters, where PostgreSQL's operator of that kind has filters. */
  #filter(plan: PhysicalPlan & { kind: 'filter' }): ExplainNode {
    const below = belowProjections(plan.input)
    const isOneTime = !refersToColumns(plan.condition, plan.input)
    const filter = isOneTime
      ? this.writer.condition('One-Time Filter', conjunctsOf(plan.condition), below)
      : this.writer.condition('Filter', conjunctsOf(plan.condition), below)
    const removed = isOneTime ? [] : this.writer.removed('Filter', plan)
    if (isOneTime || !takesFilters(below)) {
      const type = isOneTime ? 'Result' : 'Subquery Scan'
      return this.#finish(plan, {
        title: isOneTime ? type : 'Subquery Scan on unnamed_subquery',
        facts: [fact('Node Type', type)],
        properties: [...filter, ...removed],
        children: [this.child(isOneTime ? 'Outer' : 'Subquery', plan.input)],
      })
    }
    const input = this.node(plan.input)
    return this.#withPlans(plan, {
      ...input,
      estimate: plan.estimate,
      figures: this.writer.figuresOf(plan) ?? input.figures,
      properties: [...input.properties, ...filter, ...removed],
    })
  }

  #with(plan: With): ExplainNode {
    const definitions = plan.definitions.map((definition): ExplainChild => ({
      relationship: 'InitPlan',
      name: `CTE ${quoteIdentifier(definition.name)}`,
      node: this.node(definition.plan),
    }))
    const body = this.node(plan.body)
    return { ...body, estimate: plan.estimate, children: [...definitions, ...body.children] }
  }

  /** With the plans inside of the operator's expressions, each shown where it is met first. */
  #withPlans(plan: PhysicalPlan, node: ExplainNode): ExplainNode {
    const children: ExplainChild[] = []
    for (const [inside, mode] of plansInside(plan)) {
      const entry = this.#plan.subqueries.get(inside)
      if (entry === undefined || this.#shown.has(inside)) continue
      this.#shown.add(inside)
      const { isInit, name } = this.writer.subplan(inside, mode)
      children.push({ relationship: isInit ? 'InitPlan' : 'SubPlan', name, node: this.node(entry.plan) })
    }
    return children.length === 0 ? node : { ...node, children: [...node.children, ...children] }
  }

  child(relationship: ExplainChild['relationship'], plan: PhysicalPlan): ExplainChild {
    return { relationship, node: this.node(plan) }
  }
}

function belowProjections(plan: PhysicalPlan): PhysicalPlan {
  return plan.kind === 'project' ? belowProjections(plan.input) : plan
}

function takesFilters(plan: PhysicalPlan): boolean {
  switch (plan.kind) {
    case 'table-scan':
    case 'store-scan':
    case 'values':
    case 'nested-loop':
    case 'hash-join':
    case 'merge-join':
    case 'index-join':
    case 'aggregate':
    case 'table-function':
    case 'common-scan':
    case 'filter':
      return true
    default:
      return false
  }
}

function refersToColumns(condition: Expression, input: PhysicalPlan): boolean {
  const ids = new Set(input.columns.map((column) => column.id))
  for (const column of columnsOf(condition)) if (ids.has(column)) return true
  return false
}
