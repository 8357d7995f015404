import { Type } from 'typebox'
import {
  args,
  asList,
  changedCount,
  counted,
  deleted,
  deletedCount,
  json,
  nextOffset,
  nullable,
  oneOrMany,
  plan,
  queryArgs,
  result,
  where,
} from './argument-types.js'
import { operationsOf } from './operation.js'
import { checkListed, nextOffsetOf, readPage } from './page.js'

const define = operationsOf('table', (tx, name) => tx.table(name))

type Row = Record<string, unknown>

const row = json<Row>('The columns of a row by name.')
const key = Type.Unknown({
  description:
    'The value of a primary key of one column, or an object with the values of a primary key of several.',
})
const rows = oneOrMany(row, 'A row, or a list of rows.')
const storedRows = result({ rows: Type.Array(row, { description: 'As stored, defaults included.' }) })

export const tableOperations = {
  insert: define('insert', {
    summary: 'Inserts rows, all or none.',
    args: args({ rows }),
    result: storedRows,
    run: async (table, given) => ({ rows: await table.insertMany(asList<Row>(given.rows)) }),
  }),
  upsert: define('upsert', {
    summary: 'Inserts rows, or changes the given columns of those whose primary key is there; all or none.',
    args: args({ rows }),
    result: storedRows,
    run: async (table, given) => ({ rows: await table.upsertMany(asList<Row>(given.rows)) }),
  }),
  get: define('get', {
    summary: 'Reads a row by its primary key.',
    args: args({ key }),
    result: nullable(result({ row })),
    run: async (table, given) => {
      const found = await table.get(given.key)
      return found === undefined ? null : { row: found }
    },
  }),
  getMany: define('getMany', {
    summary: 'Reads rows by their primary keys; null stands for one that is not there.',
    args: args({ keys: Type.Array(key) }),
    result: result({ rows: Type.Array(nullable(row)) }),
    run: async (table, { keys }, limits) => ({
      rows: (await table.getMany(checkListed('keys', keys, limits))).map((found) => found ?? null),
    }),
  }),
  update: define('update', {
    summary: 'Changes columns of a row.',
    args: args({ key, changes: row }),
    result: result({ row }),
    run: async (table, { key: of, changes }) => ({ row: await table.update(of, changes) }),
  }),
  updateWhere: define('updateWhere', {
    summary: 'Changes columns of all rows that match.',
    args: args({ where, changes: row }),
    result: changedCount,
    run: async (table, { where: filter, changes }) => ({ changed: await table.updateWhere(filter, changes) }),
  }),
  delete: define('delete', {
    summary: 'Deletes a row.',
    args: args({ key }),
    result: deleted,
    run: async (table, { key: of }) => ({ deleted: await table.delete(of) }),
  }),
  deleteWhere: define('deleteWhere', {
    summary: 'Deletes all rows that match.',
    args: args({ where }),
    result: deletedCount,
    run: async (table, { where: filter }) => ({ deleted: await table.deleteWhere(filter) }),
  }),
  find: define('find', {
    summary: 'Reads a page of the rows that match.',
    args: args(queryArgs),
    result: result({ rows: Type.Array(row), nextOffset }),
    run: async (table, query, limits) => {
      const page = await readPage(query.limit, limits, (limit) => table.find({ ...query, limit }))
      return { rows: page.items, ...nextOffsetOf(page, query.offset) }
    },
  }),
  count: define('count', {
    summary: 'Counts the rows that match.',
    args: args({ where: Type.Optional(where) }),
    result: counted,
    run: async (table, { where: filter }) => ({ count: await table.count(filter) }),
  }),
  explain: define('explain', {
    summary: 'Says how a query would be answered.',
    args: args(queryArgs),
    result: plan,
    run: async (table, query) => ({ plan: await table.explain(query) }),
  }),
}
