import { isSameExpression } from '../../../../plan/expressions/expression-key.js'
import type { Expression, WindowCall } from '../../../../plan/expression.js'
import type { LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import type { QueryScope, RegisteredWindowCall } from '../scope/query-scope.js'
import type { BoundWindow } from './window-clause.js'

interface SharedWindow {
  readonly window: BoundWindow
  readonly calls: RegisteredWindowCall[]
}

/** One operator for each different partitioning and order, those with the longest order first, as PostgreSQL does. */
export function addWindows(
  scope: QueryScope,
  input: LogicalPlan,
  windows: readonly BoundWindow[],
): LogicalPlan {
  const shared: SharedWindow[] = []
  for (const call of scope.windowCalls) {
    const window = windows[call.window]
    if (window === undefined) continue
    const same = shared.find((other) => isSameWindow(other.window, window))
    if (same === undefined) shared.push({ window, calls: [call] })
    else same.calls.push(call)
  }
  const sorted = shared.toSorted((a, b) => keyCount(b.window) - keyCount(a.window))
  return sorted.reduce((plan, one) => windowPlan(plan, one, windows), input)
}

function keyCount({ partitionBy, orderBy }: BoundWindow): number {
  return partitionBy.length + orderBy.length
}

function windowPlan(
  input: LogicalPlan,
  { window, calls }: SharedWindow,
  windows: readonly BoundWindow[],
): LogicalPlan {
  const columns = calls.map(({ id, call }): OutputColumn => ({
    id,
    name: call.function.name,
    type: call.type,
  }))
  return {
    kind: 'window',
    input,
    partitionBy: window.partitionBy,
    orderBy: window.orderBy,
    calls: calls.map(({ call, window: index }): WindowCall => ({
      ...call,
      frame: windows[index]?.frame ?? window.frame,
    })),
    columns: [...input.columns, ...columns],
  }
}

function isSameWindow(one: BoundWindow, other: BoundWindow): boolean {
  return (
    isSameList(one.partitionBy, other.partitionBy) &&
    isSameList(
      one.orderBy.map((key) => key.expression),
      other.orderBy.map((key) => key.expression),
    ) &&
    one.orderBy.every(
      (key, index) =>
        key.isDescending === other.orderBy[index]?.isDescending &&
        key.nullsFirst === other.orderBy[index].nullsFirst,
    )
  )
}

function isSameList(one: readonly Expression[], other: readonly Expression[]): boolean {
  if (one.length !== other.length) return false
  return one.every((expression, index) => {
    const against = other[index]
    return against !== undefined && isSameExpression(expression, against)
  })
}
