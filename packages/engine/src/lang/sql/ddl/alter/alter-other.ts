import { queryError, unsupported } from '../../../../scalar/condition.js'
import { MODELS_SCHEMA } from '../../catalog/model-classes.js'
import type { AlterTableCmd } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import type { FoundClass } from '../target-names.js'
import { actionName } from './action-names.js'
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
    else if (!accepted.has(subtype ?? '')) throw refusal(found, subtype)
  }
}

/** What there is in PostgreSQL, too, and not here. */
const MISSING: Readonly<Record<string, ReadonlySet<string>>> = {
  views: new Set(['AT_ColumnDefault']),
  'materialized views': new Set(['AT_SetTableSpace', 'AT_SetAccessMethod']),
  indexes: new Set(['AT_SetTableSpace', 'AT_AttachPartition']),
  sequences: new Set(),
}

function refusal(found: FoundClass, subtype: string | undefined): Error {
  const action = actionName(subtype)
  if (found.kind === 'other') return refusalOfOther(found, action)
  const kinds = kindsOf(found)
  const name = nameOf(found)
  if (MISSING[kinds]?.has(subtype ?? '') === true)
    return unsupported(`ALTER ${kinds.replace(/e?s$/, '').toUpperCase()} ... ${action}`)
  return queryError('wrong_object_type', `ALTER action ${action} cannot be performed on relation "${name}"`, {
    detail: `This operation is not supported for ${kinds}.`,
  })
}

function kindsOf(found: FoundClass): string {
  if (found.kind === 'view') return found.view.value.storage === undefined ? 'views' : 'materialized views'
  return found.kind === 'index' ? 'indexes' : 'sequences'
}

function nameOf(found: FoundClass): string {
  switch (found.kind) {
    case 'view':
      return found.view.value.name
    case 'sequence':
      return found.sequence.value.name
    case 'index':
      return found.index.name
    case 'table':
      return found.table.name
    case 'other':
      return found.found.kind === 'relation' ? found.found.relation.name : found.found.name
  }
}

/** Relations of the system are nobody's to change; those of other models are changed by their own API. */
function refusalOfOther(found: FoundClass & { kind: 'other' }, action: string): Error {
  const { found: other } = found
  const name = nameOf(found)
  const schema = other.kind === 'relation' ? other.relation.schema : other.schema
  return schema === MODELS_SCHEMA
    ? unsupported(`ALTER TABLE ... ${action} on what another model holds`)
    : queryError('insufficient_privilege', `permission denied: "${name}" is a system catalog`)
}
