import { defined } from '@orbit-ts/base'
import type { DistinctExpression, TestExpression } from '../../plan/expression.js'
import { RecordValue } from '../../scalar/record-value.js'
import type { Value } from '../../scalar/value.js'
import type { Compile, Evaluator } from './evaluator.js'

/** Stops at the first argument that is false. */
export function compileAnd(args: readonly Evaluator[]): Evaluator {
  if (args.length === 2) {
    const left = defined(args[0], 'the left side')
    const right = defined(args[1], 'the right side')
    return (row, run) => {
      const a = left(row, run)
      if (a === false) return false
      const b = right(row, run)
      return b === false ? false : a === null || b === null ? null : true
    }
  }
  return (row, run) => {
    let result: Value = true
    for (const arg of args) {
      const value = arg(row, run)
      if (value === false) return false
      if (value === null) result = null
    }
    return result
  }
}

/** Stops at the first argument that is true. */
export function compileOr(args: readonly Evaluator[]): Evaluator {
  if (args.length === 2) {
    const left = defined(args[0], 'the left side')
    const right = defined(args[1], 'the right side')
    return (row, run) => {
      const a = left(row, run)
      if (a === true) return true
      const b = right(row, run)
      return b === true ? true : a === null || b === null ? null : false
    }
  }
  return (row, run) => {
    let result: Value = false
    for (const arg of args) {
      const value = arg(row, run)
      if (value === true) return true
      if (value === null) result = null
    }
    return result
  }
}

export function compileNot(arg: Evaluator): Evaluator {
  return (row, run) => {
    const value = arg(row, run)
    return value === null ? null : value === false
  }
}

export function compileTest(expression: TestExpression, compile: Compile): Evaluator {
  const arg = compile(expression.arg)
  const { isNegated } = expression
  switch (expression.test) {
    case 'null':
      if (isComposite(expression)) return isNegated ? allFieldsSet(arg) : allFieldsNull(arg)
      return isNegated ? (row, run) => arg(row, run) !== null : (row, run) => arg(row, run) === null
    case 'unknown':
      return isNegated ? (row, run) => arg(row, run) !== null : (row, run) => arg(row, run) === null
    case 'true':
      return isNegated ? (row, run) => arg(row, run) !== true : (row, run) => arg(row, run) === true
    case 'false':
      return isNegated ? (row, run) => arg(row, run) !== false : (row, run) => arg(row, run) === false
  }
}

function isComposite(expression: TestExpression): boolean {
  const { scalar } = expression.arg.type
  return scalar.category === 'C' || scalar.category === 'P'
}

function allFieldsNull(arg: Evaluator): Evaluator {
  return (row, run) => {
    const value = arg(row, run)
    return value instanceof RecordValue ? value.values.every((field) => field === null) : value === null
  }
}

function allFieldsSet(arg: Evaluator): Evaluator {
  return (row, run) => {
    const value = arg(row, run)
    return value instanceof RecordValue ? value.values.every((field) => field !== null) : value !== null
  }
}

export function compileDistinct(expression: DistinctExpression, compile: Compile): Evaluator {
  const left = compile(expression.left)
  const right = compile(expression.right)
  const { isNegated } = expression
  const equals = expression.equals.function.bind(
    [expression.left.type, expression.right.type],
    expression.type,
  )
  return (row, run) => {
    const a = left(row, run)
    const b = right(row, run)
    const isSame = a === null || b === null ? a === b : equals(run.scalar, a, b) === true
    return isSame === isNegated
  }
}
