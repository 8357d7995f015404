import { OrbitError, defined } from '@orbit-ts/base'
import { handleOf, type Datum } from '@orbit-ts/storage'
import { formatColumnType, type ColumnType } from '../types/column-type.js'
import { keyDatum } from '../types/format-value.js'
import type { LayoutColumn, LayoutForeignKey, TableLayout } from './table-layout.js'

/** Where a foreign key finds the rows that it refers to. */
export interface Reference {
  readonly parent: TableLayout
  /** Columns of the parent, in the order of the foreign key's own. */
  readonly columns: readonly LayoutColumn[]
  /** The key that exists exactly while a row has these values, and that no change of other columns touches. */
  readonly keyOf: (values: readonly Datum[]) => Uint8Array
}

/**
 * The primary key or unique index of `parent` that the foreign key means.
 * @throws SCHEMA_INVALID when there is none, or when types differ.
 */
export function resolveReference(
  child: TableLayout,
  foreignKey: LayoutForeignKey,
  parent: TableLayout,
): Reference {
  const columns = referencedColumns(child, foreignKey, parent)
  columns.forEach((column, i) =>
    requireSameType(child, foreignKey, defined(foreignKey.columns[i], 'the column'), parent, column),
  )
  const { primaryKey } = parent
  if (primaryKey !== undefined && isPermutation(primaryKey, columns)) {
    const order = orderOf(primaryKey, columns)
    return { parent, columns, keyOf: (values) => parent.rowKey(handleOf(inOrder(primaryKey, order, values))) }
  }
  const fitting = parent.indexes.filter(
    ({ unique, where, hasExpressions, columns: keys }) =>
      unique && where === undefined && !hasExpressions && isPermutation(keys, columns),
  )
  const index = fitting.find(({ isReady }) => isReady)
  if (index === undefined) {
    const names = columns.map(({ name }) => name).join(', ')
    const reason =
      fitting[0] === undefined
        ? 'over which there is no primary key or unique index'
        : `whose unique index "${fitting[0].name}" is still being built; apply the declaration again when it is ready`
    throw invalid(child, foreignKey, `refers to (${names}) of ${parent.what}, ${reason}`)
  }
  const order = orderOf(index.columns, columns)
  return { parent, columns, keyOf: (values) => index.uniqueKey(inOrder(index.columns, order, values)) }
}

function referencedColumns(
  child: TableLayout,
  foreignKey: LayoutForeignKey,
  parent: TableLayout,
): readonly LayoutColumn[] {
  const { columns: names } = foreignKey.references
  if (names.length > 0) {
    return names.map(
      (name) =>
        parent.byName.get(name) ??
        fail(child, foreignKey, `refers to column "${name}", which ${parent.what} does not have`),
    )
  }
  const { primaryKey } = parent
  if (primaryKey === undefined)
    throw invalid(
      child,
      foreignKey,
      `refers to ${parent.what}, which has no primary key: name unique columns`,
    )
  if (primaryKey.length !== foreignKey.columns.length) {
    throw invalid(
      child,
      foreignKey,
      `has ${foreignKey.columns.length} columns, the primary key of ${parent.what} has ${primaryKey.length}`,
    )
  }
  return primaryKey
}

/** For each key column, which of the foreign key's columns refers to it. */
function orderOf(key: readonly LayoutColumn[], columns: readonly LayoutColumn[]): readonly number[] {
  return key.map((column) => columns.indexOf(column))
}

function inOrder(key: readonly LayoutColumn[], order: readonly number[], values: readonly Datum[]): Datum[] {
  return key.map(({ type }, i) =>
    keyDatum(type, defined(values[order[i] ?? -1], 'a value of the foreign key')),
  )
}

function isPermutation(a: readonly LayoutColumn[], b: readonly LayoutColumn[]): boolean {
  return a.length === b.length && a.every((column) => b.includes(column))
}

function requireSameType(
  child: TableLayout,
  foreignKey: LayoutForeignKey,
  from: LayoutColumn,
  parent: TableLayout,
  to: LayoutColumn,
): void {
  if (kindOfKey(from.type) === kindOfKey(to.type)) return
  const [here, there] = [formatColumnType(from.type), formatColumnType(to.type)]
  throw invalid(
    child,
    foreignKey,
    `compares column "${from.name}" of type ${here} with "${to.name}" of ${parent.what}, which is ${there}`,
  )
}

/** Types whose equal values have equal keys. */
function kindOfKey(type: ColumnType): string {
  switch (type.base) {
    case 'int2':
    case 'int4':
    case 'int8':
      return 'integer'
    case 'varchar':
      return 'text'
    case 'enum':
      return `enum ${type.typeId}`
    case 'char':
    case 'numeric':
      return formatColumnType(type)
    default:
      return type.base
  }
}

function fail(child: TableLayout, foreignKey: LayoutForeignKey, reason: string): never {
  throw invalid(child, foreignKey, reason)
}

function invalid(child: TableLayout, { name, references }: LayoutForeignKey, reason: string): OrbitError {
  return new OrbitError('SCHEMA_INVALID', `${child.what}: foreign key "${name}" ${reason}`, {
    ...child.details,
    constraint: name,
    references: references.table,
  })
}
