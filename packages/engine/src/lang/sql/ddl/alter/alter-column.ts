/** ALTER COLUMN: defaults, NOT NULL, identities. */
import { defined } from '@orbit-ts/base'
import type { ColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError } from '../../../../scalar/condition.js'
import { itemsOf, type AlterTableCmd, type DefElem } from '../../parse/tree.js'
import { changeSequence } from '../sequence/sequence-statements.js'
import { columnDefault, draftType, integerName, requireIdentityType } from '../table/draft-columns.js'
import { requireColumn } from '../table/draft-constraints.js'
import { numberSequence } from '../table/pending-sequences.js'
import type { TableAlteration } from './alter-table.js'

export async function setDefault(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const { ddl, draft } = alteration
  const column = requireColumn(draft, command.name ?? '')
  if (column.identity !== undefined)
    throw queryError('syntax_error', `${called(alteration, column)} is an identity column`, {
      hint: 'Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.',
    })
  if (column.generated !== undefined)
    throw queryError('syntax_error', `${called(alteration, column)} is a generated column`)
  const { def } = command
  const found =
    def === undefined
      ? undefined
      : columnDefault(ddl, draft, def, { column: column.name, type: draftType(ddl, column) })
  draft.replaceColumn(column.id, ({ default: _, ...rest }) =>
    found === undefined ? rest : { ...rest, default: found },
  )
  alteration.touch()
}

export async function setNotNull(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const column = requireColumn(alteration.draft, command.name ?? '')
  if (column.notNull) return
  alteration.draft.replaceColumn(column.id, (each) => ({ ...each, notNull: true }))
  alteration.notNull.add(column.id)
  alteration.touch()
}

export async function dropNotNull(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const { draft } = alteration
  const column = requireColumn(draft, command.name ?? '')
  if (column.identity !== undefined)
    throw queryError('syntax_error', `${called(alteration, column)} is an identity column`)
  if (draft.key?.columns.includes(column.id) === true)
    throw queryError('invalid_table_definition', `column "${column.name}" is in a primary key`)
  draft.replaceColumn(column.id, (each) => ({ ...each, notNull: false }))
  alteration.touch()
}

export async function dropExpression(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const column = requireColumn(alteration.draft, command.name ?? '')
  if (column.generated === undefined) {
    const message = `${called(alteration, column)} is not a stored generated column`
    if (command.missing_ok !== true) throw queryError('object_not_in_prerequisite_state', message)
    alteration.ddl.notice(`${message}, skipping`)
    return
  }
  alteration.draft.replaceColumn(column.id, ({ generated: _, ...rest }) => rest)
  alteration.touch()
}

export async function addIdentity(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const { ddl, draft } = alteration
  const column = requireColumn(draft, command.name ?? '')
  const clause = command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : undefined
  const type = draftType(ddl, column)
  requireIdentityType(type)
  if (!column.notNull)
    throw queryError(
      'object_not_in_prerequisite_state',
      `${called(alteration, column)} must be declared NOT NULL before identity can be added`,
    )
  if (column.identity !== undefined)
    throw queryError(
      'object_not_in_prerequisite_state',
      `${called(alteration, column)} is already an identity column`,
    )
  if (column.default !== undefined)
    throw queryError(
      'object_not_in_prerequisite_state',
      `${called(alteration, column)} already has a default value`,
    )
  const pending = {
    column: column.id,
    type: integerName(type),
    options: clause?.options ?? [],
    kind: clause?.generated_when === 'a' ? ('always' as const) : ('by default' as const),
  }
  alteration.sequences.push(await numberSequence(ddl, draft, pending))
  alteration.touch()
}

export async function setIdentity(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const { ddl, draft } = alteration
  const column = requireIdentity(alteration, command)
  const options = itemsOf(command.def)
  const generated = options.flatMap((node) =>
    'DefElem' in node && node.DefElem.defname === 'generated' ? [node.DefElem] : [],
  )[0]
  if (generated !== undefined) {
    const isAlways = generatedWhen(generated) === 'a'
    draft.replaceColumn(column.id, (each) => {
      const { always: _, ...identity } = defined(each.identity, 'the identity')
      return { ...each, identity: isAlways ? { ...identity, always: true as const } : identity }
    })
    alteration.touch()
  }
  const record = ddl.catalog.sequences.find(({ id }) => id === column.identity?.sequence)
  const rest = options.filter((node) => !('DefElem' in node) || node.DefElem.defname !== 'generated')
  if (record !== undefined && rest.length > 0) await changeSequence(ddl, record, rest)
}

function generatedWhen({ arg }: DefElem): string {
  if (arg === undefined) return ''
  if ('Integer' in arg) return String.fromCharCode(arg.Integer.ival ?? 0)
  return 'String' in arg ? (arg.String.sval ?? '') : ''
}

export async function dropIdentity(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const { ddl, draft } = alteration
  const found = requireColumn(draft, command.name ?? '')
  if (found.identity === undefined && command.missing_ok === true) {
    ddl.notice(`${called(alteration, found)} is not an identity column, skipping`)
    return
  }
  const column = requireIdentity(alteration, command)
  const sequence = column.identity?.sequence
  draft.replaceColumn(column.id, ({ identity: _, ...rest }) => rest)
  alteration.touch()
  await alteration.flush()
  const record = ddl.catalog.sequences.find(({ id }) => id === sequence)
  if (record !== undefined) await ddl.delete(record)
}

function requireIdentity(alteration: TableAlteration, command: AlterTableCmd): ColumnDefinition {
  const column = requireColumn(alteration.draft, command.name ?? '')
  if (column.identity !== undefined) return column
  throw queryError(
    'object_not_in_prerequisite_state',
    `${called(alteration, column)} is not an identity column`,
  )
}

function called({ name: table }: TableAlteration, { name }: ColumnDefinition): string {
  return `column "${name}" of relation "${table}"`
}
