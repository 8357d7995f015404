import type { ColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError } from '../../../../scalar/condition.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { StatementState } from '../../bind/context/statement-state.js'
import { sqlBinder } from '../../bind/sql-binder.js'
import { objectOid } from '../../catalog/oids.js'
import { quoteName } from '../../catalog/quote-name.js'
import { parseExpression } from '../../parse/parse-statements.js'
import type { AlterTableCmd, Node } from '../../parse/tree.js'
import { compileRowExpression } from '../evaluate-expression.js'
import { bindTableExpression } from '../table-expression.js'
import { columnType, draftType } from '../table/draft-columns.js'
import { requireColumn, requireSortable } from '../table/draft-constraints.js'
import { storedColumnType } from '../table/stored-column-type.js'
import { isDemanding } from './add-column.js'
import type { TableAlteration } from './alter-table.js'
import { tryCoerce } from '../../bind/types/coerce.js'

/** ALTER COLUMN … TYPE … USING …. */
export async function alterColumnType(alteration: TableAlteration, command: AlterTableCmd): Promise<void> {
  // Expressions are over the rows as they are stored.
  await alteration.flush()
  const { ddl, draft } = alteration
  const def = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined
  const column = requireColumn(draft, command.name ?? '')
  if (def === undefined) return
  requireUnread(alteration, column)
  const from = draftType(ddl, column)
  const to = columnType(ddl, def)
  const { labels: _labels, collation: _collation, modifier: _modifier, domain: _domain, ...rest } = column
  const changed: ColumnDefinition = { ...rest, ...storedColumnType(ddl.catalog, column.name, to) }
  if (isKeyColumn(alteration, column)) requireSortable(changed)
  requireDefault(alteration, column, to)
  const isChecked = isDemanding(to) && to.domain?.oid !== from.domain?.oid
  if (isChecked || !isSameForm(column, changed, from, to, def.raw_default)) {
    const evaluate = conversion(alteration, column, to, def.raw_default)
    alteration.newValues.set(column.id, evaluate)
  }
  draft.replaceColumn(column.id, () => withoutAbsent(changed))
  requireReferences(alteration, column)
  alteration.touch()
  await ddl.context.catalog.putStatistics(ddl.context, alteration.table.id, undefined)
}

function withoutAbsent({ absent: _, ...column }: ColumnDefinition): ColumnDefinition {
  return column
}

/** True when stored values are of the new type as they are. */
function isSameForm(
  before: ColumnDefinition,
  after: ColumnDefinition,
  from: DataType,
  to: DataType,
  using: Node | undefined,
): boolean {
  if (using !== undefined || before.absent !== undefined) return false
  if (before.type === after.type && before.modifier === after.modifier) return true
  const isText = (type: DataType): boolean => type.scalar.name === 'text' || type.scalar.name === 'varchar'
  return (
    isText(from) && isText(to) && (to.modifier < 0 || (from.modifier >= 0 && from.modifier <= to.modifier))
  )
}

function conversion(
  { ddl, draft, name }: TableAlteration,
  column: ColumnDefinition,
  to: DataType,
  using: Node | undefined,
) {
  const columns = draft.columns.map((each) => ({ name: each.name, type: draftType(ddl, each) }))
  const scope = { catalog: ddl.catalog, scalar: ddl.state.scalar, searchPath: ddl.searchPath, name, columns }
  const parsed =
    using === undefined ? parseExpression(quoteName(column.name)) : { node: using, tree: ddl.tree }
  const bound = bindTableExpression(scope, parsed, 'transform', undefined)
  const state = StatementState.start(
    sqlBinder,
    { ...scope, registry: ddl.catalog.registry, parameterTypes: [] },
    parsed.tree,
  )
  const coerced = tryCoerce(state, bound, to, 'assignment')
  if (coerced === undefined) {
    const shown = to.scalar.displayName
    const [what, hint] =
      using === undefined
        ? [
            `column "${column.name}" cannot be cast automatically to type ${shown}`,
            `You might need to specify "USING ${quoteName(column.name)}::${shown}".`,
          ]
        : [
            `result of USING clause for column "${column.name}" cannot be cast automatically to type ${shown}`,
            'You might need to add an explicit cast.',
          ]
    throw queryError('datatype_mismatch', what, { hint })
  }
  const evaluate = compileRowExpression(coerced, columns.length, ddl.state.scalar)
  return (row: Parameters<typeof evaluate>[0]) => evaluate(row, ddl.state.scalar)
}

function requireDefault(
  { ddl, draft, name }: TableAlteration,
  column: ColumnDefinition,
  type: DataType,
): void {
  const { default: fallback } = column
  if (fallback === undefined || !('sql' in fallback)) return
  const columns = draft.columns.map((each) => ({ name: each.name, type: draftType(ddl, each) }))
  const scope = { catalog: ddl.catalog, scalar: ddl.state.scalar, searchPath: ddl.searchPath, name, columns }
  try {
    bindTableExpression(scope, fallback.sql, 'default', { column: column.name, type })
  } catch {
    throw queryError(
      'datatype_mismatch',
      `default for column "${column.name}" cannot be cast automatically to type ${type.scalar.displayName}`,
    )
  }
}

function isKeyColumn({ draft }: TableAlteration, { id }: ColumnDefinition): boolean {
  return (
    draft.primaryKey?.columns.includes(id) === true ||
    draft.indexes.some((index) => index.isVirtual !== true && index.columns.some((key) => key.column === id))
  )
}

/** @throws feature_not_supported when a view reads the column */
function requireUnread({ ddl, table }: TableAlteration, column: ColumnDefinition): void {
  const oid = objectOid(table.id)
  const view = ddl.catalog.views.find(({ value }) =>
    value.reads.some((read) => read.oid === oid && read.columns.includes(column.id)),
  )
  if (view === undefined) return
  throw queryError('feature_not_supported', 'cannot alter type of a column used by a view or rule', {
    detail: `rule _RETURN on view ${view.value.name} depends on column "${column.name}"`,
  })
}

/** Foreign keys must still find their rows. */
function requireReferences({ ddl, draft, table }: TableAlteration, column: ColumnDefinition): void {
  const kindOf = ({ type }: ColumnDefinition): string =>
    /^int[248]$/.test(type) ? 'integer' : /^varchar|^text$/.test(type) ? 'text' : type
  const requireAlike = (name: string, a: ColumnDefinition, b: ColumnDefinition): void => {
    if (kindOf(a) === kindOf(b)) return
    const [from, to] = [draftType(ddl, a), draftType(ddl, b)].map(({ scalar }) => scalar.displayName)
    throw queryError('datatype_mismatch', `foreign key constraint "${name}" cannot be implemented`, {
      detail: `Key columns "${a.name}" and "${b.name}" are of incompatible types: ${from} and ${to}.`,
    })
  }
  const changed = draft.column(column.id)
  for (const key of draft.foreignKeys) {
    const parent = ddl.catalog.tables.find((object) => object.name === key.references.table)
    const at = key.columns.indexOf(column.id)
    const other = parent?.definition.columns.find((each) => each.name === key.references.columns[at])
    if (at >= 0 && other !== undefined)
      requireAlike(key.name, changed, parent?.id === table.id ? draft.column(other.id) : other)
  }
  for (const child of ddl.catalog.tables) {
    for (const key of child.definition.foreignKeys) {
      const at = key.references.table === table.name ? key.references.columns.indexOf(column.name) : -1
      const other = child.definition.columns.find((each) => each.id === key.columns[at])
      if (at >= 0 && other !== undefined && child.id !== table.id) requireAlike(key.name, other, changed)
    }
  }
}
