/** CREATE TYPE … AS ENUM, AS (…) and ALTER TYPE. */
import type { EnumLabel } from '../../../../models/relational/types/column-type.js'
import type { ColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { objectName } from '../../catalog/object-names.js'
import type { QualifiedName, SqlRecord, StoredType, TypeValue } from '../../catalog/records.js'
import { storedTypeOf } from '../../catalog/user-types.js'
import {
  stringOf,
  stringsOf,
  type AlterEnumStmt,
  type CompositeTypeStmt,
  type ColumnDef,
  type CreateEnumStmt,
} from '../../parse/tree.js'
import { requireTypeNamed } from './require-type.js'
import type { DefinitionContext } from '../definition-context.js'
import { columnType } from '../table/draft-columns.js'
import { creationName, givenName, listedName } from '../target-names.js'

/** Between labels, so that others fit in later. */
const ORDER_STEP = 1 << 20
/** Bytes of a label, at most. */
const LABEL_MAX_BYTES = 63

export async function createEnum(ddl: DefinitionContext, statement: CreateEnumStmt): Promise<string> {
  const name = creationName(ddl, listedName(statement.typeName))
  requireFreeType(ddl, name)
  const labels: EnumLabel[] = []
  for (const node of statement.vals ?? []) {
    const label = checkLabel(stringOf(node) ?? '')
    if (labels.some((each) => each.label === label))
      throw queryError('duplicate_object', `enum label "${label}" used more than once`)
    labels.push({ label, order: (labels.length + 1) * ORDER_STEP })
  }
  await ddl.put('sql.type', objectName(name), { ...name, owner: ddl.user, form: { kind: 'enum', labels } })
  return 'CREATE TYPE'
}

export async function createComposite(ddl: DefinitionContext, statement: CompositeTypeStmt): Promise<string> {
  const name = creationName(ddl, givenName(statement.typevar ?? {}))
  requireFreeType(ddl, name)
  const fields = (statement.coldeflist ?? []).flatMap((node) =>
    'ColumnDef' in node
      ? [{ name: node.ColumnDef.colname ?? '', ...storedAttribute(ddl, node.ColumnDef) }]
      : [],
  )
  await ddl.put('sql.type', objectName(name), {
    ...name,
    owner: ddl.user,
    form: { kind: 'composite', fields },
  })
  return 'CREATE TYPE'
}

/** The type of a field. @throws feature_not_supported */
export function storedAttribute(ddl: DefinitionContext, def: ColumnDef): StoredType {
  const type = columnType(ddl, def)
  // Values of fields are read and cast without a look at what a domain demands.
  if (type.domain !== undefined)
    throw unsupported(`the domain ${type.domain.displayName} in a composite type`)
  return storedTypeOf(type)
}

/** ALTER TYPE … ADD VALUE, RENAME VALUE. */
export async function alterEnum(ddl: DefinitionContext, statement: AlterEnumStmt): Promise<string> {
  const record = requireTypeNamed(ddl, stringsOf(statement.typeName))
  ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
  const { form, name } = record.value
  if (form.kind !== 'enum') throw queryError('wrong_object_type', `"${name}" is not an enum`)
  const label = checkLabel(statement.newVal ?? '')
  const isThere = form.labels.some((each) => each.label === label)
  if (statement.oldVal !== undefined) {
    const { oldVal } = statement
    if (!form.labels.some((each) => each.label === oldVal))
      throw queryError('invalid_parameter_value', `"${oldVal}" is not an existing enum label`)
    if (isThere) throw queryError('duplicate_object', `enum label "${label}" already exists`)
    await changeLabels(
      ddl,
      record,
      form.labels.map((each) => (each.label === oldVal ? { ...each, label } : each)),
    )
    return 'ALTER TYPE'
  }
  if (isThere) {
    if (statement.skipIfNewValExists !== true)
      throw queryError('duplicate_object', `enum label "${label}" already exists`)
    ddl.notice(`enum label "${label}" already exists, skipping`, '42710')
    return 'ALTER TYPE'
  }
  await changeLabels(ddl, record, withLabel(form.labels, label, statement))
  return 'ALTER TYPE'
}

function withLabel(
  labels: readonly EnumLabel[],
  label: string,
  { newValNeighbor: neighbour, newValIsAfter: isAfter }: AlterEnumStmt,
): EnumLabel[] {
  if (neighbour === undefined) return [...labels, { label, order: (labels.at(-1)?.order ?? 0) + ORDER_STEP }]
  const found = labels.findIndex((each) => each.label === neighbour)
  if (found < 0) throw queryError('invalid_parameter_value', `"${neighbour}" is not an existing enum label`)
  const at = isAfter === true ? found + 1 : found
  const before = labels[at - 1]?.order ?? (labels[0]?.order ?? 0) - 2 * ORDER_STEP
  const after = labels[at]?.order ?? before + 2 * ORDER_STEP
  const order = Math.floor((before + after) / 2)
  if (order === before) throw unsupported('one more label in this place of the enum')
  return labels.toSpliced(at, 0, { label, order })
}

/** Tables hold the labels of their columns: they change with the type. */
async function changeLabels(
  ddl: DefinitionContext,
  record: SqlRecord<'sql.type'>,
  labels: readonly EnumLabel[],
): Promise<void> {
  const value: TypeValue = { ...record.value, form: { kind: 'enum', labels } }
  await ddl.put('sql.type', record.name, value, record.id)
  const isOfType = ({ type }: ColumnDefinition): boolean =>
    type === `enum(${record.id})` || type === `enum(${record.id})[]`
  for (const table of ddl.catalog.tables) {
    if (!table.definition.columns.some(isOfType)) continue
    await ddl.changeTable(table, {
      ...table.definition,
      columns: table.definition.columns.map((column) => (isOfType(column) ? { ...column, labels } : column)),
    })
  }
}

function checkLabel(label: string): string {
  if (Buffer.byteLength(label) <= LABEL_MAX_BYTES) return label
  throw queryError('invalid_name', `invalid enum label "${label}"`, {
    detail: `Labels must be ${LABEL_MAX_BYTES} bytes or less.`,
  })
}

export function requireFreeType(ddl: DefinitionContext, name: QualifiedName): void {
  const isTaken =
    ddl.catalog.types.find(name) !== undefined ||
    (ddl.catalog.hasRelationName(name) && !ddl.catalog.findIndex(name, []))
  if (isTaken) throw queryError('duplicate_object', `type "${name.name}" already exists`)
}
