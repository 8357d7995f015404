/** ALTER TYPE … ADD, DROP, ALTER and RENAME ATTRIBUTE. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { SqlRecord, StoredType, TypeValue } from '../../catalog/records.js'
import type { AlterTableCmd, AlterTableStmt, ColumnDef, RenameStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { givenName } from '../target-names.js'
import { requireTypeNamed } from './require-type.js'
import { storedAttribute } from './type-statements.js'

type CompositeForm = Extract<TypeValue['form'], { kind: 'composite' }>
type Field = CompositeForm['fields'][number]

export async function alterAttributes(ddl: DefinitionContext, statement: AlterTableStmt): Promise<string> {
  const { record, form } = requireComposite(ddl, statement.relation ?? {})
  requireUnused(ddl, record)
  let fields = form.fields
  for (const node of statement.cmds ?? [])
    if ('AlterTableCmd' in node) fields = altered(ddl, record.value.name, fields, node.AlterTableCmd)
  await putFields(ddl, record, fields)
  return 'ALTER TYPE'
}

function altered(
  ddl: DefinitionContext,
  type: string,
  fields: readonly Field[],
  command: AlterTableCmd,
): readonly Field[] {
  const def: ColumnDef = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : {}
  const name = command.name ?? def.colname ?? ''
  const at = fields.findIndex((field) => field.name === name)
  switch (command.subtype) {
    case 'AT_AddColumn':
      if (at >= 0) throw duplicate(type, name)
      return [...fields, { name, ...storedAttribute(ddl, def) }]
    case 'AT_DropColumn':
      if (at >= 0) return fields.toSpliced(at, 1)
      if (command.missing_ok !== true) throw missing(type, name)
      ddl.notice(`column "${name}" of relation "${type}" does not exist, skipping`)
      return fields
    case 'AT_AlterColumnType': {
      if (at < 0) throw missing(type, name)
      const stored: StoredType = storedAttribute(ddl, def)
      return fields.with(at, { name, ...stored })
    }
    default:
      throw unsupported('this form of ALTER TYPE')
  }
}

export async function renameAttribute(ddl: DefinitionContext, statement: RenameStmt): Promise<string> {
  const { record, form } = requireComposite(ddl, statement.relation ?? {})
  const { subname: before = '', newname: name = '' } = statement
  if (form.fields.every((field) => field.name !== before))
    throw queryError('undefined_column', `column "${before}" does not exist`)
  if (form.fields.some((field) => field.name === name)) throw duplicate(record.value.name, name)
  await putFields(
    ddl,
    record,
    form.fields.map((field) => (field.name === before ? { ...field, name } : field)),
  )
  // What is known of a table's types is known of one version of its definition.
  for (const table of usersOf(ddl, record.id)) await ddl.changeTable(table, { ...table.definition })
  return 'ALTER TYPE'
}

function requireComposite(
  ddl: DefinitionContext,
  relation: Parameters<typeof givenName>[0],
): { readonly record: SqlRecord<'sql.type'>; readonly form: CompositeForm } {
  const { schema, name } = givenName(relation)
  const names = schema === undefined ? [name] : [schema, name]
  const found = ddl.catalog.findType(schema === undefined ? { name } : { schema, name }, ddl.searchPath)
  if (found === undefined) throw queryError('undefined_table', `relation "${names.join('.')}" does not exist`)
  const record = requireTypeNamed(ddl, names)
  const { form } = record.value
  if (form.kind !== 'composite') throw queryError('wrong_object_type', `"${name}" is not a composite type`)
  ddl.requireOwner(record.value.owner, `type ${name}`)
  return { record, form }
}

function usersOf({ catalog }: DefinitionContext, id: number) {
  const isOf = new RegExp(`^composite\\(${id}\\)(?:\\[\\])?$`)
  return catalog.tables.filter(({ definition }) => definition.columns.some(({ type }) => isOf.test(type)))
}

/** Stored values would have to be written anew. @throws feature_not_supported */
function requireUnused(ddl: DefinitionContext, { id, value }: SqlRecord<'sql.type'>): void {
  for (const { name, definition } of usersOf(ddl, id)) {
    const column = definition.columns.find(({ type }) => type.startsWith(`composite(${id})`))
    throw queryError(
      'feature_not_supported',
      `cannot alter type "${value.name}" because column "${splitObjectName(name).name}.${column?.name ?? ''}" uses it`,
    )
  }
}

async function putFields(
  ddl: DefinitionContext,
  record: SqlRecord<'sql.type'>,
  fields: readonly Field[],
): Promise<void> {
  await ddl.put('sql.type', record.name, { ...record.value, form: { kind: 'composite', fields } }, record.id)
}

const duplicate = (type: string, name: string): Error =>
  queryError('duplicate_column', `column "${name}" of relation "${type}" already exists`)

const missing = (type: string, name: string): Error =>
  queryError('undefined_column', `column "${name}" of relation "${type}" does not exist`)
