/** TRUNCATE. */
import { queryError } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { TruncateStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { restartSequence } from '../sequence/store-sequence.js'
import { givenName, requireTable } from '../target-names.js'
import { emptyTable } from './table-change.js'

export async function truncate(ddl: DefinitionContext, statement: TruncateStmt): Promise<string> {
  const given = (statement.relations ?? []).flatMap((node) =>
    'RangeVar' in node ? [givenName(node.RangeVar)] : [],
  )
  const tables = new Map<number, TableObject>()
  for (const name of given) {
    const { table, oid, owner } = requireTable(ddl, name)
    if (!ddl.isMember(owner) && !ddl.catalog.isAllowed(ddl.user, 'truncate', { kind: 'class', oid }))
      throw queryError('insufficient_privilege', `permission denied for table ${name.name}`)
    tables.set(table.id, table)
  }
  addReferrers(ddl, tables, statement.behavior === 'DROP_CASCADE')
  for (const id of tables.keys()) {
    const table = ddl.catalog.tables.find((object) => object.id === id)
    if (table !== undefined) await emptyTable(ddl, table)
  }
  if (statement.restart_seqs === true) await restartOwned(ddl, new Set(tables.keys()))
  return 'TRUNCATE TABLE'
}

/** Tables that refer to those that become empty have to become empty too. */
function addReferrers(ddl: DefinitionContext, tables: Map<number, TableObject>, isCascade: boolean): void {
  // Those that are added are visited too.
  for (const { name: parent } of tables.values()) {
    for (const child of ddl.catalog.tables) {
      if (tables.has(child.id)) continue
      if (child.definition.foreignKeys.every(({ references }) => references.table !== parent)) continue
      const shown = splitObjectName(child.name).name
      if (!isCascade)
        throw queryError(
          'feature_not_supported',
          'cannot truncate a table referenced in a foreign key constraint',
          {
            detail: `Table "${shown}" references "${splitObjectName(parent).name}".`,
            hint: `Truncate table "${shown}" at the same time, or use TRUNCATE ... CASCADE.`,
          },
        )
      ddl.notice(`truncate cascades to table "${shown}"`)
      tables.set(child.id, child)
    }
  }
}

async function restartOwned(ddl: DefinitionContext, tables: ReadonlySet<number>): Promise<void> {
  for (const { id, value } of ddl.catalog.sequences) {
    if (value.ownedBy !== undefined && tables.has(value.ownedBy.table))
      await restartSequence(ddl, id, BigInt(value.start))
  }
}
