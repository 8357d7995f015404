import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { describe } from '../../filter/filter-tree.js'
import type { AnyFields, AnyTags } from './series.js'
import { toJsonValue } from '../../record/json-value.js'
import { retentionCutoff } from './retention.js'
import type { FieldDefinition, SeriesDefinition } from './series-input.js'

/** A point to append. */
export interface PointInput<Tags = AnyTags, Fields = AnyFields> {
  /** Milliseconds since the epoch, or a Date. Default: the transaction's time. */
  readonly timestamp?: number | Date
  /** A value for every tag of the collection. May be left out when it has none. */
  readonly tags?: Tags
  /** At least one field has a value. */
  readonly fields: Fields
}

/** A stored point. */
export interface Point<Tags = AnyTags, Fields = AnyFields> {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** Tells points of one series and timestamp apart, in the order in which they came. */
  readonly sequence: number
  readonly tags: Tags
  readonly fields: Fields
}

/** A point that was checked: tag values in the order of the definition. */
export interface CheckedPoint {
  readonly timestamp: number
  readonly tagValues: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

const TAG_BYTES_MAX = 1024
const TEXT_BYTES_MAX = 1024 * 1024
const TIME_MAX_MS = 8.64e15
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** Checks points of one collection. @throws INVALID_ARGUMENT, TYPE_MISMATCH, naming the point and the field */
export class PointChecker {
  readonly #name: string
  readonly #definition: SeriesDefinition
  readonly #fields: ReadonlyMap<string, FieldDefinition>
  readonly #nowMs: number

  constructor(object: CatalogObject<SeriesDefinition>, nowMs: number) {
    this.#name = object.name
    this.#definition = object.definition
    this.#fields = new Map(object.definition.fields.map((field) => [field.name, field]))
    this.#nowMs = nowMs
  }

  check(point: PointInput<object, object>, index: number): CheckedPoint {
    if (typeof point !== 'object' || point === null)
      this.#fail('INVALID_ARGUMENT', `point ${index}`, 'an object is expected')
    const at = `point ${index}`
    const timestamp = this.timestamp(point.timestamp ?? this.#nowMs, `${at}: timestamp`)
    const cutoff = retentionCutoff(this.#definition, this.#nowMs)
    if (cutoff !== undefined && timestamp < cutoff) this.#tooOld(timestamp, cutoff, index)
    return {
      timestamp,
      tagValues: this.#tagValues(point.tags ?? {}, at),
      values: this.#values(point.fields, at),
    }
  }

  /** Points that the retention has removed are counted in rollups: nothing may come in among them. */
  checkKept({ timestamp }: CheckedPoint, prunedTo: number | undefined, index: number): void {
    if (prunedTo !== undefined && timestamp < prunedTo) this.#tooOld(timestamp, prunedTo, index)
  }

  timestamp(value: unknown, at: string): number {
    const ms = value instanceof Date ? value.getTime() : value
    if (typeof ms === 'number' && Number.isInteger(ms) && Math.abs(ms) <= TIME_MAX_MS) return ms
    return this.#fail(
      'INVALID_ARGUMENT',
      at,
      `${describe(value)} is no whole number of milliseconds since the epoch and no Date`,
    )
  }

  #tooOld(timestamp: number, oldest: number, index: number): never {
    return this.#fail(
      'INVALID_ARGUMENT',
      `point ${index}: timestamp`,
      `${timestamp} is older than the retention keeps; the oldest is ${oldest}`,
    )
  }

  #tagValues(tags: unknown, at: string): string[] {
    if (typeof tags !== 'object' || tags === null)
      return this.#fail('INVALID_ARGUMENT', `${at}: tags`, 'an object is expected')
    const names = this.#definition.tags
    const unknown = Object.keys(tags).find((name) => !names.includes(name))
    if (unknown !== undefined)
      this.#fail('INVALID_ARGUMENT', `${at}: tags.${unknown}`, `is no tag${didYouMean(unknown, names)}`)
    return names.map((name) => {
      const value: unknown = Reflect.get(tags, name)
      const valid =
        typeof value === 'string' &&
        Buffer.byteLength(value) <= TAG_BYTES_MAX &&
        !/\p{Surrogate}/u.test(value)
      if (valid) return value
      const found = value === undefined ? 'it is missing' : `${describe(value)} is none`
      return this.#fail(
        'INVALID_ARGUMENT',
        `${at}: tags.${name}`,
        `a text of at most ${TAG_BYTES_MAX} UTF-8 bytes is expected; ${found}`,
      )
    })
  }

  #values(fields: unknown, at: string): Record<string, unknown> {
    if (typeof fields !== 'object' || fields === null)
      return this.#fail('INVALID_ARGUMENT', `${at}: fields`, 'an object is expected')
    const values: Record<string, unknown> = {}
    for (const [name, given] of Object.entries(fields)) {
      const field = this.#fields.get(name)
      if (field === undefined) {
        return this.#fail(
          'INVALID_ARGUMENT',
          `${at}: fields.${name}`,
          `is no field${didYouMean(name, this.#fields.keys())}`,
        )
      }
      if (given === null || given === undefined) continue
      const value = this.#valueOf(field, given, at)
      const problem = problemOf(field, value)
      if (problem !== undefined) this.#fail('TYPE_MISMATCH', `${at}: fields.${name}`, problem)
      values[name] = value
    }
    if (Object.keys(values).length === 0)
      this.#fail('INVALID_ARGUMENT', `${at}: fields`, 'at least one value is needed')
    return values
  }

  /** @throws INVALID_ARGUMENT naming the place of what is no JSON, LIMIT_EXCEEDED when it is nested too deep */
  #valueOf({ name, type }: FieldDefinition, given: unknown, at: string): unknown {
    if (type === 'json') return toJsonValue(given, `time series "${this.#name}": ${at}: fields.${name}`)
    return type === 'int64' ? toInt64(given) : given
  }

  #fail(code: 'INVALID_ARGUMENT' | 'TYPE_MISMATCH', at: string, reason: string): never {
    throw new OrbitError(code, `time series "${this.#name}": ${at}: ${reason}`, {
      model: 'series',
      object: this.#name,
    })
  }
}

/** What is wrong with a value of a field, if anything. */
function problemOf({ type }: FieldDefinition, value: unknown): string | undefined {
  const shown = typeof value === 'bigint' ? `${value}n` : describe(value)
  switch (type) {
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : `${shown} is no finite number`
    case 'int':
      return Number.isSafeInteger(value) ? undefined : `${shown} is no whole number between -2^53 and 2^53`
    case 'int64':
      return typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX
        ? undefined
        : `${shown} is no 64-bit integer: a bigint, a safe integer or its digits as text`
    case 'bool':
      return typeof value === 'boolean' ? undefined : `${shown} is neither true nor false`
    case 'text':
      if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) return `${shown} is no well-formed text`
      return Buffer.byteLength(value) <= TEXT_BYTES_MAX
        ? undefined
        : `the text has more than ${TEXT_BYTES_MAX} bytes`
    case 'json':
      return problemOfJson(value)
  }
}

/** A safe integer and digits stand for a bigint too: JSON and CSV have nothing else. */
function toInt64(value: unknown): unknown {
  const isInteger = typeof value === 'string' ? /^-?\d{1,19}$/.test(value) : Number.isSafeInteger(value)
  return isInteger ? BigInt(value as string | number) : value
}

function problemOfJson(value: unknown): string | undefined {
  return Buffer.byteLength(JSON.stringify(value)) <= TEXT_BYTES_MAX
    ? undefined
    : `the JSON has more than ${TEXT_BYTES_MAX} bytes`
}
