import type { ScalarType } from '../../../../scalar/data-type.js'
import type { Operator } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { stringsOf, type Node } from '../../parse/tree.js'
import { chooseCandidate, type Candidate } from './candidates.js'

/** The operator that a call means. @throws undefined_function, ambiguous_function */
export function findOperator(
  statement: StatementState,
  names: readonly Node[] | undefined,
  left: ScalarType | undefined,
  right: ScalarType,
  location: number | undefined,
): Operator {
  const name = operatorName(statement, names, location)
  const found = lookUpOperator(statement, name, left, right)
  if (found !== undefined && found !== 'ambiguous') return found
  const signature =
    left === undefined ? `${name} ${right.displayName}` : `${left.displayName} ${name} ${right.displayName}`
  if (found === 'ambiguous') {
    throw statement.error('ambiguous_function', `operator is not unique: ${signature}`, location, {
      hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
    })
  }
  throw statement.error('undefined_function', `operator does not exist: ${signature}`, location, {
    hint:
      left === undefined
        ? 'No operator matches the given name and argument type. You might need to add an explicit type cast.'
        : 'No operator matches the given name and argument types. You might need to add explicit type casts.',
  })
}

export function operatorName(
  statement: StatementState,
  names: readonly Node[] | undefined,
  location: number | undefined,
): string {
  const [name = '', schema, ...more] = stringsOf(names).reverse()
  if (more.length > 0) {
    throw statement.error('syntax_error', `improper qualified name (too many dotted names)`, location)
  }
  if (schema !== undefined && schema !== 'pg_catalog' && !statement.context.catalog.hasSchema(schema)) {
    throw statement.error('invalid_schema_name', `schema "${schema}" does not exist`, location)
  }
  return name
}

/** As {@link findOperator}, without errors. */
export function lookUpOperator(
  statement: StatementState,
  name: string,
  left: ScalarType | undefined,
  right: ScalarType,
): Operator | 'ambiguous' | undefined {
  const operators = statement.context.registry
    .operatorsByName(name)
    .filter((operator) => (operator.left === undefined) === (left === undefined))
  return exactOperator(operators, left, right) ?? bestOperator(statement, operators, left, right)
}

/** An untyped literal beside a typed value is taken to be of its type. */
function exactOperator(
  operators: readonly Operator[],
  left: ScalarType | undefined,
  right: ScalarType,
): Operator | undefined {
  const leftOid = left?.oid === OID.unknown ? right.oid : left?.oid
  const rightOid = right.oid === OID.unknown && left !== undefined ? left.oid : right.oid
  return operators.find((operator) => operator.left?.oid === leftOid && operator.right.oid === rightOid)
}

function bestOperator(
  statement: StatementState,
  operators: readonly Operator[],
  left: ScalarType | undefined,
  right: ScalarType,
): Operator | 'ambiguous' | undefined {
  const candidates = operators.map((callable): Candidate<Operator> => ({
    callable,
    parameters: callable.left === undefined ? [callable.right] : [callable.left, callable.right],
  }))
  const chosen = chooseCandidate(statement, left === undefined ? [right] : [left, right], candidates)
  return chosen === undefined || chosen === 'ambiguous' ? chosen : chosen.callable
}

/** `=` of a type with itself; undefined where the type has none (json). */
export function equalityOf(statement: StatementState, type: ScalarType): Operator | undefined {
  const found = lookUpOperator(statement, '=', type, type)
  if (found === undefined || found === 'ambiguous' || found.comparison !== 'eq') return undefined
  return found
}
