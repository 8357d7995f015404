import { OrbitError, didYouMean } from '@orbit-ts/base'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import { parsePath } from '../../filter/path.js'
import {
  JSON_TYPES,
  type CollectionDefinition,
  type CollectionInput,
  type DocumentSchema,
  type FieldSchema,
  type IndexDefinition,
  type JsonType,
} from './collection-input.js'

export const INDEXES_MAX = 64
export const INDEX_PATHS_MAX = 8
const SCHEMA_FIELDS_MAX = 1000
export const DOCUMENT_SIZE_DEFAULT_BYTES = 16 * 1024 * 1024
const DOCUMENT_SIZE_MAX_BYTES = 64 * 1024 * 1024
const NAME_LENGTH_MAX = 128

const COLLECTION_KEYS = ['indexes', 'schema', 'documentSizeMaxBytes']
const INDEX_KEYS = ['name', 'path', 'paths', 'unique', 'multi', 'sparse']
const SCHEMA_KEYS = ['fields', 'additionalFields']
const FIELD_KEYS = ['type', 'required']

/**
 * The definition that `input` declares. An index that `before` has under the same name with the same paths and options
 * keeps its id; any other gets a new one, so that it is built anew.
 * @throws SCHEMA_INVALID
 */
export function defineCollection(
  name: string,
  input: CollectionInput,
  before?: CollectionDefinition,
): CollectionDefinition {
  return new Definer(name, before).define(input)
}

type Object = Readonly<Record<string, unknown>>
type Unnumbered = Omit<IndexDefinition, 'id'>

class Definer {
  readonly #name: string
  readonly #before: CollectionDefinition | undefined

  constructor(name: string, before: CollectionDefinition | undefined) {
    this.#name = name
    this.#before = before
  }

  define(input: unknown): CollectionDefinition {
    const { indexes, schema, documentSizeMaxBytes } = this.#object(input, 'input', COLLECTION_KEYS)
    return {
      ...this.#number(this.#indexes(indexes)),
      schema: schema === undefined ? null : this.#schema(schema),
      documentSizeMaxBytes: this.#documentSize(documentSizeMaxBytes),
    }
  }

  #documentSize(given: unknown): number {
    if (given === undefined) return DOCUMENT_SIZE_DEFAULT_BYTES
    const isSize = typeof given === 'number' && Number.isInteger(given) && given >= 1
    if (isSize && given <= DOCUMENT_SIZE_MAX_BYTES) return given
    return this.#fail(
      'documentSizeMaxBytes',
      `is ${describe(given)}; it must be 1 to ${DOCUMENT_SIZE_MAX_BYTES}`,
    )
  }

  #number(declared: readonly Unnumbered[]): Pick<CollectionDefinition, 'indexes' | 'nextIndexId'> {
    let nextIndexId = this.#before?.nextIndexId ?? 1
    const indexes = declared.map((index): IndexDefinition => {
      const known = this.#before?.indexes.find((candidate) => isSame(candidate, index))
      return { id: known?.id ?? nextIndexId++, ...index }
    })
    return { indexes, nextIndexId }
  }

  #indexes(given: unknown): Unnumbered[] {
    if (given === undefined) return []
    if (!Array.isArray(given)) return this.#fail('indexes', `is ${describe(given)}; it must be an array`)
    if (given.length > INDEXES_MAX)
      this.#fail('indexes', `has ${given.length} entries; at most ${INDEXES_MAX}`)
    const indexes = given.map((index: unknown, i) => this.#index(index, `indexes[${i}]`))
    for (const [i, { name }] of indexes.entries()) {
      if (indexes.findIndex((other) => other.name === name) !== i) {
        this.#fail(
          `indexes[${i}]`,
          `has the name "${name}", which another index has already; give it a name of its own`,
        )
      }
    }
    return indexes
  }

  #index(given: unknown, where: string): Unnumbered {
    const index = this.#object(given, where, INDEX_KEYS)
    const paths = this.#paths(index, where)
    return {
      name: this.#indexName(index['name'] ?? paths.join(','), where),
      paths,
      unique: this.#flag(index, 'unique', where, false),
      multi: this.#flag(index, 'multi', where, false),
      sparse: this.#flag(index, 'sparse', where, false),
    }
  }

  #paths({ path, paths }: Object, where: string): string[] {
    if (path !== undefined && paths !== undefined)
      this.#fail(where, 'has both path and paths; give one of them')
    if (path === undefined && paths === undefined) this.#fail(where, 'has no path')
    if (path !== undefined) return [this.#path(path, `${where}.path`)]
    if (!Array.isArray(paths) || paths.length < 1 || paths.length > INDEX_PATHS_MAX) {
      return this.#fail(
        `${where}.paths`,
        `is ${describe(paths)}; it must be an array of 1 to ${INDEX_PATHS_MAX} paths`,
      )
    }
    const texts = paths.map((text: unknown, i) => this.#path(text, `${where}.paths[${i}]`))
    const twice = texts.find((text, i) => texts.indexOf(text) !== i)
    if (twice !== undefined) this.#fail(`${where}.paths`, `names "${twice}" twice`)
    return texts
  }

  #path(text: unknown, where: string): string {
    if (typeof text !== 'string')
      return this.#fail(where, `is ${describe(text)}; it must be a path such as "address.city"`)
    try {
      return parsePath(text).text
    } catch (error) {
      return this.#fail(where, OrbitError.from(error).reason)
    }
  }

  #indexName(name: unknown, where: string): string {
    if (
      typeof name === 'string' &&
      /^[^\u0000-\u001f\u007f]+$/.test(name) &&
      Array.from(name).length <= NAME_LENGTH_MAX
    )
      return name
    return this.#fail(
      `${where}.name`,
      `is ${describe(name)}; it must be 1 to ${NAME_LENGTH_MAX} characters without control characters`,
    )
  }

  #schema(given: unknown): DocumentSchema {
    const schema = this.#object(given, 'schema', SCHEMA_KEYS)
    const fields = this.#object(schema['fields'] ?? {}, 'schema.fields')
    const entries = Object.entries(fields)
    if (entries.length > SCHEMA_FIELDS_MAX) {
      this.#fail('schema.fields', `has ${entries.length} entries; at most ${SCHEMA_FIELDS_MAX}`)
    }
    const completed = entries.map(([path, field]): [string, FieldSchema] => {
      const where = `schema.fields.${path}`
      return [this.#path(path, where), this.#field(field, where)]
    })
    return {
      fields: Object.fromEntries(completed),
      additionalFields: this.#flag(schema, 'additionalFields', 'schema', true),
    }
  }

  #field(given: unknown, where: string): FieldSchema {
    const field = this.#object(given, where, FIELD_KEYS)
    const { type } = field
    const required = this.#flag(field, 'required', where, false)
    if (type === undefined) return { required }
    const types: unknown[] = Array.isArray(type) ? type : [type]
    if (types.length === 0) this.#fail(`${where}.type`, 'names no type')
    return { type: types.map((name) => this.#type(name, `${where}.type`)), required }
  }

  #type(name: unknown, where: string): JsonType {
    const known = JSON_TYPES.find((candidate) => candidate === name)
    const hint = typeof name === 'string' ? didYouMean(name, JSON_TYPES) : ''
    return (
      known ?? this.#fail(where, `is ${describe(name)}; it must be one of ${JSON_TYPES.join(', ')}${hint}`)
    )
  }

  #flag(object: Object, key: string, where: string, otherwise: boolean): boolean {
    const value = object[key] ?? otherwise
    if (typeof value === 'boolean') return value
    return this.#fail(`${where}.${key}`, `is ${describe(value)}; it must be true or false`)
  }

  #object(given: unknown, where: string, keys?: readonly string[]): Object {
    if (!isPlainObject(given)) return this.#fail(where, `is ${describe(given)}; it must be an object`)
    for (const key of Object.keys(given)) {
      if (keys === undefined || keys.includes(key)) continue
      const hint = didYouMean(key, keys) || `; known are ${keys.join(', ')}`
      this.#fail(`${where}.${key}`, `is unknown${hint}`)
    }
    return given
  }

  #fail(field: string, reason: string): never {
    throw new OrbitError('SCHEMA_INVALID', `collection "${this.#name}": ${field} ${reason}`, {
      model: 'document',
      object: this.#name,
      field,
    })
  }
}

function isSame(a: Unnumbered, b: Unnumbered): boolean {
  return (
    a.name === b.name &&
    a.unique === b.unique &&
    a.multi === b.multi &&
    a.sparse === b.sparse &&
    a.paths.length === b.paths.length &&
    a.paths.every((path, i) => path === b.paths[i])
  )
}
