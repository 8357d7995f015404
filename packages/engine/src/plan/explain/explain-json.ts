import {
  isShown,
  type ExplainChild,
  type ExplainNode,
  type ExplainOptions,
  type Property,
} from './explain-node.js'

/** The document of EXPLAIN's JSON format. */
export function explainJson(root: ExplainNode, options: ExplainOptions = {}): string {
  const document: Record<string, unknown> = { Plan: nodeOf(root, undefined, options) }
  if (options.planningMs !== undefined) document['Planning Time'] = rounded(options.planningMs)
  if (options.executionMs !== undefined) document['Execution Time'] = rounded(options.executionMs)
  return JSON.stringify([document], null, 2)
}

function nodeOf(node: ExplainNode, as: ExplainChild | undefined, options: ExplainOptions): object {
  const [type, ...facts] = node.facts
  const result: Record<string, unknown> = {}
  if (type !== undefined) result[type.label] = type.value
  const isKind = ({ label }: Property): boolean => label === 'Strategy' || label === 'Operation'
  for (const fact of facts.filter(isKind)) result[fact.label] = fact.value
  if (as !== undefined) result['Parent Relationship'] = as.relationship
  if (as?.name !== undefined) result['Subplan Name'] = as.name
  result['Parallel Aware'] = false
  result['Async Capable'] = false
  for (const fact of facts) if (!isKind(fact)) result[fact.label] = fact.value
  if (options.costs !== false) {
    result['Startup Cost'] = rounded2(node.estimate.startupCost)
    result['Total Cost'] = rounded2(node.estimate.totalCost)
    result['Plan Rows'] = node.estimate.rows
    result['Plan Width'] = node.estimate.width
  }
  if (node.isMeasured) addActual(result, node, options)
  for (const property of node.properties) {
    if (isShown(property, 'json', options)) result[property.label] = property.value
  }
  if (node.children.length > 0) {
    result['Plans'] = node.children.map((child) => nodeOf(child.node, child, options))
  }
  return result
}

function addActual(result: Record<string, unknown>, { figures }: ExplainNode, options: ExplainOptions): void {
  const loops = figures?.loops ?? 0
  const perLoop = figures === undefined || loops === 0 ? 0 : figures.totalMs / loops
  if (options.timing !== false) {
    result['Actual Startup Time'] = rounded(Math.min(figures?.startupMs ?? 0, perLoop))
    result['Actual Total Time'] = rounded(perLoop)
  }
  result['Actual Rows'] = figures === undefined || loops === 0 ? 0 : Math.round(figures.rows / loops)
  result['Actual Loops'] = loops
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function rounded2(cost: number): number {
  return Math.round(cost * 100) / 100
}
