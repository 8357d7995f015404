import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { BASE_TYPES, formatColumnType, isInteger, isSortable, parseColumnType } from './column-type.js'

test('every name and alias gives its type, and its canonical name back', () => {
  const canonical: Record<string, string> = {
    boolean: 'bool',
    SMALLINT: 'int2',
    integer: 'int4',
    int: 'int4',
    bigint: 'int8',
    real: 'float4',
    'double   precision': 'float8',
    float: 'float8',
    decimal: 'numeric',
    'decimal(10)': 'numeric(10,0)',
    'numeric( 10 , 2 )': 'numeric(10,2)',
    'character varying(20)': 'varchar(20)',
    varchar: 'varchar',
    character: 'char(1)',
    'char(3)': 'char(3)',
    'time without time zone': 'time(6)',
    timestamp: 'timestamp(6)',
    'timestamp(3) without time zone': 'timestamp(3)',
    'timestamp with time zone': 'timestamptz(6)',
    'timestamptz(0)': 'timestamptz(0)',
    'int4[]': 'int4[]',
    'varchar(5) []': 'varchar(5)[]',
    jsonb: 'jsonb',
    'json[]': 'json[]',
    bpchar: 'bpchar',
    'interval(3)': 'interval(3)',
    'time with time zone': 'timetz',
    'vector(3)': 'vector(3)',
    'enum(12)[]': 'enum(12)[]',
  }
  for (const [name, expected] of Object.entries(canonical)) {
    assert.equal(formatColumnType(parseColumnType(name)), expected, name)
    assert.deepEqual(parseColumnType(expected), parseColumnType(name))
  }
  for (const base of BASE_TYPES) assert.equal(parseColumnType(base).base, base)
})

test('what is no type is refused, with the nearest one or the limit', () => {
  const refused: [unknown, RegExp][] = [
    ['txt', /there is no type "txt"; did you mean "text"\?/],
    ['bigserial', /there is no type "bigserial"; use an integer type with `identity`/],
    ['int4(3)', /it takes no arguments/],
    ['varchar(1,2)', /it takes at most 1 argument/],
    ['varchar(0)', /the length must be from 1 to 10485760/],
    ['numeric(1001)', /the precision must be from 1 to 1000/],
    ['numeric(4,5)', /the scale must be from 0 to 4/],
    ['timestamp(7)', /the precision must be from 0 to 6/],
    ['vector(16001)', /the length must be from 1 to 16000/],
    ['enum', /it takes the id of a type/],
    ['int4[][]', /a type is written like/],
    ['', /a type is written like/],
    [4, /type number: a type is written like/],
    [undefined, /type undefined/],
  ]
  for (const [text, message] of refused) {
    assert.throws(
      () => parseColumnType(text),
      (error) =>
        error instanceof OrbitError && error.code === 'SCHEMA_INVALID' && message.test(error.message),
      String(text),
    )
  }
})

test('arrays and JSON have no order, and only integers count', () => {
  assert.deepEqual(
    BASE_TYPES.filter((base) => !isSortable({ base })),
    BASE_TYPES.filter((base) => /^(json|jsonb|vector|\w+range)$/.test(base)),
  )
  assert.equal(isSortable({ base: 'int4', array: true }), false)
  assert.deepEqual(
    BASE_TYPES.filter((base) => isInteger({ base })),
    ['int2', 'int4', 'int8'],
  )
  assert.equal(isInteger({ base: 'int4', array: true }), false)
})
