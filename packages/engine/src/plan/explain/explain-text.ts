import {
  isShown,
  type ExplainNode,
  type ExplainOptions,
  type OperatorFigures,
  type Property,
} from './explain-node.js'

/** Lines of EXPLAIN's text format. */
export function explainText(root: ExplainNode, options: ExplainOptions = {}): string[] {
  const lines: string[] = []
  writeNode(root, '', '  ', options, lines)
  if (options.planningMs !== undefined) lines.push(`Planning Time: ${options.planningMs.toFixed(3)} ms`)
  if (options.executionMs !== undefined) lines.push(`Execution Time: ${options.executionMs.toFixed(3)} ms`)
  return lines
}

function writeNode(
  node: ExplainNode,
  head: string,
  indent: string,
  options: ExplainOptions,
  lines: string[],
): void {
  lines.push(head + node.title + costsOf(node, options) + actualOf(node, options))
  for (const property of node.properties) {
    if (isShown(property, 'text', options)) lines.push(indent + propertyText(property))
  }
  // What is computed beforehand comes before the inputs, what is computed for each row after them.
  const before = node.children.filter(({ relationship }) => relationship === 'InitPlan')
  const after = node.children.filter(({ relationship }) => relationship === 'SubPlan')
  const inputs = node.children.filter((child) => !before.includes(child) && !after.includes(child))
  for (const child of [...before, ...inputs, ...after]) {
    const isNamed = child.name !== undefined
    if (child.name !== undefined) lines.push(indent + child.name)
    const arrow = isNamed ? `${indent}  ` : indent
    writeNode(child.node, `${arrow}->  `, `${arrow}      `, options, lines)
  }
}

function propertyText({ label, value, text }: Property): string {
  if (text !== undefined) return text
  return `${label}: ${typeof value === 'object' ? value.join(', ') : String(value)}`
}

function costsOf({ estimate }: ExplainNode, options: ExplainOptions): string {
  if (options.costs === false) return ''
  const { startupCost, totalCost, rows, width } = estimate
  return `  (cost=${startupCost.toFixed(2)}..${totalCost.toFixed(2)} rows=${rows} width=${width})`
}

function actualOf({ figures, isMeasured }: ExplainNode, options: ExplainOptions): string {
  if (!isMeasured) return ''
  if (figures === undefined || figures.loops === 0) return ' (never executed)'
  const { rows, loops } = figures
  const times = options.timing === false ? '' : `time=${timesOf(figures)} `
  return ` (actual ${times}rows=${Math.round(rows / loops)} loops=${loops})`
}

function timesOf({ startupMs, totalMs, loops }: OperatorFigures): string {
  const perLoop = totalMs / loops
  return `${Math.min(startupMs, perLoop).toFixed(3)}..${perLoop.toFixed(3)}`
}
