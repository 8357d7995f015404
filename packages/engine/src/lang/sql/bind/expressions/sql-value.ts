import type { Expression } from '../../../../plan/expression.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { SQLValueFunction } from '../../parse/tree.js'
import { callSystem } from '../calls/function-call.js'
import { located } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerce } from '../types/coerce.js'

/** `CURRENT_DATE`, `CURRENT_TIMESTAMP(3)`, `CURRENT_USER` … as calls of the functions behind them. */
export function bindSqlValue(scope: QueryScope, node: SQLValueFunction): Expression {
  return located(valueOf(scope, node), node.location)
}

function valueOf(scope: QueryScope, node: SQLValueFunction): Expression {
  const { statement } = scope
  const now = (oid: number): Expression =>
    coerce(statement, callSystem(scope, 'now', []), typeOf(statement, oid, node), 'explicit')
  switch (node.op ?? 'SVFOP_CURRENT_DATE') {
    case 'SVFOP_CURRENT_DATE':
      return now(OID.date)
    case 'SVFOP_CURRENT_TIME':
    case 'SVFOP_CURRENT_TIME_N':
      return now(OID.timetz)
    case 'SVFOP_CURRENT_TIMESTAMP':
    case 'SVFOP_CURRENT_TIMESTAMP_N':
      return now(OID.timestamptz)
    case 'SVFOP_LOCALTIME':
    case 'SVFOP_LOCALTIME_N':
      return now(OID.time)
    case 'SVFOP_LOCALTIMESTAMP':
    case 'SVFOP_LOCALTIMESTAMP_N':
      return now(OID.timestamp)
    case 'SVFOP_SESSION_USER':
      return callSystem(scope, 'session_user', [])
    case 'SVFOP_CURRENT_CATALOG':
      return callSystem(scope, 'current_database', [])
    case 'SVFOP_CURRENT_SCHEMA':
      return callSystem(scope, 'current_schema', [])
    default:
      return callSystem(scope, 'current_user', [])
  }
}

/** The modifier comes as the number of digits; -1: none. */
function typeOf(statement: StatementState, oid: number, { typmod = 0 }: SQLValueFunction): DataType {
  const scalar = statement.scalar(oid)
  const modifier = typmod < 0 ? -1 : (scalar.makeModifier?.([typmod]) ?? -1)
  return { scalar, modifier }
}
