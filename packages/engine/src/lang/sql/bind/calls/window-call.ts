import type { Expression } from '../../../../plan/expression.js'
import type { AggregateFunction, WindowFunction } from '../../../../scalar/functions/function.js'
import type { WindowDef } from '../../parse/tree.js'
import { leftmost, located } from '../context/facts.js'
import { bindIn } from '../expressions/bind-expression.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import type { FoundFunction } from './find-function.js'
import { fitArguments } from './fit-arguments.js'
import type { PreparedCall } from './prepared-call.js'

/** `function(…) OVER …`. The window itself is bound when the whole level is known. */
export function bindWindowCall(scope: QueryScope, call: PreparedCall, found: FoundFunction): Expression {
  const { statement } = scope
  const { location, node } = call
  const callable = windowFunction(scope, call, found)
  const filter =
    node.agg_filter === undefined
      ? undefined
      : coerceToBoolean(statement, bindIn(scope, 'filter', node.agg_filter), 'FILTER')
  checkClause(scope, location)
  const fitted = fitArguments(statement, found, call.args, location)
  const id = statement.newColumn()
  scope.windowCalls.push({
    id,
    window: windowNumber(scope, node.over ?? {}),
    call: {
      function: callable,
      args: fitted.args,
      type: fitted.result,
      ...(filter === undefined ? {} : { filter }),
    },
  })
  scope.metWindow(location)
  const start = leftmost(fitted.args, location)
  return located({ kind: 'column', column: id, name: call.name, type: fitted.result }, start)
}

/** What can be called over a window, called as it can be. */
function windowFunction(
  scope: QueryScope,
  call: PreparedCall,
  { function: callable }: FoundFunction,
): WindowFunction | AggregateFunction {
  const { statement } = scope
  const { name, location, node } = call
  if (callable.kind !== 'window' && callable.kind !== 'aggregate') {
    throw statement.error(
      'wrong_object_type',
      `OVER specified, but ${name} is not a window function nor an aggregate function`,
      location,
    )
  }
  if (
    node.agg_within_group === true ||
    (callable.kind === 'aggregate' && callable.orderedSet !== undefined)
  ) {
    throw callable.kind === 'window'
      ? statement.error('wrong_object_type', `window function ${name} cannot have WITHIN GROUP`, location)
      : statement.unsupported(`OVER for the ordered-set aggregate ${name}`, location)
  }
  if (node.agg_distinct === true) {
    throw statement.error(
      'feature_not_supported',
      'DISTINCT is not implemented for window functions',
      location,
    )
  }
  if ((node.agg_order ?? []).length > 0) {
    throw statement.error(
      'feature_not_supported',
      'aggregate ORDER BY is not implemented for window functions',
      location,
    )
  }
  if (callable.kind === 'window' && node.agg_filter !== undefined) {
    throw statement.error(
      'feature_not_supported',
      'FILTER is not implemented for non-aggregate window functions',
      location,
    )
  }
  if (callable.kind === 'aggregate' && call.args.expressions.length === 0 && node.agg_star !== true) {
    throw statement.error(
      'wrong_object_type',
      `${name}(*) must be used to call a parameterless aggregate function`,
      location,
    )
  }
  return callable
}

function checkClause(scope: QueryScope, location: number): void {
  const rules = rulesOf(scope.clause)
  if (rules.windows === true) return
  throw scope.statement.error(
    'windowing_error',
    `window functions are not allowed in ${rules.name}`,
    location,
  )
}

/** The number of the call's window among those of the level, a new one where nothing the same is there. */
function windowNumber(scope: QueryScope, over: WindowDef): number {
  const { windows } = scope
  if (over.name !== undefined) {
    const named = windows.findIndex(({ definition, isNamed }) => isNamed && definition.name === over.name)
    if (named >= 0) return named
    throw scope.statement.error(
      'undefined_object',
      `window "${over.name}" does not exist`,
      over.location ?? 0,
    )
  }
  windows.push({ definition: over, isNamed: false })
  return windows.length - 1
}
