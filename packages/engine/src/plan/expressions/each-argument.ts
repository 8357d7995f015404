import type { Expression } from '../expression.js'

/** Calls `visit` for each direct argument of an expression, in the order they are written. Plans inside are left aside. */
export function eachArgument(expression: Expression, visit: (argument: Expression) => void): void {
  switch (expression.kind) {
    case 'constant':
    case 'parameter':
    case 'column':
    case 'default':
      return
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least':
    case 'row':
      for (const argument of expression.args) visit(argument)
      return
    case 'not':
    case 'test':
    case 'cast':
    case 'field':
      visit(expression.arg)
      return
    case 'distinct':
    case 'quantified':
      visit(expression.left)
      visit(expression.right)
      return
    case 'case':
      for (const { condition, result } of expression.branches) {
        visit(condition)
        visit(result)
      }
      visit(expression.otherwise)
      return
    case 'array':
      for (const element of expression.elements) visit(element)
      return
    case 'subscript':
      visit(expression.arg)
      for (const { lower, upper } of expression.subscripts) {
        if (lower !== undefined) visit(lower)
        if (upper !== undefined) visit(upper)
      }
      return
    case 'subquery':
      for (const left of expression.left ?? []) visit(left)
      return
  }
}

/** Calls `visit` for the expression and everything inside it, outermost first; plans inside are left aside. */
export function walkExpression(expression: Expression, visit: (part: Expression) => void): void {
  visit(expression)
  eachArgument(expression, (argument) => walkExpression(argument, visit))
}

/** Whether the expression or anything inside it passes the test. */
export function someExpression(expression: Expression, test: (part: Expression) => boolean): boolean {
  if (test(expression)) return true
  let found = false
  eachArgument(expression, (argument) => {
    found ||= someExpression(argument, test)
  })
  return found
}
