import { OrbitError, hasCode } from '@orbit-ts/base'
import type { TableDefinition } from '../../../../models/relational/schema/table-definition.js'
import type { DefinitionContext } from '../definition-context.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { splitObjectName } from '../../catalog/object-names.js'
import { queryError } from '../../../../scalar/condition.js'
import { plainText, type Value } from '../../../../scalar/value.js'
import { notUnique } from './alter-violations.js'
import { changeTable, type ChangeDemands } from './table-change.js'

/**
 * A changed definition with new indexes. They are filled in this transaction, or, over much data, in steps after it:
 * others read and write the table meanwhile.
 * @throws unique_violation when stored rows are in the way
 */
export async function changeIndexes(
  ddl: DefinitionContext,
  table: TableObject,
  definition: TableDefinition,
  demands?: ChangeDemands,
): Promise<TableObject> {
  try {
    return await changeTable(ddl, table, definition, demands)
  } catch (error) {
    throw buildError(error, splitObjectName(table.name))
  }
}

/** The error of a stored row, in PostgreSQL's words. */
export function buildError(
  error: unknown,
  { schema, name }: { readonly schema: string; readonly name: string },
): unknown {
  if (!(error instanceof OrbitError) || !hasCode(error, 'UNIQUE_VIOLATION')) return error
  if (error.details['sqlState'] !== undefined) return error
  const { constraint, values } = error.details
  const shown = Object.entries((values ?? {}) as Record<string, Value>)
  const names = shown.map(([column]) => column).join(', ')
  const texts = shown.map(([, value]) => plainText(value)).join(', ')
  return notUnique(
    queryError('unique_violation', '', {
      constraint: String(constraint),
      detail: `Key (${names})=(${texts}) already exists.`,
      schema,
      table: name,
    }),
  )
}
