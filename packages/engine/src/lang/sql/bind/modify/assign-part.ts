import type { CallExpression, Expression, RowExpression } from '../../../../plan/expression.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { ScalarFunction } from '../../../../scalar/functions/function.js'
import { stringOf, type A_Indices, type Node } from '../../parse/tree.js'
import { located, locationOf } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { bindSubscripts } from '../expressions/indirection.js'
import type { QueryScope } from '../scope/query-scope.js'
import { tryCoerce } from '../types/coerce.js'
import type { TargetRelation } from './target-relation.js'
import { arrayElementSetter, arraySliceSetter, jsonSetter } from './part-setters.js'

/**
 * `column[subscript] = value`, `column.field = value`: the whole column with a part of it replaced.
 * @param value undefined: DEFAULT
 * @param before what an earlier assignment to another part has made of the column
 */
export function assignPart(
  scope: QueryScope,
  target: TargetRelation,
  ordinal: number,
  indirection: readonly Node[],
  value: Expression | undefined,
  before: Expression | undefined,
  location: number,
): Expression {
  const { statement } = scope
  const column = target.relation.columns[ordinal]
  const name = target.columns.find((one) => one.ordinal === ordinal)?.name
  const item = scope.items.find((one) => one.name === target.alias)
  const base = before ?? item?.columns.find((one) => one.name === name)?.value
  if (base === undefined || column === undefined) {
    throw statement.unsupported('assigning to a part of a column here', location)
  }
  if (value === undefined) {
    const isElement = indirection.some((step) => 'A_Indices' in step)
    throw statement.error(
      'feature_not_supported',
      `cannot set ${isElement ? 'an array element' : 'a subfield'} to DEFAULT`,
      location,
    )
  }
  const container = located({ ...base }, location)
  return new PartAssignment(scope, column.name, location).assign(container, indirection, value)
}

class PartAssignment {
  readonly #scope: QueryScope
  readonly #name: string
  readonly #location: number

  constructor(scope: QueryScope, name: string, location: number) {
    this.#scope = scope
    this.#name = name
    this.#location = location
  }

  assign(container: Expression, steps: readonly Node[], value: Expression): Expression {
    const [first] = steps
    if (first === undefined) return this.#coerce(value, container.type, `column "${this.#name}"`)
    const name = stringOf(first)
    if (name !== undefined) return this.#assignField(container, name, steps.slice(1), value)
    const end = steps.findIndex((step) => !('A_Indices' in step))
    const subscripts = steps.slice(0, end < 0 ? steps.length : end)
    const nodes = subscripts.flatMap((step) => ('A_Indices' in step ? [step.A_Indices] : []))
    return this.#assignElement(container, nodes, steps.slice(nodes.length), value)
  }

  #assignField(container: Expression, name: string, steps: readonly Node[], value: Expression): Expression {
    const { statement } = this.#scope
    const { fields } = container.type.scalar
    const type = container.type.scalar.displayName
    if (fields === undefined) {
      throw statement.error(
        'datatype_mismatch',
        `cannot assign to field "${name}" of column "${this.#name}" because its type ${type} is not a composite type`,
        this.#location,
      )
    }
    if (!fields.some((field) => field.name === name)) {
      throw statement.error(
        'undefined_column',
        `cannot assign to field "${name}" of column "${this.#name}" because there is no such column in data type ${type}`,
        this.#location,
      )
    }
    const args = fields.map((field, index): Expression => {
      const current: Expression = { kind: 'field', arg: container, index, type: field.type }
      if (field.name !== name) return current
      return steps.length > 0
        ? this.assign(current, steps, value)
        : this.#coerce(value, field.type, `subfield "${name}"`)
    })
    const row: RowExpression = { kind: 'row', fields, args, type: container.type }
    return row
  }

  #assignElement(
    container: Expression,
    nodes: readonly A_Indices[],
    steps: readonly Node[],
    value: Expression,
  ): Expression {
    const access = bindSubscripts(this.#scope, container, nodes)
    const inner =
      steps.length > 0
        ? this.assign(access, steps, value)
        : this.#coerce(value, access.type, `subscripted assignment to "${this.#name}"`)
    const { subscripts } = access
    const bound = (expression: Expression | undefined): Expression =>
      expression ?? { kind: 'constant', value: null, type: this.#scope.statement.type(OID.int4) }
    if (container.type.scalar.oid === OID.jsonb) {
      const path = subscripts.map(({ upper }) => bound(upper))
      return setterCall(jsonSetter(container.type.scalar), [container, inner, ...path], container.type)
    }
    if (!access.isSlice) {
      const path = subscripts.map(({ upper }) => bound(upper))
      return setterCall(
        arrayElementSetter(container.type.scalar),
        [container, inner, ...path],
        container.type,
      )
    }
    const written = subscripts.flatMap(({ lower, upper }) => [lower, upper])
    const setter = arraySliceSetter(
      container.type.scalar,
      written.map((each) => each !== undefined),
    )
    return setterCall(setter, [container, inner, ...written.map(bound)], container.type)
  }

  #coerce(value: Expression, type: DataType, what: string): Expression {
    const coerced = tryCoerce(this.#scope.statement, value, type, 'assignment')
    if (coerced !== undefined) return coerced
    const verb = what.startsWith('subscripted') ? 'requires' : 'is of'
    throw this.#scope.statement.error(
      'datatype_mismatch',
      `${what} ${verb} type ${type.scalar.displayName} but expression is of type ${value.type.scalar.displayName}`,
      locationOf(value) ?? this.#location,
      { hint: 'You will need to rewrite or cast the expression.' },
    )
  }
}

function setterCall(callable: ScalarFunction, args: readonly Expression[], type: DataType): CallExpression {
  return { kind: 'call', function: callable, args, type }
}
