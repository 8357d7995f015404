import type { CaseExpression, Expression, RowExpression } from '../../../../plan/expression.js'
import { note } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { checkLateral, refer } from './find-column.js'
import type { QueryScope } from './query-scope.js'
import type { RangeItem } from './range-item.js'

export interface FoundItem {
  readonly item: RangeItem
  readonly level: QueryScope
}

/** The item of FROM that `name` or `schema.name` means; undefined when there is none. @throws ambiguous_alias */
export function findItem(
  scope: QueryScope,
  schema: string | undefined,
  name: string,
  location: number | undefined,
): FoundItem | undefined {
  for (let level: QueryScope | undefined = scope; level !== undefined; level = level.parent) {
    let found: RangeItem | undefined
    for (const item of level.items) {
      if (!item.isTableVisible || item.name !== name) continue
      if (item.isLateralOnly && !level.isLateralActive) continue
      // A table that was given another name has lost its schema with its own.
      if (schema !== undefined && (item.hasAlias || item.used?.schema !== schema)) continue
      if (found !== undefined) {
        throw scope.statement.error('ambiguous_alias', `table reference "${name}" is ambiguous`, location)
      }
      checkLateral(scope, item, location)
      found = item
    }
    if (found !== undefined) return { item: found, level }
  }
  return undefined
}

/** The error for a table that FROM does not have. */
export function missingItem(scope: QueryScope, name: string, location: number | undefined): Error {
  const hidden = anyItem(scope, (item) => item.name === name)
  if (hidden !== undefined) {
    return scope.statement.error(
      'undefined_table',
      `invalid reference to FROM-clause entry for table "${name}"`,
      location,
      {
        hint: `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
      },
    )
  }
  const aliased = anyItem(scope, (item) => item.hasAlias && item.used?.name === name)
  const message = aliased === undefined ? 'missing' : 'invalid reference to'
  return scope.statement.error(
    'undefined_table',
    `${message} FROM-clause entry for table "${name}"`,
    location,
    aliased?.name === undefined
      ? {}
      : { hint: `Perhaps you meant to reference the table alias "${aliased.name}".` },
  )
}

function anyItem(scope: QueryScope, test: (item: RangeItem) => boolean): RangeItem | undefined {
  for (let level: QueryScope | undefined = scope; level !== undefined; level = level.parent) {
    const found = level.all.find(test)
    if (found !== undefined) return found
  }
  return undefined
}

/** All columns of an item as one value; null where an outer join made the row up. */
export function wholeRow({ item, level }: FoundItem, location: number | undefined): Expression {
  const { statement } = level
  const [only] = item.columns
  if (item.isScalar && only !== undefined) return refer(level, only, location)
  const columns = item.visibleColumns
  const row: RowExpression = {
    kind: 'row',
    // The fields of a table's row type keep their names where the query gives its columns others.
    fields: columns.map(({ name, type }, index) => ({
      name: item.rowType?.fields?.[index]?.name ?? name,
      type,
    })),
    args: columns.map((column) => refer(level, column, location)),
    type: { scalar: item.rowType ?? statement.scalar(OID.record), modifier: -1 },
  }
  const facts = {
    location: location ?? 0,
    isWholeRow: true,
    ...(item.name === undefined ? {} : { rowOf: item.name }),
  }
  const presence = item.isNullable ? item.presence?.() : undefined
  if (presence === undefined) return note(row, facts)
  const test: Expression = {
    kind: 'test',
    test: 'null',
    isNegated: true,
    arg: { kind: 'column', column: presence, name: item.name ?? '', type: statement.type(OID.bool) },
    type: statement.type(OID.bool),
  }
  const choice: CaseExpression = {
    kind: 'case',
    branches: [{ condition: test, result: row }],
    otherwise: { kind: 'constant', value: null, type: row.type },
    type: row.type,
  }
  return note(choice, facts)
}
