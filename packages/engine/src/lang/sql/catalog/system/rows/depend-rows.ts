/** `pg_depend` and `pg_rewrite`: what goes with what, and what has to be there before something else. */
import { defined } from '@orbit-ts/base'
import { TableLayout } from '../../../../../models/relational/layout/table-layout.js'
import type { Expression } from '../../../../../plan/expression.js'
import { someExpression } from '../../../../../plan/expressions/each-argument.js'
import type { DataType, ScalarType } from '../../../../../scalar/data-type.js'
import { orbitFunctions } from '../../../../../relation/models/orbit-functions.js'
import { bindStored } from '../../stored-expressions.js'
import { MODELS_SCHEMA } from '../../model-classes.js'
import { SYSTEM_OIDS, columnDefaultOid, objectOid, rowTypeOid, viewRuleOid } from '../../oids.js'
import type { LoadedCatalog } from '../../snapshot.js'
import { oncePerCatalog } from '../once-per-catalog.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'
import { classOfTable, describedClasses, indexColumns, indexEntries, schemaOid } from './class-rows.js'
import { describedConstraints, type DescribedConstraint } from './constraint-rows.js'
import { describedDomains, domainConstraints } from './domain-rows.js'

/** Catalogs, by the oid of their class. */
const CLASS = 1259
const CONSTRAINT = 2606
const DEFAULT = 2604
const EXTENSION = 3079
const FUNCTION = 1255
const NAMESPACE = 2615
const RULE = 2618
const TYPE = 1247

/** The schema `orbit` and what is in it belong to an extension that is always there. */
export const ORBIT_EXTENSION = 13_824

interface Referred {
  readonly catalog: number
  readonly oid: number
  /** A column's number; default: the whole. */
  readonly part?: number
}

/** `n`: has to be there before; `a`: goes with it; `i`: is a part of it; `e`: belongs to an extension. */
function depends(object: Referred, on: Referred, kind: 'n' | 'a' | 'i' | 'e'): SystemRow {
  return {
    classid: object.catalog,
    objid: object.oid,
    objsubid: object.part ?? 0,
    refclassid: on.catalog,
    refobjid: on.oid,
    refobjsubid: on.part ?? 0,
    deptype: kind,
  }
}

const dependencies = oncePerCatalog((catalog): readonly SystemRow[] => [
  ...ofClasses(catalog),
  ...ofTypes(catalog),
  ...ofIndexes(catalog),
  ...describedConstraints(catalog).flatMap((each) => [...ofConstraint(catalog, each)]),
  ...ofSequences(catalog),
  ...ofDefaults(catalog),
  ...ofViews(catalog),
  ...ofModels(catalog),
])

export const dependRows: CatalogRows = (catalog) => () => dependencies(catalog)

function isUsers(oid: number): boolean {
  return oid > objectOid(0)
}

/** The oid of what a user made of a type: of an array its elements. */
function madeType({ scalar, domain }: DataType): number | undefined {
  const own = domain ?? ((scalar.element ?? scalar) as Pick<ScalarType, 'oid'>)
  return isUsers(own.oid) ? own.oid : undefined
}

function* ofClasses(catalog: LoadedCatalog): Generator<SystemRow> {
  for (const { oid, schema, columns, isSystem, relkind } of describedClasses(catalog)) {
    if (isSystem || schema === MODELS_SCHEMA) continue
    if (relkind !== 'c')
      yield depends({ catalog: CLASS, oid }, { catalog: NAMESPACE, oid: schemaOid(catalog, schema) }, 'n')
    if (relkind === 'v') continue
    for (const [at, { type }] of columns.entries()) {
      const made = madeType(type)
      if (made !== undefined)
        yield depends({ catalog: CLASS, oid, part: at + 1 }, { catalog: TYPE, oid: made }, 'n')
    }
  }
}

function* ofTypes(catalog: LoadedCatalog): Generator<SystemRow> {
  for (const { id, type, array, schema, isRow } of catalog.types.all()) {
    const own = { catalog: TYPE, oid: type.oid }
    const isThere = !isRow || catalog.classByOid(objectOid(id)) !== undefined
    if (!isThere) continue
    yield depends({ catalog: TYPE, oid: array.oid }, own, 'i')
    if (isRow) yield depends(own, { catalog: CLASS, oid: objectOid(id) }, 'i')
    else {
      yield depends(own, { catalog: NAMESPACE, oid: schemaOid(catalog, schema) }, 'n')
      if (type.fields !== undefined) yield depends({ catalog: CLASS, oid: rowTypeOid(id) }, own, 'i')
    }
  }
  for (const { form, domain } of describedDomains(catalog))
    if (isUsers(form.base.oid))
      yield depends({ catalog: TYPE, oid: domain.oid }, { catalog: TYPE, oid: form.base.oid }, 'n')
  for (const { oid, of } of domainConstraints(catalog))
    yield depends({ catalog: CONSTRAINT, oid }, { catalog: TYPE, oid: of.domain.oid }, 'a')
}

/** Those of constraints go with them; others with their table. */
function* ofIndexes(catalog: LoadedCatalog): Generator<SystemRow> {
  const ofConstraints = new Set<number>()
  for (const { oid, index } of describedConstraints(catalog)) {
    if (index === undefined) continue
    ofConstraints.add(index.oid)
    yield depends({ catalog: CLASS, oid: index.oid }, { catalog: CONSTRAINT, oid }, 'i')
  }
  for (const index of indexEntries(catalog)) {
    if (ofConstraints.has(index.oid)) continue
    const oid = classOfTable(catalog, index.table)?.oid ?? objectOid(index.table.id)
    const numbers = new Set(indexColumns(index))
    for (const part of numbers)
      yield depends({ catalog: CLASS, oid: index.oid }, { catalog: CLASS, oid, part }, 'a')
  }
}

function* ofConstraint(
  catalog: LoadedCatalog,
  { oid, table, columns, target, kind }: DescribedConstraint,
): Generator<SystemRow> {
  const own = { catalog: CONSTRAINT, oid }
  const owner = objectOid(table.id)
  for (const part of columns.length === 0 ? [0] : columns)
    yield depends(own, { catalog: CLASS, oid: owner, part }, 'a')
  if (kind !== 'f' || target === undefined) return
  for (const part of target.columns)
    yield depends(own, { catalog: CLASS, oid: objectOid(target.table.id), part }, 'n')
  const key = indexEntries(catalog).find(
    (index) =>
      index.table === target.table &&
      indexColumns(index).length === target.columns.length &&
      target.columns.every((column) => indexColumns(index).includes(column)),
  )
  if (key !== undefined) yield depends(own, { catalog: CLASS, oid: key.oid }, 'n')
}

/** Sequences go with their columns; those of identity columns are a part of them. */
function* ofSequences(catalog: LoadedCatalog): Generator<SystemRow> {
  const ofIdentity = new Set(
    catalog.sequences.flatMap(({ id, value }) => (value.isIdentity === true ? [objectOid(id)] : [])),
  )
  for (const each of catalog.classes()) {
    if (each.kind !== 'sequence' || each.ownedBy === undefined) continue
    const { table, column } = each.ownedBy
    yield depends(
      { catalog: CLASS, oid: each.oid },
      { catalog: CLASS, oid: table, part: column },
      ofIdentity.has(each.oid) ? 'i' : 'a',
    )
  }
}

function* ofDefaults(catalog: LoadedCatalog): Generator<SystemRow> {
  for (const table of catalog.tables) {
    for (const [at, column] of table.definition.columns.entries()) {
      const { default: fallback, generated } = column
      if (fallback === undefined && generated === undefined) continue
      const own = { catalog: DEFAULT, oid: columnDefaultOid(table.id, column.id) }
      yield depends(own, { catalog: CLASS, oid: objectOid(table.id), part: at + 1 }, 'a')
      if (fallback === undefined || !('sql' in fallback)) continue
      for (const oid of classesNamed(() =>
        bindStored(catalog, TableLayout.of(table), fallback.sql, 'default', undefined),
      ))
        yield depends(own, { catalog: CLASS, oid }, 'n')
    }
  }
}

/** Classes that an expression names as values, such as the sequence of `nextval`. */
function classesNamed(bind: () => Expression): ReadonlySet<number> {
  const found = new Set<number>()
  const note = (expression: Expression): boolean => {
    if (expression.kind !== 'constant' || expression.type.scalar.name !== 'regclass') return false
    if (typeof expression.value === 'number' && isUsers(expression.value)) found.add(expression.value)
    return false
  }
  try {
    someExpression(bind(), note)
  } catch {
    // What it names is gone.
  }
  return found
}

function* ofViews(catalog: LoadedCatalog): Generator<SystemRow> {
  for (const { id, value } of catalog.views) {
    const own = { catalog: RULE, oid: viewRuleOid(id) }
    const view = { catalog: CLASS, oid: objectOid(id) }
    yield depends(own, view, 'i')
    yield depends(own, view, 'n')
    for (const { oid, columns } of value.reads) {
      if (!isUsers(oid)) continue
      const numbers = columns.map((column) => columnNumber(catalog, oid, column))
      for (const part of numbers.length === 0 ? [0] : numbers)
        yield depends(own, { catalog: CLASS, oid, part }, 'n')
    }
    for (const oid of value.types) if (isUsers(oid)) yield depends(own, { catalog: TYPE, oid }, 'n')
  }
}

/** Columns of tables are read by id. */
function columnNumber(catalog: LoadedCatalog, oid: number, column: number): number {
  const table = catalog.tables.find(({ id }) => objectOid(id) === oid)
  return table === undefined ? column : table.definition.columns.findIndex(({ id }) => id === column) + 1
}

/** So that programs that write down what a database holds leave it out. */
function* ofModels(catalog: LoadedCatalog): Generator<SystemRow> {
  const extension = { catalog: EXTENSION, oid: ORBIT_EXTENSION }
  const schema = defined(catalog.schema(MODELS_SCHEMA), 'the schema of the models')
  yield depends({ catalog: NAMESPACE, oid: schema.oid }, extension, 'e')
  for (const { oid, schema: place } of describedClasses(catalog))
    if (place === MODELS_SCHEMA) yield depends({ catalog: CLASS, oid }, extension, 'e')
  for (const { oid } of orbitFunctions) yield depends({ catalog: FUNCTION, oid }, extension, 'e')
}

export const rewriteRows: CatalogRows = (catalog) => () =>
  catalog.views.map(({ id }) => ({
    oid: viewRuleOid(id),
    rulename: '_RETURN',
    ev_class: objectOid(id),
    ev_type: '1',
    ev_enabled: 'O',
    is_instead: true,
    ev_qual: '<>',
    ev_action: '',
  }))

/** The extensions that are always there. */
export const fixedExtensions: readonly SystemRow[] = [
  {
    oid: 13_823,
    extname: 'plpgsql',
    extowner: SYSTEM_OIDS.superuser,
    extnamespace: SYSTEM_OIDS.pgCatalog,
    extrelocatable: false,
    extversion: '1.0',
  },
  {
    oid: ORBIT_EXTENSION,
    extname: 'orbit',
    extowner: SYSTEM_OIDS.superuser,
    extnamespace: SYSTEM_OIDS.orbit,
    extrelocatable: false,
    extversion: '1.0',
  },
]
