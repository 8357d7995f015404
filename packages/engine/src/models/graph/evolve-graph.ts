/** A stored definition brought to what a declaration says. */
import { isDeepStrictEqual } from 'node:util'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { defineGraph } from './define-graph.js'
import type {
  EdgeTypeDefinition,
  GraphDefinition,
  IndexDefinition,
  LabelDefinition,
  RecordTypeDefinition,
} from './graph-definition.js'
import type { GraphInput } from './graph-input.js'
import { openId } from './open-id.js'

/**
 * The definition with the ids of what stays kept; undefined when nothing changes. Whether the data allows the change
 * is found out by `GraphMigration`.
 * @throws SCHEMA_INVALID
 */
export function evolveGraph(
  object: CatalogObject<GraphDefinition>,
  input: GraphInput,
): GraphDefinition | undefined {
  const before = object.definition
  const next = defineGraph(object.name, input)
  const ids = new Ids(before)
  const after: GraphDefinition = {
    open: next.open,
    labels: next.labels.map((label): LabelDefinition => ids.keep(label, before.labels)),
    types: next.types.map((type): EdgeTypeDefinition => ({ ...type, ...ids.keep(type, before.types) })),
    nextId: ids.nextId,
    nextIndexId: ids.nextIndexId,
  }
  return isDeepStrictEqual(canonical(after), canonical(before)) ? undefined : after
}

/** Gives ids that were never used. */
class Ids {
  nextId: number
  nextIndexId: number
  readonly #wasOpen: boolean

  constructor(before: GraphDefinition) {
    this.nextId = before.nextId
    this.nextIndexId = before.nextIndexId
    this.#wasOpen = before.open
  }

  keep(type: RecordTypeDefinition, before: readonly RecordTypeDefinition[]): RecordTypeDefinition {
    const old = before.find(({ name }) => name === type.name)
    return {
      ...type,
      id: old?.id ?? this.#newId(type.name),
      indexes: type.indexes.map((index) => this.#keepIndex(index, old?.indexes ?? [])),
    }
  }

  /** An open graph may have data of the name already, under the id that follows from it. */
  #newId(name: string): number {
    return this.#wasOpen ? openId(name) : this.nextId++
  }

  #keepIndex(index: IndexDefinition, before: readonly IndexDefinition[]): IndexDefinition {
    const old = before.find((other) => isSame(index, other))
    return { ...index, id: old?.id ?? this.nextIndexId++ }
  }
}

/** An index of the same name over other fields is another index. */
function isSame(a: IndexDefinition, b: IndexDefinition): boolean {
  return a.name === b.name && a.unique === b.unique && JSON.stringify(a.fields) === JSON.stringify(b.fields)
}

/** Deeply equal for definitions that differ at most in the order of their parts. */
function canonical(definition: GraphDefinition): unknown {
  const sorted = <T extends RecordTypeDefinition>(types: readonly T[]): unknown[] =>
    types
      .toSorted((a, b) => a.id - b.id)
      .map((type) => ({ ...type, indexes: type.indexes.toSorted((a, b) => a.id - b.id) }))
  const types = definition.types.map((type) => ({
    ...type,
    from: type.from?.toSorted(),
    to: type.to?.toSorted(),
  }))
  return { ...definition, labels: sorted(definition.labels), types: sorted(types) }
}
