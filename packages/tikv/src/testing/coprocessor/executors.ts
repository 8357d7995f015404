import { ExecType, ExprType, type Aggregation, type Executor, type Expr, type TopN } from '../../gen/tipb.js'
import { PlanRefusal } from './dag-failure.js'
import { aggregateState, type AggregateState } from './aggregate-state.js'
import { evaluation } from './evaluate.js'
import {
  compareNullable,
  groupKey,
  isDecimal,
  serverType,
  type ServerRow,
  type ServerType,
  type ServerValue,
} from './server-value.js'

export interface Batch {
  readonly rows: readonly ServerRow[]
  /** Nothing comes after it. */
  readonly isDrained: boolean
}

/** One step of a plan: pulls from the one before. */
export interface Step {
  readonly types: readonly ServerType[]
  /** About so many rows; empty batches are no end. */
  next(size: number): Batch
}

/** What a scan is followed by. @throws PlanRefusal for what the store does not know */
export function stepOf(source: Step, executor: Executor): Step {
  switch (executor.tp) {
    case ExecType.TypeSelection:
      return selection(source, executor.selection?.conditions ?? [])
    case ExecType.TypeLimit:
      return limited(source, Number(executor.limit?.limit ?? 0n))
    case ExecType.TypeTopN:
      return topN(source, executor.topN ?? { orderBy: [], limit: 0n })
    case ExecType.TypeAggregation:
    case ExecType.TypeStreamAgg:
      return aggregation(source, executor.aggregation ?? { groupBy: [], aggFunc: [], streamed: false })
    default:
      throw new PlanRefusal(`Unexpected non-first executor ${executor.tp}`)
  }
}

function selection(source: Step, expressions: readonly Expr[]): Step {
  const conditions = expressions.map((expr) => evaluation(expr, source.types))
  return {
    types: source.types,
    next: (size) => {
      const { rows, isDrained } = source.next(size)
      const kept = conditions.reduce(
        (left, { evaluate }) => left.filter((row) => isTrue(evaluate(row))),
        [...rows],
      )
      return { rows: kept, isDrained }
    },
  }
}

function isTrue(value: ServerValue): boolean {
  if (value === null) return false
  return isDecimal(value) ? value.digits !== 0n : Number(value) !== 0
}

function limited(source: Step, limit: number): Step {
  let left = limit
  return {
    types: source.types,
    next: (size) => {
      if (left === 0) return { rows: [], isDrained: true }
      const { rows, isDrained } = source.next(size)
      const kept = rows.slice(0, left)
      left -= kept.length
      return { rows: kept, isDrained: isDrained || left === 0 }
    },
  }
}

function topN(source: Step, { orderBy, limit }: TopN): Step {
  const orders = orderBy.map(({ expr, desc }) => {
    if (expr === undefined) throw new PlanRefusal('TopN without an expression')
    return { evaluate: evaluation(expr, source.types).evaluate, sign: desc ? -1 : 1 }
  })
  const compare = (one: readonly ServerValue[], other: readonly ServerValue[]): number => {
    for (const [at, { sign }] of orders.entries()) {
      const order = compareNullable(one[at] ?? null, other[at] ?? null)
      if (order !== 0) return order * sign
    }
    return 0
  }
  return {
    types: source.types,
    next: () => {
      const keyed = allOf(source).map((row) => ({ row, keys: orders.map(({ evaluate }) => evaluate(row)) }))
      keyed.sort((one, other) => compare(one.keys, other.keys))
      return { rows: keyed.slice(0, Number(limit)).map(({ row }) => row), isDrained: true }
    },
  }
}

interface Group {
  readonly keys: readonly ServerValue[]
  readonly states: readonly AggregateState[]
}

function aggregation(source: Step, { aggFunc, groupBy }: Aggregation): Step {
  const keys = groupBy.map((expr) => evaluation(expr, source.types))
  const functions = aggFunc.map((expr) => {
    const [child, ...others] = expr.children
    if (child === undefined || others.length > 0)
      throw new PlanRefusal(`Expect 1 parameter, but got ${expr.children.length}`)
    return { expr, argument: evaluation(child, source.types) }
  })
  const types = functions.map(({ expr, argument }) => resultType(expr, argument.type))
  const newGroup = (values: readonly ServerValue[]): Group => ({
    keys: values,
    states: functions.map(({ expr, argument }) => aggregateState(expr.tp, argument.type)),
  })
  return {
    types: [...types, ...keys.map(({ type }) => type)],
    next: () => {
      const groups = new Map<string, Group>()
      // Without GROUP BY there is a result even of no rows.
      if (keys.length === 0) groups.set('', newGroup([]))
      for (const row of allOf(source)) {
        const values = keys.map(({ evaluate }) => evaluate(row))
        const name = values.map(groupKey).join('')
        const group = groups.get(name) ?? newGroup(values)
        groups.set(name, group)
        for (const [at, { argument }] of functions.entries()) group.states[at]?.add(argument.evaluate(row))
      }
      const rows = Array.from(groups.values(), ({ states, keys: own }) => [
        ...states.map((state) => state.result()),
        ...own,
      ])
      return { rows, isDrained: true }
    },
  }
}

function resultType(expr: Expr, argument: ServerType): ServerType {
  if (expr.fieldType === undefined) throw new PlanRefusal('Unexpected return field type 0')
  const type = serverType(expr.fieldType)
  const kind = expr.tp === ExprType.Sum && argument.kind === 'int' ? 'decimal' : argument.kind
  if (expr.tp === ExprType.Count) return { ...type, unsigned: true }
  if (type.kind !== kind) throw new PlanRefusal(`Unexpected return field type ${expr.fieldType.tp}`)
  return type
}

function allOf(source: Step): ServerRow[] {
  const all: ServerRow[] = []
  for (;;) {
    const { rows, isDrained } = source.next(1024)
    for (const row of rows) all.push(row)
    if (isDrained) return all
  }
}
