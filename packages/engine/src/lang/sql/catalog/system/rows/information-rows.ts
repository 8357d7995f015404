/** The rows of the views of `information_schema` that Orbit has something of. */
import type { RelationContext } from '../../../../../relation/relation.js'
import { splitObjectName } from '../../object-names.js'
import type { QualifiedName } from '../../records.js'
import type { LoadedCatalog } from '../../snapshot.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'
import { describedClasses, type DescribedClass, type DescribedColumn } from './class-rows.js'
import { shownCondition, shownDefault } from '../../shown-expressions.js'
import { checkText } from '../shown-definitions.js'
import { INTEGER_BITS, describedType } from './described-type.js'
import { domainCheckRows, domainColumns, domainInformation } from './domain-rows.js'
import { describedConstraints, type DescribedConstraint } from './constraint-rows.js'
import type { ColumnDefinition } from '../../../../../models/relational/schema/table-definition.js'
import { plainText } from '../../../../../scalar/value.js'
import { columnPrivilegeRows, tablePrivilegeRows } from './granted-rows.js'
import { isUpdatable } from './updatable-views.js'

const yes = (value: boolean): string => (value ? 'YES' : 'NO')

const named = (context: RelationContext, prefix: string, schema: string, name: string): SystemRow => ({
  [`${prefix}_catalog`]: context.scalar.session.database,
  [`${prefix}_schema`]: schema,
  [`${prefix}_name`]: name,
})

const schemataRows: CatalogRows = (catalog) => (context) =>
  catalog.schemas().map(({ name, owner }) => ({
    catalog_name: context.scalar.session.database,
    schema_name: name,
    schema_owner: owner,
  }))

const tableRows: CatalogRows = (catalog) => (context) =>
  described(catalog)
    .filter((each) => (each.relkind === 'r' || each.relkind === 'v') && isShown(catalog, context, each))
    .map(({ schema, name, relkind, isSystem }) => ({
      ...named(context, 'table', schema, name),
      table_type: relkind === 'v' ? 'VIEW' : schema.startsWith('pg_temp_') ? 'LOCAL TEMPORARY' : 'BASE TABLE',
      is_insertable_into:
        relkind === 'v'
          ? (updatable(catalog, { schema, name })['is_insertable_into'] ?? 'NO')
          : yes(!isSystem),
      is_typed: 'NO',
    }))

const TABLE_PRIVILEGES = [
  'select',
  'insert',
  'update',
  'delete',
  'truncate',
  'references',
  'trigger',
] as const

/** Only what the user may do something with, or some column of, is shown. */
function isShown(
  catalog: LoadedCatalog,
  { scalar }: RelationContext,
  { oid, columns }: DescribedClass,
  shown: readonly DescribedColumn[] = columns,
): boolean {
  const { user } = scalar.session
  const target = { kind: 'class', oid } as const
  return TABLE_PRIVILEGES.some(
    (privilege) =>
      catalog.isAllowed(user, privilege, target) ||
      shown.some(({ name }) => catalog.isAllowed(user, privilege, { ...target, column: name })),
  )
}

function described(catalog: LoadedCatalog): readonly DescribedClass[] {
  return describedClasses(catalog).filter(({ relkind }) => relkind !== 'c')
}

const columnRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const each of described(catalog)) {
      if (!['r', 'v'].includes(each.relkind)) continue
      for (const [at, column] of each.columns.entries())
        if (isShown(catalog, context, each, [column])) yield columnRow(catalog, context, each, at, column)
    }
  }

function columnRow(
  catalog: LoadedCatalog,
  context: RelationContext,
  { schema, name, table, relkind, isSystem }: DescribedClass,
  at: number,
  column: DescribedColumn,
): SystemRow {
  const { database } = context.scalar.session
  const definition = table?.definition.columns[at]
  const text =
    definition === undefined || table === undefined ? undefined : shownDefault(catalog, table, definition)
  const isUpdatable = relkind === 'r' && !isSystem
  return {
    ...named(context, 'table', schema, name),
    column_name: column.name,
    ordinal_position: at + 1,
    column_default: column.isGenerated || column.identity !== '' ? null : (text ?? null),
    is_nullable: yes(!column.isNotNull && column.type.domain?.isNotNull !== true),
    ...describedType(catalog, column.type, database),
    ...domainColumns(catalog, column.type.domain, database),
    dtd_identifier: String(at + 1),
    is_self_referencing: 'NO',
    is_identity: yes(column.identity !== ''),
    identity_generation: column.identity === 'a' ? 'ALWAYS' : column.identity === 'd' ? 'BY DEFAULT' : null,
    identity_start: definition?.identity === undefined ? null : String(definition.identity.start),
    identity_increment: definition?.identity === undefined ? null : String(definition.identity.increment),
    ...identityBounds(catalog, definition),
    is_generated: column.isGenerated ? 'ALWAYS' : 'NEVER',
    generation_expression: column.isGenerated ? (text ?? null) : null,
    is_updatable: yes(isUpdatable),
  }
}

function identityBounds(catalog: LoadedCatalog, column: ColumnDefinition | undefined): SystemRow {
  const sequence = catalog.sequences.find(({ id }) => id === column?.identity?.sequence)?.value
  return {
    identity_maximum: sequence?.max ?? null,
    identity_minimum: sequence?.min ?? null,
    identity_cycle: yes(sequence?.cycle === true),
  }
}

function updatable(catalog: LoadedCatalog, { schema, name }: QualifiedName): SystemRow {
  const found = catalog.findClass({ schema, name }, [])
  const is = yes(found?.kind === 'view' && isUpdatable(catalog, found))
  return { is_updatable: is, is_insertable_into: is }
}

const viewRows: CatalogRows = (catalog) => (context) =>
  catalog.views.map(({ value }) => ({
    ...named(context, 'table', value.schema, value.name),
    view_definition: value.query,
    check_option: value.checkOption?.toUpperCase() ?? 'NONE',
    ...updatable(catalog, value),
    is_trigger_updatable: 'NO',
    is_trigger_deletable: 'NO',
    is_trigger_insertable_into: 'NO',
  }))

const TYPES = { p: 'PRIMARY KEY', u: 'UNIQUE', f: 'FOREIGN KEY', c: 'CHECK' } as const

const constraintRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const each of describedConstraints(catalog))
      yield {
        ...named(context, 'constraint', each.schema, each.name),
        ...tableNames(context, each),
        constraint_type: TYPES[each.kind],
        is_deferrable: yes(each.row['condeferrable'] === true),
        initially_deferred: yes(each.row['condeferred'] === true),
        enforced: 'YES',
      }
    for (const { each, name } of notNulls(catalog)) {
      yield {
        ...named(context, 'constraint', each.schema, name),
        ...named(context, 'table', each.schema, each.name),
        constraint_type: 'CHECK',
        is_deferrable: 'NO',
        initially_deferred: 'NO',
        enforced: 'YES',
      }
    }
  }

/** NOT NULL counts as a check here, under a name made of numbers. */
function* notNulls(catalog: LoadedCatalog) {
  for (const each of described(catalog)) {
    if (each.table === undefined) continue
    for (const [at, column] of each.columns.entries())
      if (column.isNotNull) yield { each, column, name: `2200_${each.oid}_${at + 1}_not_null` }
  }
}

function tableNames(context: RelationContext, { table }: DescribedConstraint): SystemRow {
  const { schema, name } = splitObjectName(table.name)
  return named(context, 'table', schema, name)
}

const keyColumnRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const each of describedConstraints(catalog)) {
      if (each.kind === 'c') continue
      for (const [at, number] of each.columns.entries())
        yield {
          ...named(context, 'constraint', each.schema, each.name),
          ...tableNames(context, each),
          column_name: each.table.definition.columns[number - 1]?.name ?? '',
          ordinal_position: at + 1,
          position_in_unique_constraint: each.kind === 'f' ? at + 1 : null,
        }
    }
  }

const usedColumnRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const each of describedConstraints(catalog)) {
      const { table, columns } = each.target ?? each
      const { schema, name } = splitObjectName(table.name)
      for (const number of columns)
        yield {
          ...named(context, 'table', schema, name),
          column_name: table.definition.columns[number - 1]?.name ?? '',
          ...named(context, 'constraint', each.schema, each.name),
        }
    }
  }

const RULES: Readonly<Record<string, string>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

const referenceRows: CatalogRows = (catalog) =>
  function* (context) {
    const all = [...describedConstraints(catalog)]
    for (const each of all) {
      const { target } = each
      if (each.kind !== 'f' || target === undefined) continue
      const unique = all.find(
        ({ table, kind, columns }) =>
          table === target.table &&
          (kind === 'p' || kind === 'u') &&
          columns.length === target.columns.length &&
          target.columns.every((column) => columns.includes(column)),
      )
      const rule = (name: string): string => RULES[plainText(each.row[name])] ?? 'NO ACTION'
      yield {
        ...named(context, 'constraint', each.schema, each.name),
        ...(unique === undefined ? {} : named(context, 'unique_constraint', unique.schema, unique.name)),
        match_option: each.row['confmatchtype'] === 'f' ? 'FULL' : 'NONE',
        update_rule: rule('confupdtype'),
        delete_rule: rule('confdeltype'),
      }
    }
  }

const checkRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const table of catalog.tables) {
      const { schema } = splitObjectName(table.name)
      for (const check of table.definition.checks)
        yield {
          ...named(context, 'constraint', schema, check.name),
          check_clause: `(${shownCondition(catalog, table, checkText(table, check))})`,
        }
    }
    yield* domainCheckRows(catalog, context)
    for (const { each, column, name } of notNulls(catalog))
      yield { ...named(context, 'constraint', each.schema, name), check_clause: `${column.name} IS NOT NULL` }
  }

const sequenceRows: CatalogRows = (catalog) => (context) =>
  catalog.sequences
    .filter(({ value }) => value.isIdentity !== true)
    .map(({ value }) => ({
      ...named(context, 'sequence', value.schema, value.name),
      data_type: catalog.registry.typeByName(value.type)?.displayName ?? value.type,
      numeric_precision: INTEGER_BITS[value.type] ?? 64,
      numeric_precision_radix: 2,
      numeric_scale: 0,
      start_value: value.start,
      minimum_value: value.min,
      maximum_value: value.max,
      increment: value.increment,
      cycle_option: yes(value.cycle),
    }))

const characterSetRows: CatalogRows = () => (context) => [
  {
    character_set_name: 'UTF8',
    character_repertoire: 'UCS',
    form_of_use: 'UTF8',
    default_collate_catalog: context.scalar.session.database,
  },
]

export const informationRows: ReadonlyMap<string, CatalogRows> = new Map([
  ['schemata', schemataRows],
  ['tables', tableRows],
  ['columns', columnRows],
  ['views', viewRows],
  ['table_constraints', constraintRows],
  ['key_column_usage', keyColumnRows],
  ['constraint_column_usage', usedColumnRows],
  ['referential_constraints', referenceRows],
  ['check_constraints', checkRows],
  ['sequences', sequenceRows],
  ['table_privileges', tablePrivilegeRows],
  ['role_table_grants', tablePrivilegeRows],
  ['column_privileges', columnPrivilegeRows],
  ['role_column_grants', columnPrivilegeRows],
  ['character_sets', characterSetRows],
  ...domainInformation,
])
