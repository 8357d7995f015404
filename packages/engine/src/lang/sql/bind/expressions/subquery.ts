import type { Expression, SubqueryExpression } from '../../../../plan/expression.js'
import type { LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import type { Operator } from '../../../../scalar/functions/function.js'
import type { Node, SubLink } from '../../parse/tree.js'
import { operatorName } from '../calls/find-operator.js'
import { operatorCall } from '../calls/operator-call.js'
import { leftmost, located } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindQuery, type BoundQuery } from '../select/bind-query.js'
import { requireArray } from './array-constructor.js'
import { bindExpression } from './bind-expression.js'

/** A query within an expression. */
export function bindSubquery(scope: QueryScope, node: SubLink): Expression {
  const { statement } = scope
  const { location = 0 } = node
  const { noSubqueries } = rulesOf(scope.clause)
  if (noSubqueries !== undefined) {
    throw statement.error('feature_not_supported', `cannot use subquery in ${noSubqueries}`, location)
  }
  switch (node.subLinkType) {
    case 'ANY_SUBLINK':
      return bindQuantified(scope, node, 'any', node.operName)
    case 'ALL_SUBLINK':
      return bindQuantified(scope, node, 'all', node.operName)
    case 'EXPR_SUBLINK':
    case 'ARRAY_SUBLINK':
      return bindValue(scope, node)
    case 'EXISTS_SUBLINK':
    case undefined: {
      const { plan } = bindNested(scope, node)
      return located({ kind: 'subquery', mode: 'exists', plan, type: statement.type(OID.bool) }, location)
    }
    default:
      throw statement.unsupported(`a subquery of kind ${node.subLinkType}`, location)
  }
}

/** `a NOT IN (SELECT …)`; undefined when the expression is something else. */
export function bindNotIn(scope: QueryScope, node: Node | undefined): Expression | undefined {
  if (node === undefined || !('SubLink' in node)) return undefined
  const { SubLink: link } = node
  if (link.subLinkType !== 'ANY_SUBLINK' || link.operName !== undefined) return undefined
  return bindQuantified(scope, link, 'all', [{ String: { sval: '<>' } }])
}

function bindNested(scope: QueryScope, node: SubLink): BoundQuery {
  return bindQuery(scope.sublink(), node.subselect)
}

/** The one value of the one row, or the values of all rows as an array. */
function bindValue(scope: QueryScope, node: SubLink): SubqueryExpression {
  const { statement } = scope
  const { location = 0 } = node
  const { plan, columns } = bindNested(scope, node)
  const [column] = columns
  if (column === undefined || columns.length > 1) {
    throw statement.error('syntax_error', 'subquery must return only one column', location)
  }
  if (node.subLinkType === 'EXPR_SUBLINK') {
    return located({ kind: 'subquery', mode: 'scalar', plan, type: column.type }, location)
  }
  const { scalar, modifier } = column.type
  const array = scalar.element === undefined ? requireArray(statement, scalar, location) : scalar
  return located({ kind: 'subquery', mode: 'array', plan, type: { scalar: array, modifier } }, location)
}

/** `left op ANY (SELECT …)`; without an operator it is IN. */
function bindQuantified(
  scope: QueryScope,
  node: SubLink,
  mode: 'any' | 'all',
  names: readonly Node[] = [{ String: { sval: '=' } }],
): SubqueryExpression {
  const { statement } = scope
  const { location = 0 } = node
  const left = bindExpression(scope, node.testexpr)
  const query = bindNested(scope, node)
  // A whole row of a table is one value, and not a list of columns.
  const isList = left.kind === 'row' && node.testexpr !== undefined && 'RowExpr' in node.testexpr
  const values = isList ? left.args : [left]
  const calls = compareColumns(scope, names, values, query, location)
  const comparisons = new Set(calls.map(({ operator }) => operator.comparison))
  const [comparison] = comparisons
  if (calls.length > 1 && (comparisons.size > 1 || comparison === undefined)) {
    throw statement.error(
      'feature_not_supported',
      `could not determine interpretation of row comparison operator ${operatorName(statement, names, location)}`,
      location,
      { hint: 'Row comparison operators must be associated with btree operator families.' },
    )
  }
  const start = leftmost([left], location)
  return located(
    {
      kind: 'subquery',
      mode,
      plan: projected(scope, query, calls),
      left: calls.map((call) => call.left),
      operators: calls.map((call) => call.operator),
      ...(comparisons.size === 1 && comparison !== undefined ? { comparison } : {}),
      type: statement.type(OID.bool),
    },
    start,
  )
}

interface ColumnComparison {
  readonly left: Expression
  readonly right: Expression
  readonly operator: Operator
}

/** Each value with the column of its position. */
function compareColumns(
  scope: QueryScope,
  names: readonly Node[],
  values: readonly Expression[],
  query: BoundQuery,
  location: number,
): ColumnComparison[] {
  const { statement } = scope
  checkCount(scope, values.length, query.columns.length, location)
  return values.map((value, index) => {
    const column = query.columns[index]
    const right: Expression =
      column === undefined
        ? value
        : { kind: 'column', column: column.id, name: column.name, type: column.type }
    const call = operatorCall(statement, names, value, right, location)
    const { operator } = call
    if (operator === undefined || call.type.scalar.oid !== OID.bool) {
      throw statement.error(
        'datatype_mismatch',
        `operator ${operatorName(statement, names, location)} must return type boolean, not type ${call.type.scalar.displayName}`,
        location,
        { hint: 'The operator of a quantified comparison subquery must return type boolean.' },
      )
    }
    return { left: call.args[0] ?? value, right: call.args[1] ?? right, operator }
  })
}

export function checkCount(scope: QueryScope, wanted: number, given: number, location: number): void {
  if (given === wanted) return
  const amount = given > wanted ? 'many' : 'few'
  throw scope.statement.error('syntax_error', `subquery has too ${amount} columns`, location)
}

/** The query with its columns as the operators take them. */
function projected(
  scope: QueryScope,
  { plan, columns }: BoundQuery,
  calls: readonly ColumnComparison[],
): LogicalPlan {
  const isPlain = calls.every(
    ({ right }, index) => right.kind === 'column' && right.column === columns[index]?.id,
  )
  if (isPlain) return plan
  const output = calls.map(({ right }, index): OutputColumn => {
    const id = right.kind === 'column' ? right.column : scope.statement.newColumn()
    return { id, name: columns[index]?.name ?? '', type: right.type }
  })
  return { kind: 'project', input: plan, expressions: calls.map(({ right }) => right), columns: output }
}
