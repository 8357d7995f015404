/**
 * A changed definition of a table, carried out: stored, and the rows brought along.
 *
 * Where values or keys of all rows change they are written anew under keys of their own, which replace the old ones
 * when the transaction commits. Otherwise rows stay as they are, and are only looked at for what is newly demanded.
 */
import { defined } from '@orbit-ts/base'
import { NULL_DATUM, relationalKeys, type Datum } from '@orbit-ts/storage'
import { TableLayout } from '../../../../models/relational/layout/table-layout.js'
import { Tables } from '../../../../models/relational/layout/tables.js'
import { TableReader } from '../../../../models/relational/read/table-reader.js'
import {
  storageId,
  type ForeignKeyDefinition,
  type TableDefinition,
} from '../../../../models/relational/schema/table-definition.js'
import { tableModel } from '../../../../models/relational/table-model.js'
import { checkRow } from '../../../../models/relational/write/parse-rows.js'
import { ReferenceChecks } from '../../../../models/relational/write/reference-checks.js'
import { RowStore } from '../../../../models/relational/write/row-store.js'
import { UniqueChecks } from '../../../../models/relational/write/unique-checks.js'
import { tableTypes } from '../../../../relation/table-types.js'
import type { Row, Value } from '../../../../scalar/value.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { DefinitionContext } from '../definition-context.js'
import { AlterViolations } from './alter-violations.js'

/** The value of a column for a stored row, whose values stand by their old ordinals. */
export type NewValue = (row: Row) => Value | Promise<Value>

export interface ChangeDemands {
  /** By id of the column: what it is to hold in rows that are there. Makes them be written anew. */
  readonly newValues?: ReadonlyMap<number, NewValue>
  /** Constraints, by name, and columns, by id, that rows have not been checked for. */
  readonly checks?: ReadonlySet<string>
  readonly notNull?: ReadonlySet<number>
  readonly foreignKeys?: ReadonlySet<string>
}

export async function changeTable(
  ddl: DefinitionContext,
  before: TableObject,
  definition: TableDefinition,
  demands: ChangeDemands = {},
): Promise<TableObject> {
  const isRekeyed = keyOf(before.definition) !== keyOf(definition)
  const { newValues = new Map<number, NewValue>() } = demands
  const after =
    isRekeyed || newValues.size > 0
      ? await rewrite(ddl, before, definition, newValues)
      : await ddl.changeTable(before, definition)
  const isNew = ({ columns }: ForeignKeyDefinition): boolean =>
    columns.some((column) => newValues.has(column))
  const foreignKeys = definition.foreignKeys.filter(isNew).map(({ name }) => name)
  await validate(ddl, after, {
    ...demands,
    foreignKeys: new Set([...(demands.foreignKeys ?? []), ...foreignKeys]),
  })
  if (newValues.size > 0)
    for (const referrer of referrersOf(ddl, after)) {
      const own = referrer.definition.foreignKeys.filter(({ references }) => references.table === after.name)
      await validate(ddl, referrer, { foreignKeys: new Set(own.map(({ name }) => name)) })
    }
  return after
}

/** Takes all rows away. */
export async function emptyTable(ddl: DefinitionContext, before: TableObject): Promise<TableObject> {
  const definition = { ...ready(before.definition), storage: await ddl.newId() }
  return ddl.replaceTable(before, definition, [dataOf(before)])
}

function keyOf({ primaryKey }: TableDefinition): string {
  return JSON.stringify(primaryKey?.columns ?? [])
}

const dataOf = ({ id, definition }: TableObject) => relationalKeys.table(storageId(id, definition))

function ready({ unready: _, ...definition }: TableDefinition): TableDefinition {
  return definition
}

/** Rows that refer to the table may be under way: they are waited for, and more kept away, while its keys change. */
function holdReferrers(ddl: DefinitionContext, table: TableObject): Promise<void> {
  return ddl.context.catalog.reserve(
    ddl.context.storage,
    referrersOf(ddl, table).map(({ name }) => ({ kind: 'table', name })),
  )
}

/** Other tables with foreign keys to this one. */
function referrersOf(ddl: DefinitionContext, { id, name }: TableObject): TableObject[] {
  return ddl.catalog.tables.filter(
    (table) =>
      table.id !== id && table.definition.foreignKeys.some(({ references }) => references.table === name),
  )
}

async function rewrite(
  ddl: DefinitionContext,
  before: TableObject,
  definition: TableDefinition,
  newValues: ReadonlyMap<number, NewValue>,
): Promise<TableObject> {
  await holdReferrers(ddl, before)
  const old = await ddl.tables(before).layoutOf(before)
  const oldTypes = tableTypes(old, ddl.catalog.types)
  const after = await ddl.replaceTable(
    before,
    { ...withoutAbsent(ready(definition)), storage: await ddl.newId() },
    [dataOf(before)],
  )
  const tables = new Tables(ddl.context, tableModel, { violations: new AlterViolations(ddl, after) })
  const layout = await tables.layoutOf(after)
  const { forms } = tableTypes(layout, ddl.catalog.types)
  const store = new RowStore(tables)
  const unique = new UniqueChecks(tables)
  const absent = new TableLayout(before.name, before.id, definition).columns.map((column) => column.absent)
  const from = new Map(old.columns.map(({ id, position }) => [id, position]))
  const reader = new TableReader(ddl.context.storage, old)
  for await (const rows of reader.scanRows(relationalKeys.rows(old.id))) {
    const fresh: (readonly Datum[])[] = []
    for (const { datums } of rows) {
      const values = newValues.size === 0 ? [] : valuesOf(oldTypes.forms, datums)
      const row: Datum[] = []
      for (const { id, position } of layout.columns) {
        const compute = newValues.get(id)
        const at = from.get(id)
        if (compute === undefined) row.push((at === undefined ? absent[position] : datums[at]) ?? NULL_DATUM)
        else {
          const value = await compute(values)
          row.push(value === null ? NULL_DATUM : defined(forms[position], 'the form').toDatum(value))
        }
      }
      const whole = layout.withGenerated(row)
      checkRow(layout, whole, tables.violations)
      fresh.push(whole)
    }
    const inserted = await store.insert(layout, fresh)
    for (const index of layout.deferrable) unique.add(layout, index, inserted)
  }
  await unique.run()
  return after
}

function valuesOf(forms: ReturnType<typeof tableTypes>['forms'], datums: readonly Datum[]): Row {
  return datums.map((datum, i) =>
    datum.kind === 'null' ? null : defined(forms[i], 'the form').toValue(datum),
  )
}

/** Every row says something of every column now. */
function withoutAbsent(definition: TableDefinition): TableDefinition {
  return { ...definition, columns: definition.columns.map(({ absent: _, ...column }) => column) }
}

async function validate(
  ddl: DefinitionContext,
  table: TableObject,
  { checks = new Set(), notNull = new Set(), foreignKeys = new Set() }: ChangeDemands,
): Promise<void> {
  if (checks.size === 0 && notNull.size === 0 && foreignKeys.size === 0) return
  const tables = new Tables(ddl.context, tableModel, { violations: new AlterViolations(ddl, table) })
  const layout = await tables.layoutOf(table)
  const wantedChecks = layout.checks.filter(({ name }) => checks.has(name))
  const wantedColumns = layout.columns.filter(({ id }) => notNull.has(id))
  const wantedKeys = layout.foreignKeys.filter(({ name }) => foreignKeys.has(name))
  const reader = new TableReader(ddl.context.storage, layout)
  for await (const rows of reader.scanRows(relationalKeys.rows(layout.id))) {
    for (const { datums } of rows) {
      for (const column of wantedColumns)
        if (datums[column.position]?.kind === 'null') throw tables.violations.notNull(layout, column, datums)
      for (const check of wantedChecks)
        if (check.isViolated(datums)) throw tables.violations.check(layout, check, datums)
    }
    const references = new ReferenceChecks(tables)
    for (const key of wantedKeys) references.addChildren(layout, key, rows)
    await references.run()
  }
}
