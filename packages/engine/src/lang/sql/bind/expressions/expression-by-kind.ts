/** From a tree of an expression to a bound one: one case for each kind of node. */
import type { Expression } from '../../../../plan/expression.js'
import { nodeKind, type Node } from '../../parse/tree.js'
import { bindFunctionCall } from '../calls/function-call.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindArrayConstructor } from './array-constructor.js'
import { bindBoolean, bindBooleanTest, bindNullTest } from './boolean.js'
import { bindCase } from './case.js'
import { bindCoalesce, bindGreatest } from './coalesce.js'
import { bindCollate } from './collate.js'
import { bindColumnReference } from './column-reference.js'
import { bindConstant } from './constant.js'
import { bindGrouping } from './grouping-call.js'
import { bindIndirection } from './indirection.js'
import { bindOperatorExpression } from './operator-expression.js'
import { bindRow } from './row.js'
import { bindSqlValue } from './sql-value.js'
import { bindSubquery } from './subquery.js'
import { bindCast } from './type-cast.js'

export function bindExpressionByKind(scope: QueryScope, node: Node | undefined): Expression {
  const { statement } = scope
  if (node === undefined) return { kind: 'constant', value: null, type: statement.type(OID.unknown) }
  if ('ColumnRef' in node) return bindColumnReference(scope, node.ColumnRef)
  if ('A_Const' in node) return bindConstant(statement, node.A_Const)
  if ('ParamRef' in node) {
    const { number = 0, location = 0 } = node.ParamRef
    return statement.parameters.reference(number, location, statement.offset(location))
  }
  if ('A_Expr' in node) return bindOperatorExpression(scope, node.A_Expr)
  if ('FuncCall' in node) return bindFunctionCall(scope, node.FuncCall)
  if ('TypeCast' in node) return bindCast(scope, node.TypeCast)
  if ('BoolExpr' in node) return bindBoolean(scope, node.BoolExpr)
  if ('NullTest' in node) return bindNullTest(scope, node.NullTest)
  if ('BooleanTest' in node) return bindBooleanTest(scope, node.BooleanTest)
  if ('CaseExpr' in node) return bindCase(scope, node.CaseExpr)
  if ('CoalesceExpr' in node) return bindCoalesce(scope, node.CoalesceExpr)
  if ('MinMaxExpr' in node) return bindGreatest(scope, node.MinMaxExpr)
  if ('SubLink' in node) return bindSubquery(scope, node.SubLink)
  if ('RowExpr' in node) return bindRow(scope, node.RowExpr)
  if ('A_ArrayExpr' in node) return bindArrayConstructor(scope, node.A_ArrayExpr)
  if ('A_Indirection' in node) return bindIndirection(scope, node.A_Indirection)
  if ('CollateClause' in node) return bindCollate(scope, node.CollateClause)
  if ('SQLValueFunction' in node) return bindSqlValue(scope, node.SQLValueFunction)
  if ('GroupingFunc' in node) return bindGrouping(scope, node.GroupingFunc)
  return refuse(scope, node)
}

function refuse(scope: QueryScope, node: Node): never {
  const { statement } = scope
  if ('SetToDefault' in node) {
    const { location = 0 } = node.SetToDefault
    throw statement.error('syntax_error', 'DEFAULT is not allowed in this context', location)
  }
  if ('CurrentOfExpr' in node) throw statement.unsupported('WHERE CURRENT OF')
  if ('NamedArgExpr' in node) {
    throw statement.error(
      'syntax_error',
      'a named argument cannot stand here',
      node.NamedArgExpr.location ?? 0,
    )
  }
  if ('XmlExpr' in node) throw statement.unsupported('XML', node.XmlExpr.location ?? 0)
  if ('XmlSerialize' in node) throw statement.unsupported('XML', node.XmlSerialize.location ?? 0)
  throw statement.unsupported(FEATURES[nodeKind(node)] ?? nodeKind(node))
}

/** What the grammar knows, of later versions of PostgreSQL too, and this binder does not. */
const FEATURES: Readonly<Record<string, string>> = {
  JsonIsPredicate: 'IS JSON',
  JsonObjectConstructor: 'JSON_OBJECT',
  JsonArrayConstructor: 'JSON_ARRAY',
  JsonArrayQueryConstructor: 'JSON_ARRAY',
  JsonObjectAgg: 'JSON_OBJECTAGG',
  JsonArrayAgg: 'JSON_ARRAYAGG',
  JsonParseExpr: 'JSON',
  JsonScalarExpr: 'JSON_SCALAR',
  JsonSerializeExpr: 'JSON_SERIALIZE',
  JsonFuncExpr: 'JSON_EXISTS, JSON_QUERY and JSON_VALUE',
  MergeSupportFunc: 'MERGE_ACTION',
}
