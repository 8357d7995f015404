/** Sequences that belong to columns: of serial and identity columns. */
import type { Node } from '../../parse/tree.js'
import { objectOid } from '../../catalog/oids.js'
import type { SequenceReference, SqlDefault } from '../../../../models/relational/schema/table-definition.js'
import type { QualifiedName } from '../../catalog/records.js'
import { chooseName } from '../choose-name.js'
import type { DefinitionContext } from '../definition-context.js'
import { createSequenceRecord } from '../sequence/store-sequence.js'
import { sequenceValue } from '../sequence/sequence-options.js'
import type { TableDraft } from './table-draft.js'

export interface PendingSequence {
  /** The id of the column. */
  readonly column: number
  readonly type: 'int2' | 'int4' | 'int8'
  readonly options: readonly Node[]
  readonly kind: 'serial' | 'always' | 'by default'
}

/** A sequence whose number is taken, and whose record is stored once the table is there. */
export interface NumberedSequence extends PendingSequence {
  readonly id: number
  readonly name: QualifiedName
}

/** Gives the sequence an id and a name, and has the column refer to it. */
export async function numberSequence(
  ddl: DefinitionContext,
  draft: TableDraft,
  pending: PendingSequence,
): Promise<NumberedSequence> {
  const { schema, name: table } = draft.name
  const column = draft.column(pending.column)
  const name = {
    schema,
    name: chooseName(table, column.name, 'seq', (each) =>
      ddl.catalog.hasRelationName({ schema, name: each }),
    ),
  }
  const id = await ddl.newId()
  const value = sequenceValue(ddl, name, pending.options, pending.type)
  const numbers = { start: Number(value.start), increment: Number(value.increment) }
  if (pending.kind === 'serial') {
    const reference = { id, ...numbers }
    draft.replaceColumn(column.id, (each) => ({ ...each, default: sequenceDefault(reference) }))
  } else {
    const identity = {
      ...numbers,
      sequence: id,
      ...(pending.kind === 'always' ? { always: true as const } : {}),
    }
    draft.replaceColumn(column.id, (each) => ({ ...each, identity }))
  }
  return { ...pending, id, name }
}

/** The sequence is named by its number, which outlives renamings. */
export function sequenceDefault(sequence: SequenceReference): SqlDefault {
  return { sql: `nextval('${objectOid(sequence.id)}'::regclass)`, sequence }
}

export async function storeSequence(
  ddl: DefinitionContext,
  tableId: number,
  { id, name, options, type, column, kind }: NumberedSequence,
): Promise<void> {
  const value = sequenceValue(ddl, name, options, type)
  await createSequenceRecord(ddl, id, {
    ...value,
    ownedBy: { table: tableId, column },
    ...(kind === 'serial' ? {} : { isIdentity: true as const }),
  })
}
