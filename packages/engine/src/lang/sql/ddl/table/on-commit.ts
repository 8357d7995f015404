/** ON COMMIT of temporary tables. */
import { queryError } from '../../../../scalar/condition.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { OnCommitAction } from '../../parse/tree.js'
import { DefinitionContext } from '../definition-context.js'
import { dropObjects } from '../drop/drop-objects.js'

/** @throws invalid_table_definition for tables that are not temporary */
export function requireTemporary(action: OnCommitAction | undefined, isTemporary: boolean): void {
  if (isTemporary || action === undefined || action === 'ONCOMMIT_NOOP') return
  throw queryError('invalid_table_definition', 'ON COMMIT can only be used on temporary tables')
}

/** Sees to it that what ON COMMIT says of a new table happens. */
export function noteOnCommit(
  ddl: DefinitionContext,
  { id }: TableObject,
  action: OnCommitAction | undefined,
): void {
  if (action === 'ONCOMMIT_DELETE_ROWS') ddl.state.transaction.emptyAtCommit(id)
  if (action !== 'ONCOMMIT_DROP') return
  const { tree, state, scope } = ddl
  state.transaction.beforeCommit(async () => {
    const last = await DefinitionContext.begin(tree, { state, scope })
    // The transaction itself may have dropped it.
    if (last.catalog.tables.some((table) => table.id === id))
      await dropObjects(last, [{ kind: 'table', id }], true)
  })
}
