/**
 * Calls functions directly, as a plan would, with arguments given as texts. Answers were gathered from PostgreSQL 15.
 */
import assert from 'node:assert/strict'
import { OrbitError, defined } from '@orbit-ts/base'
import type { DataType, ScalarType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import { testScalarContext } from '../../scalar-context.test.data.js'
import { RecordValue } from '../../record-value.js'
import type { Value } from '../../value.js'
import { allFunctions } from '../all-functions.js'
import { namedType } from './named-type.js'
import type { AnyFunction, Signature } from '../function.js'

/**
 * A call and its answer: the name and the types of the arguments, their texts, and the text of the result; `null` for
 * null. An error is `!` with its SQLSTATE and message. Of functions of rows: all rows, as `row | row`.
 */
export type Answer = readonly [call: string, args: readonly (string | null)[], answer: string | null]

/**
 * Answers as text: a line for each call, under it one for each set of arguments, `argument¦argument → answer`. `\\N` is
 * null, `\\n` a new line, `\\s` a blank at an end, `\\b` a backquote, `\\d` a dollar sign.
 */
export function parseAnswers(text: string): readonly Answer[] {
  const answers: Answer[] = []
  let call = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (!line.startsWith('  ')) {
      call = line
      continue
    }
    const [args = '', answer = ''] = line.slice(2).split(' → ')
    answers.push([call, call.endsWith('()') ? [] : args.split('¦').map(unescaped), unescaped(answer)])
  }
  return answers
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  s: ' ',
  b: '`',
  d: '$',
  '\\': '\\',
}

function unescaped(text: string): string | null {
  if (text === '\\N') return null
  return text.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}

/** Calls them all and names the ones that answer otherwise. */
export function checkAnswers(
  answers: readonly Answer[],
  settings: Readonly<Record<string, string>> = {},
): void {
  const context = testScalarContext(settings)
  assert(answers.length > 0, 'there are answers')
  for (const [call, args, answer] of answers) {
    assert.equal(callFunction(context, call, args), answer, `${call} of ${JSON.stringify(args)}`)
  }
}

export function callFunction(
  context: ScalarContext,
  call: string,
  argTexts: readonly (string | null)[],
): string | null {
  try {
    return evaluate(context, call, argTexts)
  } catch (error) {
    if (!(error instanceof OrbitError)) throw error
    return `!${String(error.details['sqlState'])} ${error.reason}`
  }
}

function evaluate(context: ScalarContext, call: string, argTexts: readonly (string | null)[]): string | null {
  const [, name = '', typeNames = ''] = /^([^(]+)\((.*)\)$/.exec(call) ?? []
  const types = typeNames === '' ? [] : typeNames.split(',').map(typeFromName)
  const args = argTexts.map((text, index) => {
    const type = defined(types[index], 'the type of an argument')
    return text === null ? null : type.scalar.parse(text, type.modifier, context)
  })
  const found = findFunction(
    name,
    types.map(({ scalar }) => scalar),
  )
  const result = { scalar: resultType(found, types), modifier: -1 }
  return run(context, found, types, result, completed(found, args))
}

/** `int4`, `_int4`, or an enum as `enum:sad/ok/happy`. */
export function typeFromName(name: string): DataType {
  return { scalar: namedType(name), modifier: -1 }
}

/** With what was left out. */
function completed(found: AnyFunction, args: readonly Value[]): readonly Value[] {
  const last = found.parameters.length - 1
  if (found.isVariadic !== true || found.parameters[last]?.name !== 'any') {
    return [
      ...args,
      ...(found.defaults ?? []).slice((found.defaults?.length ?? 0) - (last + 1 - args.length)),
    ]
  }
  return args
}

function run(
  context: ScalarContext,
  found: AnyFunction,
  types: readonly DataType[],
  result: DataType,
  args: readonly Value[],
): string | null {
  if (found.kind === 'scalar') {
    if (found.isStrict && args.includes(null)) return null
    return show(context, result.scalar, found.bind(types, result)(context, ...args))
  }
  assert(found.kind === 'table', `${found.name} is neither a function of values nor of rows`)
  if (found.isStrict && args.includes(null)) return ''
  const columns = found.columns(types)
  return [...found.rows(types, context, args)]
    .map((row) =>
      columns.length === 1
        ? (show(context, defined(columns[0], 'the column').type.scalar, row[0] ?? null) ?? '')
        : namedType('record').format(new RecordValue(columns, row), context),
    )
    .join(' | ')
}

function show(context: ScalarContext, type: ScalarType, value: Value): string | null {
  return value === null ? null : type.format(value, context)
}

const POLYMORPHIC = /^any(element|array|nonarray|enum|compatible|compatiblearray|compatiblenonarray)?$/

export function findFunction(
  name: string,
  types: readonly ScalarType[],
  kind?: AnyFunction['kind'],
): AnyFunction {
  const candidates = allFunctions.filter(
    (each) => each.name === name && (kind === undefined ? each.kind !== 'aggregate' : each.kind === kind),
  )
  const exact = candidates.find((each) => accepts(each, types, false))
  return defined(
    exact ?? candidates.find((each) => accepts(each, types, true)),
    `${name}(${types.map(String).join(', ')})`,
  )
}

function accepts(
  { parameters, isVariadic, defaults }: Signature,
  types: readonly ScalarType[],
  takesPolymorphic: boolean,
): boolean {
  const isAnyTail = isVariadic === true && parameters.at(-1)?.name === 'any'
  if (isAnyTail ? types.length < parameters.length : types.length > parameters.length) return false
  if (types.length < parameters.length - (defaults?.length ?? 0)) return false
  return types.every((type, index) => {
    const parameter = defined(parameters[Math.min(index, parameters.length - 1)], 'a parameter')
    if (type === parameter) return true
    if (!takesPolymorphic || !POLYMORPHIC.test(parameter.name)) return false
    return parameter.name.endsWith('nonarray')
      ? type.element === undefined
      : !parameter.name.endsWith('array') || type.element !== undefined
  })
}

/** The type that a polymorphic result stands for. */
export function resultType(found: AnyFunction, types: readonly DataType[]): ScalarType {
  const { result, parameters } = found
  if (!POLYMORPHIC.test(result.name)) return result
  const isArray = result.name.endsWith('array') && !result.name.endsWith('nonarray')
  for (const [index, parameter] of parameters.entries()) {
    const type = types[index]?.scalar
    if (type === undefined || !POLYMORPHIC.test(parameter.name)) continue
    const isArrayParameter = parameter.name.endsWith('array') && !parameter.name.endsWith('nonarray')
    if (isArray === isArrayParameter) return type
    return isArray ? namedType(`_${type.name}`) : defined(type.element, 'the type of elements')
  }
  throw new Error(`no argument tells the result of ${found.name}`)
}
