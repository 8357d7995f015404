import { defined } from '@orbit-ts/base'
import type { AggregateCall, Expression } from '../../../plan/expression.js'
import type { Aggregate } from '../../../plan/physical-plan.js'
import type { Compiler } from '../../compile/compiler.js'
import { isAsync } from '../../expression/is-async.js'
import { scopeOf } from '../../expression/scope.js'
import { compileRowSize } from '../../rows/row-size.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import type { Operator } from '../../run.js'
import { compileExtended } from '../extend.js'
import { compileStep, type AggregateStep } from './aggregate-step.js'
import { GroupTable, compileShape, type GroupTableShape } from './group-table.js'
import { groupingSets, type GroupingSet } from './grouping.js'
import { compileSortedGroups } from './sorted-groups.js'

/** @param input what gives the rows; left out, the plan's own input */
export function compileAggregate(plan: Aggregate, compiler: Compiler, input?: Operator): Operator {
  const prepared = prepare(plan, compiler, input ?? compiler.operator(plan.input))
  const sets = groupingSets(plan)
  const compileIn = (expression: Expression) => compiler.evaluator(expression, prepared.scope)
  const steps = prepared.aggregates.map((call) => compileStep(call, compileIn))
  const types = prepared.groups.map((group) => group.type)
  const mustSort =
    steps.some((step) => step.feed === 'ordered') || types.some((type) => type.scalar.hashKey === undefined)
  if (mustSort || (plan.strategy === 'sorted' && plan.groupingSets === undefined)) {
    return compileBySorting(plan, prepared, sets, steps, compiler)
  }
  const groups = prepared.groups.map(compileIn)
  const shapes = sets.map((set) =>
    compileShape(
      set,
      set.members.map((member) => defined(groups[member], 'a group')),
      set.members.map((member) => defined(types[member], 'the type of a group')),
      steps,
    ),
  )
  return hashAggregate(plan, prepared.input, shapes)
}

/** The plan's expressions, with what has to wait computed below. */
export interface PreparedAggregate {
  readonly input: Operator
  readonly scope: ReturnType<typeof scopeOf>
  readonly groups: readonly Expression[]
  readonly aggregates: readonly AggregateCall[]
}

function prepare(plan: Aggregate, compiler: Compiler, input: Operator): PreparedAggregate {
  const scope = scopeOf(plan.input.columns)
  const all = [...plan.groups, ...plan.aggregates.flatMap(expressionsOf)]
  const extended = compileExtended(input, scope, all, isAsync, compiler)
  const left = [...extended.expressions]
  const take = (expression: Expression): Expression => left.shift() ?? expression
  return {
    input: extended.operator,
    scope: extended.scope,
    groups: plan.groups.map(take),
    aggregates: plan.aggregates.map((call) => replaced(call, take)),
  }
}

/** In the order in which `replaced` takes them. */
function expressionsOf(call: AggregateCall): Expression[] {
  const filter = call.filter === undefined ? [] : [call.filter]
  return [...call.args, ...filter, ...call.orderBy.map((key) => key.expression)]
}

function replaced(call: AggregateCall, take: (expression: Expression) => Expression): AggregateCall {
  const args = call.args.map(take)
  const filter = call.filter && take(call.filter)
  const orderBy = call.orderBy.map((key) => ({ ...key, expression: take(key.expression) }))
  return { ...call, args, orderBy, ...(filter === undefined ? {} : { filter }) }
}

/** All grouping sets in one pass over the input. */
function hashAggregate(plan: Aggregate, input: Operator, shapes: readonly GroupTableShape[]): Operator {
  return async function* hashed(run) {
    const account = run.account(plan)
    const tables = shapes.map((shape) => new GroupTable(shape, run, account))
    try {
      for await (const batch of input(run)) for (const table of tables) await table.add(batch)
      for (const table of tables) yield* table.results()
    } finally {
      for (const table of tables) table.close()
      account.close()
    }
  }
}

/** Each grouping set for itself, over rows that are put in its order first. */
function compileBySorting(
  plan: Aggregate,
  prepared: PreparedAggregate,
  sets: readonly GroupingSet[],
  steps: readonly AggregateStep[],
  compiler: Compiler,
): Operator {
  const [only] = sets
  const isSorted = plan.strategy === 'sorted' && plan.groupingSets === undefined
  if (sets.length === 1 && only !== undefined) {
    return compileSortedGroups(plan, prepared, only, steps, prepared.input, isSorted, compiler)
  }
  const buffered = new WeakMap<object, RowBuffer>()
  const reread: Operator = async function* reread(run) {
    const cursor = buffered.get(run)?.cursor()
    for (let batch = await cursor?.next(); batch !== undefined; batch = await cursor?.next()) yield batch
  }
  const operators = sets.map((set) =>
    compileSortedGroups(plan, prepared, set, steps, reread, false, compiler),
  )
  const sizeOf = compileRowSize(plan.input.columns.map((column) => column.type))
  return async function* sortedSets(run) {
    const account = run.account(plan)
    const buffer = new RowBuffer(account, sizeOf)
    buffered.set(run, buffer)
    try {
      for await (const batch of prepared.input(run)) await buffer.append(batch)
      for (const operator of operators) yield* operator(run)
    } finally {
      buffer.clear()
      account.close()
    }
  }
}
