/** Expressions of definitions as PostgreSQL shows them: types of constants and conversions written out. */
import { PLAIN_CONTEXT } from '../../../models/relational/types/plain-context.js'
import { TableLayout } from '../../../models/relational/layout/table-layout.js'
import type { ColumnDefinition } from '../../../models/relational/schema/table-definition.js'
import type { CastExpression, Expression } from '../../../plan/expression.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { DataType, Domain } from '../../../scalar/data-type.js'
import { Numeric } from '../../../scalar/numeric/numeric.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Value } from '../../../scalar/value.js'
import { parseExpression } from '../parse/parse-statements.js'
import { bindTableExpression } from '../ddl/table-expression.js'
import { DEFAULT_SCHEMA } from './object-names.js'
import { quoteName } from './quote-name.js'
import type { LoadedCatalog, TableObject } from './snapshot.js'
import { bindStored } from './stored-expressions.js'

/** How an expression is shown. */
export interface Manner {
  /** With no more parentheses than are needed. */
  readonly isPretty?: boolean
  /** Names of what is not found in these schemas are shown with theirs. Default: `public`. */
  readonly searchPath?: readonly string[]
}

const PLAIN: Manner = {}

/** What a column is when nothing is given for it, or is computed from; undefined for neither. */
export function shownDefault(
  catalog: LoadedCatalog,
  table: TableObject,
  column: ColumnDefinition,
  manner = PLAIN,
): string | undefined {
  if (column.generated !== undefined)
    return shown(catalog, table, column.generated.sql, manner, 'generated', undefined)
  const { default: fallback } = column
  if (fallback === undefined) return undefined
  if ('sql' in fallback) {
    const type = TableLayout.of(table).columns.find(({ id }) => id === column.id)?.type
    return shown(catalog, table, fallback.sql, manner, 'default', type)
  }
  if ('function' in fallback) return fallback.function === 'now' ? 'now()' : 'gen_random_uuid()'
  const { value } = fallback
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return quote(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A check or the condition of an index. */
export function shownCondition(
  catalog: LoadedCatalog,
  table: TableObject,
  sql: string,
  manner = PLAIN,
): string {
  return shown(catalog, table, sql, manner, 'check', 'condition')
}

/** The key of an index: in parentheses unless it is a call. */
export function shownKey(catalog: LoadedCatalog, table: TableObject, sql: string, manner = PLAIN): string {
  const text = shown(catalog, table, sql, manner, 'index expression', undefined)
  return /^[\w.]+\(.*\)$/s.test(text) ? text : `(${text})`
}

function shown(
  catalog: LoadedCatalog,
  table: TableObject,
  sql: string,
  manner: Manner,
  ...how: [Parameters<typeof bindStored>[3], Parameters<typeof bindStored>[4]]
): string {
  const { node } = parseExpression(sql)
  // These are written as they are called; what they are made of says less.
  if ('SQLValueFunction' in node) return sql
  try {
    const expression = bindStored(catalog, TableLayout.of(table), sql, ...how)
    return new Shower(catalog, manner).whole(expression)
  } catch {
    // A type or function that it names is gone: shown as it was written.
    return sql
  }
}

/** A check of a domain, or its default. */
export function shownInDomain(
  catalog: LoadedCatalog,
  { name, base }: Pick<Domain, 'name' | 'base'>,
  sql: string,
  place: 'check' | 'default',
  manner = PLAIN,
): string {
  const scope = {
    catalog,
    scalar: PLAIN_CONTEXT,
    searchPath: [DEFAULT_SCHEMA],
    name,
    columns: [{ name: 'value', type: base }],
  }
  try {
    const target = place === 'check' ? 'condition' : { column: name, type: base }
    const bound = bindTableExpression(scope, sql, place, target)
    return new Shower(catalog, manner, () => 'VALUE').whole(bound)
  } catch {
    // A type or function that it names is gone: shown as it was written.
    return sql
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** What an expression stands in, as far as it decides about parentheses. */
interface Around {
  readonly parent: Expression
  readonly isLeft: boolean
}

/** Kinds that need parentheses in others; without `isPretty` they always have them. */
const COMPOUND: ReadonlySet<Expression['kind']> = new Set([
  'and',
  'or',
  'not',
  'test',
  'distinct',
  'quantified',
])

const LOW: ReadonlySet<string> = new Set(['+', '-'])
const HIGH: ReadonlySet<string> = new Set(['*', '/', '%'])

const isOperator = (expression: Expression): boolean =>
  expression.kind === 'call' && expression.operator !== undefined

function signOf(expression: Expression): string {
  return expression.kind === 'call' ? (expression.operator?.name ?? '') : ''
}

/** Whether an expression is understood without parentheses where it stands, as PostgreSQL decides it. */
function isClear(expression: Expression, { parent, isLeft }: Around): boolean {
  const isBoolean = parent.kind === 'and' || parent.kind === 'or' || parent.kind === 'not'
  if (expression.kind === 'and' || expression.kind === 'not')
    return parent.kind === 'and' || parent.kind === 'or' || isEnclosed(parent)
  if (expression.kind === 'or') return parent.kind === 'or' || isEnclosed(parent)
  if (isOperator(expression) && isOperator(parent)) {
    const [own, outer] = [signOf(expression), signOf(parent)]
    if (HIGH.has(own) && LOW.has(outer)) return true
    return isLeft && ((LOW.has(own) && LOW.has(outer)) || (HIGH.has(own) && HIGH.has(outer)))
  }
  return isBoolean || isEnclosed(parent)
}

/** What puts its parts between signs of its own. */
function isEnclosed(parent: Expression): boolean {
  if (parent.kind === 'call') return parent.operator === undefined
  return ['array', 'row', 'coalesce', 'greatest', 'least', 'case'].includes(parent.kind)
}

class Shower {
  readonly #context: ScalarContext
  readonly #isPretty: boolean
  /** How columns are shown. */
  readonly #column: (name: string) => string

  constructor(catalog: LoadedCatalog, manner: Manner, column: (name: string) => string = quoteName) {
    const { searchPath } = manner
    this.#column = column
    this.#context = {
      ...PLAIN_CONTEXT,
      names: {
        oidOf: (kind, text) => catalog.oidOf(kind, text, searchPath),
        nameOf: (kind, oid) => catalog.nameOf(kind, oid, searchPath),
      },
    }
    this.#isPretty = manner.isPretty === true
  }

  /** A conversion that nobody wrote is not shown around the whole. */
  whole(expression: Expression): string {
    if (expression.kind === 'cast' && !expression.isExplicit) return this.whole(expression.arg)
    return this.#show(expression)
  }

  #show(expression: Expression, around?: Around): string {
    const text = this.#bare(expression)
    if (!COMPOUND.has(expression.kind) && !isOperator(expression)) return text
    const isBare = this.#isPretty && (around === undefined || isClear(expression, around))
    return isBare ? text : `(${text})`
  }

  #bare(expression: Expression): string {
    const part = (each: Expression, isLeft = false): string =>
      this.#show(each, { parent: expression, isLeft })
    const list = (each: readonly Expression[]): string => each.map((one) => part(one)).join(', ')
    switch (expression.kind) {
      case 'constant':
        return this.#constant(expression.value, expression.type)
      case 'column':
        return this.#column(expression.name)
      case 'call':
        return this.#call(expression)
      case 'and':
      case 'or':
        return expression.args.map((arg) => part(arg)).join(` ${expression.kind.toUpperCase()} `)
      case 'not':
        return `NOT ${part(expression.arg)}`
      case 'test': {
        const word = `IS ${expression.isNegated ? 'NOT ' : ''}${expression.test.toUpperCase()}`
        return `${part(expression.arg)} ${word}`
      }
      case 'distinct': {
        const word = `IS ${expression.isNegated ? 'NOT ' : ''}DISTINCT FROM`
        return `${part(expression.left)} ${word} ${part(expression.right)}`
      }
      case 'case':
        return this.#case(expression)
      case 'coalesce':
      case 'greatest':
      case 'least':
        return `${expression.kind.toUpperCase()}(${list(expression.args)})`
      case 'cast':
        return this.#cast(expression)
      case 'quantified': {
        const word = expression.quantifier.toUpperCase()
        return `${part(expression.left)} ${expression.operator.name} ${word} (${this.#array(expression.right)})`
      }
      case 'array':
        return `ARRAY[${list(expression.elements)}]`
      case 'row':
        return `ROW(${list(expression.args)})`
      case 'field':
        return `(${part(expression.arg)}).${quoteName(fieldName(expression.arg.type, expression.index))}`
      case 'subscript':
        return `${part(expression.arg)}[${expression.subscripts
          .map(({ lower, upper }) => {
            const [from, to] = [lower, upper].map((bound) => (bound === undefined ? '' : part(bound)))
            return expression.isSlice ? `${from}:${to}` : (to ?? '')
          })
          .join('][')}]`
      default:
        return '?'
    }
  }

  #call(call: Extract<Expression, { kind: 'call' }>): string {
    const { function: callable, args, operator } = call
    const [left, right] = args.map((arg, at) => this.#show(arg, { parent: call, isLeft: at === 0 }))
    if (operator === undefined)
      return `${quoteName(callable.name)}(${args.map((arg) => this.#show(arg, { parent: call, isLeft: false })).join(', ')})`
    return right === undefined ? `${operator.name} ${left ?? ''}` : `${left ?? ''} ${operator.name} ${right}`
  }

  #case({ branches, otherwise }: Extract<Expression, { kind: 'case' }>): string {
    const lines = branches.map(
      ({ condition, result }) => `\n    WHEN ${this.whole(condition)} THEN ${this.#show(result)}`,
    )
    return `\nCASE${lines.join('')}\n    ELSE ${this.#show(otherwise)}\nEND`
  }

  #cast(cast: CastExpression): string {
    const { arg, type } = cast
    const text = this.#show(arg, { parent: cast, isLeft: true })
    return this.#isPretty || /^\(.*\)$/s.test(text)
      ? `${text}::${this.#typeName(type)}`
      : `(${text})::${this.#typeName(type)}`
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
    if (value === null) return `NULL::${this.#typeName(type)}`
    const { scalar } = type
    if (typeof value === 'boolean') return String(value)
    if (scalar.name === 'int4' && typeof value === 'number')
      return value < 0 ? `'${value}'::integer` : String(value)
    const text = scalar.format(value, this.#context)
    if (value instanceof Numeric && value.special === undefined && value.digits >= 0n) return text
    return `${quote(text)}::${this.#typeName(type)}`
  }

  #typeName({ scalar, modifier, domain }: DataType): string {
    const bare = (type: { readonly oid: number; readonly displayName: string }): string =>
      this.#context.names.nameOf('type', type.oid) ?? type.displayName
    if (domain !== undefined) return bare(domain)
    const element = scalar.element ?? scalar
    if (modifier < 0 || element.formatModifier === undefined) return bare(scalar)
    const text = element.formatModifier(modifier)
    const name = text.startsWith('(') ? `${bare(element)}${text}` : text
    return scalar.element === undefined ? name : `${name}[]`
  }
}

function fieldName({ scalar }: DataType, index: number): string {
  return scalar.fields?.[index]?.name ?? `f${index + 1}`
}
