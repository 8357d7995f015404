import { defined } from '@orbit-ts/base'
import type { CallExpression } from '../../plan/expression.js'
import type { Implementation, ScalarFunction } from '../../scalar/functions/function.js'
import type { Value } from '../../scalar/value.js'
import type { Compile, Evaluator } from './evaluator.js'
import { compileArithmetic } from './fast-arithmetic.js'
import { compileComparison } from './fast-comparison.js'
import { metered } from './metered.js'

export function compileCall(expression: CallExpression, callee: ScalarFunction, compile: Compile): Evaluator {
  const args = expression.args.map(compile)
  const types = expression.args.map((arg) => arg.type)
  const implementation = metered(callee.bind(types, expression.type), types, expression.type)
  return (
    compileComparison(expression, args) ??
    compileArithmetic(callee.oid, args, implementation) ??
    (callee.isStrict ? strictCall(implementation, args) : looseCall(implementation, args))
  )
}

/** All arguments are computed before any is looked at, so that errors in them show whatever the others are. */
function strictCall(implementation: Implementation, args: readonly Evaluator[]): Evaluator {
  const [first, second, third] = args
  switch (args.length) {
    case 0:
      return (_row, run) => implementation(run.scalar)
    case 1: {
      const only = defined(first, 'the argument')
      return (row, run) => {
        const value = only(row, run)
        return value === null ? null : implementation(run.scalar, value)
      }
    }
    case 2: {
      const left = defined(first, 'the left argument')
      const right = defined(second, 'the right argument')
      return (row, run) => {
        const a = left(row, run)
        const b = right(row, run)
        return a === null || b === null ? null : implementation(run.scalar, a, b)
      }
    }
    case 3: {
      const one = defined(first, 'the first argument')
      const two = defined(second, 'the second argument')
      const three = defined(third, 'the third argument')
      return (row, run) => {
        const a = one(row, run)
        const b = two(row, run)
        const c = three(row, run)
        return a === null || b === null || c === null ? null : implementation(run.scalar, a, b, c)
      }
    }
    default:
      return (row, run) => {
        const values: Value[] = []
        let hasNull = false
        for (const arg of args) {
          const value = arg(row, run)
          hasNull ||= value === null
          values.push(value)
        }
        return hasNull ? null : implementation(run.scalar, ...values)
      }
  }
}

function looseCall(implementation: Implementation, args: readonly Evaluator[]): Evaluator {
  const [first, second] = args
  switch (args.length) {
    case 0:
      return (_row, run) => implementation(run.scalar)
    case 1: {
      const only = defined(first, 'the argument')
      return (row, run) => implementation(run.scalar, only(row, run))
    }
    case 2: {
      const left = defined(first, 'the left argument')
      const right = defined(second, 'the right argument')
      return (row, run) => implementation(run.scalar, left(row, run), right(row, run))
    }
    default:
      return (row, run) => implementation(run.scalar, ...args.map((arg) => arg(row, run)))
  }
}
