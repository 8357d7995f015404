import type { Expression } from '../../../../plan/expression.js'
import type { GroupingFunc } from '../../parse/tree.js'
import { located } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindExpression } from './bind-expression.js'

const ARGUMENTS_MAX = 31

/** `GROUPING(a, b)`: which of the groups are left out in a row. */
export function bindGrouping(scope: QueryScope, node: GroupingFunc): Expression {
  const { statement } = scope
  const { location = 0 } = node
  const nodes = node.args ?? []
  if (nodes.length > ARGUMENTS_MAX) {
    throw statement.error('too_many_arguments', 'GROUPING must have fewer than 32 arguments', location)
  }
  const { result: args, met } = scope.watch(() => nodes.map((arg) => bindExpression(scope, arg)))
  const owner = scope.atDepth(met.deepestColumn < 0 ? scope.depth : met.deepestColumn)
  const rules = rulesOf(owner.clause)
  if (rules.aggregates === undefined) {
    throw statement.error('grouping_error', `grouping operations are not allowed in ${rules.name}`, location)
  }
  const id = statement.newColumn()
  owner.groupings.push({ id, args, location })
  owner.metAggregate(location)
  return located({ kind: 'column', column: id, name: 'grouping', type: statement.type(OID.int4) }, location)
}
