/** Operators that join. */
import { quoteIdentifier } from '../../scalar/functions/text/quote-identifier.js'
import { indexNamed } from '../../relation/relation.js'
import { conjunctsOf } from '../expressions/conditions.js'
import type { JoinType } from '../logical-plan.js'
import type { HashJoin, IndexJoin, MergeJoin, NestedLoopJoin } from '../physical-plan.js'
import { accessText } from './access-text.js'
import type { ExplainNode, Property } from './explain-node.js'
import type { PlanWriter } from './plan-writer.js'
import { targetOf } from './scan-shapes.js'
import { capitalized, fact, kilobytes, type Explaining, type Shape } from './shape.js'

export function joinShape(explainer: Explaining, plan: NestedLoopJoin | HashJoin | MergeJoin): Shape {
  const { writer } = explainer
  const [node, title] = joinNames(plan)
  const others = plan.kind === 'nested-loop' ? plan.condition : plan.residual
  const right = explainer.child('Inner', plan.right)
  return {
    title,
    facts: [fact('Node Type', node), fact('Join Type', capitalized(plan.type))],
    properties: [
      ...keyConditions(writer, plan),
      ...writer.condition('Join Filter', conjunctsOf(others)),
      ...(others === undefined ? [] : writer.removed('Join Filter', plan)),
    ],
    children: [
      explainer.child('Outer', plan.left),
      plan.kind === 'hash-join'
        ? { relationship: 'Inner', node: hashNode(explainer, plan, right.node) }
        : right,
    ],
  }
}

/** The table that PostgreSQL shows as an operator of its own. */
function hashNode(explainer: Explaining, plan: HashJoin, input: ExplainNode): ExplainNode {
  const { writer } = explainer
  const figures = writer.figuresOf(plan)
  const memory =
    figures === undefined || figures.loops === 0
      ? []
      : [
          kilobytes('Peak Memory Usage', figures.memoryPeakBytes, 'Memory Usage'),
          ...(figures.spilledBytes > 0 ? [kilobytes('Disk Usage', figures.spilledBytes)] : []),
        ]
  const { rows, totalCost, width } = plan.right.estimate
  return {
    title: 'Hash',
    facts: [fact('Node Type', 'Hash')],
    estimate: { rows, startupCost: totalCost, totalCost, width },
    figures: input.figures,
    isMeasured: input.isMeasured,
    properties: memory,
    children: [{ relationship: 'Outer', node: input }],
  }
}

function keyConditions(writer: PlanWriter, plan: NestedLoopJoin | HashJoin | MergeJoin): Property[] {
  if (plan.kind === 'nested-loop') return []
  const right = plan.rightKeys.map((key) => ('expression' in key ? key.expression : key))
  const left = plan.leftKeys.map((key) => ('expression' in key ? key.expression : key))
  const pairs = left.map((key, at) => {
    const other = right[at]
    const isNullEqual = plan.kind === 'hash-join' && plan.nullsEqual?.[at] === true
    const text = `${writer.write(key, true)} ${isNullEqual ? 'IS DISTINCT FROM' : '='} ${other === undefined ? '' : writer.write(other, true)}`
    return isNullEqual ? `(NOT (${text}))` : `(${text})`
  })
  const text = pairs.length === 1 ? (pairs[0] ?? '') : `(${pairs.join(' AND ')})`
  return [{ label: plan.kind === 'hash-join' ? 'Hash Cond' : 'Merge Cond', value: text }]
}

/** What PostgreSQL does for each row of the left side is shown as it shows it: a nested loop over an index scan. */
export function indexJoinShape(explainer: Explaining, plan: IndexJoin): Shape {
  const { writer } = explainer
  const index = indexNamed(plan.relation, plan.index)
  const indexName = index?.shownAs ?? plan.index
  const target = targetOf(writer, plan.relation, plan.alias)
  const isOnly = plan.indexOnly && index?.isPrimary !== true
  const type = isOnly ? 'Index Only Scan' : 'Index Scan'
  const lefts = Math.max(1, plan.left.estimate.rows)
  const perLeft = Math.max(0, (plan.estimate.totalCost - plan.left.estimate.totalCost) / lefts)
  const isOneAtMost = plan.type === 'semi' || plan.type === 'anti'
  const inner: ExplainNode = {
    title: `${type} using ${quoteIdentifier(indexName)} on ${target.title}`,
    facts: [
      fact('Node Type', type),
      fact('Scan Direction', 'Forward'),
      fact('Index Name', indexName),
      ...target.facts,
    ],
    estimate: {
      rows: isOneAtMost ? 1 : Math.max(1, Math.round(plan.estimate.rows / lefts)),
      startupCost: 0,
      totalCost: perLeft,
      width: plan.estimate.width - (isOneAtMost ? 0 : plan.left.estimate.width),
    },
    figures: undefined,
    isMeasured: false,
    properties: [
      ...writer.condition(
        'Index Cond',
        accessText.keys(plan, (expression) => writer.write(expression, true)),
      ),
      ...writer.condition('Filter', conjunctsOf(plan.residual)),
      ...(plan.residual === undefined ? [] : writer.removed('Filter', plan)),
    ],
    children: [],
  }
  return {
    title: `Nested Loop${joinSuffix(plan.type)}`,
    facts: [fact('Node Type', 'Nested Loop'), fact('Join Type', capitalized(plan.type))],
    children: [explainer.child('Outer', plan.left), { relationship: 'Inner', node: inner }],
  }
}

function joinSuffix(type: JoinType): string {
  return type === 'inner' ? '' : ` ${capitalized(type)} Join`
}

function joinNames({
  kind,
  type,
}: NestedLoopJoin | HashJoin | MergeJoin): readonly [node: string, title: string] {
  if (kind === 'nested-loop') return ['Nested Loop', `Nested Loop${joinSuffix(type)}`]
  const method = kind === 'hash-join' ? 'Hash' : 'Merge'
  return [`${method} Join`, type === 'inner' ? `${method} Join` : `${method} ${capitalized(type)} Join`]
}
