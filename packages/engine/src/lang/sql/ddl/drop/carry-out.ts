import { SYSTEM_OIDS, indexOid, objectOid, primaryKeyIndexOid } from '../../catalog/oids.js'
import { DEFAULT_SCHEMA, splitObjectName } from '../../catalog/object-names.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { DefinitionContext } from '../definition-context.js'
import { deleteFacts } from '../put-facts.js'
import { changeTable as changeDefinition } from '../table/table-change.js'
import { TableDraft } from '../table/table-draft.js'
import { dropColumn } from '../table/drop-column.js'
import { followDrop } from '../view/follow-names.js'
import { tableOf, type DropTarget } from './drop-target.js'

/** Drops one thing, whose dependents have gone. Harmless when it has gone with another. */
export async function carryOut(ddl: DefinitionContext, target: DropTarget): Promise<void> {
  const { catalog } = ddl
  switch (target.kind) {
    case 'table':
      return dropTable(ddl, tableOf(catalog, target.id))
    case 'view': {
      const view = catalog.views.find(({ id }) => id === target.id)
      if (view === undefined) return
      await ddl.delete(view)
      await deleteFacts(ddl, objectOid(view.id))
      const { storage } = view.value
      if (storage !== undefined) await ddl.dropTable({ name: storage })
      return
    }
    case 'sequence': {
      const sequence = catalog.sequences.find(({ id }) => id === target.id)
      if (sequence === undefined) return
      await ddl.delete(sequence)
      return deleteFacts(ddl, objectOid(sequence.id))
    }
    case 'type': {
      const type = catalog.typeRecords.find(({ id }) => id === target.id)
      if (type === undefined) return
      await ddl.delete(type)
      return deleteFacts(ddl, objectOid(type.id))
    }
    case 'schema': {
      if (target.name === DEFAULT_SCHEMA) return dropPublic(ddl)
      const schema = catalog.schemaRecords.find(({ name }) => name === target.name)
      if (schema === undefined) return
      await ddl.delete(schema)
      return deleteFacts(ddl, objectOid(schema.id))
    }
    case 'column':
      await followDrop(ddl, objectOid(target.table), columnAt(ddl, target))
      return changeTable(ddl, target.table, (draft, table) => dropColumn(ddl, draft, table, target.column))
    case 'default':
      return changeTable(ddl, target.table, (draft) =>
        draft.replaceColumn(target.column, ({ default: _default, identity: _identity, ...column }) => column),
      )
    case 'foreign key':
      return changeTable(ddl, target.table, (draft) => {
        draft.foreignKeys = draft.foreignKeys.filter(({ name }) => name !== target.name)
      })
    case 'key':
      return changeTable(ddl, target.table, (draft) => {
        draft.indexes = draft.indexes.filter(({ name }) => name !== target.name)
        if (draft.primaryKey?.name === target.name) draft.primaryKey = undefined
      })
  }
}

/** It is there without a record: one says that it is gone. */
async function dropPublic(ddl: DefinitionContext): Promise<void> {
  const record = ddl.catalog.schemaRecords.find(({ name }) => name === DEFAULT_SCHEMA)
  await ddl.put('sql.schema', DEFAULT_SCHEMA, { owner: ddl.user, isDropped: true }, record?.id)
  await deleteFacts(ddl, SYSTEM_OIDS.public)
}

function columnAt(
  { catalog }: DefinitionContext,
  { table, column }: { readonly table: number; readonly column: number },
): number {
  return tableOf(catalog, table)?.definition.columns.findIndex(({ id }) => id === column) ?? -1
}

async function dropTable(ddl: DefinitionContext, table: TableObject | undefined): Promise<void> {
  if (table === undefined) return
  await ddl.dropTable(table)
  await ddl.context.catalog.putStatistics(ddl.context, table.id, undefined)
  const { indexes } = table.definition
  const parts = [primaryKeyIndexOid(table.id), ...indexes.map(({ id }) => indexOid(table.id, id))]
  for (const oid of [objectOid(table.id), ...parts]) await deleteFacts(ddl, oid)
}

async function changeTable(
  ddl: DefinitionContext,
  id: number,
  change: (draft: TableDraft, table: TableObject) => void,
): Promise<void> {
  const table = tableOf(ddl.catalog, id)
  if (table === undefined) return
  const draft = new TableDraft(ddl, splitObjectName(table.name), table.definition)
  change(draft, table)
  await changeDefinition(ddl, table, draft.definition())
}
