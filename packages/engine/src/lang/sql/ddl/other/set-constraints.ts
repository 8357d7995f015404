/** SET CONSTRAINTS. */
import { Tables } from '../../../../models/relational/layout/tables.js'
import type { TableDefinition } from '../../../../models/relational/schema/table-definition.js'
import { tableModel } from '../../../../models/relational/table-model.js'
import { setConstraintMode } from '../../../../models/relational/write/constraint-modes.js'
import { DeferredChecks } from '../../../../models/relational/write/deferred-checks.js'
import { TableViolations } from '../../../../relation/table-violations.js'
import { queryError } from '../../../../scalar/condition.js'
import { loadCatalog } from '../../catalog/load-catalog.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { LoadedCatalog } from '../../catalog/snapshot.js'
import type { ConstraintsSetStmt } from '../../parse/tree.js'
import type { DefinitionScope } from '../definition-context.js'
import { notice } from '../../session/session-state.js'

export async function setConstraints(
  { constraints, deferred }: ConstraintsSetStmt,
  { state, scope }: DefinitionScope,
): Promise<string> {
  const { context } = scope
  if (!state.transaction.isBlock)
    notice(state, 'WARNING', 'SET CONSTRAINTS can only be used in transaction blocks', '25P01')
  const catalog = await loadCatalog(context)
  const isDeferred = deferred === true
  const wanted = constraints?.flatMap((node) =>
    'RangeVar' in node
      ? constraintsNamed(catalog, node.RangeVar.relname ?? '', node.RangeVar.schemaname)
      : [],
  )
  if (wanted === undefined) setConstraintMode(context, undefined, isDeferred)
  else for (const constraint of wanted) setConstraintMode(context, constraint, isDeferred)
  if (isDeferred) return 'SET CONSTRAINTS'
  await runDeferred(
    { state, scope },
    catalog,
    (table, name) =>
      wanted === undefined || wanted.some((each) => each.table === table && each.name === name),
  )
  return 'SET CONSTRAINTS'
}

/** Checks now what has been deferred. @param isWanted of a table and its constraint, by name */
export function runDeferred(
  { state, scope }: DefinitionScope,
  catalog: LoadedCatalog,
  isWanted: (table: string, constraint: string) => boolean,
): Promise<void> {
  const violations = new TableViolations({ types: catalog.types, nameOf: splitObjectName }, state.scalar)
  const tables = new Tables(scope.context, tableModel, { violations })
  return DeferredChecks.of(tables).runSome(isWanted)
}

/** Those of all tables that are called so. @throws undefined_object, wrong_object_type */
function constraintsNamed(
  catalog: LoadedCatalog,
  name: string,
  schema: string | undefined,
): { readonly table: string; readonly name: string }[] {
  const found = catalog.tables.flatMap(({ name: table, definition }) =>
    schema === undefined || splitObjectName(table).schema === schema
      ? constraintsOf(definition)
          .filter((constraint) => constraint.name === name)
          .map(({ isDeferrable }) => ({ table, name, isDeferrable }))
      : [],
  )
  if (found.length === 0) throw queryError('undefined_object', `constraint "${name}" does not exist`)
  if (found.some(({ isDeferrable }) => !isDeferrable))
    throw queryError('wrong_object_type', `constraint "${name}" is not deferrable`)
  return found
}

function constraintsOf({ foreignKeys, indexes, checks, primaryKey }: TableDefinition) {
  return [
    ...foreignKeys.map(({ name, deferrable, deferred }) => ({
      name,
      isDeferrable: deferrable === true || deferred,
    })),
    ...indexes.flatMap(({ name, constraint }) =>
      constraint === undefined ? [] : [{ name, isDeferrable: constraint.deferrable !== undefined }],
    ),
    ...[...checks, ...(primaryKey === undefined ? [] : [primaryKey])].map(({ name }) => ({
      name,
      isDeferrable: false,
    })),
  ]
}
