/** Filters over the columns of a table: checked, and with literals that compare with the columns' values. */
import { OrbitError } from '@orbit-ts/base'
import { parseFilter, toFilter, type FilterNode, type Test } from '../../../filter/filter-tree.js'
import type { Filter } from '../../../filter/filter.js'
import { formatPath } from '../../../filter/path.js'
import { formatColumnType, type ColumnType } from '../types/column-type.js'
import { elementType } from '../types/format-value.js'
import { filterValue } from './filter-value.js'

/** The types of the columns that a filter may name. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>

/**
 * The filter over records whose fields are what `comparable` gives for the columns.
 * @throws INVALID_ARGUMENT for an unknown column or operator, TYPE_MISMATCH for a literal that cannot be compared.
 */
export function bindFilter(columns: ColumnTypes, filter: unknown, what: string): Filter {
  const node = parseFilter(filter, { what, fields: columns.keys() })
  return toFilter(mapTests(node, (test) => bindTest(columns, test, what)))
}

/** The names of the columns that the filter looks at. */
export function filterColumns(filter: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  mapTests(parseFilter(filter), (test) => {
    names.add(columnOf(test))
    return test
  })
  return names
}

/** The filter with columns called by their new names. */
export function renameInFilter(filter: Filter, names: ReadonlyMap<string, string>): Filter {
  const rename = (test: Test): Test => {
    const [first = '', ...rest] = test.path.steps.map((step) => step.key)
    return { ...test, path: { ...test.path, text: formatPath([names.get(first) ?? first, ...rest]) } }
  }
  return toFilter(mapTests(parseFilter(filter), rename))
}

function mapTests(node: FilterNode, change: (test: Test) => Test): FilterNode {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { kind: node.kind, nodes: node.nodes.map((part) => mapTests(part, change)) }
    case 'not':
      return { kind: 'not', node: mapTests(node.node, change) }
    case 'test':
      return change(node)
  }
}

const columnOf = (test: Test): string => test.path.steps[0]?.key ?? ''

function bindTest(columns: ColumnTypes, test: Test, what: string): Test {
  const name = columnOf(test)
  const column = columns.get(name)
  // `parseFilter` has refused unknown columns.
  if (column === undefined || isJson(column)) return test
  const where = `${what}: filter on column "${name}"`
  const type = test.path.steps.length === 1 ? column : elementAt(column, test, where)
  return { ...test, operand: bindOperand(type, test, where) }
}

function bindOperand(type: ColumnType, { operator, operand }: Test, where: string): unknown {
  switch (operator) {
    case 'isNull':
    case 'exists':
      return operand
    case 'in':
    case 'notIn':
      return (operand as readonly unknown[]).map((value) => filterValue(type, value, where))
    case 'contains':
      if (type.array !== true) throw unfit(where, operator, 'an array or JSON', type)
      return filterValue(elementType(type), operand, where)
    case 'like':
    case 'ilike':
    case 'startsWith':
      if (!isText(elementType(type))) throw unfit(where, operator, 'text', type)
      return operand
    default:
      return filterValue(type, operand, where)
  }
}

function elementAt(column: ColumnType, test: Test, where: string): ColumnType {
  if (column.array === true && test.path.steps.length === 2) return elementType(column)
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${where}: the path "${test.path.text}" goes into ${formatColumnType(column)}, which has no fields`,
    {
      path: test.path.text,
    },
  )
}

const isJson = ({ base }: ColumnType): boolean => base === 'json' || base === 'jsonb'
const isText = ({ base }: ColumnType): boolean => base === 'text' || base === 'varchar' || base === 'char'

function unfit(where: string, operator: string, wanted: string, type: ColumnType): OrbitError {
  return new OrbitError(
    'TYPE_MISMATCH',
    `${where}: "${operator}" is for ${wanted}, not for ${formatColumnType(type)}`,
    { operator },
  )
}
