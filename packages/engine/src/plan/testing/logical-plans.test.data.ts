/** Logical plans written by hand, short enough to be read in a test. */
import { columnExpression } from '../expressions/conditions.js'
import type { AggregateCall, Expression, SortKey, WindowCall } from '../expression.js'
import { joinPlan } from '../logical/build-plans.js'
import type {
  AggregatePlan,
  JoinPlan,
  JoinType,
  LimitPlan,
  LogicalPlan,
  OutputColumn,
  ProjectPlan,
  ScanPlan,
  SetOperationPlan,
  SortPlan,
  WindowPlan,
} from '../logical-plan.js'
import { BOOL, aggregateFunction, constant } from '../../exec/testing/plans.test.data.js'
import type { MemoryRelation } from './memory-relation.test.data.js'
import type { Relation } from '../../relation/relation.js'

/** Gives out column ids within a test. */
export class Columns {
  #last = 0

  next(): number {
    return ++this.#last
  }

  scan(relation: MemoryRelation, alias: string = relation.name): ScanPlan {
    return scanOf(relation, alias, () => this.next())
  }

  project(input: LogicalPlan, expressions: readonly Expression[]): ProjectPlan {
    const columns = expressions.map((expression): OutputColumn =>
      expression.kind === 'column'
        ? { id: expression.column, name: expression.name, type: expression.type }
        : { id: this.next(), name: '?column?', type: expression.type },
    )
    return { kind: 'project', input, columns, expressions }
  }

  aggregate(
    input: LogicalPlan,
    groups: readonly Expression[],
    aggregates: readonly AggregateCall[],
  ): AggregatePlan {
    const columns = [...groups, ...aggregates].map((part): OutputColumn => ({
      id: this.next(),
      name: 'kind' in part && part.kind === 'column' ? part.name : 'agg',
      type: part.type,
    }))
    return { kind: 'aggregate', input, columns, groups, aggregates }
  }

  window(
    input: LogicalPlan,
    partitionBy: readonly Expression[],
    orderBy: readonly SortKey[],
    calls: readonly WindowCall[],
  ): WindowPlan {
    const own = calls.map((call): OutputColumn => ({ id: this.next(), name: 'window', type: call.type }))
    return { kind: 'window', input, columns: [...input.columns, ...own], partitionBy, orderBy, calls }
  }

  setOperation(
    operation: SetOperationPlan['operation'],
    isAll: boolean,
    left: LogicalPlan,
    right: LogicalPlan,
  ): SetOperationPlan {
    const columns = left.columns.map((column) => ({ ...column, id: this.next() }))
    return { kind: 'set-operation', operation, isAll, left, right, columns }
  }
}

function scanOf(relation: Relation, alias: string, next: () => number): ScanPlan {
  const columns = relation.columns.map(({ name, type }) => ({ id: next(), name, type }))
  return { kind: 'scan', relation, alias, columns, ordinals: relation.columns.map((_column, at) => at) }
}

/** The n-th column of a plan, from 0. */
export function col(plan: LogicalPlan, at: number): Expression {
  const column = plan.columns[at]
  if (column === undefined) throw new RangeError(`column ${at}`)
  return columnExpression(column)
}

export function filter(input: LogicalPlan, condition: Expression): LogicalPlan {
  return { kind: 'filter', input, columns: input.columns, condition }
}

export function join(
  type: JoinType,
  left: LogicalPlan,
  right: LogicalPlan,
  condition?: Expression,
): JoinPlan {
  return joinPlan(type, left, right, condition === undefined ? [] : [condition])
}

export function sort(input: LogicalPlan, ...keys: readonly SortKey[]): SortPlan {
  return { kind: 'sort', input, columns: input.columns, keys }
}

export function limit(input: LogicalPlan, count: number | undefined, offset?: number): LimitPlan {
  return {
    kind: 'limit',
    input,
    columns: input.columns,
    limit: count === undefined ? undefined : constant(count),
    offset: offset === undefined ? undefined : constant(offset),
  }
}

export function distinct(input: LogicalPlan): LogicalPlan {
  return { kind: 'distinct', input, columns: input.columns }
}

export function and(...args: readonly Expression[]): Expression {
  return { kind: 'and', type: BOOL, args }
}

export function or(...args: readonly Expression[]): Expression {
  return { kind: 'or', type: BOOL, args }
}

export function not(arg: Expression): Expression {
  return { kind: 'not', type: BOOL, arg }
}

export function isNull(arg: Expression, isNegated = false): Expression {
  return { kind: 'test', type: BOOL, test: 'null', isNegated, arg }
}

export function aggregate(name: string, ...args: readonly Expression[]): AggregateCall {
  const found = aggregateFunction(name, ...args.map((arg) => arg.type.scalar))
  const type = { scalar: found.result, modifier: -1 }
  return { function: found, args, isDistinct: false, orderBy: [], type }
}
