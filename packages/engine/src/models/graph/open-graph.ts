import { OrbitError, type ErrorCode } from '@orbit-ts/base'
import type { Transaction } from '@orbit-ts/storage'
import { describe } from '../../filter/filter-tree.js'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import type { GraphDefinition } from './graph-definition.js'
import { GraphTypes, type EdgeType, type RecordType } from './graph-types.js'

/** A graph as one transaction sees it: what every operation works with. */
export class OpenGraph {
  readonly context: ModelContext
  readonly storage: Transaction
  readonly id: number
  readonly name: string
  readonly version: number
  readonly types: GraphTypes

  constructor(context: ModelContext, object: CatalogObject<GraphDefinition>) {
    this.context = context
    this.storage = context.storage
    this.id = object.id
    this.name = object.name
    this.version = object.version
    this.types = GraphTypes.of(object.definition)
  }

  /** Reads of single keys do not wait for others and see what is committed in between. */
  get isReadCommitted(): boolean {
    return this.storage.isolation === 'read-committed'
  }

  error(code: ErrorCode, reason: string, details: Readonly<Record<string, unknown>> = {}): OrbitError {
    return new OrbitError(code, `graph "${this.name}": ${reason}`, {
      model: 'graph',
      object: this.name,
      ...details,
    })
  }

  /** @throws INVALID_ARGUMENT naming the nearest label that is declared. */
  label(name: unknown, where: string): RecordType {
    const checked = this.#name(name, where, 'label')
    const label = this.types.label(checked)
    if (label !== undefined) return label
    throw this.error(
      'INVALID_ARGUMENT',
      `${where}: label ${JSON.stringify(checked)} is not declared${this.types.labelHint(checked) || OPEN_HINT}`,
      { label: checked },
    )
  }

  /** @throws INVALID_ARGUMENT naming the nearest edge type that is declared. */
  type(name: unknown, where: string): EdgeType {
    const checked = this.#name(name, where, 'type')
    const type = this.types.type(checked)
    if (type !== undefined) return type
    throw this.error(
      'INVALID_ARGUMENT',
      `${where}: edge type ${JSON.stringify(checked)} is not declared${this.types.typeHint(checked) || OPEN_HINT}`,
      { type: checked },
    )
  }

  #name(name: unknown, where: string, what: string): string {
    if (typeof name === 'string' && /^[^\u0000-\u001f\u007f\p{Surrogate}]{1,128}$/u.test(name)) return name
    throw this.error(
      'INVALID_ARGUMENT',
      `${where}: ${describe(name)} is no ${what}: a text of 1 to 128 characters without control characters`,
      { field: where },
    )
  }
}

const OPEN_HINT = '; declare it, or declare the graph with open: true'
