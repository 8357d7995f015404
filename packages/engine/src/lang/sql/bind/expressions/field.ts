import type { Expression, FieldExpression } from '../../../../plan/expression.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { RecordField } from '../../../../scalar/record-value.js'
import { factsOf, locationOf, note } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { lookUpFunctions } from '../calls/find-function.js'
import { isComposite } from '../types/can-convert.js'
import type { QueryScope } from '../scope/query-scope.js'

/** The fields of a row, as far as they are known. */
export function fieldsOf(expression: Expression): readonly RecordField[] | undefined {
  if (expression.kind === 'row') return expression.fields
  if (expression.kind === 'case' && factsOf(expression).isWholeRow === true) {
    const [branch] = expression.branches
    return branch === undefined ? undefined : fieldsOf(branch.result)
  }
  if (expression.type.scalar.fields !== undefined) return expression.type.scalar.fields
  return factsOf(expression).fields
}

/** `(record).name`. @throws undefined_column, datatype_mismatch */
export function bindField(
  scope: QueryScope,
  expression: Expression,
  name: string,
  location: number | undefined,
): Expression {
  const projected = projectField(scope, () => expression, name, location)
  if (projected !== undefined) return projected
  const { statement } = scope
  const type = expression.type.scalar
  const { rowOf } = factsOf(expression)
  if (rowOf !== undefined) {
    throw statement.error(
      'undefined_column',
      `column ${rowOf}.${name} does not exist`,
      locationOf(expression) ?? location,
    )
  }
  if (type.oid === OID.record) {
    throw statement.error(
      'undefined_column',
      `could not identify column "${name}" in record data type`,
      locationOf(expression) ?? location,
    )
  }
  if (isComposite(type)) {
    throw statement.error(
      'undefined_column',
      `column "${name}" not found in data type ${type.displayName}`,
      locationOf(expression) ?? location,
    )
  }
  throw statement.error(
    'wrong_object_type',
    `column notation .${name} applied to type ${type.displayName}, which is not a composite type`,
    locationOf(expression) ?? location,
  )
}

/** A field, or else a function of the row; undefined when there is neither. */
export function projectField(
  scope: QueryScope,
  row: () => Expression,
  name: string,
  location: number | undefined,
): Expression | undefined {
  const expression = row()
  const index = fieldsOf(expression)?.findIndex((field) => field.name === name) ?? -1
  if (index >= 0) return fieldAt(expression, index)
  if (!isComposite(expression.type.scalar)) return undefined
  const candidates = lookUpFunctions(scope.statement, [name])
  const isCallable = candidates.some(
    ({ kind, parameters }) =>
      kind === 'scalar' &&
      parameters.length === 1 &&
      parameters[0] !== undefined &&
      isComposite(parameters[0]),
  )
  return isCallable ? scope.statement.binder.call(scope, name, [expression], location) : undefined
}

/** The field at a position, of a row whose fields are known. */
export function fieldAt(expression: Expression, index: number): Expression {
  if (expression.kind === 'row') {
    const arg = expression.args[index]
    if (arg !== undefined) return arg
  }
  const type: DataType | undefined = fieldsOf(expression)?.[index]?.type
  const field: FieldExpression = { kind: 'field', arg: expression, index, type: type ?? expression.type }
  const location = locationOf(expression)
  return location === undefined ? field : note(field, { location })
}
