/** Expressions of definitions as PostgreSQL shows them: types of constants and conversions written out. */
import { PLAIN_CONTEXT } from '../../../models/relational/types/plain-context.js'
import { TableLayout } from '../../../models/relational/layout/table-layout.js'
import type { ColumnDefinition } from '../../../models/relational/schema/table-definition.js'
import type { CastExpression, Expression } from '../../../plan/expression.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { DataType } from '../../../scalar/data-type.js'
import { Numeric } from '../../../scalar/numeric/numeric.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Value } from '../../../scalar/value.js'
import { parseExpression } from '../parse/parse-statements.js'
import { quoteName } from './quote-name.js'
import type { LoadedCatalog, TableObject } from './snapshot.js'
import { bindStored } from './stored-expressions.js'

/** What a column is when nothing is given for it, or is computed from; undefined for neither. */
export function shownDefault(
  catalog: LoadedCatalog,
  table: TableObject,
  column: ColumnDefinition,
): string | undefined {
  if (column.generated !== undefined)
    return shown(catalog, table, column.generated.sql, 'generated', undefined)
  const { default: fallback } = column
  if (fallback === undefined) return undefined
  if ('sql' in fallback) {
    const type = TableLayout.of(table).columns.find(({ id }) => id === column.id)?.type
    return shown(catalog, table, fallback.sql, 'default', type)
  }
  if ('function' in fallback) return fallback.function === 'now' ? 'now()' : 'gen_random_uuid()'
  const { value } = fallback
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return quote(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A check or the condition of an index, in parentheses. */
export function shownCondition(catalog: LoadedCatalog, table: TableObject, sql: string): string {
  const text = shown(catalog, table, sql, 'check', 'condition')
  return text.startsWith('(') ? text : `(${text})`
}

/** The key of an index: in parentheses unless it is a call. */
export function shownKey(catalog: LoadedCatalog, table: TableObject, sql: string): string {
  const text = shown(catalog, table, sql, 'index', undefined)
  return text.startsWith('(') || /^[\w.]+\(.*\)$/s.test(text) ? text : `(${text})`
}

function shown(
  catalog: LoadedCatalog,
  table: TableObject,
  sql: string,
  ...how: [Parameters<typeof bindStored>[3], Parameters<typeof bindStored>[4]]
): string {
  const { node } = parseExpression(sql)
  // These are written as they are called; what they are made of says less.
  if ('SQLValueFunction' in node) return sql
  try {
    const expression = bindStored(catalog, TableLayout.of(table), sql, ...how)
    return new Shower(catalog).whole(expression)
  } catch {
    // A type or function that it names is gone: shown as it was written.
    return sql
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Operators whose sides are put in parentheses as a whole. */
class Shower {
  readonly #context: ScalarContext

  constructor(catalog: LoadedCatalog) {
    this.#context = { ...PLAIN_CONTEXT, names: catalog }
  }

  /** A conversion that nobody wrote is not shown around the whole. */
  whole(expression: Expression): string {
    if (expression.kind === 'cast' && !expression.isExplicit) return this.whole(expression.arg)
    return this.#show(expression)
  }

  #show(expression: Expression): string {
    switch (expression.kind) {
      case 'constant':
        return this.#constant(expression.value, expression.type)
      case 'column':
        return quoteName(expression.name)
      case 'call':
        return this.#call(expression)
      case 'and':
      case 'or':
        return `(${expression.args.map((arg) => this.#show(arg)).join(` ${expression.kind.toUpperCase()} `)})`
      case 'not':
        return `(NOT ${this.#show(expression.arg)})`
      case 'test': {
        const word = `IS ${expression.isNegated ? 'NOT ' : ''}${expression.test.toUpperCase()}`
        return `(${this.#show(expression.arg)} ${word})`
      }
      case 'distinct': {
        const word = `IS ${expression.isNegated ? 'NOT ' : ''}DISTINCT FROM`
        return `(${this.#show(expression.left)} ${word} ${this.#show(expression.right)})`
      }
      case 'case':
        return this.#case(expression)
      case 'coalesce':
      case 'greatest':
      case 'least':
        return `${expression.kind.toUpperCase()}(${this.#list(expression.args)})`
      case 'cast':
        return this.#cast(expression)
      case 'quantified': {
        const word = expression.quantifier.toUpperCase()
        return `(${this.#show(expression.left)} ${expression.operator.name} ${word} (${this.#array(expression.right)}))`
      }
      case 'array':
        return `ARRAY[${this.#list(expression.elements)}]`
      case 'row':
        return `ROW(${this.#list(expression.args)})`
      case 'field':
        return `(${this.#show(expression.arg)}).${quoteName(fieldName(expression.arg.type, expression.index))}`
      case 'subscript':
        return `${this.#show(expression.arg)}[${expression.subscripts
          .map(({ lower, upper }) => {
            const [from, to] = [lower, upper].map((bound) => (bound === undefined ? '' : this.#show(bound)))
            return expression.isSlice ? `${from}:${to}` : (to ?? '')
          })
          .join('][')}]`
      default:
        return '?'
    }
  }

  #list(expressions: readonly Expression[]): string {
    return expressions.map((each) => this.#show(each)).join(', ')
  }

  #call({ function: { name }, args, operator }: Extract<Expression, { kind: 'call' }>): string {
    if (operator === undefined) return `${quoteName(name)}(${this.#list(args)})`
    const [left, right] = args
    if (right === undefined) return `(${operator.name} ${left === undefined ? '' : this.#show(left)})`
    return `(${left === undefined ? '' : this.#show(left)} ${operator.name} ${this.#show(right)})`
  }

  #case({ branches, otherwise }: Extract<Expression, { kind: 'case' }>): string {
    const lines = branches.map(
      ({ condition, result }) => `\n    WHEN ${this.whole(condition)} THEN ${this.#show(result)}`,
    )
    return `\nCASE${lines.join('')}\n    ELSE ${this.#show(otherwise)}\nEND`
  }

  #cast({ arg, type }: CastExpression): string {
    return `(${this.#show(arg)})::${typeName(type)}`
  }

  #array(expression: Expression): string {
    const element = expression.type.scalar.element
    if (expression.kind !== 'constant' || !(expression.value instanceof SqlArray) || element === undefined)
      return this.#show(expression)
    const elements = expression.value.elements.map((value) =>
      this.#constant(value, { scalar: element, modifier: -1 }),
    )
    return `ARRAY[${elements.join(', ')}]`
  }

  #constant(value: Value, type: DataType): string {
    if (value === null) return `NULL::${typeName(type)}`
    const { scalar } = type
    if (typeof value === 'boolean') return String(value)
    if (scalar.name === 'int4' && typeof value === 'number')
      return value < 0 ? `'${value}'::integer` : String(value)
    const text = scalar.format(value, this.#context)
    if (value instanceof Numeric && value.special === undefined && value.digits >= 0n) return text
    return `${quote(text)}::${typeName(type)}`
  }
}

function typeName({ scalar, modifier }: DataType): string {
  const element = scalar.element ?? scalar
  if (modifier < 0 || element.formatModifier === undefined) return scalar.displayName
  const text = element.formatModifier(modifier)
  const name = text.startsWith('(') ? `${element.displayName}${text}` : text
  return scalar.element === undefined ? name : `${name}[]`
}

function fieldName({ scalar }: DataType, index: number): string {
  return scalar.fields?.[index]?.name ?? `f${index + 1}`
}
