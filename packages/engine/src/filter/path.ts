/** Paths into records: `address.city`, `tags.0`, `a\.b` for a name with a dot in it. */
import { OrbitError } from '@orbit-ts/base'

export const PATH_STEPS_MAX = 100
const INDEX = /^(?:0|[1-9][0-9]{0,9})$/

export interface Step {
  readonly key: string
  /** The element it picks from an array; -1 when the step goes into every element. */
  readonly index: number
  /** The name is one that every object inherits, so only an own property counts. */
  readonly inherited: boolean
}

export interface Path {
  /** As `formatPath` writes it: two paths are the same when their texts are. */
  readonly text: string
  readonly steps: readonly Step[]
}

/** All values that a path reaches when it goes through arrays. */
export class Reached {
  readonly values: readonly unknown[]

  constructor(values: readonly unknown[]) {
    this.values = values
  }
}

/** @throws INVALID_ARGUMENT when the text has an empty step, a stray backslash or too many steps. */
export function parsePath(text: string): Path {
  const keys = text.includes('\\') ? splitEscaped(text) : text.split('.')
  if (keys.includes('')) throw badPath(text, 'has an empty step; write steps as in "address.city"')
  if (keys.length > PATH_STEPS_MAX)
    throw badPath(text, `has ${keys.length} steps; at most ${PATH_STEPS_MAX} are accepted`)
  return pathOf(keys)
}

/** The path of these names, whatever characters they have. */
export function pathOf(keys: readonly string[]): Path {
  return { text: formatPath(keys), steps: keys.map(stepOf) }
}

/** The text that `parsePath` takes apart into these names. */
export function formatPath(keys: readonly string[]): string {
  return keys.map((key) => key.replace(/[\\.]|^\$/g, '\\$&')).join('.')
}

function stepOf(key: string): Step {
  return { key, index: INDEX.test(key) ? Number(key) : -1, inherited: key in Object.prototype }
}

function splitEscaped(text: string): string[] {
  const keys: string[] = []
  let key = ''
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (character === '.') {
      keys.push(key)
      key = ''
    } else if (character === '\\') {
      const escaped = text[++i] ?? ''
      if (escaped === '' || !'.\\$'.includes(escaped)) {
        throw badPath(text, 'has a backslash before neither ".", "$" nor "\\"; write "\\\\" for a backslash')
      }
      key += escaped
    } else {
      key += character
    }
  }
  keys.push(key)
  return keys
}

function badPath(text: string, reason: string): OrbitError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return new OrbitError('INVALID_ARGUMENT', `path "${shown}" ${reason}`, { path: shown })
}

/** The value, undefined when there is none, or `Reached` when the path went through an array's elements. */
export function readPath(record: unknown, steps: readonly Step[], from = 0): unknown {
  let value = record
  for (let i = from; i < steps.length; i++) {
    // `i` is below the length.
    const step = steps[i] as Step
    if (typeof value !== 'object' || value === null) return undefined
    if (!Array.isArray(value)) value = property(value, step)
    else if (step.index >= 0) value = value[step.index]
    else return reachThrough(value, steps, i)
  }
  return value
}

/**
 * The one value by which a record is sorted or indexed: as `readPath`, but a path that goes through an array gives that
 * array.
 */
export function readSingle(record: unknown, steps: readonly Step[]): unknown {
  let value = record
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined
    if (!Array.isArray(value)) value = property(value, step)
    else if (step.index >= 0) value = value[step.index]
    else return value
  }
  return value
}

function reachThrough(array: readonly unknown[], steps: readonly Step[], from: number): Reached {
  const values: unknown[] = []
  for (const element of array) {
    const found = Array.isArray(element) ? reachThrough(element, steps, from) : readPath(element, steps, from)
    if (found instanceof Reached) values.push(...found.values)
    else if (found !== undefined) values.push(found)
  }
  return new Reached(values)
}

/** An own property; undefined for bytes, whose elements are not fields. */
export function property(object: object, step: Step): unknown {
  if (step.inherited && !Object.hasOwn(object, step.key)) return undefined
  if (object instanceof Uint8Array) return undefined
  return (object as Readonly<Record<string, unknown>>)[step.key]
}
