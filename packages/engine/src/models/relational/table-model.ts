import { catalogKeys, prefixRange, relationalKeys } from '@orbit-ts/storage'
import type { Model } from '../model.js'
import { Tables } from './layout/tables.js'
import { applyChange, checkDrop, checkNewTable } from './schema/apply-change.js'
import { defineTable } from './schema/define-table.js'
import { evolveTable } from './schema/evolve-table.js'
import type { TableDefinition } from './schema/table-definition.js'
import type { TableInput } from './schema/table-input.js'
import { tableBuilds } from './write/build-index.js'
import { sequencePrefix } from './write/complete-rows.js'

/** The relational model: tables with typed columns, keys, indexes, checks and foreign keys. */
export const tableModel: Model<TableInput, TableDefinition> & { readonly kind: 'table' } = {
  kind: 'table',
  define: (name, input) => defineTable(name, input),
  evolve: (object, input) => evolveTable(object, input),
  afterCreate: (context, object) => checkNewTable(new Tables(context, tableModel), object),
  afterChange: (context, before, after) => applyChange(new Tables(context, tableModel), before, after),
  beforeDrop: (context, object) => checkDrop(new Tables(context, tableModel), object),
  dataRanges: (id, { storage }) => [
    relationalKeys.table(id),
    ...(storage === undefined ? [] : [relationalKeys.table(storage)]),
    prefixRange(catalogKeys.sequence(sequencePrefix(id))),
  ],
  builds: tableBuilds,
}
