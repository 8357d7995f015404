import { shownDefault } from '../../shown-expressions.js'
import { indexPredicate } from '../shown-definitions.js'
import { SqlArray } from '../../../../../scalar/array/sql-array.js'
import { numberList } from '../../../../../scalar/types/number-list-types.js'
import type { Value } from '../../../../../scalar/value.js'
import type { ForeignKeyAction } from '../../../../../models/relational/schema/table-input.js'
import {
  checkOid,
  columnDefaultOid,
  foreignKeyOid,
  indexConstraintOid,
  objectOid,
  primaryKeyOid,
} from '../../oids.js'
import { splitObjectName } from '../../object-names.js'
import { bindStored, ordinalsOf } from '../../stored-expressions.js'
import { columnsIn } from '../../../../../models/relational/layout/row-check.js'
import { TableLayout } from '../../../../../models/relational/layout/table-layout.js'
import type { CheckDefinition } from '../../../../../models/relational/schema/table-definition.js'
import type { IndexEntry, LoadedCatalog, TableObject } from '../../snapshot.js'
import { oncePerCatalog } from '../once-per-catalog.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'
import type { DataType } from '../../../../../scalar/data-type.js'
import { parseColumnType } from '../../../../../models/relational/types/column-type.js'
import { keyType } from '../../../../../relation/table-types.js'
import {
  collationOid,
  classOfTable,
  includedColumns,
  indexColumns,
  indexEntries,
  numberOf,
  schemaOid,
} from './class-rows.js'
import { domainConstraintRows } from './domain-rows.js'
import { operatorClassOid } from './operator-classes.js'

const ACTIONS: Readonly<Record<ForeignKeyAction, string>> = {
  'no action': 'a',
  restrict: 'r',
  cascade: 'c',
  'set null': 'n',
  'set default': 'd',
}

/** How a constraint is called, and which index carries it out. */
export interface DescribedConstraint {
  readonly oid: number
  readonly name: string
  readonly schema: string
  readonly table: TableObject
  readonly kind: 'p' | 'u' | 'f' | 'c'
  /** Numbers of columns, from 1. */
  readonly columns: readonly number[]
  readonly index?: IndexEntry
  /** Of a foreign key: what it refers to. */
  readonly target?: { readonly table: TableObject; readonly columns: readonly number[] }
  readonly row: SystemRow
}

/** All constraints but NOT NULL, which has none of its own. */
export const describedConstraints = oncePerCatalog((catalog): readonly DescribedConstraint[] => [
  ...constraintsOf(catalog),
])

const byOid = oncePerCatalog(
  (catalog): ReadonlyMap<number, DescribedConstraint> =>
    new Map(describedConstraints(catalog).map((each) => [each.oid, each])),
)

export function describedConstraint(catalog: LoadedCatalog, oid: number): DescribedConstraint | undefined {
  return byOid(catalog).get(oid)
}

const indexesByTable = oncePerCatalog((catalog): ReadonlyMap<TableObject, readonly IndexEntry[]> => {
  const found = new Map<TableObject, IndexEntry[]>()
  for (const entry of indexEntries(catalog))
    found.set(entry.table, [...(found.get(entry.table) ?? []), entry])
  return found
})

function* constraintsOf(catalog: LoadedCatalog): Generator<DescribedConstraint> {
  for (const index of indexEntries(catalog)) {
    const found = indexConstraint(index)
    if (found !== undefined) yield found
  }
  for (const table of catalog.tables) {
    const { schema } = splitObjectName(table.name)
    for (const [at, check] of table.definition.checks.entries()) {
      yield {
        oid: checkOid(table.id, at),
        name: check.name,
        schema,
        table,
        kind: 'c',
        columns: checkedColumns(catalog, table, check),
        row: { convalidated: !('notValid' in check && check.notValid) },
      }
    }
    for (const [at, key] of table.definition.foreignKeys.entries()) {
      const parent = catalog.tables.find(({ name }) => name === key.references.table)
      const columns = key.columns.map((id) => numberOf(table.definition, id))
      yield {
        oid: foreignKeyOid(table.id, at),
        name: key.name,
        schema,
        table,
        kind: 'f',
        columns,
        ...(parent === undefined
          ? {}
          : {
              target: {
                table: parent,
                columns: key.references.columns.map(
                  (name) => parent.definition.columns.findIndex((column) => column.name === name) + 1,
                ),
              },
            }),
        row: {
          condeferrable: key.deferrable === true || key.deferred,
          condeferred: key.deferred,
          convalidated: key.notValid !== true,
          confupdtype: ACTIONS[key.onUpdate],
          confdeltype: ACTIONS[key.onDelete],
          confmatchtype: key.matchFull === true ? 'f' : 's',
        },
      }
    }
  }
}

/** Numbers of the columns that a check reads. */
function checkedColumns(catalog: LoadedCatalog, table: TableObject, check: CheckDefinition): number[] {
  const layout = TableLayout.of(table)
  if ('where' in check) return columnsIn(layout, check.where).map(({ position }) => position + 1)
  try {
    const bound = bindStored(catalog, layout, check.expression.sql, 'check', 'condition')
    return ordinalsOf(bound).map((ordinal) => ordinal + 1)
  } catch {
    // A type or function that it names is gone.
    return []
  }
}

function indexConstraint(index: IndexEntry): DescribedConstraint | undefined {
  const { table, indexId, name, schema } = index
  const columns = indexColumns(index)
  if (indexId === undefined)
    return { oid: primaryKeyOid(table.id), name, schema, table, kind: 'p', columns, index, row: {} }
  const definition = table.definition.indexes.find(({ id }) => id === indexId)
  // An index that the engine's own API declares as unique is a constraint to it.
  if (definition?.constraint === undefined) return undefined
  const { kind, deferrable } = definition.constraint
  return {
    oid: indexConstraintOid(table.id, indexId),
    name,
    schema,
    table,
    kind: kind === 'primary' ? 'p' : 'u',
    columns,
    index,
    row: { condeferrable: deferrable !== undefined, condeferred: deferrable === 'deferred' },
  }
}

export const constraintRows: CatalogRows = (catalog) =>
  function* () {
    for (const constraint of describedConstraints(catalog)) yield constraintRow(catalog, constraint)
    yield* domainConstraintRows(catalog)
  }

function constraintRow(catalog: LoadedCatalog, constraint: DescribedConstraint): SystemRow {
  const { target, columns } = constraint
  const list = (values: readonly number[]): Value => (values.length === 0 ? null : new SqlArray(values))
  const parentIndex =
    target === undefined
      ? undefined
      : (indexesByTable(catalog).get(target.table) ?? []).find(
          (entry) =>
            indexColumns(entry).length === target.columns.length &&
            target.columns.every((column) => indexColumns(entry).includes(column)),
        )
  return {
    oid: constraint.oid,
    conname: constraint.name,
    connamespace: schemaOid(catalog, constraint.schema),
    contype: constraint.kind,
    condeferrable: false,
    condeferred: false,
    convalidated: true,
    conrelid: objectOid(constraint.table.id),
    contypid: 0,
    conindid: constraint.index?.oid ?? parentIndex?.oid ?? 0,
    conparentid: 0,
    confrelid: target === undefined ? 0 : objectOid(target.table.id),
    confupdtype: ' ',
    confdeltype: ' ',
    confmatchtype: ' ',
    conislocal: true,
    coninhcount: 0,
    connoinherit: constraint.kind !== 'c',
    conkey: list(columns),
    confkey: target === undefined ? null : list(target.columns),
    ...constraint.row,
  }
}

export const indexRows: CatalogRows = (catalog) =>
  function* () {
    for (const index of indexEntries(catalog)) {
      const { table, indexId } = index
      const definition = table.definition.indexes.find(({ id }) => id === indexId)
      const columns = indexColumns(index)
      const included = includedColumns(index)
      const types = columns.map((_, at) => keyTypeOf(catalog, index, at))
      yield {
        indexrelid: index.oid,
        indrelid: classOfTable(catalog, table)?.oid ?? objectOid(table.id),
        indnatts: columns.length + included.length,
        indnkeyatts: columns.length,
        indisunique: definition?.unique ?? true,
        indnullsnotdistinct: definition?.nullsNotDistinct ?? false,
        indisprimary: indexId === undefined || definition?.constraint?.kind === 'primary',
        indisexclusion: false,
        indimmediate: definition?.constraint?.deferrable === undefined,
        indisclustered: false,
        indisvalid: true,
        indcheckxmin: false,
        indisready: true,
        indislive: true,
        indisreplident: false,
        indkey: numberList([...columns, ...included]),
        indcollation: numberList(types.map((type) => (type === undefined ? 0 : collationOid(type)))),
        indclass: numberList(types.map((type) => operatorClassOid(catalog, type?.scalar))),
        // Bit 0: descending; bit 1: nulls first.
        indoption: numberList(
          columns.map((_, at) => {
            const column = definition?.columns[at]
            const isDescending = column?.descending === true
            const nullsFirst = (column?.nullsLarge === true) === isDescending
            return (isDescending ? 1 : 0) + (nullsFirst && definition !== undefined ? 2 : 0)
          }),
        ),
        indexprs: definition?.columns.some(({ column }) => column === 0) === true ? '' : null,
        indpred: indexPredicate(catalog, index) ?? null,
      }
    }
  }

function keyTypeOf(catalog: LoadedCatalog, index: IndexEntry, at: number): DataType | undefined {
  const owner = classOfTable(catalog, index.table)
  const number = indexColumns(index)[at] ?? 0
  if (number > 0) return owner?.columns[number - 1]?.type
  const key = index.table.definition.indexes.find(({ id }) => id === index.indexId)?.columns[at]?.expression
  return key === undefined ? undefined : keyType(parseColumnType(key.type), catalog.types).type
}

export const attributeDefaultRows: CatalogRows = (catalog) =>
  function* () {
    for (const table of catalog.tables) {
      for (const [at, column] of table.definition.columns.entries()) {
        const text = shownDefault(catalog, table, column)
        if (text === undefined) continue
        yield {
          oid: columnDefaultOid(table.id, column.id),
          adrelid: objectOid(table.id),
          adnum: at + 1,
          adbin: text,
        }
      }
    }
  }
