/** Checks a graph's declaration and completes it. */
import { OrbitError, didYouMean } from '@orbit-ts/base'
import { describe } from '../../filter/filter-tree.js'
import { parsePath } from '../../filter/path.js'
import type {
  EdgeTypeDefinition,
  GraphDefinition,
  IndexDefinition,
  RecordTypeDefinition,
} from './graph-definition.js'
import type { GraphInput } from './graph-input.js'
import { PROPERTY_TYPES } from '../property/property-checks.js'
import type { PropertyTypes } from '../property/property-types.js'

const FIELDS_MAX = 16
const INDEXES_MAX = 64

const NAME = /^[^\u0000-\u001f\u007f\p{Surrogate}]{1,128}$/u

/** @throws SCHEMA_INVALID naming the graph, the field, the value and what is accepted. */
export function defineGraph(name: string, input: GraphInput): GraphDefinition {
  return new GraphDefiner(name).define(input)
}

type Fields = Readonly<Record<string, unknown>>

class GraphDefiner {
  readonly #graph: string
  #nextId = 1
  #nextIndexId = 1

  constructor(graph: string) {
    this.#graph = graph
  }

  define(input: unknown): GraphDefinition {
    const fields = this.#object('the declaration', input, ['nodes', 'edges', 'open'])
    const open = this.#flag('open', fields['open'])
    const nodes = this.#namedTypes('nodes', fields['nodes'])
    const edges = this.#namedTypes('edges', fields['edges'])
    if (!open && nodes.length === 0) {
      this.#fail('nodes', 'no label is declared; declare labels, or set open: true to accept any')
    }
    const labels = nodes.map(([label, type]) => this.#label(label, type))
    const names = open ? undefined : labels.map((label) => label.name)
    const types = edges.map(([type, options]) => this.#edgeType(type, options, names))
    return { open, labels, types, nextId: this.#nextId, nextIndexId: this.#nextIndexId }
  }

  #label(name: string, input: unknown): RecordTypeDefinition {
    const where = `nodes.${name}`
    return this.#recordType(where, name, this.#object(where, input, ['properties', 'indexes']), false)
  }

  #edgeType(name: string, input: unknown, labels: readonly string[] | undefined): EdgeTypeDefinition {
    const where = `edges.${name}`
    const fields = this.#object(where, input, ['from', 'to', 'properties', 'unique', 'indexes'])
    const from = this.#ends(`${where}.from`, fields['from'], labels)
    const to = this.#ends(`${where}.to`, fields['to'], labels)
    return {
      ...this.#recordType(where, name, fields, true),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      unique: this.#flag(`${where}.unique`, fields['unique']),
    }
  }

  #recordType(where: string, name: string, fields: Fields, isOfEdges: boolean): RecordTypeDefinition {
    const properties = this.#properties(`${where}.properties`, fields['properties'])
    const indexes = this.#indexes(`${where}.indexes`, fields['indexes'], properties, isOfEdges)
    return { id: this.#nextId++, name, ...(properties === undefined ? {} : { properties }), indexes }
  }

  #ends(where: string, value: unknown, labels: readonly string[] | undefined): readonly string[] | undefined {
    if (value === undefined) return undefined
    const names = this.#texts(where, value)
    for (const name of names) {
      this.#name(where, name)
      if (labels === undefined || labels.includes(name)) continue
      this.#fail(where, `label "${name}" is not declared under nodes${didYouMean(name, labels)}`)
    }
    return names
  }

  #properties(where: string, value: unknown): PropertyTypes | undefined {
    if (value === undefined) return undefined
    const entries = Object.entries(this.#object(where, value))
    for (const [name, type] of entries) {
      this.#name(where, name)
      const known = typeof type === 'string' && PROPERTY_TYPES.has(type.replace(/\?$/, ''))
      if (known) continue
      const nearest = typeof type === 'string' ? didYouMean(type, PROPERTY_TYPES) : ''
      const accepted = [...PROPERTY_TYPES].join(', ')
      this.#fail(
        `${where}.${name}`,
        `${describe(type)} is no property type${nearest}; accepted are ${accepted}, each also with ? for optional`,
      )
    }
    return Object.fromEntries(entries) as PropertyTypes
  }

  #indexes(
    where: string,
    value: unknown,
    properties: PropertyTypes | undefined,
    isOfEdges: boolean,
  ): IndexDefinition[] {
    if (value === undefined) return []
    if (!Array.isArray(value)) this.#fail(where, `${describe(value)} is not an array of indexes`)
    if (value.length > INDEXES_MAX) this.#fail(where, `${value.length} indexes; the limit is ${INDEXES_MAX}`)
    const indexes = value.map((each: unknown, i) =>
      this.#index(`${where}[${i}]`, each, properties, isOfEdges),
    )
    indexes.forEach(({ name }, i) => {
      if (indexes.findIndex((other) => other.name === name) === i) return
      this.#fail(`${where}[${i}]`, `index name "${name}" is used twice; give one another \`name\``)
    })
    return indexes
  }

  #index(
    where: string,
    value: unknown,
    properties: PropertyTypes | undefined,
    isOfEdges: boolean,
  ): IndexDefinition {
    const options =
      typeof value === 'string' ? { fields: value } : this.#object(where, value, ['name', 'fields', 'unique'])
    const { fields, name, unique } = options as { fields?: unknown; name?: unknown; unique?: unknown }
    if (fields === undefined) this.#fail(where, 'has no `fields`; name the property or properties to index')
    const isList = isOfEdges && Array.isArray(fields) && fields.length === 0
    const paths = isList ? [] : this.#texts(`${where}.fields`, fields)
    const isUnique = this.#flag(`${where}.unique`, unique)
    if (isList && isUnique)
      this.#fail(`${where}.unique`, 'needs fields; one without lists the edges of the type')
    if (paths.length > FIELDS_MAX)
      this.#fail(`${where}.fields`, `${paths.length} fields; the limit is ${FIELDS_MAX}`)
    for (const path of paths) this.#path(`${where}.fields`, path, properties)
    return {
      id: this.#nextIndexId++,
      name: name === undefined ? paths.join('_').slice(0, 128) || 'type' : this.#name(`${where}.name`, name),
      fields: paths,
      unique: isUnique,
    }
  }

  #path(where: string, text: string, properties: PropertyTypes | undefined): void {
    let first: string | undefined
    try {
      first = parsePath(text).steps[0]?.key
    } catch (cause) {
      this.#fail(where, OrbitError.from(cause).reason, cause)
    }
    if (properties === undefined || first === undefined || Object.hasOwn(properties, first)) return
    this.#fail(where, `property "${first}" is not declared${didYouMean(first, Object.keys(properties))}`)
  }

  /** A text or a list of distinct ones, at least one. */
  #texts(where: string, value: unknown): readonly string[] {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (list.length === 0) this.#fail(where, 'is empty; leave it out or name at least one')
    list.forEach((each, i) => {
      if (typeof each !== 'string' || each === '') this.#fail(where, `${describe(each)} is not a name`)
      if (list.indexOf(each) !== i) this.#fail(where, `"${each}" is there twice`)
    })
    return list as readonly string[]
  }

  #namedTypes(where: string, value: unknown): [string, unknown][] {
    if (value === undefined) return []
    const entries = Object.entries(this.#object(where, value))
    for (const [name] of entries) this.#name(where, name)
    return entries
  }

  #name(where: string, name: unknown): string {
    if (typeof name === 'string' && NAME.test(name)) return name
    this.#fail(where, `${describe(name)} is not a name of 1 to 128 characters without control characters`)
  }

  #flag(where: string, value: unknown): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? false
    this.#fail(where, `${describe(value)} is neither true nor false`)
  }

  #object(where: string, value: unknown, keys?: readonly string[]): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#fail(where, `${describe(value)} is not an object`)
    }
    for (const key of Object.keys(value)) {
      if (keys === undefined || keys.includes(key)) continue
      this.#fail(where, `"${key}" is not known here${didYouMean(key, keys)}; accepted are ${keys.join(', ')}`)
    }
    return value as Fields
  }

  #fail(field: string, reason: string, cause?: unknown): never {
    throw new OrbitError(
      'SCHEMA_INVALID',
      `graph "${this.#graph}": ${field}: ${reason}`,
      { model: 'graph', object: this.#graph, field },
      { cause },
    )
  }
}
