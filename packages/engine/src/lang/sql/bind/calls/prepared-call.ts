import type { Expression } from '../../../../plan/expression.js'
import type { FuncCall } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import { bindExpression } from '../expressions/bind-expression.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { CallArguments } from './find-function.js'

const ARGUMENTS_MAX = 100

/** What has been found out of a call before it is known what kind of function it calls. */
export interface PreparedCall {
  readonly node: FuncCall
  /** As it is written, for messages. */
  readonly name: string
  readonly location: number
  readonly args: CallArguments
}

export function prepareCall(scope: QueryScope, node: FuncCall, names: readonly string[]): PreparedCall {
  const name = names.join('.')
  return { node, name, location: node.location ?? 0, args: bindArguments(scope, node) }
}

/** The arguments as written. */
export function bindArguments(scope: QueryScope, node: FuncCall): CallArguments {
  const { statement } = scope
  const expressions: Expression[] = []
  const names: (string | undefined)[] = []
  for (const arg of node.args ?? []) {
    if ('NamedArgExpr' in arg) {
      const { name = '', arg: value, location = 0 } = arg.NamedArgExpr
      if (names.includes(name)) {
        throw statement.error('syntax_error', `argument name "${name}" used more than once`, location)
      }
      names.push(name)
      expressions.push(bindExpression(scope, value))
      continue
    }
    if (names.some((name) => name !== undefined)) {
      throw statement.error(
        'syntax_error',
        'positional argument cannot follow named argument',
        locationOf(bindExpression(scope, arg)),
      )
    }
    expressions.push(bindExpression(scope, arg))
    names.push(undefined)
  }
  if (expressions.length > ARGUMENTS_MAX) {
    throw statement.error(
      'too_many_arguments',
      `cannot pass more than ${ARGUMENTS_MAX} arguments to a function`,
      node.location ?? 0,
    )
  }
  return { expressions, names, isVariadic: node.func_variadic === true }
}
