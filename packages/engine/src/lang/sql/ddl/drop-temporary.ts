import type { Database } from '../../../database.js'
import { tableModel } from '../../../models/relational/table-model.js'
import { loadCatalog } from '../catalog/load-catalog.js'
import { splitObjectName } from '../catalog/object-names.js'
import { TEMPORARY_PREFIX } from '../catalog/temporary-schema.js'

/** Drops what sessions of an earlier process have left behind, which ended without a word. */
export function dropStaleTemporaryObjects(database: Database): Promise<void> {
  return dropSchemas(database, (name) => name.startsWith(TEMPORARY_PREFIX))
}

async function dropSchemas(database: Database, isDropped: (schema: string) => boolean): Promise<void> {
  const context = await database.beginContext({ isolation: 'read-committed' })
  try {
    const found = await loadCatalog(context)
    if (!found.schemaRecords.some(({ name }) => isDropped(name))) return
    await context.catalog.reserveAll(context.storage)
    await context.storage.refresh()
    const catalog = await loadCatalog(context)
    for (const { name } of catalog.tables)
      if (isDropped(splitObjectName(name).schema)) await context.catalog.drop(context, tableModel, name)
    const records = [...catalog.views, ...catalog.sequences, ...catalog.typeRecords]
    for (const record of records)
      if (isDropped(record.value.schema)) await context.catalog.deleteRecord(context, record)
    for (const record of catalog.schemaRecords)
      if (isDropped(record.name)) await context.catalog.deleteRecord(context, record)
    await context.commit()
    await database.resumeInBackground()
  } finally {
    // Harmless once it has committed.
    await context.storage.rollback()
  }
}
