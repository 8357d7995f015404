import { unreachable } from '@orbit-ts/base'
import type { Expression } from '../../plan/expression.js'
import { queryError } from '../../scalar/condition.js'
import type { Value } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import { compileArray, compileField, compileRow } from './build.js'
import { compileCall } from './call.js'
import { compileCast } from './cast.js'
import { compileCase, compileCoalesce } from './choice.js'
import type { Evaluator } from './evaluator.js'
import { compileAnd, compileDistinct, compileNot, compileOr, compileTest } from './logic.js'
import { compileQuantified } from './quantified.js'
import type { Scope } from './scope.js'
import { compileSubscript } from './subscript.js'

const LEFT_TO_DEFAULT: Value | undefined = undefined

/** Compiles an expression that never has to wait (see `isAsync`). */
export function compileExpression(expression: Expression, scope: Scope, compiler: Compiler): Evaluator {
  const compile = (part: Expression): Evaluator => compileExpression(part, scope, compiler)
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression
      return () => value
    }
    case 'parameter':
      return compileParameter(expression.index)
    case 'column':
      return compileColumn(expression.column, scope, compiler)
    case 'call':
      if (expression.function.kind === 'async') throw waits()
      return compileCall(expression, expression.function, compile)
    case 'and':
      return compileAnd(expression.args.map(compile))
    case 'or':
      return compileOr(expression.args.map(compile))
    case 'not':
      return compileNot(compile(expression.arg))
    case 'test':
      return compileTest(expression, compile)
    case 'distinct':
      return compileDistinct(expression, compile)
    case 'case':
      return compileCase(expression, compile)
    case 'coalesce':
    case 'greatest':
    case 'least':
      return compileCoalesce(expression, compile)
    case 'cast':
      return compileCast(expression, compile)
    case 'quantified':
      return compileQuantified(expression, compile, () => compiler.cell())
    case 'array':
      return compileArray(expression, compile)
    case 'row':
      return compileRow(expression, compile)
    case 'field':
      return compileField(expression, compile)
    case 'subscript':
      return compileSubscript(expression, compile)
    case 'subquery':
      throw waits()
    case 'default':
      // Left to the relation, which takes a missing value for it.
      return () => LEFT_TO_DEFAULT as Value
    default:
      return unreachable(expression, 'expression')
  }
}

function compileColumn(column: number, scope: Scope, compiler: Compiler): Evaluator {
  const position = scope.positions.get(column)
  // Rows have a value for each column of their scope, and slots are filled before anything reads them.
  if (position !== undefined) return (row) => row[position] as Value
  const slot = compiler.slot(column)
  return (_row, run) => run.outer[slot] as Value
}

function compileParameter(index: number): Evaluator {
  return (_row, run) => {
    const value = run.parameters[index]
    if (value === undefined) {
      throw queryError('undefined_parameter', `there is no value for parameter $${index + 1}`)
    }
    return value
  }
}

function waits(): Error {
  return queryError('internal_error', 'an expression that waits was compiled as one that does not')
}
