/** Checks the declaration of a collection of vectors, completes it, and compares it with the stored one. */
import { OrbitError, didYouMean } from '@orbit-ts/base'
import { isDeepStrictEqual } from 'node:util'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import { PROPERTY_TYPES, isRelaxed } from '../property/property-checks.js'
import type { PropertyTypes } from '../property/property-types.js'
import type { PartitionedIndexDefinition, VectorsDefinition } from './vectors-definition.js'
import { METRICS, type Metric, type VectorsInput } from './vectors-input.js'

const DIMENSION_MAX = 65_535
export const PARTITIONS_MAX = 65_535
const FIELDS_MAX = 1000
const FIELD_NAME = /^[^\u0000-\u001f\u007f\p{Surrogate}]{1,128}$/u

/** @throws SCHEMA_INVALID naming the collection, the field, the value and what is accepted. */
export function defineVectors(name: string, input: VectorsInput): VectorsDefinition {
  return new VectorsDefiner(name).define(input, undefined)
}

/**
 * The stored definition brought to what `input` declares, or undefined when they agree.
 * @throws SCHEMA_INVALID, SCHEMA_MISMATCH when stored vectors or metadata would not fit it.
 */
export function evolveVectors(
  object: CatalogObject<VectorsDefinition>,
  input: VectorsInput,
): VectorsDefinition | undefined {
  const before = object.definition
  const after = new VectorsDefiner(object.name).define(input, before)
  for (const field of ['dimension', 'metric'] as const) {
    if (after[field] === before[field]) continue
    throw mismatch(
      object,
      field,
      `is ${before[field]} and cannot become ${after[field]}: the stored vectors were made for it; create another collection`,
    )
  }
  if (!isRelaxed(before.metadata, after.metadata)) {
    throw mismatch(
      object,
      'metadata',
      'would no longer accept what may be stored; fields can be added as optional ones, widened, or freed of all rules',
    )
  }
  return isDeepStrictEqual(before, after) ? undefined : after
}

function mismatch(object: CatalogObject, field: string, reason: string): OrbitError {
  return new OrbitError('SCHEMA_MISMATCH', `vector collection "${object.name}": ${field} ${reason}`, {
    model: 'vectors',
    object: object.name,
    field,
  })
}

type Fields = Readonly<Record<string, unknown>>

class VectorsDefiner {
  readonly #collection: string

  constructor(collection: string) {
    this.#collection = collection
  }

  define(input: unknown, before: VectorsDefinition | undefined): VectorsDefinition {
    const fields = this.#object('declaration', input, ['dimension', 'metric', 'index', 'metadata'])
    const metadata = this.#metadata(fields['metadata'])
    const nextIndexId = before?.nextIndexId ?? 1
    const index = this.#index(fields['index'], before?.index?.id ?? nextIndexId)
    return {
      dimension: this.#count('dimension', fields['dimension'], DIMENSION_MAX),
      metric: this.#metric(fields['metric']),
      ...(metadata === undefined ? {} : { metadata }),
      ...(index === undefined ? {} : { index }),
      nextIndexId: index === undefined ? nextIndexId : Math.max(nextIndexId, index.id + 1),
    }
  }

  #metric(value: unknown): Metric {
    if (value === undefined) return 'cosine'
    const metric = METRICS.find((known) => known === value)
    if (metric !== undefined) return metric
    const hint = typeof value === 'string' ? didYouMean(value, METRICS) : ''
    return this.#fail('metric', `${describe(value)} is not one of ${METRICS.join(', ')}${hint}`)
  }

  #index(value: unknown, id: number): PartitionedIndexDefinition | undefined {
    if (value === undefined) return undefined
    const { kind, partitions, probes } = this.#object('index', value, ['kind', 'partitions', 'probes'])
    if (kind !== 'partitioned') {
      const hint = typeof kind === 'string' ? didYouMean(kind, ['partitioned']) : ''
      this.#fail('index.kind', `${describe(kind)} is not "partitioned", the only kind there is${hint}`)
    }
    return {
      id,
      kind,
      partitions: this.#countOrAuto('index.partitions', partitions),
      probes: this.#countOrAuto('index.probes', probes),
    }
  }

  #metadata(value: unknown): PropertyTypes | undefined {
    if (value === undefined) return undefined
    const entries = Object.entries(this.#object('metadata', value))
    if (entries.length > FIELDS_MAX)
      this.#fail('metadata', `has ${entries.length} fields; the limit is ${FIELDS_MAX}`)
    for (const [name, type] of entries) this.#field(name, type)
    // Every type was found to be one.
    return Object.fromEntries(entries) as PropertyTypes
  }

  #field(name: string, type: unknown): void {
    if (!FIELD_NAME.test(name)) {
      this.#fail(
        'metadata',
        `${describe(name)} is not a name of 1 to 128 characters without control characters`,
      )
    }
    if (typeof type === 'string' && PROPERTY_TYPES.has(type.replace(/\?$/, ''))) return
    const hint = typeof type === 'string' ? didYouMean(type, PROPERTY_TYPES) : ''
    const accepted = [...PROPERTY_TYPES].join(', ')
    this.#fail(
      `metadata.${name}`,
      `${describe(type)} is no type${hint}; accepted are ${accepted}, each also with ? for optional`,
    )
  }

  #countOrAuto(field: string, value: unknown): number | 'auto' {
    return value === undefined || value === 'auto'
      ? 'auto'
      : this.#count(field, value, PARTITIONS_MAX, ', or "auto"')
  }

  #count(field: string, value: unknown, max: number, also = ''): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max) return value
    return this.#fail(field, `${describe(value)} is not a whole number from 1 to ${max}${also}`)
  }

  #object(field: string, value: unknown, known?: readonly string[]): Fields {
    if (!isPlainObject(value)) this.#fail(field, `${describe(value)} is not an object`)
    for (const key of Object.keys(value)) {
      if (known === undefined || known.includes(key)) continue
      this.#fail(
        field,
        `"${key}" is not known here${didYouMean(key, known)}; accepted are ${known.join(', ')}`,
      )
    }
    return value
  }

  #fail(field: string, reason: string): never {
    throw new OrbitError('SCHEMA_INVALID', `vector collection "${this.#collection}": ${field}: ${reason}`, {
      model: 'vectors',
      object: this.#collection,
      field,
    })
  }
}
