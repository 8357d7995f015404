/**
 * Expressions that may have to wait. Only the parts that wait are compiled in this way: what surrounds them is compiled as
 * usual, over rows that have their values added. Where a part may be left out (AND, CASE …) it is left out here too.
 */
import type {
  AndOrExpression,
  CallExpression,
  CaseExpression,
  ColumnExpression,
  Expression,
} from '../../plan/expression.js'
import { mapArguments } from '../../plan/expressions/map-arguments.js'
import type { AsyncFunction } from '../../scalar/functions/function.js'
import type { Row, Value } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import type { Run } from '../run.js'
import { compileExpression } from './compile-expression.js'
import { evaluateAll } from './evaluate-all.js'
import type { AnyEvaluator } from './evaluator.js'
import { isAsync } from './is-async.js'
import type { Scope } from './scope.js'
import { compileSubquery } from './subquery.js'

export function compileAnyExpression(expression: Expression, scope: Scope, compiler: Compiler): AnyEvaluator {
  if (!isAsync(expression)) return compileExpression(expression, scope, compiler)
  const compile = (part: Expression): AnyEvaluator => compileAnyExpression(part, scope, compiler)
  switch (expression.kind) {
    case 'subquery':
      return compileSubquery(expression, scope, compiler, compile)
    case 'and':
    case 'or':
      return compileAndOr(expression, compile)
    case 'case':
      return compileCase(expression, compile)
    case 'coalesce':
      return compileFirstSet(expression.args.map(compile))
    case 'call':
      if (expression.function.kind === 'async')
        return compileAsyncCall(expression, expression.function, compile)
      return compileAround(expression, scope, compiler)
    default:
      return compileAround(expression, scope, compiler)
  }
}

/** What waits is computed first, and put behind the row for the rest of the expression. */
function compileAround(expression: Expression, scope: Scope, compiler: Compiler): AnyEvaluator {
  const waiting: AnyEvaluator[] = []
  const positions = new Map(scope.positions)
  const outer = mapArguments(expression, (argument) => {
    if (!isAsync(argument)) return argument
    const column: ColumnExpression = {
      kind: 'column',
      column: compiler.freshColumn(),
      name: '',
      type: argument.type,
    }
    positions.set(column.column, scope.width + waiting.length)
    waiting.push(compileAnyExpression(argument, scope, compiler))
    return column
  })
  const evaluate = compileExpression(outer, { positions, width: scope.width + waiting.length }, compiler)
  return (row, run) => {
    const values = evaluateAll(waiting, row, run)
    if (values instanceof Promise) return values.then((settled) => evaluate([...row, ...settled], run))
    return evaluate([...row, ...values], run)
  }
}

function compileAsyncCall(
  expression: CallExpression,
  callee: AsyncFunction,
  compile: (part: Expression) => AnyEvaluator,
): AnyEvaluator {
  const args = expression.args.map(compile)
  return async (row, run) => {
    const values = await evaluateAll(args, row, run)
    if (callee.isStrict && values.includes(null)) return null
    return callee.call(run.context.services, run.scalar, values)
  }
}

function compileAndOr(
  expression: AndOrExpression,
  compile: (part: Expression) => AnyEvaluator,
): AnyEvaluator {
  const args = expression.args.map(compile)
  const decisive = expression.kind === 'or'
  const from = (start: number, before: Value, row: Row, run: Run): Value | Promise<Value> => {
    let result = before
    for (let at = start; at < args.length; at++) {
      // `at` is below the number of arguments.
      const value = (args[at] as AnyEvaluator)(row, run)
      if (value instanceof Promise) {
        const soFar = result
        return value.then((settled) =>
          settled === decisive ? decisive : from(at + 1, settled === null ? null : soFar, row, run),
        )
      }
      if (value === decisive) return decisive
      if (value === null) result = null
    }
    return result
  }
  return (row, run) => from(0, !decisive, row, run)
}

function compileCase(expression: CaseExpression, compile: (part: Expression) => AnyEvaluator): AnyEvaluator {
  const branches = expression.branches.map(({ condition, result }) => ({
    condition: compile(condition),
    result: compile(result),
  }))
  const otherwise = compile(expression.otherwise)
  const from = (start: number, row: Row, run: Run): Value | Promise<Value> => {
    for (const [offset, branch] of branches.slice(start).entries()) {
      const met = branch.condition(row, run)
      if (met instanceof Promise) {
        return met.then((settled) =>
          settled === true ? branch.result(row, run) : from(start + offset + 1, row, run),
        )
      }
      if (met === true) return branch.result(row, run)
    }
    return otherwise(row, run)
  }
  return (row, run) => from(0, row, run)
}

function compileFirstSet(args: readonly AnyEvaluator[]): AnyEvaluator {
  return async (row, run) => {
    for (const arg of args) {
      const value = await arg(row, run)
      if (value !== null) return value
    }
    return null
  }
}
