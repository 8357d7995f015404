import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { defineTable } from './define-table.js'
import type { TableDefinition } from './table-definition.js'
import type { TableInput } from './table-input.js'

/** Declarations as they come from JSON: of any shape. */
const define = (input: unknown): TableDefinition => defineTable('t', input as TableInput)

test('a declaration is completed with ids, names and defaults', () => {
  const definition = define({
    columns: {
      id: { type: 'bigint', identity: true },
      mail: { type: 'varchar(80)', unique: true },
      price: { type: 'numeric(10,2)', default: { value: 1.005 } },
      at: { type: 'timestamptz(3)', notNull: true, default: { function: 'now' } },
      owner: { type: 'int8', references: { table: 'people', onDelete: 'cascade' } },
    },
    primaryKey: ['id'],
    indexes: [{ columns: ['price', { column: 'at', direction: 'desc' }], where: { price: { gt: 0 } } }],
    checks: [{ where: { price: { gte: 0 } } }, { where: { mail: { like: '%@%' } } }],
    foreignKeys: [
      {
        name: 'mine',
        columns: ['id', 'owner'],
        references: { table: 't', columns: ['owner', 'id'] },
        deferred: true,
      },
    ],
  })
  assert.deepEqual(definition, {
    columns: [
      { id: 1, name: 'id', type: 'int8', notNull: true, identity: { start: 1, increment: 1 } },
      { id: 2, name: 'mail', type: 'varchar(80)', notNull: false },
      { id: 3, name: 'price', type: 'numeric(10,2)', notNull: false, default: { value: '1.01' } },
      { id: 4, name: 'at', type: 'timestamptz(3)', notNull: true, default: { function: 'now' } },
      { id: 5, name: 'owner', type: 'int8', notNull: false },
    ],
    primaryKey: { name: 't_pkey', columns: [1] },
    indexes: [
      {
        id: 1,
        name: 't_mail_key',
        columns: [{ column: 2, descending: false }],
        unique: true,
        nullsNotDistinct: false,
        origin: 'declared',
      },
      {
        id: 2,
        name: 't_price_at_idx',
        columns: [
          { column: 3, descending: false },
          { column: 4, descending: true },
        ],
        unique: false,
        nullsNotDistinct: false,
        where: { price: { gt: 0 } },
        origin: 'declared',
      },
      {
        id: 3,
        name: 't_owner_idx',
        columns: [{ column: 5, descending: false }],
        unique: false,
        nullsNotDistinct: false,
        origin: 'foreign-key',
      },
      {
        id: 4,
        name: 't_id_owner_idx',
        columns: [
          { column: 1, descending: false },
          { column: 5, descending: false },
        ],
        unique: false,
        nullsNotDistinct: false,
        origin: 'foreign-key',
      },
    ],
    checks: [
      { name: 't_check', where: { price: { gte: 0 } } },
      { name: 't_check1', where: { mail: { like: '%@%' } } },
    ],
    foreignKeys: [
      {
        name: 't_owner_fkey',
        columns: [5],
        references: { table: 'people', columns: [] },
        onDelete: 'cascade',
        onUpdate: 'no action',
        deferred: false,
      },
      {
        name: 'mine',
        columns: [1, 5],
        references: { table: 't', columns: ['owner', 'id'] },
        onDelete: 'no action',
        onUpdate: 'no action',
        deferred: true,
      },
    ],
    nextColumnId: 6,
    nextIndexId: 5,
  })
  assert.deepEqual(definition, JSON.parse(JSON.stringify(definition)))
})

test('a foreign key makes no index where one begins with its columns already', () => {
  const names = (input: object): string[] =>
    define({
      columns: { a: { type: 'int4' }, b: { type: 'int4' }, c: { type: 'int4' } },
      foreignKeys: [{ columns: ['a', 'b'], references: { table: 'x' } }],
      ...input,
    }).indexes.map(({ name }) => name)
  assert.deepEqual(names({}), ['t_a_b_idx'])
  assert.deepEqual(names({ primaryKey: ['b', 'a', 'c'] }), [])
  assert.deepEqual(names({ indexes: [{ name: 'i', columns: ['b', 'a'] }] }), ['i'])
  assert.deepEqual(names({ indexes: [{ name: 'i', columns: ['a', 'c', 'b'] }] }), ['i', 't_a_b_idx'])
  assert.deepEqual(names({ indexes: [{ name: 'i', columns: ['a', 'b'], where: { c: 1 } }] }), [
    'i',
    't_a_b_idx',
  ])
})

test('made-up names keep clear of given ones', () => {
  const { indexes } = define({
    columns: { a: { type: 'int4', unique: true } },
    indexes: [{ name: 't_a_key', columns: ['a'] }],
  })
  assert.deepEqual(
    indexes.map(({ name }) => name),
    ['t_a_key1', 't_a_key'],
  )
})

const int = { type: 'int4' }
const REFUSED: readonly (readonly [unknown, RegExp])[] = [
  [null, /the declaration is null; it must be an object/],
  [{}, /columns is undefined; it must be an object/],
  [{ columns: {} }, /columns are 0; a table has 1 to 1000/],
  [{ column: {} }, /the declaration\.column is unknown; did you mean "columns"\?/],
  [
    { columns: { a: { type: 'txt' } } },
    /column "a": type "txt": there is no type "txt"; did you mean "text"\?/,
  ],
  [{ columns: { a: { typ: 'text' } } }, /column "a"\.typ is unknown; did you mean "type"\?/],
  [{ columns: { a: 'text' } }, /column "a" is "text"; it must be an object/],
  [{ columns: { '': int } }, /the name of a column is ""; a name has 1 to 128 characters/],
  [{ columns: { 'a\n': int } }, /no control characters/],
  [{ columns: { ['x'.repeat(129)]: int } }, /1 to 128 characters/],
  [{ columns: { a: { type: 'int4', notNull: 1 } } }, /column "a": notNull is 1; it must be true or false/],
  [{ columns: { a: { type: 'int4', default: 5 } } }, /column "a": default is 5; it must be an object/],
  [
    { columns: { a: { type: 'int4', default: { value: 'x' } } } },
    /column "a": default is "x"; the column takes an integer/,
  ],
  [
    { columns: { a: { type: 'int4', default: { function: 'now' } } } },
    /default now is for columns of type timestamptz/,
  ],
  [
    { columns: { a: { type: 'uuid', default: { function: 'uid' } } } },
    /it must be one of now, uuid; did you mean "uuid"\?/,
  ],
  [
    { columns: { a: { type: 'int4', default: { value: 1, function: 'uuid' } } } },
    /either a value or a function/,
  ],
  [
    { columns: { a: { type: 'text', identity: true } } },
    /is an identity; its type must be int2, int4 or int8, not text/,
  ],
  [{ columns: { a: { type: 'int4', identity: { increment: 0 } } } }, /identity\.increment is 0/],
  [
    { columns: { a: { type: 'int4', identity: { start: 1.5 } } } },
    /identity\.start is 1\.5; it must be a safe integer/,
  ],
  [
    { columns: { a: { type: 'int4', identity: true, default: { value: 1 } } } },
    /both a default and an identity/,
  ],
  [
    { columns: { a: { type: 'int4', primaryKey: true }, b: { type: 'int4', primaryKey: true } } },
    /primaryKey is marked on a, b/,
  ],
  [
    { columns: { a: { type: 'int4', primaryKey: true }, b: int }, primaryKey: ['b'] },
    /leaves out column "a"/,
  ],
  [{ columns: { a: int }, primaryKey: ['b'] }, /primaryKey names the column "b", which does not exist/],
  [{ columns: { a: int }, primaryKey: ['a', 'a'] }, /names column "a" twice/],
  [{ columns: { a: int }, primaryKey: [] }, /primaryKey names no column/],
  [
    { columns: { a: { type: 'jsonb' } }, primaryKey: ['a'] },
    /has column "a" of type jsonb, which has no order/,
  ],
  [
    { columns: { a: { type: 'int4[]' } }, indexes: [{ columns: ['a'] }] },
    /indexes\[0\]\.columns has column "a" of type int4\[\], which has no order/,
  ],
  [{ columns: { a: int }, indexes: {} }, /indexes is an object; it must be an array/],
  [{ columns: { a: int }, indexes: [{ columns: ['b'] }] }, /indexes\[0\]\.columns names the column "b"/],
  [
    { columns: { a: int }, indexes: [{ columns: [{ column: 'a', direction: 'down' }] }] },
    /direction is "down"; it must be one of asc, desc/,
  ],
  [
    { columns: { a: int }, indexes: [{ columns: ['a'], nullsNotDistinct: true }] },
    /nullsNotDistinct is for unique indexes only/,
  ],
  [
    { columns: { a: int }, indexes: [{ columns: ['a'], where: { b: 1 } }] },
    /indexes\[0\]\.where is not valid: .*unknown field "b"/,
  ],
  [
    {
      columns: { a: int },
      indexes: [
        { name: 'i', columns: ['a'] },
        { name: 'i', columns: ['a'] },
      ],
    },
    /indexes\[1\]\.name is "i", which is used twice/,
  ],
  [{ columns: { a: int }, checks: [{}] }, /checks\[0\]\.where is not valid/],
  [
    { columns: { a: int }, checks: [{ where: { a: 'x' } }] },
    /checks\[0\]\.where is not valid: .*"x" cannot be compared/,
  ],
  [{ columns: { a: int }, foreignKeys: [{ columns: ['a'] }] }, /foreignKeys\[0\]\.references is undefined/],
  [
    {
      columns: { a: int },
      foreignKeys: [{ columns: ['a'], references: { table: 'x', columns: ['b', 'c'] } }],
    },
    /columns are 2, the columns that refer to them 1/,
  ],
  [
    {
      columns: { a: int },
      foreignKeys: [{ columns: ['a'], references: { table: 'x' }, onDelete: 'cascad' }],
    },
    /onDelete is "cascad".*did you mean "cascade"\?/,
  ],
  [
    { columns: { a: { type: 'int4', notNull: true, references: { table: 'x', onDelete: 'set null' } } } },
    /would set null column "a", which is NOT NULL/,
  ],
  [
    { columns: { a: { type: 'int4', notNull: true, references: { table: 'x', onUpdate: 'set default' } } } },
    /would set default column "a", which is NOT NULL and has no default/,
  ],
]

test('what is wrong with a declaration is said, with the place and what is accepted', () => {
  for (const [input, message] of REFUSED) {
    assert.throws(
      () => define(input),
      (error) => {
        assert(error instanceof OrbitError && error.code === 'SCHEMA_INVALID')
        assert.match(error.message, /table "t": /)
        assert.match(error.message, message)
        return true
      },
      JSON.stringify(input),
    )
  }
})
