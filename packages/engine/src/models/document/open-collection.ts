import { OrbitError, type ErrorCode, type ErrorDetails } from '@orbit-ts/base'
import { documentKeys } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { isKept, statusOf } from '../../catalog/index-status.js'
import { parsePath, type Path } from '../../filter/path.js'
import type { ModelContext } from '../model.js'
import type { JsonDocument } from './collection.js'
import type { CollectionDefinition, IndexDefinition } from './collection-input.js'
import { compileShape, type ShapeProblem } from './document-shape.js'

export interface OpenIndex extends IndexDefinition {
  readonly steps: readonly Path[]
  /** It has the entries of all documents: queries may use it. */
  readonly isReady: boolean
}

/** What follows from a definition, worked out once. */
interface Compiled {
  readonly indexes: readonly OpenIndex[]
  readonly shape: (document: JsonDocument) => ShapeProblem | undefined
}

/** The catalog gives the same definition until it changes. */
const COMPILED = new WeakMap<CollectionDefinition, Compiled>()

/** A collection in one transaction. */
export class OpenCollection {
  readonly context: ModelContext
  readonly id: number
  readonly name: string
  readonly version: number
  readonly documentSizeMaxBytes: number
  /** Those that writers keep. */
  readonly indexes: readonly OpenIndex[]
  /** What is wrong with a document by the collection's schema. */
  readonly shape: Compiled['shape']

  constructor(context: ModelContext, object: CatalogObject<CollectionDefinition>) {
    const compiled = compile(object.definition)
    this.context = context
    this.id = object.id
    this.name = object.name
    this.version = object.version
    this.documentSizeMaxBytes = object.definition.documentSizeMaxBytes
    this.indexes = compiled.indexes
    this.shape = compiled.shape
  }

  /** For messages: `collection "movies"`. */
  get what(): string {
    return `collection "${this.name}"`
  }

  recordKey(id: string): Uint8Array {
    return documentKeys.record(this.id, id)
  }

  error(code: ErrorCode, reason: string, details: ErrorDetails = {}): OrbitError {
    return new OrbitError(code, `${this.what}: ${reason}`, {
      model: 'document',
      object: this.name,
      ...details,
    })
  }
}

function compile(definition: CollectionDefinition): Compiled {
  let compiled = COMPILED.get(definition)
  if (compiled === undefined) {
    const kept = definition.indexes.filter(({ id }) => isKept(definition, id))
    const indexes = kept.map((index): OpenIndex => ({
      ...index,
      steps: index.paths.map(parsePath),
      isReady: statusOf(definition, index.id) === undefined,
    }))
    compiled = { indexes, shape: compileShape(definition.schema) }
    COMPILED.set(definition, compiled)
  }
  return compiled
}
