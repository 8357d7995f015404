/** Takes rows that are stored already into an index that is being built. */
import { defined, equalBytes, toBinaryString } from '@orbit-ts/base'
import { relationalKeys, type Entry } from '@orbit-ts/storage'
import type { IndexBuilds, ModelContext } from '../../model.js'
import type { IndexEntry } from '../layout/index-layout.js'
import { rowExpressions } from '../layout/row-expressions.js'
import { TableLayout, type TableRow } from '../layout/table-layout.js'
import { rowDecoder } from '../read/table-reader.js'
import { storageId, type TableDefinition } from '../schema/table-definition.js'
import { namingTable } from './row-store.js'
import { UniqueChecks } from './unique-checks.js'
import { modelViolations } from './violations.js'

export const tableBuilds: IndexBuilds<TableDefinition> = {
  ids: ({ indexes }) => indexes.flatMap(({ id, isVirtual }) => (isVirtual === true ? [] : [id])),
  without: (definition, ids) => ({
    ...definition,
    indexes: definition.indexes.filter(({ id }) => !ids.has(id)),
  }),
  nameOf: ({ indexes }, id) => `index "${indexes.find((index) => index.id === id)?.name ?? id}"`,
  entries: (object, id) => relationalKeys.indexEntries(storageId(object.id, object.definition), id),
  source: (object) => relationalKeys.rows(storageId(object.id, object.definition)),
  add: async (context, object, id, records) => {
    const table = TableLayout.of(object)
    if (!table.isCompiled) table.compile(await rowExpressions(context))
    return namingTable(table, () => addRows(context, table, id, records))
  },
}

interface Added {
  readonly row: TableRow
  readonly entry: IndexEntry
}

async function addRows(
  context: ModelContext,
  table: TableLayout,
  id: number,
  records: readonly Entry[],
): Promise<void> {
  const { storage } = context
  const index = defined(
    table.indexes.find((candidate) => candidate.id === id),
    'the index to build',
  )
  const decode = rowDecoder(table)
  const added = records.flatMap(({ key, value }): Added[] => {
    const row = decode(relationalKeys.rowHandle(key), value, key)
    const entry = index.entry(row)
    return entry === undefined ? [] : [{ row, entry }]
  })
  const unique = added.filter(({ entry }) => entry.unique)
  const owners = await storage.getMany(unique.map(({ entry }) => entry.key))
  const seen = new Set<string>()
  for (const [i, { row, entry }] of unique.entries()) {
    const owner = owners[i]
    const text = toBinaryString(entry.key)
    // Its own is there when the row was written since the build began.
    const isTaken = owner !== undefined && !equalBytes(owner, entry.value)
    if (isTaken || seen.has(text)) throw modelViolations.unique(table, index, row.datums)
    seen.add(text)
  }
  for (const { entry } of added) storage.put(entry.key, entry.value)
  if (index.deferrable === undefined) return
  const checks = new UniqueChecks({ context, violations: modelViolations })
  checks.add(
    table,
    index,
    added.map(({ row }) => row),
  )
  await checks.run()
}
