/** Plans and expressions written by hand, short enough to be read in a test. */
import { defined } from '@orbit-ts/base'
import type {
  CallExpression,
  ColumnExpression,
  ConstantExpression,
  Expression,
  SortKey,
} from '../../plan/expression.js'
import type { OutputColumn } from '../../plan/logical-plan.js'
import type {
  Estimate,
  ExecutablePlan,
  Filter,
  PhysicalPlan,
  Project,
  ValuesScan,
} from '../../plan/physical-plan.js'
import type { DataType, ScalarType } from '../../scalar/data-type.js'
import type { AggregateFunction, Operator, WindowFunction } from '../../scalar/functions/function.js'
import { allAggregates } from '../../scalar/aggregates/all-aggregates.js'
import { allOperators } from '../../scalar/operators/all-operators.js'
import { bool } from '../../scalar/types/bool-type.js'
import { int4, int8 } from '../../scalar/types/integer-types.js'
import { text } from '../../scalar/types/text-types.js'
import type { Row, Value } from '../../scalar/value.js'
import { windowFunctions } from '../../scalar/windows/window-functions.js'

export const ESTIMATE: Estimate = { rows: 1, startupCost: 0, totalCost: 1, width: 8 }

export const typed = (scalar: ScalarType): DataType => ({ scalar, modifier: -1 })
export const INT4 = typed(int4)
export const INT8 = typed(int8)
export const TEXT = typed(text)
export const BOOL = typed(bool)

export function output(id: number, type: DataType = INT4): OutputColumn {
  return { id, name: `c${id}`, type }
}

export function column(id: number, type: DataType = INT4): ColumnExpression {
  return { kind: 'column', column: id, name: `c${id}`, type }
}

export function constant(
  value: Value,
  type: DataType = typeof value === 'string' ? TEXT : INT4,
): ConstantExpression {
  return { kind: 'constant', value, type: typeof value === 'boolean' ? BOOL : type }
}

export function operator(name: string, left: DataType, right: DataType): Operator {
  return defined(
    allOperators.find(
      (each) =>
        each.name === name && each.left?.oid === left.scalar.oid && each.right.oid === right.scalar.oid,
    ),
    `the operator ${name}`,
  )
}

/** `call('=', a, b)`: an operator of PostgreSQL over two expressions. */
export function call(name: string, left: Expression, right: Expression): CallExpression {
  const found = operator(name, left.type, right.type)
  return {
    kind: 'call',
    function: found.function,
    args: [left, right],
    operator: found,
    type: typed(found.function.result),
  }
}

export function aggregateFunction(name: string, ...types: readonly ScalarType[]): AggregateFunction {
  return defined(
    allAggregates.find(
      (each) =>
        each.name === name &&
        each.parameters.length === types.length &&
        each.parameters.every((parameter, at) => parameter === types[at] || parameter.category === 'P'),
    ),
    `the aggregate ${name}`,
  )
}

export function windowFunction(name: string, parameters: number): WindowFunction {
  return defined(
    windowFunctions.find((each) => each.name === name && each.parameters.length === parameters),
    `the window function ${name}`,
  )
}

export function ascending(expression: Expression, nullsFirst = false): SortKey {
  return { expression, isDescending: false, nullsFirst }
}

export function descending(expression: Expression, nullsFirst = true): SortKey {
  return { expression, isDescending: true, nullsFirst }
}

/** Rows of constants. */
export function valuesPlan(
  columns: readonly OutputColumn[],
  rows: readonly (readonly Value[])[],
): ValuesScan {
  return {
    kind: 'values',
    columns,
    estimate: ESTIMATE,
    rows: rows.map((row) =>
      row.map((value, at): Expression => ({ kind: 'constant', value, type: columns[at]?.type ?? INT4 })),
    ),
  }
}

export function filterPlan(input: PhysicalPlan, condition: Expression): Filter {
  return { kind: 'filter', columns: input.columns, estimate: ESTIMATE, input, condition }
}

export function projectPlan(
  input: PhysicalPlan,
  expressions: readonly Expression[],
  ids: readonly number[],
): Project {
  return {
    kind: 'project',
    columns: expressions.map((expression, at) => output(ids[at] ?? 0, expression.type)),
    estimate: ESTIMATE,
    input,
    expressions,
  }
}

export function executable(
  root: PhysicalPlan,
  subqueries: ExecutablePlan['subqueries'] = new Map(),
): ExecutablePlan {
  return { root, subqueries, isModifying: root.kind === 'modify' }
}

/** For comparing results whose order is nobody's business. */
export function sorted(rows: readonly Row[]): Row[] {
  return rows
    .map((row): [string, Row] => [JSON.stringify(row.map(String)), row])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row)
}
