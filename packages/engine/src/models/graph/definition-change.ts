import { OrbitError } from '@orbit-ts/base'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import type { GraphDefinition, RecordTypeDefinition } from './graph-definition.js'
import { OpenGraph } from './open-graph.js'

/** Records that are read at once while data is brought to a changed definition. */
export const MIGRATION_CHUNK_SIZE = 256

/** A change of a graph's definition, in the transaction that makes it. */
export class DefinitionChange {
  readonly before: GraphDefinition
  readonly after: GraphDefinition
  /** The graph by its old definition. */
  readonly old: OpenGraph
  /** The graph by its new definition. */
  readonly graph: OpenGraph

  constructor(
    context: ModelContext,
    before: CatalogObject<GraphDefinition>,
    after: CatalogObject<GraphDefinition>,
  ) {
    this.before = before.definition
    this.after = after.definition
    this.old = new OpenGraph(context, before)
    this.graph = new OpenGraph(context, after)
  }

  /** Labels and types that are not declared were accepted, and are not any more. */
  get closes(): boolean {
    return this.before.open && !this.after.open
  }

  mismatch(reason: string, details: Readonly<Record<string, unknown>>, cause?: unknown): OrbitError {
    const { name } = this.graph
    return new OrbitError(
      'SCHEMA_MISMATCH',
      `graph "${name}": ${reason}`,
      { model: 'graph', object: name, ...details },
      { cause },
    )
  }

  /** Runs a check that stored data must pass under the new definition. */
  verify(check: () => void): void {
    try {
      check()
    } catch (error) {
      const { reason, details } = OrbitError.from(error)
      const stored = reason.replace(`graph "${this.graph.name}": `, '')
      throw this.mismatch(`stored data is against the new definition: ${stored}`, details, error)
    }
  }
}

/** The definition that had the id before. */
export function beforeOf<T extends RecordTypeDefinition>(types: readonly T[], id: number): T | undefined {
  return types.find((type) => type.id === id)
}

/** Those in `types` that `others` lack. */
export function missingFrom<T extends RecordTypeDefinition>(types: readonly T[], others: readonly T[]): T[] {
  return types.filter(({ id }) => beforeOf(others, id) === undefined)
}
