import { OrbitError } from '@orbit-ts/base'
import type { TableDefinition } from '@orbit-ts/engine'
import type { HttpContext } from '../http-context.js'
import { tableOperations as table } from '../operations/table-operations.js'
import { operationRoute, type OperationRouteSpec } from './operation-route.js'
import type { Route } from './route.js'

const ROWS = '/v1/tables/{object}/rows'
const ROW = `${ROWS}/{key}`

const SPECS: readonly OperationRouteSpec[] = [
  { method: 'POST', path: ROWS, operation: table.insert, from: { argument: 'rows' }, status: 201 },
  { method: 'GET', path: ROWS, operation: table.find },
  { method: 'PATCH', path: ROWS, operation: table.updateWhere },
  { method: 'DELETE', path: ROWS, operation: table.deleteWhere },
  { method: 'GET', path: ROW, operation: table.get },
  { method: 'PUT', path: ROW, operation: table.upsert, from: { argument: 'rows' }, prepare: rowUnderKey },
  { method: 'PATCH', path: ROW, operation: table.update, from: { argument: 'changes' } },
  { method: 'DELETE', path: ROW, operation: table.delete },
  { method: 'POST', path: '/v1/tables/{object}/query', id: 'table_query', operation: table.find },
  { method: 'POST', path: '/v1/tables/{object}/explain', operation: table.explain },
  { method: 'GET', path: '/v1/tables/{object}/count', operation: table.count },
]

export function tableRoutes(context: HttpContext): Route[] {
  return SPECS.map((spec) => operationRoute(context, 'tables', spec))
}

/** The row to put, with the columns of its key; they may stand in the body too, but not with other values. */
async function rowUnderKey(
  { key, rows }: Record<string, unknown>,
  object: string,
  { database }: HttpContext,
): Promise<Record<string, unknown>> {
  if (typeof rows !== 'object' || rows === null || Array.isArray(rows)) {
    throw new OrbitError('INVALID_ARGUMENT', 'body must be a row: a JSON object', { field: 'body' })
  }
  const row = { ...rows } as Record<string, unknown>
  const { definition } = await database.describe('table', object)
  for (const [column, value] of Object.entries(keyColumns(definition as TableDefinition, key, object))) {
    if (Object.hasOwn(row, column) && String(row[column]) !== String(value)) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `table "${object}": column "${column}" is ${String(row[column])} in the body and ${String(value)} in the path`,
        { field: column },
      )
    }
    row[column] ??= value
  }
  return { rows: row }
}

function keyColumns(
  { columns, primaryKey }: TableDefinition,
  key: unknown,
  object: string,
): Record<string, unknown> {
  const names = columns.filter(({ id }) => primaryKey?.columns.includes(id) === true).map(({ name }) => name)
  const [first] = names
  if (first === undefined) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `table "${object}" has no primary key, so a row cannot be named`,
      {
        field: 'key',
      },
    )
  }
  if (names.length === 1) return { [first]: key }
  if (typeof key === 'object' && key !== null) return { ...key }
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `key: the primary key of table "${object}" is a JSON object with ${names.join(', ')}`,
    { field: 'key' },
  )
}
