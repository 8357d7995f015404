/** Constraints of tables, from their clauses into a draft. */

import { isSortable } from '../../../../models/relational/types/column-type.js'
import { columnTypeOf } from '../../../../models/relational/layout/table-layout.js'
import type {
  ColumnDefinition,
  ConstraintKind,
  ForeignKeyDefinition,
  IndexDefinition,
  TableDefinition,
} from '../../../../models/relational/schema/table-definition.js'
import type { ForeignKeyAction } from '../../../../models/relational/schema/table-input.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { objectName } from '../../catalog/object-names.js'
import { ordinalsOf } from '../../catalog/stored-expressions.js'
import { stringsOf, type Constraint } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { expressionText } from '../expression-text.js'
import { givenName, requireTable } from '../target-names.js'
import { bindDraftExpression, draftType } from './draft-columns.js'
import type { TableDraft } from './table-draft.js'

/** Adds a constraint. @param column the one that it was written with, when it was. */
export function draftConstraint(
  ddl: DefinitionContext,
  draft: TableDraft,
  constraint: Constraint,
  column?: string,
): void {
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      draftCheck(ddl, draft, constraint)
      break
    case 'CONSTR_PRIMARY':
      draftPrimaryKey(draft, constraint, column)
      break
    case 'CONSTR_UNIQUE':
      draftUnique(draft, constraint, column)
      break
    case 'CONSTR_FOREIGN':
      draftForeignKey(ddl, draft, constraint, column)
      break
    case 'CONSTR_EXCLUSION':
      throw unsupported('EXCLUDE')
    default:
      throw unsupported('this form of constraint')
  }
}

function draftCheck(ddl: DefinitionContext, draft: TableDraft, constraint: Constraint): void {
  const { conname, raw_expr: node, skip_validation: isNotValid, is_no_inherit: noInherit } = constraint
  if (node === undefined) return
  const bound = bindDraftExpression(ddl, draft, node, 'check', 'condition')
  const used = ordinalsOf(bound).map((ordinal) => draft.columns[ordinal]?.name ?? '')
  if (conname !== undefined) draft.requireCheckName(conname)
  draft.checks.push({
    name: conname ?? draft.constraintName(used.length === 1 ? used : [], 'check'),
    expression: { sql: expressionText(node) },
    ...(isNotValid === true ? { notValid: true as const } : {}),
    ...(noInherit === true ? { noInherit: true as const } : {}),
  })
}

function draftPrimaryKey(draft: TableDraft, constraint: Constraint, column: string | undefined): void {
  if (draft.key !== undefined)
    throw queryError(
      'invalid_table_definition',
      `multiple primary keys for table "${draft.name.name}" are not allowed`,
    )
  const columns = keyColumns(draft, constraint, column)
  const name = keyName(draft, constraint, [], 'pkey')
  for (const { id } of columns) draft.replaceColumn(id, (each) => ({ ...each, notNull: true }))
  const ids = columns.map(({ id }) => id)
  // Rows are stored by a primary key only where it is theirs alone at all times.
  if (constraint.deferrable === true)
    draft.addIndex(constraintIndex(name, ids, { kind: 'primary', ...deferrableOf(constraint) }))
  else draft.primaryKey = { name, columns: ids }
}

function draftUnique(draft: TableDraft, constraint: Constraint, column: string | undefined): void {
  const columns = keyColumns(draft, constraint, column)
  const name = keyName(
    draft,
    constraint,
    columns.map((column) => column.name),
    'key',
  )
  const ids = columns.map(({ id }) => id)
  draft.addIndex({
    ...constraintIndex(name, ids, { kind: 'unique', ...deferrableOf(constraint) }),
    nullsNotDistinct: constraint.nulls_not_distinct === true,
    ...includedColumns(draft, constraint),
  })
}

function constraintIndex(
  name: string,
  ids: readonly number[],
  constraint: ConstraintKind,
): Omit<IndexDefinition, 'id' | 'origin'> {
  const columns = ids.map((column) => ({ column, descending: false, nullsLarge: true as const }))
  return { name, columns, unique: true, nullsNotDistinct: false, constraint }
}

export function includedColumns(
  draft: TableDraft,
  { including }: Pick<Constraint, 'including'>,
): { readonly include?: readonly number[] } {
  if (including === undefined) return {}
  return { include: stringsOf(including).map((name) => requireColumn(draft, name).id) }
}

export function deferrableOf({ deferrable, initdeferred }: Constraint): Pick<ConstraintKind, 'deferrable'> {
  if (deferrable !== true) return {}
  return { deferrable: initdeferred === true ? 'deferred' : 'immediate' }
}

function keyName(
  draft: TableDraft,
  { conname }: Constraint,
  columns: readonly string[],
  label: string,
): string {
  if (conname === undefined) return draft.indexName(columns, label)
  draft.requireIndexName(conname, true)
  return conname
}

function keyColumns(
  draft: TableDraft,
  constraint: Constraint,
  column: string | undefined,
): ColumnDefinition[] {
  const names = column === undefined ? stringsOf(constraint.keys) : [column]
  const kind = constraint.contype === 'CONSTR_PRIMARY' ? 'primary key' : 'unique'
  return names.map((name, i) => {
    const found = draft.find(name)
    if (found === undefined)
      throw queryError('undefined_column', `column "${name}" named in key does not exist`)
    if (names.indexOf(name) !== i)
      throw queryError('duplicate_column', `column "${name}" appears twice in ${kind} constraint`)
    requireSortable(found)
    return found
  })
}

/** @throws undefined_object, as for types without a default operator class */
export function requireSortable(column: ColumnDefinition): void {
  const type = columnTypeOf(column)
  if (column.collation !== undefined && !BYTE_ORDERED.has(column.collation))
    throw unsupported(`an index on a column with collation "${column.collation}"`)
  if (isSortable(type)) return
  if (type.array === true || !UNORDERED.has(type.base))
    throw unsupported(`an index on a column of type ${column.type}`)
  throw queryError(
    'undefined_object',
    `data type ${column.type} has no default operator class for access method "btree"`,
    {
      hint: 'You must specify an operator class for the index or define a default operator class for the data type.',
    },
  )
}

/** Types that PostgreSQL too cannot put in order. */
const UNORDERED: ReadonlySet<string> = new Set(['json', 'vector'])

/** Collations that put text in the order of its bytes, as keys have it. */
const BYTE_ORDERED: ReadonlySet<string> = new Set(['default', 'C', 'POSIX', 'ucs_basic', 'C.UTF-8', 'C.utf8'])

export function requireColumn(draft: TableDraft, name: string): ColumnDefinition {
  const found = draft.find(name)
  if (found !== undefined) return found
  throw queryError('undefined_column', `column "${name}" of relation "${draft.name.name}" does not exist`)
}

const ACTIONS: Readonly<Record<string, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

function draftForeignKey(
  ddl: DefinitionContext,
  draft: TableDraft,
  constraint: Constraint,
  column: string | undefined,
): void {
  const names = column === undefined ? stringsOf(constraint.fk_attrs) : [column]
  const columns = names.map((name) => {
    const found = draft.find(name)
    if (found !== undefined) return found
    throw queryError(
      'undefined_column',
      `column "${name}" referenced in foreign key constraint does not exist`,
    )
  })
  if (constraint.fk_matchtype === 'p') throw unsupported('MATCH PARTIAL')
  const { conname } = constraint
  if (conname !== undefined) draft.requireConstraintName(conname)
  const target = referencedKey(ddl, draft, constraint, columns)
  const isDeferred = constraint.initdeferred === true
  draft.foreignKeys.push({
    name: conname ?? draft.constraintName(names, 'fkey'),
    columns: columns.map(({ id }) => id),
    references: target,
    onDelete: ACTIONS[constraint.fk_del_action ?? 'a'] ?? 'no action',
    onUpdate: ACTIONS[constraint.fk_upd_action ?? 'a'] ?? 'no action',
    ...deleteColumns(draft, constraint, names),
    deferred: isDeferred,
    ...(constraint.deferrable === true || isDeferred ? { deferrable: true as const } : {}),
    ...(constraint.fk_matchtype === 'f' ? { matchFull: true as const } : {}),
    ...(constraint.skip_validation === true ? { notValid: true as const } : {}),
  })
}

/** ON DELETE SET NULL (columns). */
function deleteColumns(
  draft: TableDraft,
  { fk_del_set_cols: nodes }: Constraint,
  own: readonly string[],
): Pick<ForeignKeyDefinition, 'onDeleteColumns'> {
  if (nodes === undefined) return {}
  const onDeleteColumns = stringsOf(nodes).map((name) => {
    const column = draft.find(name)
    if (column === undefined || !own.includes(name))
      throw queryError(
        'invalid_column_reference',
        `column "${name}" referenced in ON DELETE SET action must be part of foreign key`,
      )
    return column.id
  })
  return { onDeleteColumns }
}

function referencedKey(
  ddl: DefinitionContext,
  draft: TableDraft,
  constraint: Constraint,
  columns: readonly ColumnDefinition[],
): ForeignKeyDefinition['references'] {
  const given = givenName(constraint.pktable ?? {})
  const own = draft.name
  const isSelf = given.name === own.name && (given.schema === undefined || given.schema === own.schema)
  const parent = isSelf ? undefined : requireTable(ddl, given).table
  const definition: ReferencedTable = parent?.definition ?? draft
  const table = parent?.name ?? objectName(own)
  const shownName = given.name
  const key = isSelf ? draft.key : keyOf(parent?.definition)
  const names =
    constraint.pk_attrs === undefined
      ? key?.columns.map((id) => definition.columns.find((each) => each.id === id)?.name ?? '')
      : stringsOf(constraint.pk_attrs)
  if (names === undefined)
    throw queryError('undefined_object', `there is no primary key for referenced table "${shownName}"`)
  if (names.length !== columns.length)
    throw queryError(
      'invalid_foreign_key',
      'number of referencing and referenced columns for foreign key disagree',
    )
  const referred = names.map((name) => {
    const found = definition.columns.find((each) => each.name === name)
    if (found !== undefined) return found
    throw queryError(
      'undefined_column',
      `column "${name}" referenced in foreign key constraint does not exist`,
    )
  })
  requireUniqueKey(definition, key, referred, shownName)
  requireComparable(ddl, constraint, draft, columns, referred)
  return { table, columns: names }
}

type ReferencedTable = Pick<TableDefinition, 'columns' | 'indexes'>

function keyOf(definition: TableDefinition | undefined) {
  if (definition === undefined) return undefined
  const index = definition.indexes.find(({ constraint }) => constraint?.kind === 'primary')
  return definition.primaryKey ?? (index && { columns: index.columns.map(({ column }) => column) })
}

function requireUniqueKey(
  { indexes }: ReferencedTable,
  key: { readonly columns: readonly number[] } | undefined,
  referred: readonly ColumnDefinition[],
  table: string,
): void {
  const ids = referred.map(({ id }) => id)
  const isSame = (columns: readonly number[]): boolean =>
    columns.length === ids.length && columns.every((id) => ids.includes(id))
  const found = indexes.find(
    (index) =>
      index.unique &&
      index.where === undefined &&
      index.predicate === undefined &&
      index.columns.every(({ expression }) => expression === undefined) &&
      isSame(index.columns.map(({ column }) => column)),
  )
  const kind = found?.constraint?.kind === 'primary' ? 'primary key' : 'unique constraint'
  if (found?.constraint?.deferrable !== undefined)
    throw queryError(
      'object_not_in_prerequisite_state',
      `cannot use a deferrable ${kind} for referenced table "${table}"`,
    )
  if ((key !== undefined && isSame(key.columns)) || found !== undefined) return
  throw queryError(
    'invalid_foreign_key',
    `there is no unique constraint matching given keys for referenced table "${table}"`,
  )
}

/** Types that the relational model finds in one another's keys. */
function requireComparable(
  ddl: DefinitionContext,
  constraint: Constraint,
  draft: TableDraft,
  columns: readonly ColumnDefinition[],
  referred: readonly ColumnDefinition[],
): void {
  columns.forEach((column, i) => {
    const other = referred[i]
    if (other === undefined || keyKind(column) === keyKind(other)) return
    const [from = '', to = ''] = [draftType(ddl, column), draftType(ddl, other)].map(
      ({ scalar }) => scalar.displayName,
    )
    if (areComparable(draftType(ddl, column).scalar.name, draftType(ddl, other).scalar.name))
      throw unsupported(`a foreign key of type ${from} that refers to a key of type ${to}`)
    const name = constraint.conname ?? draft.constraintName([column.name], 'fkey')
    throw queryError('datatype_mismatch', `foreign key constraint "${name}" cannot be implemented`, {
      detail: `Key columns "${column.name}" and "${other.name}" are of incompatible types: ${from} and ${to}.`,
    })
  })
}

/** Types whose values can be compared, though their keys are written in different forms. */
const FAMILIES: readonly (readonly string[])[] = [
  ['date', 'timestamp', 'timestamptz'],
  ['text', 'varchar', 'bpchar', 'name'],
  ['inet', 'cidr'],
]

/** Each converts itself to those behind it. */
const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']

function areComparable(from: string, to: string): boolean {
  if (from === to || FAMILIES.some((family) => family.includes(from) && family.includes(to))) return true
  if (!NUMBERS.includes(from) || !NUMBERS.includes(to)) return false
  return NUMBERS.indexOf(from) <= NUMBERS.indexOf(to) || (from === 'float8' && to === 'float4')
}

function keyKind({ type }: ColumnDefinition): string {
  if (/^int[248]$/.test(type)) return 'integer'
  return /^varchar/.test(type)
    ? 'text'
    : /^(?:time|timestamp|timestamptz)\(/.test(type)
      ? type.replace(/\(.*/, '')
      : type
}
