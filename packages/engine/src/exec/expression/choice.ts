import { defined } from '@orbit-ts/base'
import type { CaseExpression, CoalesceExpression } from '../../plan/expression.js'
import type { Value } from '../../scalar/value.js'
import type { Compile, Evaluator } from './evaluator.js'

export function compileCase(expression: CaseExpression, compile: Compile): Evaluator {
  const branches = expression.branches.map(({ condition, result }) => ({
    condition: compile(condition),
    result: compile(result),
  }))
  const otherwise = compile(expression.otherwise)
  const [first] = branches
  if (branches.length === 1 && first !== undefined) {
    const { condition, result } = first
    return (row, run) => (condition(row, run) === true ? result(row, run) : otherwise(row, run))
  }
  return (row, run) => {
    for (const branch of branches) {
      if (branch.condition(row, run) === true) return branch.result(row, run)
    }
    return otherwise(row, run)
  }
}

export function compileCoalesce(expression: CoalesceExpression, compile: Compile): Evaluator {
  const args = expression.args.map(compile)
  if (expression.kind === 'coalesce') return firstSet(args)
  const { scalar, collation } = expression.type
  const compare = defined(scalar.compare, `an order of the type ${scalar.displayName}`)
  const sign = expression.kind === 'greatest' ? 1 : -1
  return (row, run) => {
    let best: Value = null
    for (const arg of args) {
      const value = arg(row, run)
      if (value === null) continue
      if (best === null || compare(value, best, collation) * sign > 0) best = value
    }
    return best
  }
}

function firstSet(args: readonly Evaluator[]): Evaluator {
  return (row, run) => {
    for (const arg of args) {
      const value = arg(row, run)
      if (value !== null) return value
    }
    return null
  }
}
