import type { Expression } from '../../../../plan/expression.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { coerce } from './coerce.js'

/** What is still of no type becomes text. */
export function resolveUnknown(statement: StatementState, expression: Expression): Expression {
  if (expression.type.scalar.oid !== OID.unknown) return expression
  return coerce(statement, expression, statement.type(OID.text), 'implicit')
}
