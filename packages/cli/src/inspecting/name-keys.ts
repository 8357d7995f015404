import type {
  CatalogObject,
  CollectionDefinition,
  GraphDefinition,
  TableDefinition,
  VectorsDefinition,
} from '@orbit-ts/engine'
import { formatKey, type NamedKind } from '@orbit-ts/storage'

/** Ids within an object, by their kind. */
type InnerNames = Partial<Record<NamedKind, ReadonlyMap<number, string>>>

/** Says keys in words, with the names of everything in the catalog. */
export class KeyNames {
  readonly #objects: ReadonlyMap<number, CatalogObject>
  readonly #inner = new Map<number, InnerNames>()

  constructor(objects: readonly CatalogObject[]) {
    this.#objects = new Map(objects.map((object) => [object.id, object]))
    for (const object of objects) this.#inner.set(object.id, innerNames(object))
  }

  object(id: number): CatalogObject | undefined {
    return this.#objects.get(id)
  }

  format(key: Uint8Array): string {
    return formatKey(key, {
      resolve: (kind, id, ownerId) =>
        ownerId === undefined ? this.#objects.get(id)?.name : this.#inner.get(ownerId)?.[kind]?.get(id),
    })
  }
}

/** The kind says which model wrote the definition. */
function innerNames({ kind, definition }: CatalogObject): InnerNames {
  switch (kind) {
    case 'table':
      return { index: byId((definition as TableDefinition).indexes) }
    case 'collection':
      return { index: byId((definition as CollectionDefinition).indexes) }
    case 'graph': {
      const { labels, types } = definition as GraphDefinition
      const indexes = [...labels, ...types].flatMap((type) =>
        type.indexes.map(({ id, name }) => ({ id, name: `${type.name}.${name}` })),
      )
      return { label: byId(labels), 'edge-type': byId(types), index: byId(indexes) }
    }
    case 'vectors': {
      const { index } = definition as VectorsDefinition
      return index === undefined ? {} : { index: new Map([[index.id, index.kind]]) }
    }
    case 'series':
      return {}
  }
}

function byId(named: readonly { readonly id: number; readonly name: string }[]): ReadonlyMap<number, string> {
  return new Map(named.map(({ id, name }) => [id, name]))
}
