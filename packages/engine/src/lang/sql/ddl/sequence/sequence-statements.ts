/** CREATE and ALTER SEQUENCE. */
import { queryError } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { SequenceValue, SqlRecord } from '../../catalog/records.js'
import type { AlterSeqStmt, CreateSeqStmt, Node } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { newTableName } from '../table/create-table.js'
import {
  givenName,
  requireFreeName,
  requireRelation,
  requireTable,
  findRelation,
  shown,
} from '../target-names.js'
import { alteredSequence, ownedBy, sequenceValue } from './sequence-options.js'
import { changeSequenceRecord, createSequenceRecord, restartSequence } from './store-sequence.js'

export async function createSequence(ddl: DefinitionContext, statement: CreateSeqStmt): Promise<string> {
  const name = await newTableName(ddl, statement.sequence ?? {})
  if (statement.if_not_exists === true && ddl.catalog.hasRelationName(name)) {
    ddl.notice(`relation "${name.name}" already exists, skipping`, '42P07')
    return 'CREATE SEQUENCE'
  }
  requireFreeName(ddl, name)
  const options = statement.options ?? []
  const value = sequenceValue(ddl, name, options)
  await createSequenceRecord(ddl, await ddl.newId(), withOwner(ddl, value, options))
  return 'CREATE SEQUENCE'
}

export async function alterSequence(ddl: DefinitionContext, statement: AlterSeqStmt): Promise<string> {
  const given = givenName(statement.sequence ?? {})
  const found = findRelation(ddl, given)
  if (found === undefined && statement.missing_ok === true) {
    ddl.notice(`relation "${shown(given)}" does not exist, skipping`)
    return 'ALTER SEQUENCE'
  }
  const existing = requireRelation(ddl, given)
  if (existing.kind !== 'sequence') throw queryError('wrong_object_type', `"${given.name}" is not a sequence`)
  ddl.requireOwner(existing.owner, `sequence ${given.name}`)
  await changeSequence(ddl, existing.sequence, statement.options ?? [])
  return 'ALTER SEQUENCE'
}

/** Brings a sequence to what ALTER says of it. */
export async function changeSequence(
  ddl: DefinitionContext,
  record: SqlRecord<'sql.sequence'>,
  options: readonly Node[],
): Promise<void> {
  const { value, restart } = alteredSequence(ddl, record.value, options)
  await changeSequenceRecord(ddl, record, withOwner(ddl, value, options))
  if (restart !== undefined) await restartSequence(ddl, record.id, restart)
}

function withOwner(ddl: DefinitionContext, value: SequenceValue, options: readonly Node[]): SequenceValue {
  const names = ownedBy(options)
  if (names === undefined) return value
  const { ownedBy: _, ...free } = value
  if (names === null) return free
  const [column, name, schema] = names.toReversed()
  if (name === undefined)
    throw queryError('syntax_error', 'invalid OWNED BY option', {
      hint: 'Specify OWNED BY table.column or OWNED BY NONE.',
    })
  const { table } = requireTable(ddl, { schema, name })
  if (splitObjectName(table.name).schema !== value.schema)
    throw queryError(
      'object_not_in_prerequisite_state',
      'sequence must be in same schema as table it is linked to',
    )
  const found = table.definition.columns.find((each) => each.name === column)
  if (found === undefined)
    throw queryError('undefined_column', `column "${column}" of relation "${name}" does not exist`)
  return { ...free, ownedBy: { table: table.id, column: found.id } }
}
