import type { ConstantExpression } from '../../../../plan/expression.js'
import type { Value } from '../../../../scalar/value.js'
import type { A_Const } from '../../parse/tree.js'
import { located } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'

/** A literal. Numbers have the smallest type that holds them; text and NULL have none yet. */
export function bindConstant(statement: StatementState, node: A_Const): ConstantExpression {
  return located(constantOf(statement, node), node.location)
}

function constantOf(statement: StatementState, node: A_Const): ConstantExpression {
  if (node.isnull === true) return constant(statement, OID.unknown, null)
  if (node.sval !== undefined) return constant(statement, OID.unknown, node.sval.sval ?? '')
  if (node.ival !== undefined) return constant(statement, OID.int4, node.ival.ival ?? 0)
  if (node.boolval !== undefined) return constant(statement, OID.bool, node.boolval.boolval ?? false)
  if (node.fval !== undefined) return numberConstant(statement, node.fval.fval ?? '0', node.location)
  if (node.bsval !== undefined) return bitConstant(statement, node.bsval.bsval ?? '', node.location)
  // An A_Const of nothing is the integer 0 without its default value.
  return constant(statement, OID.int4, 0)
}

function constant(statement: StatementState, oid: number, value: Value): ConstantExpression {
  return { kind: 'constant', value, type: statement.type(oid) }
}

const INTEGER = /^[+-]?(\d[\d_]*|0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)$/
const INT4_MIN = -(2n ** 31n)
const INT4_MAX = 2n ** 31n - 1n
const INT8_MIN = -(2n ** 63n)
const INT8_MAX = 2n ** 63n - 1n

function numberConstant(
  statement: StatementState,
  text: string,
  location: number | undefined,
): ConstantExpression {
  let written = text.replaceAll('_', '')
  if (INTEGER.test(written)) {
    const isNegative = written.startsWith('-')
    const digits = BigInt(written.replace(/^[+-]/, ''))
    const value = isNegative ? -digits : digits
    written = String(value)
    // The sign is put on after the digits were found too large for an integer.
    if (value >= INT4_MIN && value <= INT4_MAX) return constant(statement, OID.int4, Number(value))
    if (value >= INT8_MIN && value <= INT8_MAX) return parsed(statement, OID.int8, written, location)
  }
  return parsed(statement, OID.numeric, written, location)
}

/** `b'101'` comes as `b101`, `x'1f'` as `x1f`. */
function bitConstant(
  statement: StatementState,
  text: string,
  location: number | undefined,
): ConstantExpression {
  if (statement.context.registry.typeByOid(OID.bit) === undefined)
    throw statement.unsupported('the type bit', location)
  return parsed(statement, OID.bit, text, location)
}

function parsed(
  statement: StatementState,
  oid: number,
  text: string,
  location: number | undefined,
): ConstantExpression {
  const value = statement.placed(location ?? 0, () =>
    statement.scalar(oid).parse(text, -1, statement.context.scalar),
  )
  return constant(statement, oid, value)
}
