import type { ScaledInteger } from '../../coprocessor/dag/dag-decimal.js'
import { ExprType } from '../../gen/tipb.js'
import { EvaluationError, PlanRefusal } from './dag-failure.js'
import { addDecimals } from './evaluate.js'
import { compareValues, isDecimal, type ServerType, type ServerValue } from './server-value.js'

/** What becomes of the values of one group. */
export interface AggregateState {
  add(value: ServerValue): void
  result(): ServerValue
}

/** @throws PlanRefusal for a function that the store does not know */
export function aggregateState(tp: number, { kind }: ServerType): AggregateState {
  switch (tp) {
    case ExprType.Count:
      return count()
    case ExprType.Sum:
      if (kind === 'real') return sumOfReals()
      if (kind === 'int' || kind === 'decimal') return sumOfDecimals()
      throw new PlanRefusal(`the sum of ${kind} is not supported`)
    case ExprType.Min:
      return extremum((order) => order < 0)
    case ExprType.Max:
      return extremum((order) => order > 0)
    case ExprType.First:
      return first()
    default:
      throw new PlanRefusal(`Aggregation function meet blacklist aggr function ${tp}`)
  }
}

function count(): AggregateState {
  let rows = 0
  return {
    add: (value) => {
      if (value !== null) rows++
    },
    result: () => rows,
  }
}

function sumOfReals(): AggregateState {
  let sum: number | null = null
  return {
    add: (value) => {
      if (value === null) return
      sum = (sum ?? 0) + Number(value)
      if (!Number.isFinite(sum)) throw EvaluationError.outOfRange('DOUBLE', 'sum')
    },
    result: () => sum,
  }
}

function sumOfDecimals(): AggregateState {
  let sum: ScaledInteger | null = null
  return {
    add: (value) => {
      if (value === null) return
      const decimal = isDecimal(value) ? value : { digits: BigInt(value as number | bigint), scale: 0 }
      sum = sum === null ? decimal : addDecimals(sum, decimal)
    },
    result: () => sum,
  }
}

function extremum(isBetter: (order: number) => boolean): AggregateState {
  let best: ServerValue = null
  return {
    add: (value) => {
      if (value !== null && (best === null || isBetter(compareValues(value, best)))) best = value
    },
    result: () => best,
  }
}

function first(): AggregateState {
  let found: { readonly value: ServerValue } | undefined
  return {
    add: (value) => {
      found ??= { value }
    },
    result: () => found?.value ?? null,
  }
}
