/** Stored definitions as the declarations that make them again. */
import { defined } from '@orbit-ts/base'
import type {
  CatalogObject,
  CollectionDefinition,
  GraphDefinition,
  ObjectSchema,
  SeriesDefinition,
  TableDefinition,
  VectorsDefinition,
} from '@orbit-ts/engine'

/** The declaration of an object. The kind says which model wrote the definition. */
export function schemaOf({ kind, name, definition }: CatalogObject): ObjectSchema {
  switch (kind) {
    case 'table':
      return { kind, name, input: tableInput(definition as TableDefinition) }
    case 'collection':
      return { kind, name, input: collectionInput(definition as CollectionDefinition) }
    case 'graph':
      return { kind, name, input: graphInput(definition as GraphDefinition) }
    case 'vectors':
      return { kind, name, input: vectorsInput(definition as VectorsDefinition) }
    case 'series':
      return { kind, name, input: seriesInput(definition as SeriesDefinition) }
  }
}

function tableInput({ columns, primaryKey, indexes, checks, foreignKeys }: TableDefinition): object {
  const nameOf = (id: number): string =>
    defined(
      columns.find((column) => column.id === id),
      `column ${id}`,
    ).name
  return {
    columns: Object.fromEntries(
      columns.map(({ name, type, notNull, default: fallback, identity }) => [
        name,
        without({ type, notNull, default: fallback, identity }),
      ]),
    ),
    ...(primaryKey === undefined ? {} : { primaryKey: primaryKey.columns.map(nameOf) }),
    // Those made for foreign keys are made for them again.
    indexes: indexes
      .filter(({ origin }) => origin === 'declared')
      .map(({ name, unique, nullsNotDistinct, where, columns: parts }) =>
        without({
          name,
          unique,
          nullsNotDistinct,
          where,
          columns: parts.map(({ column, descending }) => ({
            column: nameOf(column),
            direction: descending ? 'desc' : 'asc',
          })),
        }),
      ),
    checks,
    foreignKeys: foreignKeys.map(({ columns: parts, references: { table, columns: targets }, ...key }) => ({
      ...key,
      columns: parts.map(nameOf),
      // No columns stand for the primary key.
      references: targets.length === 0 ? { table } : { table, columns: targets },
    })),
  }
}

function collectionInput({ indexes, schema, documentSizeMaxBytes }: CollectionDefinition): object {
  return {
    indexes: indexes.map(({ id: _, ...index }) => index),
    ...(schema === null ? {} : { schema }),
    documentSizeMaxBytes,
  }
}

function graphInput({ open, labels, types }: GraphDefinition): object {
  const typeInput = ({
    id: _,
    name: _name,
    indexes,
    ...rest
  }: GraphDefinition['labels'][number]): object => ({
    ...rest,
    indexes: indexes.map(({ id: _id, ...index }) => index),
  })
  return {
    open,
    nodes: Object.fromEntries(labels.map((label) => [label.name, typeInput(label)])),
    edges: Object.fromEntries(types.map((type) => [type.name, typeInput(type)])),
  }
}

function vectorsInput({ dimension, metric, metadata, index }: VectorsDefinition): object {
  const { id: _, ...declared } = index ?? { id: 0 }
  return without({ dimension, metric, metadata, index: index === undefined ? undefined : declared })
}

function seriesInput({ tags, fields, retentionMs, rollups }: SeriesDefinition): object {
  return without({
    tags,
    fields: Object.fromEntries(fields.map(({ name, type }) => [name, type])),
    retention: retentionMs ?? undefined,
    rollups: rollups.map((rollup) =>
      without({ granularity: rollup.granularityMs, retention: rollup.retentionMs ?? undefined }),
    ),
  })
}

/** The object without what is undefined. */
function without(value: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))
}
