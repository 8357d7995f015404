/** Checks types against what a real PostgreSQL 15 answered. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { OrbitError } from '@orbit-ts/base'
import { ByteWriter } from '@orbit-ts/storage'
import type { ScalarType } from '../data-type.js'
import { testScalarContext } from '../scalar-context.test.data.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { systemTypes } from './system-types.js'

/**
 * A type (`numeric(5,2)`, `text[]`), a text, what PostgreSQL writes for the value, and its binary form in hexadecimal
 * (empty where it was not asked for). A refusal is written `ERR 22P02 message D:detail H:hint`.
 */
export type TextFact = readonly [type: string, input: string, output: string, binary: string]

const BY_NAME = new Map(systemTypes.map((type) => [type.name, type]))

/** The type and the modifier that a fact names. */
export function namedType(text: string): { type: ScalarType; modifier: number } {
  const match = /^(.*?)(?:\(([-\d,]+)\))?(\[\])?$/.exec(text)
  const type = BY_NAME.get(`${match?.[3] === undefined ? '' : '_'}${match?.[1] ?? ''}`)
  assert.ok(type, text)
  const modifier =
    match?.[2] === undefined ? -1 : (type.makeModifier?.(match[2].split(',').map(Number)) ?? -1)
  return { type, modifier }
}

/** What `run` gives as text, or its refusal in the form of the facts. */
export function outcome(run: () => unknown): string {
  try {
    const result = run()
    return typeof result === 'string' ? result : inspect(result)
  } catch (error) {
    if (!(error instanceof OrbitError)) throw error
    const { sqlState, detail, hint } = error.details
    const more = [
      ['D', detail],
      ['H', hint],
    ].map(([letter, text]) => (typeof text === 'string' ? ` ${String(letter)}:${text}` : ''))
    return `ERR ${String(sqlState)} ${error.reason}${more.join('')}`
  }
}

export function binaryOf(type: ScalarType, value: Value, context: ScalarContext): string {
  const writer = new ByteWriter()
  type.encode(writer, value, context)
  return Buffer.from(writer.toBytes()).toString('hex')
}

/** Text to value to text, value to bytes, and bytes to value. */
export function checkFacts(
  facts: readonly TextFact[],
  settings: Readonly<Record<string, string>> = {},
): void {
  const context = testScalarContext(settings)
  for (const [name, input, output, binary] of facts) {
    const { type, modifier } = namedType(name)
    const found = outcome(() => type.format(type.parse(input, modifier, context), context))
    assert.equal(found, output, `${name} from ${JSON.stringify(input)}`)
    if (binary === '' || output.startsWith('ERR ')) continue
    const value = type.parse(input, modifier, context)
    assert.equal(binaryOf(type, value, context), binary, `bytes of ${name} ${JSON.stringify(input)}`)
    const decoded = type.decode(Buffer.from(binary, 'hex'), modifier, context)
    assert.equal(type.format(decoded, context), output, `${name} from bytes ${binary}`)
  }
}
