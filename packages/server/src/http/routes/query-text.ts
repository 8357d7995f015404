import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { TObject, TSchema } from 'typebox'

/** How an argument is written in a query string. */
type Form = 'number' | 'boolean' | 'text' | 'list' | 'text or json' | 'json'

/** The facts of a schema that say so. */
interface Shape {
  readonly type?: unknown
  readonly anyOf?: readonly Shape[]
  readonly items?: Shape
  readonly enum?: readonly unknown[]
}

/**
 * Arguments from a query string.
 *
 * - Text, numbers, `true` and `false` stand as they are.
 * - A list of texts is separated by commas, or is a JSON array.
 * - Where text and something else are possible, what begins with `{` or `[` is JSON and everything else is text.
 * - Anything else is JSON.
 * @throws INVALID_ARGUMENT for an unknown or repeated parameter, and for one that cannot be read
 */
export function fromQuery(
  schema: TObject,
  query: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const args: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(query)) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (property === undefined) {
      const known = Object.keys(schema.properties)
      const hint = didYouMean(name, known) || (known.length === 0 ? '' : `; there are ${known.join(', ')}`)
      throw invalid(name, `is no parameter of this path${hint}`)
    }
    if (typeof text !== 'string') throw invalid(name, 'is given more than once')
    args[name] = fromText(property, name, text)
  }
  return args
}

export function formOf(schema: TSchema): Form {
  return shapeForm(schema)
}

function shapeForm(shape: Shape): Form {
  if (shape.anyOf !== undefined) {
    return shape.anyOf.some((one) => one.type === 'string') ? 'text or json' : 'json'
  }
  if (shape.enum !== undefined || shape.type === 'string') return 'text'
  if (shape.type === 'integer' || shape.type === 'number') return 'number'
  if (shape.type === 'boolean') return 'boolean'
  return shape.type === 'array' && shape.items?.type === 'string' ? 'list' : 'json'
}

function fromText(schema: TSchema, name: string, text: string): unknown {
  switch (formOf(schema)) {
    case 'text':
      return text
    case 'number':
      return numberOf(name, text)
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw invalid(name, 'must be true or false')
      return text === 'true'
    case 'list':
      return text.startsWith('[') ? jsonOf(name, text) : text.split(',')
    case 'text or json':
      return /^[[{]/.test(text) ? jsonOf(name, text) : text
    case 'json':
      return jsonOf(name, text)
  }
}

function numberOf(name: string, text: string): number {
  const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value))
    throw invalid(name, `must be a number, not ${JSON.stringify(text.slice(0, 60))}`)
  return value
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(name, `must be JSON: ${error instanceof Error ? error.message : ''}`)
  }
}

function invalid(name: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${name} ${reason}`, { field: name })
}
