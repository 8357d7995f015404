import type { IndexDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import type { AlterTableCmd, Constraint } from '../../parse/tree.js'
import { deferrableOf, draftConstraint } from '../table/draft-constraints.js'
import type { TableAlteration } from './alter-table.js'

export async function addConstraint(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const constraint = constraintOf(command)
  if (constraint === undefined) return
  const { ddl, draft } = alteration
  alteration.touch()
  if (constraint.indexname !== undefined) {
    constraintOfIndex(alteration, constraint, constraint.indexname)
    return
  }
  draftConstraint(ddl, draft, constraint)
  const isChecked = constraint.skip_validation !== true
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      if (isChecked) alteration.checks.add(draft.checks.at(-1)?.name ?? '')
      break
    case 'CONSTR_FOREIGN':
      if (isChecked) alteration.foreignKeys.add(draft.foreignKeys.at(-1)?.name ?? '')
      break
    case 'CONSTR_PRIMARY':
      for (const id of draft.key?.columns ?? []) alteration.notNull.add(id)
      break
    default:
  }
}

/** ADD PRIMARY KEY or UNIQUE USING INDEX. */
function constraintOfIndex(alteration: TableAlteration, constraint: Constraint, name: string): void {
  const { ddl, draft } = alteration
  const index = draft.indexes.find((each) => each.name === name)
  if (index === undefined) throw queryError('undefined_object', `index "${name}" does not exist`)
  if (!index.unique)
    throw queryError('wrong_object_type', `"${name}" is not a unique index`, {
      detail: 'Cannot create a primary key or unique constraint using such an index.',
    })
  if (constraint.contype === 'CONSTR_PRIMARY' && draft.key !== undefined)
    throw queryError(
      'invalid_table_definition',
      `multiple primary keys for table "${alteration.name}" are not allowed`,
    )
  const kind = constraint.contype === 'CONSTR_PRIMARY' ? ('primary' as const) : ('unique' as const)
  const newName = constraint.conname ?? name
  if (newName !== name)
    ddl.notice(`ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "${name}" to "${newName}"`)
  const deferrable = deferrableOf(constraint)
  const renamed = { ...index, name: newName, constraint: { kind, ...deferrable } }
  draft.indexes = draft.indexes.filter(({ id }) => id !== index.id)
  // What may be checked later has other entries.
  if (deferrable.deferrable !== undefined) draft.addIndex(withoutId(renamed))
  else draft.indexes.push(renamed)
  if (kind === 'unique') return
  for (const { column } of index.columns) {
    draft.replaceColumn(column, (each) => ({ ...each, notNull: true }))
    alteration.notNull.add(column)
  }
}

function withoutId({
  id: _id,
  origin: _origin,
  ...rest
}: IndexDefinition): Omit<IndexDefinition, 'id' | 'origin'> {
  return rest
}

export async function alterConstraint(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const constraint = constraintOf(command)
  const name = constraint?.conname ?? ''
  const { draft } = alteration
  if (!draft.foreignKeys.some((key) => key.name === name)) {
    if (!draft.constraintNames().includes(name)) throw missing(alteration, name)
    throw queryError(
      'wrong_object_type',
      `constraint "${name}" of relation "${alteration.name}" is not a foreign key constraint`,
    )
  }
  draft.foreignKeys = draft.foreignKeys.map((key) => {
    if (key.name !== name) return key
    const { deferrable: _, ...rest } = key
    const deferred = constraint?.initdeferred === true
    const isDeferrable = constraint?.deferrable === true || deferred
    return { ...rest, deferred, ...(isDeferrable ? { deferrable: true as const } : {}) }
  })
  alteration.touch()
}

export async function validateConstraint(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const name = command.name ?? ''
  const { draft } = alteration
  if (!draft.constraintNames().includes(name)) throw missing(alteration, name)
  if (draft.foreignKeys.some((key) => key.name === name && key.notValid === true))
    alteration.foreignKeys.add(name)
  if (draft.checks.some((check) => check.name === name && 'notValid' in check)) alteration.checks.add(name)
  draft.foreignKeys = draft.foreignKeys.map((key) => (key.name === name ? without(key) : key))
  draft.checks = draft.checks.map((check) =>
    check.name === name && 'expression' in check ? without(check) : check,
  )
  alteration.touch()
}

function without<T extends { readonly notValid?: true }>({ notValid: _, ...rest }: T): Omit<T, 'notValid'> {
  return rest
}

export async function dropConstraint(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  const name = command.name ?? ''
  await alteration.flush()
  const { draft, ddl } = alteration
  if (!draft.constraintNames().includes(name)) {
    if (command.missing_ok !== true) throw missing(alteration, name)
    ddl.notice(`constraint "${name}" of relation "${alteration.name}" does not exist, skipping`)
    return
  }
  const isKey = draft.key?.name === name || draft.indexes.some((index) => index.name === name)
  if (isKey) {
    await alteration.drop(
      { kind: 'key', table: alteration.table.id, name, isConstraint: true },
      command.behavior === 'DROP_CASCADE',
    )
    return
  }
  draft.checks = draft.checks.filter((check) => check.name !== name)
  draft.foreignKeys = draft.foreignKeys.filter((key) => key.name !== name)
  alteration.touch()
}

function missing({ name: table }: TableAlteration, name: string): Error {
  return queryError('undefined_object', `constraint "${name}" of relation "${table}" does not exist`)
}

function constraintOf({ def }: AlterTableCmd): Constraint | undefined {
  if (def === undefined) return undefined
  if (!('Constraint' in def)) throw unsupported('this form of ALTER TABLE')
  return def.Constraint
}
