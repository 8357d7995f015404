import type { Expression } from '../../../../plan/expression.js'
import type { Node, SubLink } from '../../parse/tree.js'
import { located } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindQuery } from '../select/bind-query.js'
import { compareRows } from './row-comparison.js'
import { checkCount } from './subquery.js'

/**
 * `(a, b) = (SELECT …)`: the comparison is put into the query, whose one value it becomes; without a row it is null.
 */
export function compareWithSubquery(
  scope: QueryScope,
  names: readonly Node[] | undefined,
  values: readonly Expression[],
  link: SubLink,
  location: number,
): Expression {
  const { statement } = scope
  const { noSubqueries } = rulesOf(scope.clause)
  if (noSubqueries !== undefined) {
    throw statement.error(
      'feature_not_supported',
      `cannot use subquery in ${noSubqueries}`,
      link.location ?? 0,
    )
  }
  const { plan, columns } = bindQuery(scope.sublink(), link.subselect)
  checkCount(scope, values.length, columns.length, location)
  const row = columns.map(({ id, name, type }): Expression => ({ kind: 'column', column: id, name, type }))
  const comparison = compareRows(statement, names, values, row, location)
  const type = statement.type(OID.bool)
  return located(
    {
      kind: 'subquery',
      mode: 'scalar',
      type,
      plan: {
        kind: 'project',
        input: plan,
        expressions: [comparison],
        columns: [{ id: statement.newColumn(), name: '?column?', type }],
      },
    },
    location,
  )
}
