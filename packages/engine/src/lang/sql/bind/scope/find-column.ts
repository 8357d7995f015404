import type { Expression } from '../../../../plan/expression.js'
import { located, note } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { nearColumns, type NearColumns } from './near-columns.js'
import type { QueryScope } from './query-scope.js'
import type { RangeColumn, RangeItem } from './range-item.js'

/** The column that a name alone means, looked up from the inside out; undefined when there is none. @throws ambiguous_column */
export function findColumn(
  scope: QueryScope,
  name: string,
  location: number | undefined,
): Expression | undefined {
  for (let level: QueryScope | undefined = scope; level !== undefined; level = level.parent) {
    let found: { item: RangeItem; expression: Expression } | undefined
    for (const item of level.items) {
      if (!item.areColumnsVisible || (item.isLateralOnly && !level.isLateralActive)) continue
      const column = columnOfItem(scope, item, name, location)
      if (column === undefined) continue
      if (found !== undefined) throw ambiguous(scope, name, location)
      checkLateral(scope, item, location)
      found = { item, expression: refer(level, column, location) }
    }
    if (found !== undefined) return found.expression
    const system = systemColumn(level, name, location)
    if (system !== undefined) return system
  }
  return undefined
}

/** Whether FROM of this very level has such a column. */
export function hasOwnColumn(scope: QueryScope, name: string): boolean {
  return scope.items.some(
    (item) =>
      item.areColumnsVisible && !item.isLateralOnly && item.columns.some((column) => column.name === name),
  )
}

/** The column of one item. @throws ambiguous_column when the item has several of that name */
export function findColumnOf(
  scope: QueryScope,
  level: QueryScope,
  item: RangeItem,
  name: string,
  location: number | undefined,
): Expression | undefined {
  const column = columnOfItem(scope, item, name, location)
  if (column !== undefined) return refer(level, column, location)
  return systemColumnOf(level, item, name, location)
}

function columnOfItem(
  scope: QueryScope,
  item: RangeItem,
  name: string,
  location: number | undefined,
): RangeColumn | undefined {
  let found: RangeColumn | undefined
  for (const column of item.columns) {
    if (column.name !== name) continue
    if (found !== undefined) throw ambiguous(scope, name, location)
    found = column
  }
  return found
}

/** A new expression for a column that was named. */
export function refer(level: QueryScope, column: RangeColumn, location: number | undefined): Expression {
  for (const { use, column: read } of column.reads ?? []) use.columns?.add(read)
  level.metColumn()
  const expression = located({ ...column.value }, location)
  const { origin, fields } = column
  if (origin === undefined && fields === undefined) return expression
  return note(expression, { origin, ...(fields === undefined ? {} : { fields }) })
}

/** `tableoid` is known of every stored row; the other system columns have no counterpart. */
function systemColumn(level: QueryScope, name: string, location: number | undefined): Expression | undefined {
  for (const item of level.items) {
    if (!item.areColumnsVisible || item.isLateralOnly) continue
    const found = systemColumnOf(level, item, name, location)
    if (found !== undefined) return found
  }
  return undefined
}

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['ctid', 'xmin', 'cmin', 'xmax', 'cmax'])

function systemColumnOf(
  level: QueryScope,
  item: RangeItem,
  name: string,
  location: number | undefined,
): Expression | undefined {
  const { statement } = level
  if (item.relation === undefined) return undefined
  // Rows of the system's relations are there from the beginning: the number of such a transaction is 2.
  if (name === 'xmin' && item.relation.kind === 'catalog')
    return located({ kind: 'constant', value: 2, type: statement.type(OID.xid) }, location)
  if (SYSTEM_COLUMNS.has(name)) throw statement.unsupported(`the system column ${name}`, location)
  if (name !== 'tableoid') return undefined
  level.metColumn()
  return located({ kind: 'constant', value: item.relation.oid, type: statement.type(OID.oid) }, location)
}

export function checkLateral(scope: QueryScope, item: RangeItem, location: number | undefined): void {
  if (!item.isLateralOnly || item.isLateralOk) return
  if (item.isTarget) throw outOfReach(scope, item, location)
  throw scope.statement.error(
    'invalid_column_reference',
    `invalid reference to FROM-clause entry for table "${item.name ?? ''}"`,
    location,
    { detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.' },
  )
}

function outOfReach(scope: QueryScope, { name = '' }: RangeItem, location: number | undefined): Error {
  return scope.statement.error(
    'invalid_column_reference',
    `invalid reference to FROM-clause entry for table "${name}"`,
    location,
    {
      hint: `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
    },
  )
}

function ambiguous(scope: QueryScope, name: string, location: number | undefined): Error {
  return scope.statement.error('ambiguous_column', `column reference "${name}" is ambiguous`, location)
}

/** The error for a column that is not there, with what may have been meant. */
export function missingColumn(
  scope: QueryScope,
  table: string | undefined,
  name: string,
  location: number | undefined,
): Error {
  const written = table === undefined ? `"${name}"` : `${table}.${name}`
  const hint = hintFor(name, nearColumns(scope, table, name))
  return scope.statement.error(
    'undefined_column',
    `column ${written} does not exist`,
    location,
    hint === undefined ? {} : { hint },
  )
}

function hintFor(name: string, { exact, near }: NearColumns): string | undefined {
  if (exact !== undefined) {
    return `There is a column named "${name}" in table "${exact}", but it cannot be referenced from this part of the query.`
  }
  const [first, second] = near
  if (first === undefined) return undefined
  if (second === undefined) return `Perhaps you meant to reference the column "${first}".`
  return `Perhaps you meant to reference the column "${first}" or the column "${second}".`
}
