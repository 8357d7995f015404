import { queryError } from '../../condition.js'
import type { DataType, ScalarType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import { requireLength } from '../../value-limits.js'
import { bound, scalar } from '../define/scalar-function.js'
import { variadicAny, type VariadicImplementation } from '../define/variadic-any.js'
import type { ScalarFunction } from '../function.js'
import { formatText } from './format-text.js'
import { quoteIdentifier, quoteLiteral } from './quote-identifier.js'
import { castText, shownText } from './text-of-value.js'

type TypeAt = (index: number) => ScalarType

/** Joins the texts of all arguments that are not null. */
function join(context: ScalarContext, separator: string, values: readonly Value[], typeAt: TypeAt): string {
  let result = ''
  let isFirst = true
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? null
    if (value === null) continue
    if (!isFirst) result += separator
    result += shownText(typeAt(index))(context, value)
    requireLength(result.length)
    isFirst = false
  }
  return result
}

function bindConcat(typeAt: TypeAt): VariadicImplementation {
  return (context, _, values) => (values === null ? null : join(context, '', values, typeAt))
}

function bindConcatWithSeparator(typeAt: TypeAt): VariadicImplementation {
  return (context, [separator], values) =>
    values === null || typeof separator !== 'string' ? null : join(context, separator, values, typeAt)
}

function bindFormat(typeAt: TypeAt): VariadicImplementation {
  return (context, [format], given) => {
    if (typeof format !== 'string') return null
    // VARIADIC NULL is taken for no argument.
    const values = given ?? []
    const text = (index: number): string | null => {
      const value = values[index] ?? null
      return value === null ? null : shownText(typeAt(index))(context, value)
    }
    return formatText(format, {
      count: values.length,
      text,
      integer: (index) => toInteger(text(index)),
    })
  }
}

function toInteger(text: string | null): number | null {
  if (text === null) return null
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    throw queryError('invalid_text_representation', `invalid input syntax for type integer: "${text}"`)
  }
  return Number(text)
}

function bindAppend(
  types: readonly DataType[],
  valueIndex: 0 | 1,
): (context: ScalarContext, value: Value) => string {
  const type = types[valueIndex]
  return type === undefined ? () => '' : castText(type.scalar)
}

export const composingFunctions: readonly ScalarFunction[] = [
  variadicAny('3058 concat(variadic any) text nullable stable', bindConcat),
  variadicAny('3059 concat_ws(text,variadic any) text nullable stable', bindConcatWithSeparator),
  variadicAny('3539 format(text,variadic any) text nullable stable', bindFormat),
  scalar('3540 format(text) text nullable stable', (_, format: string | null) =>
    format === null ? null : formatText(format, { count: 0, text: () => null, integer: () => null }),
  ),
  bound('2003 textanycat(text,anynonarray) text stable', (types) => {
    const textOf = bindAppend(types, 1)
    return (context, text: string, value: Value) => text + textOf(context, value)
  }),
  bound('2004 anytextcat(anynonarray,text) text stable', (types) => {
    const textOf = bindAppend(types, 0)
    return (context, value: Value, text: string) => textOf(context, value) + text
  }),
  scalar('1282 quote_ident(text) text', (_, text: string) => quoteIdentifier(text)),
  scalar('1283 quote_literal(text) text', (_, text: string) => quoteLiteral(text)),
  bound('1285 quote_literal(anyelement) text stable', (types) => {
    const textOf = bindAppend(types, 0)
    return (context, value: Value) => quoteLiteral(textOf(context, value))
  }),
  scalar('1289 quote_nullable(text) text nullable', (_, text: string | null) =>
    text === null ? 'NULL' : quoteLiteral(text),
  ),
  bound('1290 quote_nullable(anyelement) text nullable stable', (types) => {
    const textOf = bindAppend(types, 0)
    return (context, value: Value) => (value === null ? 'NULL' : quoteLiteral(textOf(context, value)))
  }),
]
