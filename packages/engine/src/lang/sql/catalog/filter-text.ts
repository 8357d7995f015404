/** Conditions that the engine's own API declared, as SQL. */
import { unreachable } from '@orbit-ts/base'
import { parseFilter, type FilterNode, type Test } from '../../../filter/filter-tree.js'
import type { Filter } from '../../../filter/filter.js'
import { TableLayout } from '../../../models/relational/layout/table-layout.js'
import type { ColumnType } from '../../../models/relational/types/column-type.js'
import { quoteLiteral } from '../ddl/expression-text.js'
import { quoteName } from './quote-name.js'
import type { TableObject } from './snapshot.js'

/** The condition over the table's columns; it parses, and each part that binds more loosely than AND is in parentheses. */
export function filterText(table: TableObject, where: Filter): string {
  return nodeText(TableLayout.of(table), parseFilter(where))
}

function nodeText(layout: TableLayout, node: FilterNode): string {
  switch (node.kind) {
    case 'test':
      return testText(layout, node)
    case 'not':
      return `NOT (${nodeText(layout, node.node)})`
    case 'and':
    case 'or': {
      const parts = node.nodes.map((part) => nodeText(layout, part))
      if (parts.length === 0) return String(node.kind === 'and')
      return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(node.kind === 'and' ? ' AND ' : ' OR ')})`
    }
    default:
      return unreachable(node, 'filter node')
  }
}

/** How the field of a test is written, and the values that it is compared with. */
interface Operand {
  readonly field: string
  readonly literal: (value: unknown) => string
  /** Compares with each element of an array. */
  readonly isArray: boolean
}

function operandOf({ byName }: TableLayout, { path }: Test): Operand {
  const [first, ...rest] = path.steps.map(({ key }) => key)
  const column = quoteName(first ?? '')
  const type = byName.get(first ?? '')?.type
  if (type === undefined || !isJson(type))
    return { field: column, literal: valueText, isArray: type?.array === true && rest.length === 0 }
  const json = (value: unknown): string => `${quoteLiteral(JSON.stringify(value))}::jsonb`
  const whole = type.base === 'json' ? `${column}::jsonb` : column
  const keys = rest.map((key) => `"${key.replaceAll(/["\\]/g, '\\$&')}"`)
  const field = rest.length === 0 ? whole : `(${whole} #> ${quoteLiteral(`{${keys.join(',')}}`)})`
  return { field, literal: json, isArray: false }
}

const isJson = ({ base }: ColumnType): boolean => base === 'json' || base === 'jsonb'

const SIGNS = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=', like: 'LIKE', ilike: 'ILIKE' } as const
/** The other way round, for elements of an array on the right. */
const TURNED = { eq: '=', gt: '<', gte: '<=', lt: '>', lte: '>=' } as const

function testText(layout: TableLayout, test: Test): string {
  const { operator, operand } = test
  const { field, literal, isArray } = operandOf(layout, test)
  const isAbsent = `${field} IS NULL`
  switch (operator) {
    case 'isNull':
      return operand === true ? isAbsent : `${field} IS NOT NULL`
    case 'exists':
      return String(operand)
    case 'in':
    case 'notIn': {
      const text = listText(operand as readonly unknown[], field, literal)
      return operator === 'in' ? text : `NOT (${text})`
    }
    case 'ne':
      return operand === null ? `${field} IS NOT NULL` : `${field} IS DISTINCT FROM ${literal(operand)}`
    case 'contains':
      return `${literal(operand)} = ANY (${field})`
    case 'startsWith':
      return `starts_with(${field}, ${literal(operand)})`
    case 'like':
    case 'ilike':
      return `${field} ${SIGNS[operator]} ${valueText(operand)}`
    case 'eq':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      if (operand === null) return isAbsent
      return isArray && !Array.isArray(operand)
        ? `${literal(operand)} ${TURNED[operator]} ANY (${field})`
        : `${field} ${SIGNS[operator]} ${literal(operand)}`
    default:
      return unreachable(operator, 'operator')
  }
}

function listText(values: readonly unknown[], field: string, literal: (value: unknown) => string): string {
  const others = values.filter((value) => value !== null)
  const list = `${field} IN (${others.map(literal).join(', ')})`
  if (others.length === values.length) return others.length === 0 ? 'false' : list
  return others.length === 0 ? `${field} IS NULL` : `(${list} OR ${field} IS NULL)`
}

function valueText(value: unknown): string {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return `ARRAY[${value.map(valueText).join(', ')}]`
  return quoteLiteral(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null'))
}
