import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import { MISSING_TYPES } from '../../../../scalar/types/missing-types.js'
import { stringsOf, type Node, type TypeName } from '../../parse/tree.js'
import type { StatementState } from '../context/statement-state.js'

/** The type that a text of SQL names, with its modifier. @throws undefined_object, invalid_parameter_value */
export function bindTypeName(statement: StatementState, name: TypeName | undefined): DataType {
  const location = name?.location ?? 0
  if (name?.setof === true) {
    throw statement.error(
      'invalid_function_definition',
      'type modifier cannot be specified for sets',
      location,
    )
  }
  if (name?.pct_type === true) throw statement.unsupported('%TYPE', location)
  const names = stringsOf(name?.names)
  // Trees that are not from a text may name it by its number.
  const scalar = name?.typeOid === undefined ? findType(statement, names) : statement.typeByOid(name.typeOid)
  if (scalar === undefined) throw missingType(statement, names, location)
  const modifier = bindModifier(statement, scalar, name?.typmods, location)
  const { domain } = scalar
  if ((name?.arrayBounds ?? []).length === 0)
    return domain === undefined ? { scalar, modifier } : { ...domain.base, domain }
  if (domain !== undefined)
    throw statement.unsupported(`an array of the domain ${domain.displayName}`, location)
  const array = statement.arrayOf(scalar)
  if (array === undefined) {
    throw statement.error(
      'undefined_object',
      `could not find array type for data type ${scalar.displayName}`,
      location,
    )
  }
  return { scalar: array, modifier }
}

/** The type of that name: PostgreSQL looks in `pg_catalog` first. */
export function findType(statement: StatementState, names: readonly string[]): ScalarType | undefined {
  const { catalog, registry } = statement.context
  const [name, schema] = [names.at(-1) ?? '', names.at(-2)]
  if (schema === undefined || schema === 'pg_catalog') {
    const known = registry.typeByName(name)
    if (known !== undefined) return known
  }
  return catalog.findType(schema === undefined ? { name } : { schema, name }, statement.searchPath)
}

function missingType(statement: StatementState, names: readonly string[], location: number): Error {
  const schema = names.at(-2)
  if (schema !== undefined && !statement.context.catalog.hasSchema(schema)) {
    return statement.error('invalid_schema_name', `schema "${schema}" does not exist`, location)
  }
  const name = names.at(-1) ?? ''
  if ((schema === undefined || schema === 'pg_catalog') && MISSING_TYPES.has(name)) {
    return statement.unsupported(`the type ${name}`, location)
  }
  return statement.error('undefined_object', `type "${names.join('.')}" does not exist`, location)
}

function bindModifier(
  statement: StatementState,
  scalar: ScalarType,
  modifiers: readonly Node[] | undefined,
  location: number,
): number {
  if (modifiers === undefined || modifiers.length === 0) return -1
  if (scalar.makeModifier === undefined || scalar.domain !== undefined) {
    throw statement.error(
      'syntax_error',
      `type modifier is not allowed for type "${scalar.displayName}"`,
      location,
    )
  }
  const values = modifiers.map((node) => {
    if ('A_Const' in node && node.A_Const.ival !== undefined) return node.A_Const.ival.ival ?? 0
    throw statement.error('syntax_error', 'type modifiers must be simple constants or identifiers', location)
  })
  return statement.placed(location, () => scalar.makeModifier?.(values) ?? -1)
}
