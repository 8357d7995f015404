/**
 * SEARCH and CYCLE of a recursive query, put into its own words: its terms are read by SELECTs that add the columns.
 *
 *     WITH RECURSIVE q (a) AS (start UNION ALL step) CYCLE a SET mark USING path
 *     WITH RECURSIVE q (a) AS (
 *       SELECT *, false AS mark, ARRAY[ROW(a)] AS path FROM (start) AS t (a)
 *       UNION ALL
 *       SELECT a, CASE WHEN ROW(a) = ANY (path) THEN true ELSE false END, path || ROW(a)
 *       FROM (step, with the mark and path of the row that it goes on from) AS t (a, mark, path) WHERE mark <> true)
 */
import type {
  CTECycleClause,
  CTESearchClause,
  CommonTableExpr,
  Node,
  RangeVar,
  ResTarget,
  SelectStmt,
} from '../../parse/tree.js'
import { stringsOf } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { QueryScope } from '../scope/query-scope.js'
import { commonType } from '../types/common-type.js'
import { bindQuery } from './bind-query.js'

/** What stands for a query of a WITH clause. */
export interface Reworded {
  readonly expression: CommonTableExpr
  /** How many of its last columns its own step sees by their names only, not in `*`. */
  readonly hiddenCount: number
}

/** The alias of a reworded term, which no name in a query is. */
const TERM = '*TERM*'

/** @throws syntax_error, duplicate_column, feature_not_supported */
export function rewordSearchAndCycle(scope: QueryScope, expression: CommonTableExpr): Reworded {
  const { search_clause: search, cycle_clause: cycle, ctequery } = expression
  if (search === undefined && cycle === undefined) return { expression, hiddenCount: 0 }
  const [start, step] = termsOf(scope, expression)
  const columns = columnNames(scope, expression, start)
  checkClauses(scope, columns, search, cycle)
  const added = [
    ...(search === undefined ? [] : [searchColumn(search)]),
    ...(cycle === undefined ? [] : cycleColumns(cycle)),
  ]
  const names = added.map(({ name }) => name)
  const self = findSelf(scope, expression, step)
  const goesOn: SelectStmt = {
    ...step,
    targetList: [
      ...(step.targetList ?? []),
      ...names.map((name) => target(column(self.alias?.aliasname ?? self.relname ?? '', name))),
    ],
  }
  const union = ctequery !== undefined && 'SelectStmt' in ctequery ? ctequery.SelectStmt : {}
  const plain = columns.map((name) => target(column(TERM, name), name))
  const isOpen = cycle === undefined ? {} : { whereClause: differs(cycle) }
  const select = (term: SelectStmt, termColumns: readonly string[], list: ResTarget[]): SelectStmt => ({
    targetList: list.map((each) => ({ ResTarget: each })),
    fromClause: [
      {
        RangeSubselect: {
          subquery: { SelectStmt: term },
          alias: { aliasname: TERM, colnames: termColumns.map(text) },
        },
      },
    ],
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  })
  const { search_clause: _search, cycle_clause: _cycle, aliascolnames: _names, ...rest } = expression
  return {
    expression: {
      ...rest,
      aliascolnames: [...columns, ...names].map(text),
      ctequery: {
        SelectStmt: {
          ...union,
          larg: select(start, columns, [
            ...plain.map(({ ResTarget }) => ResTarget),
            ...added.map(({ name, start: value }) => ({ name, val: value })),
          ]),
          rarg: {
            ...select(
              goesOn,
              [...columns, ...names],
              [
                ...plain.map(({ ResTarget }) => ResTarget),
                ...added.map(({ name, step: value }) => ({ name, val: value })),
              ],
            ),
            ...isOpen,
          },
        },
      },
    },
    hiddenCount: names.length,
  }
}

interface AddedColumn {
  readonly name: string
  readonly start: Node
  readonly step: Node
}

function searchColumn(search: CTESearchClause): AddedColumn {
  const name = search.search_seq_column ?? ''
  const values = stringsOf(search.search_col_list).map((each) => column(TERM, each))
  if (search.search_breadth_first !== true)
    return { name, start: arrayOf(row(values)), step: call('||', column(TERM, name), row(values)) }
  const depth: Node = {
    A_Indirection: { arg: column(TERM, name), indirection: [text('f1')] },
  }
  return {
    name,
    start: row([bigint(0), ...values]),
    step: row([call('+', depth, bigint(1)), ...values]),
  }
}

function cycleColumns(cycle: CTECycleClause): AddedColumn[] {
  const mark = cycle.cycle_mark_column ?? ''
  const path = cycle.cycle_path_column ?? ''
  const values = row(stringsOf(cycle.cycle_col_list).map((each) => column(TERM, each)))
  const isCycle: Node = {
    A_Expr: { kind: 'AEXPR_OP_ANY', name: [text('=')], lexpr: values, rexpr: column(TERM, path) },
  }
  return [
    // Both take part in the type.
    { name: mark, start: choice(cycle, boolean(false)), step: choice(cycle, isCycle) },
    { name: path, start: arrayOf(values), step: call('||', column(TERM, path), values) },
  ]
}

function choice({ cycle_mark_value: value, cycle_mark_default: fallback }: CTECycleClause, when: Node): Node {
  return {
    CaseExpr: {
      args: [{ CaseWhen: { expr: when, result: value ?? boolean(true) } }],
      defresult: fallback ?? boolean(false),
    },
  }
}

/** The row that it goes on from does not close a cycle itself. */
function differs({ cycle_mark_column: mark, cycle_mark_value: value }: CTECycleClause): Node {
  return call('<>', column(TERM, mark ?? ''), value ?? boolean(true))
}

function termsOf(
  { statement }: QueryScope,
  { ctequery, location }: CommonTableExpr,
): [SelectStmt, SelectStmt] {
  const union = ctequery !== undefined && 'SelectStmt' in ctequery ? ctequery.SelectStmt : undefined
  if (union?.op !== 'SETOP_UNION' || union.larg === undefined || union.rarg === undefined)
    throw statement.error('syntax_error', 'WITH query is not recursive', location)
  const isSelect = ({ op, valuesLists }: SelectStmt): boolean =>
    op === 'SETOP_NONE' && valuesLists === undefined
  const refuse = (side: string): never => {
    throw statement.error(
      side === 'left' ? 'feature_not_supported' : 'syntax_error',
      `with a SEARCH or CYCLE clause, the ${side} side of the UNION must be a SELECT`,
    )
  }
  if (!isSelect(union.larg)) refuse('left')
  if (!isSelect(union.rarg)) refuse('right')
  return [union.larg, union.rarg]
}

/** What the columns are called is known when the start has been bound. */
function columnNames(scope: QueryScope, { aliascolnames }: CommonTableExpr, start: SelectStmt): string[] {
  const given = stringsOf(aliascolnames)
  const { columns } = bindQuery(scope.nested(), { SelectStmt: start })
  return columns.map(({ name }, i) => given[i] ?? name)
}

function checkClauses(
  scope: QueryScope,
  columns: readonly string[],
  search: CTESearchClause | undefined,
  cycle: CTECycleClause | undefined,
): void {
  const refuse = (message: string, location: number | undefined): never => {
    throw scope.statement.error('syntax_error', message, location)
  }
  const requireNew = (what: string, name: string | undefined, location: number | undefined): void => {
    if (columns.includes(name ?? ''))
      refuse(`${what} name "${name}" already used in WITH query column list`, location)
  }
  if (search !== undefined) {
    checkList(scope, 'search', stringsOf(search.search_col_list), columns, search.location)
    requireNew('search sequence column', search.search_seq_column, search.location)
  }
  if (cycle === undefined) return
  const { cycle_mark_column: mark, cycle_path_column: path, location } = cycle
  checkList(scope, 'cycle', stringsOf(cycle.cycle_col_list), columns, location)
  requireNew('cycle mark column', mark, location)
  requireNew('cycle path column', path, location)
  const { cycle_mark_value: value = boolean(true), cycle_mark_default: fallback = boolean(false) } = cycle
  const marks = [value, fallback].map((node) => bindIn(scope, 'where', node))
  commonType(scope.statement, marks, 'CYCLE')
  if (mark === path) refuse('cycle mark column name and cycle path column name are the same', location)
  if (search === undefined) return
  const sequence = search.search_seq_column
  if (sequence === mark)
    refuse('search sequence column name and cycle mark column name are the same', search.location)
  if (sequence === path)
    refuse('search sequence column name and cycle path column name are the same', search.location)
}

function checkList(
  { statement }: QueryScope,
  what: string,
  list: readonly string[],
  columns: readonly string[],
  location: number | undefined,
): void {
  list.forEach((name, i) => {
    if (!columns.includes(name))
      throw statement.error(
        'syntax_error',
        `${what} column "${name}" not in WITH query column list`,
        location,
      )
    if (list.indexOf(name) !== i)
      throw statement.error('duplicate_column', `${what} column "${name}" specified more than once`, location)
  })
}

/** Where the step reads the query itself: beside what else its FROM has. */
function findSelf(scope: QueryScope, { ctename = '' }: CommonTableExpr, step: SelectStmt): RangeVar {
  const isHidden = step.withClause?.ctes?.some(
    (node) => 'CommonTableExpr' in node && node.CommonTableExpr.ctename === ctename,
  )
  const found = (isHidden === true ? [] : (step.fromClause ?? []))
    .map((node) => selfIn(node, ctename))
    .find((self) => self !== undefined)
  if (found !== undefined) return found
  throw scope.statement.error(
    'feature_not_supported',
    `with a SEARCH or CYCLE clause, the recursive reference to WITH query "${ctename}" must be at the top level of its right-hand SELECT`,
  )
}

function selfIn(node: Node | undefined, name: string): RangeVar | undefined {
  if (node === undefined) return undefined
  if ('RangeVar' in node)
    return node.RangeVar.schemaname === undefined && node.RangeVar.relname === name
      ? node.RangeVar
      : undefined
  if ('JoinExpr' in node) return selfIn(node.JoinExpr.larg, name) ?? selfIn(node.JoinExpr.rarg, name)
  return undefined
}

const text = (sval: string): Node => ({ String: { sval } })

const column = (table: string, name: string): Node => ({ ColumnRef: { fields: [text(table), text(name)] } })

const target = (val: Node, name?: string): { ResTarget: ResTarget } => ({
  ResTarget: name === undefined ? { val } : { name, val },
})

const row = (args: Node[]): Node => ({ RowExpr: { args, row_format: 'COERCE_EXPLICIT_CALL' } })

const arrayOf = (element: Node): Node => ({ A_ArrayExpr: { elements: [element] } })

const call = (name: string, lexpr: Node, rexpr: Node): Node => ({
  A_Expr: { kind: 'AEXPR_OP', name: [text(name)], lexpr, rexpr },
})

const boolean = (boolval: boolean): Node => ({ A_Const: { boolval: boolval ? { boolval } : {} } })

const bigint = (ival: number): Node => ({
  TypeCast: {
    arg: { A_Const: { ival: ival === 0 ? {} : { ival } } },
    typeName: { names: [text('pg_catalog'), text('int8')], typemod: -1 },
  },
})
