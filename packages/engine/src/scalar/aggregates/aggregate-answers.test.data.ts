/** Calls aggregates directly, as the executor would. Answers were gathered from PostgreSQL 15. */
import assert from 'node:assert/strict'
import { OrbitError, defined } from '@orbit-ts/base'
import type { DataType } from '../data-type.js'
import { findFunction, resultType, typeFromName } from '../functions/define/answers.test.data.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import { testScalarContext } from '../scalar-context.test.data.js'
import type { Value } from '../value.js'

/** A call, the rows of its arguments as texts, and the text of the result. Rows of ordered sets come in order. */
export type AggregateAnswer = readonly [
  call: string,
  rows: readonly (readonly (string | null)[])[],
  answer: string | null,
]

/**
 * Answers as text: a line for each call, under it one for each group, `row‖row → answer`, with the arguments of a row
 * between `¦` and `\\N` for null. `∅` stands for no rows.
 */
export function parseAggregateAnswers(text: string): readonly AggregateAnswer[] {
  const answers: AggregateAnswer[] = []
  let call = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (!line.startsWith('  ')) {
      call = line
      continue
    }
    const [rows = '', answer = ''] = line.slice(2).split(' → ')
    const parsed = rows === '∅' ? [] : rows.split('‖').map((row) => row.split('¦').map(nullable))
    answers.push([call, parsed, nullable(answer.replaceAll('\\n', '\n'))])
  }
  return answers
}

function nullable(text: string): string | null {
  return text === '\\N' ? null : text
}

interface Call {
  readonly context: ScalarContext
  readonly aggregate: AggregateFunction
  readonly create: () => Accumulator
  readonly rows: readonly (readonly Value[])[]
  readonly result: DataType
}

/** Calls them in all ways that they allow: row by row, in two parts that are merged, with rows that are taken back. */
export function checkAggregates(answers: readonly AggregateAnswer[]): void {
  assert(answers.length > 0, 'there are answers')
  for (const [call, rows, answer] of answers) {
    for (const way of ['plain', 'merged', 'inverted'] as const) {
      assert.equal(callAggregate(call, rows, way), answer, `${way} ${call} of ${JSON.stringify(rows)}`)
    }
  }
}

export function callAggregate(
  call: string,
  rows: readonly (readonly (string | null)[])[],
  way: 'plain' | 'merged' | 'inverted' = 'plain',
): string | null {
  try {
    const prepared = prepare(call, rows)
    return show(prepared, compute(prepared, way))
  } catch (error) {
    if (!(error instanceof OrbitError)) throw error
    return `!${String(error.details['sqlState'])} ${error.reason}`
  }
}

function prepare(call: string, texts: readonly (readonly (string | null)[])[]): Call {
  const [, name = '', typeNames = ''] = /^([^(]+)\((.*)\)$/.exec(call) ?? []
  const types = typeNames === '' ? [] : typeNames.split(',').map(typeFromName)
  const aggregate = findFunction(
    name,
    types.map(({ scalar }) => scalar),
    'aggregate',
  )
  assert(aggregate.kind === 'aggregate', `${name} is an aggregate`)
  const context = testScalarContext()
  const rows = texts.map((row) =>
    row.map((text, index) => {
      const type = defined(types[index], 'the type of an argument')
      return text === null ? null : type.scalar.parse(text, type.modifier, context)
    }),
  )
  const result = { scalar: resultType(aggregate, types), modifier: -1 }
  return { context, aggregate, create: aggregate.bind(types, result), rows, result }
}

function compute(call: Call, way: 'plain' | 'merged' | 'inverted'): Value {
  const { context, aggregate, create, rows } = call
  const added = rows.filter((row) => !aggregate.isStrict || !row.includes(null))
  if (added.length === 0) return aggregate.empty
  const accumulator = create()
  if (way === 'merged' && accumulator.merge !== undefined) {
    const other = create()
    for (const [index, row] of added.entries()) (index % 2 === 0 ? accumulator : other).add(context, row)
    accumulator.merge(other)
    return accumulator.result(context)
  }
  const isInverted = way === 'inverted' && aggregate.isInvertible
  if (isInverted) for (const row of added) accumulator.add(context, row)
  for (const row of added) accumulator.add(context, row)
  if (isInverted)
    for (const row of added) defined(accumulator.remove, 'remove').call(accumulator, context, row)
  return accumulator.result(context)
}

function show({ context, result }: Call, value: Value): string | null {
  return value === null ? null : result.scalar.format(value, context)
}
