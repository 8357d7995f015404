import { unsupported } from '../../../../scalar/condition.js'
import type { AlterTableCmd } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import type { FoundClass } from '../target-names.js'
import { changeOwner } from './change-owner.js'

/** ALTER TABLE, VIEW, INDEX, SEQUENCE on what is no table. */
export async function alterOtherRelation(
  ddl: DefinitionContext,
  found: FoundClass,
  commands: readonly AlterTableCmd[],
  accepted: ReadonlySet<string>,
): Promise<void> {
  for (const { subtype, newowner } of commands) {
    if (subtype === 'AT_ChangeOwner' && found.kind !== 'index') await changeOwner(ddl, found.oid, newowner)
    else if (!accepted.has(subtype ?? ''))
      throw unsupported(`ALTER ${found.kind.toUpperCase()}: ${(subtype ?? '').replace('AT_', '')}`)
  }
}
