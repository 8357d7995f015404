/** `pg_get_…`, `has_…_privilege`, descriptions and sizes: functions that read the catalog. */
import { queryError } from '../../../../scalar/condition.js'
import type { ScalarContext } from '../../../../scalar/scalar-context.js'
import { type Value, plainText } from '../../../../scalar/value.js'
import type { Privilege, PrivilegeTarget } from '../../catalog-snapshot.js'
import { objectIdOf, objectOid } from '../oids.js'
import { quoteName } from '../quote-name.js'
import type { LoadedCatalog } from '../snapshot.js'
import { commentOn } from './given-comments.js'
import { describeObject } from './object-description.js'
import { describedClass } from './rows/class-rows.js'
import { domainConstraintText, domainConstraints } from './rows/domain-rows.js'
import { describedConstraint } from './rows/constraint-rows.js'
import { orbitFunctionArguments, orbitFunctionResult } from './orbit-function-text.js'
import { isUpdatable } from './rows/updatable-views.js'
import { constraintText, indexKeys, indexText } from './shown-definitions.js'
import { shownAgain } from './shown-again.js'
import { viewText } from './view-text.js'

export interface CatalogQuestion {
  readonly catalog: LoadedCatalog
  readonly user: string
  readonly searchPath: readonly string[]
  readonly scalar: ScalarContext
}

/** Undefined for a function that is not one of these. */
export function catalogFunction(
  name: string,
  args: readonly Value[],
  question: CatalogQuestion,
): { readonly value: Value } | undefined {
  if (name.startsWith('has_') || name === 'pg_has_role') return { value: hasPrivilege(name, args, question) }
  const found = FUNCTIONS[name]
  return found === undefined ? undefined : { value: found(question, args) }
}

const FUNCTIONS: Readonly<Record<string, (question: CatalogQuestion, args: readonly Value[]) => Value>> = {
  obj_description: ({ catalog }, [oid]) => commentOn(catalog, Number(oid)),
  shobj_description: ({ catalog }, [oid]) => commentOn(catalog, Number(oid)),
  pg_describe_object: ({ catalog, searchPath }, [kind, oid, part]) =>
    describeObject(catalog, searchPath, Number(kind), Number(oid), Number(part)),
  col_description: ({ catalog }, [oid, column]) =>
    catalog.columnComments(Number(oid)).get(Number(column)) ?? null,
  pg_get_indexdef: ({ catalog, searchPath }, [oid, column, isPretty]) => {
    const manner = { isPretty: isPretty === true, searchPath }
    const index = catalog.indexByOid(Number(oid))
    if (index === undefined) return null
    const number = Number(column ?? 0)
    return number === 0
      ? indexText(catalog, index, manner)
      : (indexKeys(catalog, index, manner)[number - 1] ?? null)
  },
  pg_get_constraintdef: ({ catalog, searchPath }, [oid, isPretty]) => {
    const manner = { isPretty: isPretty === true, searchPath }
    const found = describedConstraint(catalog, Number(oid))
    if (found !== undefined) return constraintText(catalog, found, manner)
    const check = domainConstraints(catalog).find((each) => each.oid === Number(oid))
    return check === undefined ? null : domainConstraintText(catalog, check, manner)
  },
  pg_get_viewdef: ({ catalog, scalar, searchPath }, [given]) => {
    const oid = typeof given === 'string' ? scalar.names.oidOf('class', given) : Number(given)
    const view = catalog.views.find(({ id }) => objectOid(id) === oid)
    if (view !== undefined) return ` ${viewText(catalog, view.value, searchPath)};`
    return typeof given === 'string' ? 'Not a view' : null
  },
  pg_get_serial_sequence: ({ catalog, searchPath }, [table, column]) => {
    const oid = catalog.oidOf('class', plainText(table), searchPath)
    const found = describedClass(catalog, Number(oid))
    if (found === undefined)
      throw queryError('undefined_table', `relation "${plainText(table)}" does not exist`)
    const number = found.columns.findIndex(({ name }) => name === column) + 1
    if (number === 0)
      throw queryError(
        'undefined_column',
        `column "${plainText(column)}" of relation "${found.name}" does not exist`,
      )
    for (const each of catalog.classes()) {
      if (each.kind !== 'sequence' || each.ownedBy === undefined) continue
      if (each.ownedBy.table === oid && each.ownedBy.column === number)
        return `${quoteName(each.schema)}.${quoteName(each.name)}`
    }
    return null
  },
  pg_get_expr: ({ catalog, searchPath }, [text, oid, isPretty]) => {
    const manner = { isPretty: isPretty === true, searchPath }
    return shownAgain(catalog, Number(oid), plainText(text), manner) ?? text ?? null
  },
  pg_get_functiondef: () => null,
  pg_get_function_sqlbody: () => null,
  pg_get_function_arg_default: () => null,
  pg_get_ruledef: () => null,
  pg_get_triggerdef: () => null,
  pg_get_statisticsobjdef: () => null,
  pg_get_statisticsobjdef_columns: () => null,
  pg_get_partkeydef: () => null,
  pg_get_partition_constraintdef: () => null,
  pg_get_replica_identity_index: () => null,
  pg_get_function_result: ({ catalog }, [oid]) =>
    orbitFunctionResult(Number(oid)) ??
    catalog.registry.functionByOid(Number(oid))?.result.displayName ??
    null,
  pg_get_function_arguments: ({ catalog }, [oid]) =>
    orbitFunctionArguments(Number(oid), true) ??
    catalog.registry
      .functionByOid(Number(oid))
      ?.parameters.map(({ displayName }) => displayName)
      .join(', ') ??
    null,
  pg_get_function_identity_arguments: ({ catalog }, [oid]) =>
    orbitFunctionArguments(Number(oid), false) ??
    catalog.registry
      .functionByOid(Number(oid))
      ?.parameters.map(({ displayName }) => displayName)
      .join(', ') ??
    null,
  pg_relation_is_publishable: ({ catalog }, [oid]) =>
    objectIdOf(Number(oid)) !== undefined && catalog.classByOid(Number(oid)) !== undefined,
  pg_relation_is_updatable: ({ catalog }, [oid]) => (isChangeable(catalog, Number(oid)) ? CHANGES : 0),
  pg_column_is_updatable: ({ catalog }, [oid, column]) =>
    Number(column) > 0 && isChangeable(catalog, Number(oid)),
  pg_tablespace_location: () => '',
  pg_relation_filenode: (_, [oid]) => oid ?? null,
}

/** INSERT, UPDATE and DELETE, a bit for each. */
const CHANGES = 8 + 4 + 16

function isChangeable(catalog: LoadedCatalog, oid: number): boolean {
  const found = catalog.classByOid(oid)
  if (found?.kind === 'view') return isUpdatable(catalog, found)
  return found?.kind === 'relation' && found.relation.writer !== undefined
}

/** `has_…_privilege([user,] object, [column,] privileges)`. */
function hasPrivilege(name: string, args: readonly Value[], question: CatalogQuestion): Value {
  const { catalog, user } = question
  const privileges = plainText(args.at(-1))
    .split(',')
    .map((each) =>
      each
        .trim()
        .toLowerCase()
        .replace(/ with grant option$/, ''),
    )
  const isColumn = name === 'has_column_privilege'
  const objectAt = args.length - (isColumn ? 3 : 2)
  const role = objectAt > 0 ? roleName(catalog, args[0] ?? null) : user
  if (role === undefined) throw queryError('undefined_object', `role "${plainText(args[0])}" does not exist`)
  const object = args[objectAt] ?? null
  if (name === 'pg_has_role') return isMember(catalog, role, roleName(catalog, object))
  const target = targetOf(name, question, object, isColumn ? args[objectAt + 1] : undefined)
  if (target === undefined) return null
  return privileges.some((privilege) => catalog.isAllowed(role, privilege as Privilege, target))
}

function targetOf(
  name: string,
  { catalog, searchPath }: CatalogQuestion,
  object: Value,
  column: Value | undefined,
): PrivilegeTarget | undefined {
  switch (name) {
    case 'has_schema_privilege': {
      const schema = catalog.schemas().find((each) => each.name === object || each.oid === object)
      if (schema === undefined && typeof object === 'string')
        throw queryError('invalid_schema_name', `schema "${object}" does not exist`)
      return schema === undefined ? undefined : { kind: 'schema', name: schema.name }
    }
    case 'has_table_privilege':
    case 'has_any_column_privilege':
    case 'has_column_privilege':
    case 'has_sequence_privilege': {
      const oid = typeof object === 'string' ? catalog.oidOf('class', object, searchPath) : Number(object)
      if (oid === undefined)
        throw queryError('undefined_table', `relation "${plainText(object)}" does not exist`)
      const found = describedClass(catalog, oid)
      if (found === undefined) return undefined
      const columnName = typeof column === 'number' ? found.columns[column - 1]?.name : (column ?? undefined)
      return { kind: 'class', oid, ...(typeof columnName === 'string' ? { column: columnName } : {}) }
    }
    default:
      return { kind: 'database' }
  }
}

function roleName(catalog: LoadedCatalog, given: Value): string | undefined {
  return catalog.roles().find(({ name, oid }) => name === given || oid === given)?.name
}

function isMember(catalog: LoadedCatalog, role: string, group: string | undefined): boolean {
  const seen = new Set([role])
  for (const name of seen) {
    const found = catalog.role(name)
    if (name === group || found?.isSuperuser === true) return true
    for (const each of found?.memberOf ?? []) seen.add(each)
  }
  return false
}
