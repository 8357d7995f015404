/** Where the rows of an INSERT come from: DEFAULT VALUES, VALUES, or a query. */
import type { Expression } from '../../../../plan/expression.js'
import type { LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import type { Relation, RelationColumn } from '../../../../relation/relation.js'
import { itemsOf, type Node, type SelectStmt } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { bindExpression } from '../expressions/bind-expression.js'
import { expandStar, isStar } from '../expressions/star.js'
import { emptyRow } from '../from/from-tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { analyzeQuery } from '../select/bind-query.js'
import { addTableCalls } from '../select/table-call-plans.js'
import { assignPart } from './assign-part.js'
import { assignValue, onlyDefault } from './assign-value.js'
import type { InsertColumns } from './insert.js'
import type { TargetRelation } from './target-relation.js'

export interface InsertSource {
  readonly plan: LogicalPlan
  /** The ordinal that each column of the plan goes to. */
  readonly targets: readonly number[]
}

type Overriding = 'system' | 'user' | undefined

export function bindInsertSource(
  scope: QueryScope,
  target: TargetRelation,
  node: Node | undefined,
  columns: InsertColumns,
  overriding: Overriding,
): InsertSource {
  if (node === undefined) return { plan: emptyRow(), targets: [] }
  const hasParts = columns.list.some(({ part }) => part !== undefined)
  if ('SelectStmt' in node && isPlainValues(node.SelectStmt) && !hasParts) {
    return bindValues(scope, target.relation, node.SelectStmt, columns, overriding)
  }
  return bindSelect(scope, target, hasParts ? rowAsSelect(node) : node, columns, overriding)
}

/** One row of VALUES as the SELECT that gives it, in which literals have no type yet. */
function rowAsSelect(node: Node): Node {
  const lists =
    'SelectStmt' in node && isPlainValues(node.SelectStmt) ? (node.SelectStmt.valuesLists ?? []) : []
  const [row, ...others] = lists.map(itemsOf)
  if (row === undefined || others.length > 0 || row.some((item) => 'SetToDefault' in item)) return node
  return { SelectStmt: { targetList: row.map((val) => ({ ResTarget: { val } })) } }
}

function isPlainValues(node: SelectStmt): boolean {
  return (
    node.valuesLists !== undefined &&
    node.sortClause === undefined &&
    node.limitCount === undefined &&
    node.limitOffset === undefined &&
    node.lockingClause === undefined &&
    node.withClause === undefined
  )
}

/** A value to be written; `default` is DEFAULT. */
type Cell = Expression | 'default'

function bindValues(
  scope: QueryScope,
  relation: Relation,
  node: SelectStmt,
  columns: InsertColumns,
  overriding: Overriding,
): InsertSource {
  const { statement } = scope
  const lists = node.valuesLists ?? []
  const clause = lists.length > 1 ? 'values' : 'single values'
  // VALUES is a query of its own: functions that give rows are run within it.
  const values = scope.nested()
  const rows = lists.map((list) => values.in(clause, () => bindCells(values, itemsOf(list))))
  const width = checkWidths(scope, rows, columns)
  const kept = columns.list.slice(0, width).filter(({ ordinal }, index) => {
    const column = relation.columns[ordinal]
    return column !== undefined && needsValues(scope, column, rows, index, overriding)
  })
  const cells = rows.map((row) =>
    kept.map(({ ordinal, location }) => {
      const column = relation.columns[ordinal]
      const cell = row[columns.list.findIndex((one) => one.ordinal === ordinal)]
      if (column === undefined || cell === undefined) throw new RangeError('a value for each column')
      return cell === 'default' ? defaultOf(column) : assignValue(statement, column, cell, location)
    }),
  )
  const output = kept.map(({ ordinal }): OutputColumn => {
    const column = relation.columns[ordinal]
    return {
      id: statement.newColumn(),
      name: column?.name ?? '',
      type: column?.type ?? statement.type(OID.unknown),
    }
  })
  const plan = valuesPlan(values, cells, output)
  return { plan, targets: kept.map(({ ordinal }) => ordinal) }
}

/** Rows of values; a single row may hold calls of functions that give rows. */
function valuesPlan(
  values: QueryScope,
  cells: readonly (readonly Expression[])[],
  columns: readonly OutputColumn[],
): LogicalPlan {
  const [only = []] = cells
  if (values.tableCalls.length === 0) return { kind: 'values', rows: cells, columns }
  return { kind: 'project', input: addTableCalls(values, emptyRow()), expressions: only, columns }
}

function bindCells(scope: QueryScope, nodes: readonly Node[]): Cell[] {
  return nodes.flatMap((node): Cell[] => {
    if ('SetToDefault' in node) return ['default']
    if (isStar(node)) return expandStar(scope, node).map(({ expression }) => expression)
    return [bindExpression(scope, node)]
  })
}

function checkWidths(scope: QueryScope, rows: readonly (readonly Cell[])[], columns: InsertColumns): number {
  const [first = []] = rows
  for (const row of rows) {
    if (row.length === first.length) continue
    throw scope.statement.error('syntax_error', 'VALUES lists must all be the same length', placeOf(row[0]))
  }
  checkWidth(scope, first.length, columns, (index) => placeOf(first[index]))
  return first.length
}

function placeOf(cell: Cell | undefined): number | undefined {
  return cell === undefined || cell === 'default' ? undefined : locationOf(cell)
}

function checkWidth(
  scope: QueryScope,
  width: number,
  columns: InsertColumns,
  place: (index: number) => number | undefined,
): void {
  const { statement } = scope
  const wanted = columns.list.length
  if (width > wanted) {
    throw statement.error('syntax_error', 'INSERT has more expressions than target columns', place(wanted))
  }
  if (width < wanted && columns.isWritten) {
    throw statement.error(
      'syntax_error',
      'INSERT has more target columns than expressions',
      columns.list[width]?.location,
    )
  }
}

/** Whether a column takes what is given: otherwise its default does. */
function needsValues(
  scope: QueryScope,
  column: RelationColumn,
  rows: readonly (readonly Cell[])[],
  index: number,
  overriding: Overriding,
): boolean {
  if (rows.every((row) => row[index] === 'default')) return false
  return takesValues(scope, column, overriding)
}

/** @throws generated_always */
function takesValues(scope: QueryScope, column: RelationColumn, overriding: Overriding): boolean {
  const isIdentity = column.generated?.startsWith('identity') === true
  if (isIdentity && overriding === 'user') return false
  const detail = onlyDefault(column)
  if (detail === undefined || (isIdentity && overriding === 'system')) return true
  throw scope.statement.error(
    'generated_always',
    `cannot insert a non-DEFAULT value into column "${column.name}"`,
    undefined,
    { detail, ...(isIdentity ? { hint: 'Use OVERRIDING SYSTEM VALUE to override.' } : {}) },
  )
}

function defaultOf(column: RelationColumn): Expression {
  if (column.hasDefault || column.generated !== undefined) return { kind: 'default', type: column.type }
  return { kind: 'constant', value: null, type: column.type }
}

function bindSelect(
  scope: QueryScope,
  target: TargetRelation,
  node: Node,
  columns: InsertColumns,
  overriding: Overriding,
): InsertSource {
  const { statement } = scope
  const { relation } = target
  const nested = scope.nested()
  nested.resolvesUnknown = false
  const query = analyzeQuery(nested, node)
  const open = query.targets.filter(({ isJunk }) => !isJunk)
  // Untyped literals of the query become what their columns are.
  for (const [index, each] of open.entries()) {
    const { ordinal = -1, part } = columns.list[index] ?? {}
    const column = relation.columns[ordinal]
    if (column === undefined || each.expression.type.scalar.oid !== OID.unknown) continue
    if (part === undefined) each.expression = assignValue(statement, column, each.expression, undefined)
  }
  const bound = query.build()
  const placeAt = (index: number): number | undefined => {
    const each = open[index]
    return each && locationOf(each.expression)
  }
  checkWidth(scope, bound.columns.length, columns, placeAt)
  const values = new Map<number, Expression>()
  for (const [index, { ordinal, location, part }] of columns.list.slice(0, bound.columns.length).entries()) {
    const column = relation.columns[ordinal]
    const source = bound.columns[index]
    if (column === undefined || source === undefined || !takesValues(scope, column, overriding)) continue
    const { id, name, type } = source
    const expression = open[index]?.expression
    const isLiteral = expression?.kind === 'constant' && type.scalar.oid === OID.unknown
    const given: Expression = isLiteral ? expression : { kind: 'column', column: id, name, type }
    const empty: Expression = { kind: 'constant', value: null, type: column.type }
    const value =
      part === undefined
        ? assignValue(statement, column, given, placeAt(index) ?? location)
        : assignPart(scope, target, ordinal, part, given, values.get(ordinal) ?? empty, location ?? 0)
    values.set(ordinal, value)
  }
  const plan: LogicalPlan = {
    kind: 'project',
    input: bound.plan,
    expressions: [...values.values()],
    columns: [...values].map(([ordinal, { type }]) => ({
      id: statement.newColumn(),
      name: relation.columns[ordinal]?.name ?? '',
      type,
    })),
  }
  return { plan, targets: [...values.keys()] }
}
