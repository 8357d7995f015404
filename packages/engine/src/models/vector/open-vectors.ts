import { OrbitError, asBuffer, defined, type ErrorCode } from '@orbit-ts/base'
import { vectorKeys, type Transaction } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { RecordHeader } from '../../record/record-header.js'
import type { ModelContext } from '../model.js'
import { propertyRules, type PropertyRule } from '../property/property-checks.js'
import type { VectorsDefinition } from './vectors-definition.js'

const SCHEMA_VERSION_MAX = 0xffff

/** A collection of vectors as one transaction sees it: what every operation works with. */
export class OpenVectors {
  readonly context: ModelContext
  readonly storage: Transaction
  readonly id: number
  readonly name: string
  readonly definition: VectorsDefinition
  /** What the metadata may hold, by field; undefined for anything. */
  readonly rules: ReadonlyMap<string, PropertyRule> | undefined
  readonly recordHeader: RecordHeader
  readonly #recordPrefixSize: number

  constructor(context: ModelContext, object: CatalogObject<VectorsDefinition>) {
    const { id, name, version, definition } = object
    this.context = context
    this.storage = context.storage
    this.id = id
    this.name = name
    this.definition = definition
    this.rules = definition.metadata === undefined ? undefined : propertyRules(definition.metadata)
    this.recordHeader = { schemaVersion: Math.min(version, SCHEMA_VERSION_MAX) }
    this.#recordPrefixSize = defined(vectorKeys.records(id).start, 'start of a prefix').length
  }

  /** For messages and for the checks of filters: `vector collection "movies"`. */
  get what(): string {
    return `vector collection "${this.name}"`
  }

  /** Reads are of whatever is committed at that moment, so what a write relies on has to be locked first. */
  get isReadCommitted(): boolean {
    return this.storage.isolation === 'read-committed'
  }

  recordKey(id: string): Uint8Array {
    return vectorKeys.record(this.id, id)
  }

  /** The id in the key of a record. */
  idOf(recordKey: Uint8Array): string {
    return asBuffer(recordKey).toString('utf8', this.#recordPrefixSize)
  }

  error(code: ErrorCode, reason: string, details: Readonly<Record<string, unknown>> = {}): OrbitError {
    return new OrbitError(code, `${this.what}: ${reason}`, {
      model: 'vectors',
      object: this.name,
      ...details,
    })
  }
}
