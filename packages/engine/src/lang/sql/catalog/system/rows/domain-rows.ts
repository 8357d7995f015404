/** Domains and their checks in the catalogs. */
import { defined } from '@orbit-ts/base'
import type { RelationContext } from '../../../../../relation/relation.js'
import type { Domain } from '../../../../../scalar/data-type.js'
import { splitObjectName } from '../../object-names.js'
import { checkOid } from '../../oids.js'
import type { DomainCheckValue, DomainForm, TypeValue } from '../../records.js'
import { shownInDomain, type Manner } from '../../shown-expressions.js'
import type { LoadedCatalog } from '../../snapshot.js'
import { oncePerCatalog } from '../once-per-catalog.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'
import { schemaOid } from './class-rows.js'
import { describedType, schemaOfType } from './described-type.js'

export interface DescribedDomain {
  readonly id: number
  readonly value: TypeValue
  readonly form: DomainForm
  readonly domain: Domain
}

export interface DomainConstraint {
  readonly oid: number
  readonly of: DescribedDomain
  readonly check: DomainCheckValue
}

export const describedDomains = oncePerCatalog((catalog): readonly DescribedDomain[] =>
  catalog.typeRecords.flatMap(({ id, value }) =>
    value.form.kind === 'domain'
      ? [{ id, value, form: value.form, domain: defined(catalog.types.domain(id), 'the domain') }]
      : [],
  ),
)

export const domainConstraints = oncePerCatalog((catalog): readonly DomainConstraint[] =>
  describedDomains(catalog).flatMap((of) =>
    of.form.checks.map((check) => ({ oid: checkOid(of.id, check.id), of, check })),
  ),
)

/** `CHECK ((VALUE > 0))` */
export function domainConstraintText(
  catalog: LoadedCatalog,
  { of, check }: DomainConstraint,
  manner: Manner = {},
): string {
  const text = shownInDomain(catalog, of.domain, check.sql, 'check', manner)
  return `CHECK (${text})${check.notValid === true ? ' NOT VALID' : ''}`
}

/** What `pg_type` says of a domain. */
export function domainTypeRow(catalog: LoadedCatalog, domain: Domain): SystemRow {
  const { form } = defined(
    describedDomains(catalog).find((each) => each.domain.oid === domain.oid),
    'the domain',
  )
  const own = form.default
  return {
    typtype: 'd',
    typnotnull: form.notNull,
    typbasetype: form.base.oid,
    typtypmod: form.base.modifier,
    typdefaultbin: own === undefined ? null : shownInDomain(catalog, domain, own, 'default'),
    typdefault: own === undefined ? null : shownInDomain(catalog, domain, own, 'default'),
  }
}

/** Rows of `pg_constraint`. */
export function* domainConstraintRows(catalog: LoadedCatalog): Generator<SystemRow> {
  for (const { oid, of, check } of domainConstraints(catalog))
    yield {
      oid,
      conname: check.name,
      connamespace: schemaOid(catalog, of.value.schema),
      contype: 'c',
      condeferrable: false,
      condeferred: false,
      convalidated: check.notValid !== true,
      conrelid: 0,
      contypid: of.domain.oid,
      conindid: 0,
      conparentid: 0,
      confrelid: 0,
      confupdtype: ' ',
      confdeltype: ' ',
      confmatchtype: ' ',
      conislocal: true,
      coninhcount: 0,
      connoinherit: false,
    }
}

const named = (context: RelationContext, prefix: string, schema: string, name: string): SystemRow => ({
  [`${prefix}_catalog`]: context.scalar.session.database,
  [`${prefix}_schema`]: schema,
  [`${prefix}_name`]: name,
})

const domainRows: CatalogRows = (catalog) => (context) =>
  describedDomains(catalog).map(({ value, form, domain }) => ({
    ...named(context, 'domain', value.schema, value.name),
    ...describedType(catalog, domain.base, context.scalar.session.database),
    domain_default:
      form.default === undefined ? null : shownInDomain(catalog, domain, form.default, 'default'),
    dtd_identifier: '1',
  }))

const constraintRows: CatalogRows = (catalog) => (context) =>
  domainConstraints(catalog).map(({ of, check }) => ({
    ...named(context, 'constraint', of.value.schema, check.name),
    ...named(context, 'domain', of.value.schema, of.value.name),
    is_deferrable: 'NO',
    initially_deferred: 'NO',
  }))

/** Rows of `information_schema.check_constraints`. */
export function* domainCheckRows(catalog: LoadedCatalog, context: RelationContext): Generator<SystemRow> {
  for (const { of, check } of domainConstraints(catalog))
    yield {
      ...named(context, 'constraint', of.value.schema, check.name),
      check_clause: `(${shownInDomain(catalog, of.domain, check.sql, 'check')})`,
    }
}

const columnUsageRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const table of catalog.tables) {
      const { schema, name } = splitObjectName(table.name)
      for (const column of table.definition.columns) {
        const found = describedDomains(catalog).find(({ id }) => id === column.domain?.id)
        if (found === undefined) continue
        yield {
          ...named(context, 'domain', found.value.schema, found.value.name),
          ...named(context, 'table', schema, name),
          column_name: column.name,
        }
      }
    }
  }

const typeUsageRows: CatalogRows = (catalog) => (context) =>
  describedDomains(catalog).map(({ value, domain }) => ({
    udt_catalog: context.scalar.session.database,
    udt_schema: schemaOfType(catalog, domain.base.scalar),
    udt_name: domain.base.scalar.name,
    ...named(context, 'domain', value.schema, value.name),
  }))

/** Of a column of a domain, in `information_schema.columns`. */
export function domainColumns(
  catalog: LoadedCatalog,
  domain: Domain | undefined,
  database: string,
): SystemRow {
  const found = describedDomains(catalog).find((each) => each.domain.oid === domain?.oid)
  if (found === undefined) return {}
  return { domain_catalog: database, domain_schema: found.value.schema, domain_name: found.value.name }
}

export const domainInformation: readonly (readonly [string, CatalogRows])[] = [
  ['domains', domainRows],
  ['domain_constraints', constraintRows],
  ['column_domain_usage', columnUsageRows],
  ['domain_udt_usage', typeUsageRows],
]
