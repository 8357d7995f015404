/** SET CONSTRAINTS. */
import { Tables } from '../../../../models/relational/layout/tables.js'
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
      ? foreignKeysNamed(catalog, node.RangeVar.relname ?? '', node.RangeVar.schemaname)
      : [],
  )
  if (wanted === undefined) setConstraintMode(context, undefined, isDeferred)
  else for (const constraint of wanted) setConstraintMode(context, constraint, isDeferred)
  if (isDeferred) return 'SET CONSTRAINTS'
  const violations = new TableViolations({ types: catalog.types, nameOf: splitObjectName }, state.scalar)
  const tables = new Tables(context, tableModel, { violations })
  await DeferredChecks.of(tables).runSome(
    (table, name) =>
      wanted === undefined || wanted.some((each) => each.table === table && each.name === name),
  )
  return 'SET CONSTRAINTS'
}

/** Those of all tables that are called so. @throws undefined_object, wrong_object_type */
function foreignKeysNamed(
  catalog: LoadedCatalog,
  name: string,
  schema: string | undefined,
): { readonly table: string; readonly name: string }[] {
  const tables = catalog.tables.filter(
    ({ name: table }) => schema === undefined || splitObjectName(table).schema === schema,
  )
  const found = tables.flatMap(({ name: table, definition }) =>
    definition.foreignKeys.filter((key) => key.name === name).map((key) => ({ table, key })),
  )
  if (found.length === 0) throw queryError('undefined_object', `constraint "${name}" does not exist`)
  if (found.some(({ key }) => key.deferrable !== true && !key.deferred))
    throw queryError('wrong_object_type', `constraint "${name}" is not deferrable`)
  return found.map(({ table }) => ({ table, name }))
}
