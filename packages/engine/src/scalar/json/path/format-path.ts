/** Paths as PostgreSQL shows them: keys quoted, operations in parentheses where the order of things needs them. */
import { Numeric } from '../../numeric/numeric.js'
import { quoteJson } from '../format-json.js'
import type { JsonPath, PathNode, PathStep } from './json-path.js'

export function formatPath(path: JsonPath): string {
  return (path.isStrict ? 'strict ' : '') + formatNode(path.root, true)
}

/** How strongly an operation binds. */
function priority(node: PathNode): number {
  switch (node.kind) {
    case 'or':
      return 0
    case 'and':
      return 1
    case 'comparison':
    case 'starts':
      return 2
    case 'arithmetic':
      return node.operator === '+' || node.operator === '-' ? 3 : 4
    case 'sign':
      return 5
    default:
      return 6
  }
}

function formatNode(node: PathNode, inParentheses: boolean): string {
  switch (node.kind) {
    case 'steps':
      return formatStart(node) + node.steps.map(formatStep).join('')
    case 'root':
      return '$'
    case 'current':
      return '@'
    case 'last':
      return 'last'
    case 'variable':
      return `$${quoteJson(node.name)}`
    case 'literal':
      return formatLiteral(node.value)
    case 'not':
      return `!(${formatNode(node.arg, false)})`
    case 'unknown':
      return `(${formatNode(node.arg, false)}) is unknown`
    case 'exists':
      return `exists (${formatNode(node.arg, false)})`
    default: {
      const text = formatOperation(node)
      return inParentheses ? `(${text})` : text
    }
  }
}

/** A number that has steps is in parentheses, or its point would be theirs. */
function formatStart({ start, steps }: PathNode & { kind: 'steps' }): string {
  const text = formatNode(start, true)
  const isNumber = start.kind === 'literal' && start.value instanceof Numeric
  return isNumber && steps.length > 0 ? `(${text})` : text
}

function formatLiteral(value: null | boolean | string | Numeric): string {
  if (typeof value === 'string') return quoteJson(value)
  return value instanceof Numeric ? value.toString() : String(value)
}

type Operation = PathNode & { kind: 'or' | 'and' | 'comparison' | 'starts' | 'arithmetic' | 'sign' | 'regex' }

function formatOperation(node: Operation): string {
  const part = (inner: PathNode): string => formatNode(inner, priority(inner) <= priority(node))
  switch (node.kind) {
    case 'or':
      return `${part(node.left)} || ${part(node.right)}`
    case 'and':
      return `${part(node.left)} && ${part(node.right)}`
    case 'comparison':
    case 'arithmetic':
      return `${part(node.left)} ${node.operator} ${part(node.right)}`
    case 'starts':
      return `${part(node.left)} starts with ${part(node.right)}`
    case 'sign':
      return node.operator + part(node.arg)
    case 'regex': {
      const flags = node.flags === '' ? '' : ` flag "${node.flags}"`
      return `${part(node.left)} like_regex ${quoteJson(node.pattern)}${flags}`
    }
  }
}

function formatStep(step: PathStep): string {
  switch (step.kind) {
    case 'key':
      return `.${quoteJson(step.name)}`
    case 'any key':
      return '.*'
    case 'any element':
      return '[*]'
    case 'subscripts':
      return `[${step.ranges
        .map(
          ({ from, to }) =>
            formatNode(from, false) + (to === undefined ? '' : ` to ${formatNode(to, false)}`),
        )
        .join(',')}]`
    case 'descend':
      return `.**${formatLevels(step.from, step.to)}`
    case 'filter':
      return `?(${formatNode(step.predicate, false)})`
    case 'method':
      return `.${step.name}(${step.template === undefined ? '' : quoteJson(step.template)})`
  }
}

function formatLevels(from: number, to: number): string {
  if (from === 0 && to === Infinity) return ''
  const level = (value: number): string => (value === Infinity ? 'last' : String(value))
  return from === to ? `{${level(from)}}` : `{${level(from)} to ${level(to)}}`
}
