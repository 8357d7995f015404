import type { Expression } from '../expression.js'

type Mapping = (expression: Expression) => Expression

/**
 * The expression with each direct argument replaced by what `map` makes of it; the same object when all stay the same.
 * Plans inside are left as they are.
 */
export function mapArguments(expression: Expression, map: Mapping): Expression {
  switch (expression.kind) {
    case 'constant':
    case 'parameter':
    case 'column':
    case 'default':
      return expression
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least':
    case 'row': {
      const args = mapAll(expression.args, map)
      return args === expression.args ? expression : { ...expression, args }
    }
    case 'not':
    case 'test':
    case 'cast':
    case 'field': {
      const arg = map(expression.arg)
      return arg === expression.arg ? expression : { ...expression, arg }
    }
    case 'distinct':
    case 'quantified': {
      const left = map(expression.left)
      const right = map(expression.right)
      return left === expression.left && right === expression.right
        ? expression
        : { ...expression, left, right }
    }
    case 'array': {
      const elements = mapAll(expression.elements, map)
      return elements === expression.elements ? expression : { ...expression, elements }
    }
    case 'subquery': {
      if (expression.left === undefined) return expression
      const left = mapAll(expression.left, map)
      return left === expression.left ? expression : { ...expression, left }
    }
    case 'case':
      return mapCase(expression, map)
    case 'subscript':
      return mapSubscript(expression, map)
  }
}

/** The expression rebuilt from the inside out: `map` sees each part after its arguments have been replaced. */
export function rewriteExpression(expression: Expression, map: Mapping): Expression {
  return map(mapArguments(expression, (argument) => rewriteExpression(argument, map)))
}

/** The list with each element replaced; the same list when all stay the same. */
export function mapAll<T>(list: readonly T[], map: (element: T) => T): readonly T[] {
  let changed: T[] | undefined
  list.forEach((element, index) => {
    const mapped = map(element)
    if (mapped !== element) (changed ??= list.slice())[index] = mapped
  })
  return changed ?? list
}

function mapCase(expression: Expression & { kind: 'case' }, map: Mapping): Expression {
  const branches = mapAll(expression.branches, (branch) => {
    const condition = map(branch.condition)
    const result = map(branch.result)
    return condition === branch.condition && result === branch.result ? branch : { condition, result }
  })
  const otherwise = map(expression.otherwise)
  return branches === expression.branches && otherwise === expression.otherwise
    ? expression
    : { ...expression, branches, otherwise }
}

function mapSubscript(expression: Expression & { kind: 'subscript' }, map: Mapping): Expression {
  const mapBound = (bound: Expression | undefined): Expression | undefined =>
    bound === undefined ? undefined : map(bound)
  const arg = map(expression.arg)
  const subscripts = mapAll(expression.subscripts, (subscript) => {
    const lower = mapBound(subscript.lower)
    const upper = mapBound(subscript.upper)
    return lower === subscript.lower && upper === subscript.upper ? subscript : { lower, upper }
  })
  return arg === expression.arg && subscripts === expression.subscripts
    ? expression
    : { ...expression, arg, subscripts }
}
