/** Checks what is written to a collection of vectors, and what it is searched with. */
import { didYouMean } from '@orbit-ts/base'
import { isWellFormed } from '@orbit-ts/storage'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import { toJsonValue } from '../../record/json-value.js'
import type { Properties } from '../property/property-types.js'
import type { OpenVectors } from './open-vectors.js'

/** Bytes of UTF-8 in the id of a vector. */
const ID_SIZE_MAX = 512
const KEYS = ['id', 'vector', 'metadata']

/** A vector that can be stored. */
export interface CheckedVector {
  readonly id: string
  readonly vector: Float32Array
  readonly metadata: Properties
}

/** @throws INVALID_ARGUMENT, DIMENSION_MISMATCH, TYPE_MISMATCH, NOT_NULL_VIOLATION, LIMIT_EXCEEDED */
export function checkNewVector(collection: OpenVectors, given: unknown): CheckedVector {
  if (!isPlainObject(given)) {
    throw collection.error(
      'INVALID_ARGUMENT',
      `${describe(given)} is no vector to write; it must be { id, vector, metadata }`,
    )
  }
  for (const key of Object.keys(given)) {
    if (KEYS.includes(key)) continue
    const hint = didYouMean(key, KEYS) || `; known are ${KEYS.join(', ')}`
    throw collection.error('INVALID_ARGUMENT', `"${key}" is no part of a vector to write${hint}`, {
      field: key,
    })
  }
  const id = checkId(collection, given['id'])
  const what = nameOf(id)
  return {
    id,
    vector: checkComponents(collection, given['vector'], what, { id }),
    metadata: checkMetadata(collection, id, given['metadata']),
  }
}

export function nameOf(id: string): string {
  return `vector ${JSON.stringify(id)}`
}

/** @throws INVALID_ARGUMENT unless it is an array. */
export function checkList(collection: OpenVectors, given: unknown, what: string): readonly unknown[] {
  if (Array.isArray(given)) return given as readonly unknown[]
  throw collection.error('INVALID_ARGUMENT', `${what} is ${describe(given)}; it must be an array`, {
    field: what,
  })
}

/** @throws INVALID_ARGUMENT unless it is well-formed text of 1 to {@link ID_SIZE_MAX} bytes. */
export function checkId(collection: OpenVectors, id: unknown): string {
  const refuse = (reason: string): Error =>
    collection.error('INVALID_ARGUMENT', `id ${reason}; an id is 1 to ${ID_SIZE_MAX} bytes of UTF-8 text`, {
      field: 'id',
      limit: ID_SIZE_MAX,
    })
  if (typeof id !== 'string' || id === '') throw refuse(`is ${describe(id)}`)
  // A character takes at most three bytes per unit of UTF-16.
  if (id.length * 3 > ID_SIZE_MAX && Buffer.byteLength(id) > ID_SIZE_MAX) {
    throw refuse(`has ${Buffer.byteLength(id)} bytes`)
  }
  if (!isWellFormed(id)) throw refuse(`${describe(id)} has a lone surrogate`)
  return id
}

/**
 * The components as 32-bit floats, in memory of their own.
 * @param what whose they are: `vector "a"`, `query`.
 * @throws INVALID_ARGUMENT, DIMENSION_MISMATCH
 */
export function checkComponents(
  collection: OpenVectors,
  given: unknown,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
): Float32Array {
  if (!Array.isArray(given) && !(given instanceof Float32Array)) {
    throw collection.error(
      'INVALID_ARGUMENT',
      `${what}: vector is ${describe(given)}; it must be an array of numbers or a Float32Array`,
      { ...details, field: 'vector' },
    )
  }
  const { dimension, metric } = collection.definition
  if (given.length !== dimension) {
    throw collection.error(
      'DIMENSION_MISMATCH',
      `${what} has ${given.length} components; the collection's dimension is ${dimension}`,
      { ...details, field: 'vector', expected: dimension, actual: given.length },
    )
  }
  const components =
    given instanceof Float32Array ? given.slice() : toFloats(collection, given, what, details)
  const wrong = components.findIndex((component) => !Number.isFinite(component))
  if (wrong >= 0) throw notFinite(collection, given[wrong], wrong, what, details)
  if (metric === 'cosine' && components.every((component) => component === 0)) {
    const rounded = given.some((component) => component !== 0) ? ' once rounded to 32-bit floats' : ''
    throw collection.error(
      'INVALID_ARGUMENT',
      `${what} is all zeros${rounded} and so has no direction, which the metric cosine compares; use l2 or dot for such vectors`,
      { ...details, field: 'vector' },
    )
  }
  return components
}

function toFloats(
  collection: OpenVectors,
  given: readonly unknown[],
  what: string,
  details: Readonly<Record<string, unknown>>,
): Float32Array {
  // A hole is undefined, so it is found as well.
  const wrong = Array.from(given).findIndex((component) => typeof component !== 'number')
  if (wrong >= 0) throw notFinite(collection, given[wrong], wrong, what, details)
  return Float32Array.from(given as readonly number[])
}

function notFinite(
  collection: OpenVectors,
  found: unknown,
  position: number,
  what: string,
  details: Readonly<Record<string, unknown>>,
): Error {
  return collection.error(
    'INVALID_ARGUMENT',
    `${what}: component ${position} is ${describe(found)}; it must be a finite number within the range of 32-bit floats`,
    { ...details, field: 'vector', position },
  )
}

/** The metadata as it is stored: without fields that are undefined, and where fields are declared, null. */
function checkMetadata(collection: OpenVectors, id: string, given: unknown): Properties {
  if (given === undefined) return checkRules(collection, id, {})
  if (!isPlainObject(given)) {
    throw collection.error(
      'INVALID_ARGUMENT',
      `${nameOf(id)}: metadata is ${describe(given)}; it must be an object of names and values`,
      { id, field: 'metadata' },
    )
  }
  // A plain object is given back, as itself or as a copy.
  const json = toJsonValue(given, `${collection.what}: ${nameOf(id)}: metadata`) as Properties
  return checkRules(collection, id, collection.rules === undefined ? json : withoutNulls(json))
}

function withoutNulls(json: Properties): Properties {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null))
}

function checkRules(collection: OpenVectors, id: string, metadata: Properties): Properties {
  const { rules } = collection
  if (rules === undefined) return metadata
  for (const rule of rules.values()) {
    const value = Object.hasOwn(metadata, rule.name) ? metadata[rule.name] : undefined
    const what = `${nameOf(id)}: metadata field ${JSON.stringify(rule.name)}`
    const details = { id, field: rule.name }
    if (value === undefined) {
      if (!rule.required) continue
      throw collection.error(
        'NOT_NULL_VIOLATION',
        `${what} is missing, and the collection requires it`,
        details,
      )
    }
    if (rule.accepts(value)) continue
    throw collection.error(
      'TYPE_MISMATCH',
      `${what} is ${describe(value)}; the collection declares it as ${rule.type}`,
      details,
    )
  }
  const unknown = Object.keys(metadata).find((name) => !rules.has(name))
  if (unknown === undefined) return metadata
  const hint = didYouMean(unknown, rules.keys()) || `; declared are ${[...rules.keys()].join(', ') || 'none'}`
  throw collection.error(
    'INVALID_ARGUMENT',
    `${nameOf(id)}: metadata field ${JSON.stringify(unknown)} is not declared${hint}`,
    { id, field: unknown },
  )
}
