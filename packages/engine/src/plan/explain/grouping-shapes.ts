/** Operators that bring equal rows together. */
import type { Aggregate, PhysicalPlan, SetOperation } from '../physical-plan.js'
import type { ExplainChild, ExplainNode, Property } from './explain-node.js'
import { capitalized, fact, notPushed, one, type Explaining, type Shape } from './shape.js'

export function aggregateShape(explainer: Explaining, plan: Aggregate): Shape {
  const { writer } = explainer
  const { strategy, groups, groupingSets, aggregates } = plan
  const keys = groups.map((group) => writer.write(group))
  if (groupingSets !== undefined) return groupingSetsShape(explainer, plan, groupingSets, keys)
  const isBare = strategy === 'sorted' && aggregates.length === 0
  const title =
    strategy === 'plain'
      ? 'Aggregate'
      : strategy === 'hash'
        ? 'HashAggregate'
        : isBare
          ? 'Group'
          : 'GroupAggregate'
  const strategyFact = strategy === 'plain' ? 'Plain' : strategy === 'hash' ? 'Hashed' : 'Sorted'
  return {
    title,
    facts: isBare
      ? [fact('Node Type', 'Group')]
      : [fact('Node Type', 'Aggregate'), fact('Strategy', strategyFact)],
    properties: [
      ...(keys.length === 0 ? [] : [{ label: 'Group Key', value: keys }]),
      ...(strategy === 'hash' ? writer.memory(plan) : []),
      ...notPushed(plan),
    ],
    children: [explainer.child('Outer', plan.input)],
  }
}

function groupingSetsShape(
  explainer: Explaining,
  plan: Aggregate,
  sets: readonly (readonly number[])[],
  keys: readonly string[],
): Shape {
  const { writer } = explainer
  const hasTotal = sets.some((set) => set.length === 0)
  const lines = sets.map((set): Property => {
    const names = set.flatMap((position) => keys[position] ?? [])
    if (names.length === 0) return { label: 'Group Key', value: [], text: 'Group Key: ()' }
    return { label: 'Hash Key', value: names }
  })
  return {
    title: hasTotal ? 'MixedAggregate' : 'HashAggregate',
    facts: [fact('Node Type', 'Aggregate'), fact('Strategy', hasTotal ? 'Mixed' : 'Hashed')],
    properties: [...lines, ...writer.memory(plan)],
    children: [explainer.child('Outer', plan.input)],
  }
}

export function distinctShape(explainer: Explaining, plan: PhysicalPlan & { kind: 'distinct' }): Shape {
  const { writer } = explainer
  if (plan.strategy === 'sorted') return one('Unique', plan.input, explainer)
  const keys = plan.columns.map(({ id, name, type }) =>
    writer.write({ kind: 'column', column: id, name, type }),
  )
  return {
    title: 'HashAggregate',
    facts: [fact('Node Type', 'Aggregate'), fact('Strategy', 'Hashed')],
    properties: [{ label: 'Group Key', value: keys }, ...writer.memory(plan)],
    children: [explainer.child('Outer', plan.input)],
  }
}

export function setOperationShape(explainer: Explaining, plan: SetOperation): Shape {
  const { writer } = explainer
  const members = plan.inputs.map((input) => explainer.child('Member', input))
  if (plan.operation === 'append')
    return { title: 'Append', facts: [fact('Node Type', 'Append')], children: members }
  const append: ExplainNode = {
    title: 'Append',
    facts: [fact('Node Type', 'Append')],
    estimate: sumOf(plan.inputs),
    figures: undefined,
    isMeasured: false,
    properties: [],
    children: members,
  }
  const children: ExplainChild[] = [{ relationship: 'Outer', node: append }]
  if (plan.operation === 'union') {
    const keys = plan.columns.map(({ id, name, type }) =>
      writer.write({ kind: 'column', column: id, name, type }),
    )
    return {
      title: 'HashAggregate',
      facts: [fact('Node Type', 'Aggregate'), fact('Strategy', 'Hashed')],
      properties: [{ label: 'Group Key', value: keys }],
      children,
    }
  }
  const command = `${capitalized(plan.operation)}${plan.isAll ? ' All' : ''}`
  return {
    title: `HashSetOp ${command}`,
    facts: [fact('Node Type', 'SetOp'), fact('Strategy', 'Hashed'), fact('Command', command)],
    children,
  }
}

function sumOf(inputs: readonly PhysicalPlan[]): PhysicalPlan['estimate'] {
  const sum = { rows: 0, startupCost: 0, totalCost: 0, width: 0 }
  for (const { estimate } of inputs) {
    sum.rows += estimate.rows
    sum.totalCost += estimate.totalCost
    sum.width = Math.max(sum.width, estimate.width)
  }
  return sum
}
