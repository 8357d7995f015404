import type { AggregateCall, Expression, SortKey } from '../../../../plan/expression.js'
import { expressionKey, isSameExpression } from '../../../../plan/expressions/expression-key.js'
import type { AggregateFunction } from '../../../../scalar/functions/function.js'
import type { FuncCall } from '../../parse/tree.js'
import { leftmost, located, locationOf } from '../context/facts.js'
import { bindIn } from '../expressions/bind-expression.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope, RegisteredAggregate, Watcher } from '../scope/query-scope.js'
import { bindSortKeys } from '../select/sort-keys.js'
import { coerce, coerceToBoolean } from '../types/coerce.js'
import { commonType } from '../types/common-type.js'
import { requireCollation } from '../types/collations.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import type { CallArguments, FoundFunction } from './find-function.js'
import { fitArguments } from './fit-arguments.js'
import { prepareCall, type PreparedCall } from './prepared-call.js'

/** What stands between the parentheses of an aggregate, and behind them. */
export interface AggregateParts {
  readonly call: PreparedCall
  readonly orderBy: readonly SortKey[]
  readonly filter: Expression | undefined
  /** What stands in it. */
  readonly met: Watcher
}

/** Of a call by a name that aggregates have (others may have it too). */
export function bindAggregateParts(
  scope: QueryScope,
  node: FuncCall,
  names: readonly string[],
): AggregateParts {
  const { result, met } = scope.watch(() => bindParts(scope, node, names))
  return { ...result, met }
}

export function bindAggregate(
  scope: QueryScope,
  found: FoundFunction & { readonly function: AggregateFunction },
  parts: AggregateParts,
): Expression {
  checkForm(scope, found.function, parts.call)
  return register(scope, buildCall(scope, found, parts), parts.call, parts.met)
}

function bindParts(scope: QueryScope, node: FuncCall, names: readonly string[]): Omit<AggregateParts, 'met'> {
  const { statement } = scope
  const plain = prepareCall(scope, node, names)
  const isOrdered = node.agg_within_group === true
  const orderBy = bindSortKeys(scope, node.agg_order, 'order by', isOrdered)
  const filter =
    node.agg_filter === undefined
      ? undefined
      : coerceToBoolean(statement, bindIn(scope, 'filter', node.agg_filter), 'FILTER')
  if (!isOrdered) return { call: plain, orderBy, filter }
  const sorted = orderBy.map((key) => key.expression)
  const args = {
    ...plain.args,
    expressions: [...plain.args.expressions, ...sorted],
    names: [...plain.args.names, ...sorted.map(() => undefined)],
  }
  return { call: { ...plain, args }, orderBy, filter }
}

function checkForm(scope: QueryScope, aggregate: AggregateFunction, call: PreparedCall): void {
  const { statement } = scope
  const { node, name, location } = call
  const refuse = (message: string): never => {
    throw statement.error('wrong_object_type', message, location)
  }
  if (aggregate.orderedSet !== undefined) {
    if (node.agg_within_group !== true) refuse(`WITHIN GROUP is required for ordered-set aggregate ${name}`)
    return
  }
  if (node.agg_within_group === true) {
    refuse(`${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`)
  }
  if (call.args.expressions.length === 0 && node.agg_star !== true) {
    refuse(`${name}(*) must be used to call a parameterless aggregate function`)
  }
}

function buildCall(
  scope: QueryScope,
  found: FoundFunction & { readonly function: AggregateFunction },
  { call, orderBy, filter }: AggregateParts,
): AggregateCall {
  const { statement } = scope
  const isHypothetical = found.function.orderedSet?.isHypothetical === true
  const given = isHypothetical ? matchedArguments(scope, call, orderBy.length) : call.args
  const fitted = fitArguments(statement, found, given, call.location)
  const isDistinct = call.node.agg_distinct === true
  const keys = found.function.orderedSet === undefined ? orderBy : fitKeys(fitted.args, orderBy)
  const args = isDistinct ? fitted.args.map((arg) => resolveUnknown(statement, arg)) : fitted.args
  if (isDistinct) checkDistinct(scope, args, keys, call)
  if (call.name === 'min' || call.name === 'max') requireCollation(statement, fitted.derived, call.location)
  return {
    function: found.function,
    args,
    isDistinct,
    ...(filter === undefined ? {} : { filter }),
    orderBy: keys,
    type: fitted.result,
  }
}

/** Of an aggregate that asks where a row would come: its values and the sorted ones, brought to common types. */
function matchedArguments({ statement }: QueryScope, call: PreparedCall, sortedCount: number): CallArguments {
  const { args, name, location } = call
  const directCount = args.expressions.length - sortedCount
  const types = args.expressions.map(({ type }) => type.scalar.displayName).join(', ')
  if (directCount !== sortedCount) {
    throw statement.error('undefined_function', `function ${name}(${types}) does not exist`, location, {
      hint: `To use the hypothetical-set aggregate ${name}, the number of hypothetical direct arguments (here ${directCount}) must match the number of ordering columns (here ${sortedCount}).`,
    })
  }
  const expressions = [...args.expressions]
  for (let at = 0; at < directCount; at++) {
    const pair = [expressions[directCount + at], expressions[at]].filter((each) => each !== undefined)
    const type = commonType(statement, pair, 'WITHIN GROUP')
    const [sorted, direct] = pair.map((each) => coerce(statement, each, type, 'implicit'))
    if (direct !== undefined) expressions[at] = direct
    if (sorted !== undefined) expressions[directCount + at] = sorted
  }
  return { ...args, expressions }
}

/** The sorted arguments of WITHIN GROUP as the function takes them. */
function fitKeys(args: readonly Expression[], orderBy: readonly SortKey[]): readonly SortKey[] {
  const first = args.length - orderBy.length
  return orderBy.map((key, index) => ({ ...key, expression: args[first + index] ?? key.expression }))
}

/** Without the conversion to what the function takes, which nobody wrote. */
function asWritten(arg: Expression): Expression {
  return arg.kind === 'cast' && !arg.isExplicit ? asWritten(arg.arg) : arg
}

function checkDistinct(
  scope: QueryScope,
  args: readonly Expression[],
  orderBy: readonly SortKey[],
  call: PreparedCall,
): void {
  const { statement } = scope
  for (const key of orderBy) {
    const expression = resolveUnknown(statement, key.expression)
    if (args.some((arg) => isSameExpression(arg, expression) || isSameExpression(asWritten(arg), expression)))
      continue
    throw statement.error(
      'invalid_column_reference',
      'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
      locationOf(key.expression),
    )
  }
  for (const arg of args) {
    if (arg.type.scalar.hashKey !== undefined || arg.type.scalar.compare !== undefined) continue
    throw statement.error(
      'undefined_function',
      `could not identify an equality operator for type ${arg.type.scalar.displayName}`,
      locationOf(arg) ?? call.location,
    )
  }
}

/** Hands the call to the level that its arguments belong to; in the expression stands its column. */
function register(scope: QueryScope, call: AggregateCall, prepared: PreparedCall, met: Watcher): Expression {
  const { location, name } = prepared
  const deepest = Math.max(met.deepestColumn, met.deepestAggregate)
  const owner = scope.atDepth(deepest < 0 ? scope.depth : deepest)
  checkNesting(scope, owner, met)
  checkClause(owner, location)
  const { id } = shareAggregate(owner, call, location)
  owner.metAggregate(location)
  const start = leftmost(prepared.args.expressions, location)
  return located({ kind: 'column', column: id, name, type: call.type }, start)
}

function checkNesting(scope: QueryScope, owner: QueryScope, met: Watcher): void {
  const { statement } = scope
  if (met.deepestAggregate === owner.depth) {
    throw statement.error(
      'grouping_error',
      'aggregate function calls cannot be nested',
      met.aggregateLocation,
    )
  }
  if (met.windowLocation !== undefined) {
    throw statement.error(
      'grouping_error',
      'aggregate function calls cannot contain window function calls',
      met.windowLocation,
    )
  }
  if (met.setLocation !== undefined) {
    throw statement.error(
      'feature_not_supported',
      'aggregate function calls cannot contain set-returning function calls',
      met.setLocation,
      { hint: 'You might be able to move the set-returning function into a LATERAL FROM item.' },
    )
  }
}

function checkClause(owner: QueryScope, location: number): void {
  const rules = rulesOf(owner.clause)
  if (rules.aggregates === true) return
  throw owner.statement.error(
    'grouping_error',
    `aggregate functions are not allowed in ${rules.name}`,
    location,
  )
}

function shareAggregate(owner: QueryScope, call: AggregateCall, location: number): RegisteredAggregate {
  const key = aggregateKey(call)
  const known = owner.aggregatesByKey.get(key)
  if (known !== undefined) return known
  const registered = { id: owner.statement.newColumn(), call, location }
  owner.aggregates.push(registered)
  owner.aggregatesByKey.set(key, registered)
  return registered
}

function aggregateKey({ function: callable, args, isDistinct, filter, orderBy }: AggregateCall): string {
  return [
    callable.oid,
    isDistinct,
    args.map(expressionKey).join(),
    filter === undefined ? '' : expressionKey(filter),
    orderBy.map((key) => `${key.isDescending}${key.nullsFirst}${expressionKey(key.expression)}`).join(),
  ].join(';')
}
