import { setSequence, ownSequence } from '../../../../relation/sequence-numbers.js'
import { defined } from '@orbit-ts/base'
import { objectName } from '../../catalog/object-names.js'
import type { SequenceValue, SqlRecord } from '../../catalog/records.js'
import { objectOid } from '../../catalog/oids.js'
import { grantDefaults } from '../role/default-privileges.js'
import type { DefinitionContext } from '../definition-context.js'

/** A new sequence, which begins at its start. */
export async function createSequenceRecord(
  ddl: DefinitionContext,
  id: number,
  value: SequenceValue,
): Promise<void> {
  await ddl.put('sql.sequence', objectName(value), value, id)
  await restartSequence(ddl, id, BigInt(value.start))
  const { owner, schema } = value
  await grantDefaults(ddl, { oid: objectOid(id), owner, schema, kind: 'sequence' })
}

/** Has the sequence give out `next` next, once this transaction has committed; at once for itself. */
export async function restartSequence(ddl: DefinitionContext, id: number, next: bigint): Promise<void> {
  const facts = defined(ddl.catalog.sequenceFacts(id), 'the sequence')
  await setSequence(ddl.context, facts, next)
  ownSequence(ddl.context, id)
}

export async function changeSequenceRecord(
  ddl: DefinitionContext,
  record: SqlRecord<'sql.sequence'>,
  value: SequenceValue,
): Promise<void> {
  await ddl.rename(record, objectName(value), value)
}
