/** Expressions as PostgreSQL writes them when it shows plans and definitions: everything in parentheses that may need them. */
import type { DataType } from '../../scalar/data-type.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import type { Value } from '../../scalar/value.js'
import { compareCodePoints } from '../../scalar/collation/code-points.js'
import { quoteIdentifier } from '../../scalar/functions/text/quote-identifier.js'
import { formatDataType } from '../../scalar/types/format-type.js'
import type {
  CallExpression,
  CaseExpression,
  CastExpression,
  ColumnExpression,
  Expression,
  SubqueryExpression,
  SubscriptExpression,
  TestExpression,
} from '../expression.js'

export interface DeparseContext {
  readonly scalar: ScalarContext
  /** Left out: the column's own name. */
  column?(column: ColumnExpression): string
  /** Left out: `(SubPlan)`. */
  subquery?(subquery: SubqueryExpression): string
}

/** The expression as SQL. Conversions that nobody wrote are shown only inside of calls, as PostgreSQL does. */
export function deparseExpression(expression: Expression, context: DeparseContext): string {
  return new Deparser(context).write(expression, false)
}

/** As {@link deparseExpression}, of what stands inside of a call or beside an operator. */
export function deparseOperand(expression: Expression, context: DeparseContext): string {
  return new Deparser(context).write(expression, true)
}

class Deparser {
  readonly #context: DeparseContext

  constructor(context: DeparseContext) {
    this.#context = context
  }

  /** @param showsImplicit conversions that nobody wrote are shown, too */
  write(expression: Expression, showsImplicit: boolean): string {
    switch (expression.kind) {
      case 'constant':
        return this.#constant(expression.value, expression.type)
      case 'parameter':
        return `$${expression.index + 1}`
      case 'column':
        return this.#context.column?.(expression) ?? quoteIdentifier(expression.name)
      case 'call':
        return this.#call(expression)
      case 'and':
        return `(${expression.args.map((arg) => this.write(arg, false)).join(' AND ')})`
      case 'or':
        return `(${expression.args.map((arg) => this.write(arg, false)).join(' OR ')})`
      case 'not':
        return `(NOT ${this.write(expression.arg, false)})`
      case 'test':
        return this.#test(expression)
      case 'distinct': {
        const text = `(${this.write(expression.left, true)} IS DISTINCT FROM ${this.write(expression.right, true)})`
        return expression.isNegated ? `(NOT ${text})` : text
      }
      case 'case':
        return this.#case(expression)
      case 'coalesce':
      case 'greatest':
      case 'least':
        return `${expression.kind.toUpperCase()}(${this.#list(expression.args)})`
      case 'cast':
        return this.#cast(expression, showsImplicit)
      case 'quantified': {
        const { operator, quantifier, left, right } = expression
        return `(${this.write(left, true)} ${operator.name} ${quantifier.toUpperCase()} (${this.write(right, true)}))`
      }
      case 'array':
        return `ARRAY[${this.#list(expression.elements)}]`
      case 'row':
        return `ROW(${this.#list(expression.args)})`
      case 'field': {
        const field =
          expression.arg.type.scalar.fields?.[expression.index]?.name ?? `f${expression.index + 1}`
        return `(${this.write(expression.arg, true)}).${quoteIdentifier(field)}`
      }
      case 'subscript':
        return this.#subscript(expression)
      case 'subquery':
        return this.#context.subquery?.(expression) ?? '(SubPlan)'
      case 'default':
        return 'DEFAULT'
    }
  }

  #list(expressions: readonly Expression[]): string {
    return expressions.map((expression) => this.write(expression, true)).join(', ')
  }

  #call({ function: called, args, operator }: CallExpression): string {
    const [first, second] = args
    if (operator !== undefined && first !== undefined) {
      return second === undefined
        ? `(${operator.name} ${this.write(first, true)})`
        : `(${this.write(first, true)} ${operator.name} ${this.write(second, true)})`
    }
    if (
      called.name === 'extract' &&
      first?.kind === 'constant' &&
      typeof first.value === 'string' &&
      second
    ) {
      return `EXTRACT(${first.value} FROM ${this.write(second, true)})`
    }
    return `${quoteIdentifier(called.name)}(${this.#list(args)})`
  }

  #test({ test, isNegated, arg }: TestExpression): string {
    return `(${this.write(arg, true)} IS ${isNegated ? 'NOT ' : ''}${test.toUpperCase()})`
  }

  #case({ branches, otherwise }: CaseExpression): string {
    const written = branches.map(
      ({ condition, result }) => `WHEN ${this.write(condition, false)} THEN ${this.write(result, true)}`,
    )
    return `CASE ${written.join(' ')} ELSE ${this.write(otherwise, true)} END`
  }

  #cast({ arg, type, isExplicit }: CastExpression, showsImplicit: boolean): string {
    if (!isExplicit && !showsImplicit) return this.write(arg, showsImplicit)
    return `(${this.write(arg, showsImplicit)})::${formatDataType(type)}`
  }

  #subscript({ arg, isSlice, subscripts }: SubscriptExpression): string {
    const inner = this.write(arg, true)
    const base = arg.kind === 'column' || arg.kind === 'parameter' ? inner : `(${inner})`
    const bound = (expression: Expression | undefined): string =>
      expression === undefined ? '' : this.write(expression, false)
    const written = subscripts.map(({ lower, upper }) =>
      isSlice ? `[${bound(lower)}:${bound(upper)}]` : `[${bound(upper ?? lower)}]`,
    )
    return base + written.join('')
  }

  #constant(value: Value, type: DataType): string {
    return constantText(value, type, this.#context.scalar)
  }
}

/** A constant with its type behind it where it could not be told otherwise: `5`, `'a'::text`, `'-1'::integer`. */
export function constantText(value: Value, type: DataType, scalar: ScalarContext): string {
  const typeName = formatDataType(type)
  if (value === null) return `NULL::${typeName}`
  const { name } = type.scalar
  const text = type.scalar.format(value, scalar)
  if (name === 'bool') return text === 't' ? 'true' : 'false'
  if (name === 'int4' && !text.startsWith('-')) return text
  if (name === 'numeric' && /^\d/.test(text) && /[.eE]/.test(text)) {
    return type.modifier >= 0 ? `${text}::${typeName}` : text
  }
  const quoted = `'${text.replaceAll("'", "''")}'`
  const literal = text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
  return name === 'unknown' ? literal : `${literal}::${typeName}`
}

/** ` COLLATE "…"` for texts that are not in the order of their code points. */
export function collationSuffix({ collation }: DataType): string {
  if (collation === undefined || collation.compare === compareCodePoints) return ''
  return ` COLLATE ${quoteIdentifier(collation.name)}`
}
