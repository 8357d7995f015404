import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseColumnType } from './column-type.js'
import { formatValue } from './format-value.js'
import { parseValue } from './parse-value.js'

/** What a row holds after the value was stored, or `mismatch`. */
function stored(type: string, value: unknown): unknown {
  const parsedType = parseColumnType(type)
  const datum = parseValue(parsedType, value)
  return datum.kind === 'mismatch' ? 'mismatch' : formatValue(parsedType, datum)
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** Type, value given, value of the row. */
const ACCEPTED: readonly (readonly [string, unknown, unknown])[] = [
  ['bool', true, true],
  ['bool', 'f', false],
  ['bool', 'true', true],
  ['int2', -32768, -32768],
  ['int2', '32767', 32767],
  ['int4', 2147483647n, 2147483647],
  ['int4', -0, 0],
  ['int4', ' +12 ', 12],
  ['int8', 1, 1n],
  ['int8', '9223372036854775807', 9223372036854775807n],
  ['int8', -9223372036854775808n, -9223372036854775808n],
  ['float4', 0.1, Math.fround(0.1)],
  ['float8', 0.1, 0.1],
  ['float8', '1e3', 1000],
  ['float8', 'NaN', NaN],
  ['float8', -Infinity, -Infinity],
  ['float8', '-Infinity', -Infinity],
  ['float8', 3n, 3],
  ['numeric(10,2)', 1.005, '1.01'],
  ['numeric(10,2)', '-0.004', '0.00'],
  ['numeric(10,2)', 12345678n, '12345678.00'],
  ['numeric(3)', '999.4', '999'],
  ['numeric', '1.500', '1.500'],
  ['numeric', '1e-3', '0.001'],
  ['numeric', 1e21, '1000000000000000000000'],
  ['numeric', 'NaN', 'NaN'],
  ['numeric', -Infinity, '-Infinity'],
  ['numeric(100,50)', '1.5', `1.5${'0'.repeat(49)}`],
  ['text', '', ''],
  ['text', 'naïve 🚀', 'naïve 🚀'],
  ['varchar(2)', '🚀🚀', '🚀🚀'],
  ['varchar(2)', 'ab   ', 'ab'],
  ['char(3)', 'a', 'a  '],
  ['char(3)', 'abc ', 'abc'],
  ['bytea', bytes(0, 255), bytes(0, 255)],
  ['bytea', '\\x00FF', bytes(0, 255)],
  ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['uuid', '{a0eebc999c0b4ef8bb6d6bb9bd380a11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', '-000001-01-01', '-000001-01-01'],
  ['date', new Date('2024-05-01T23:59:59Z'), '2024-05-01'],
  ['date', new Date('1969-12-31T12:00:00Z'), '1969-12-31'],
  ['time', '13:45', '13:45:00'],
  ['time', '13:45:07.120', '13:45:07.12'],
  ['time(0)', '13:45:07.5', '13:45:08'],
  ['timestamptz(3)', new Date(1234), new Date(1234)],
  ['timestamptz(3)', '2024-05-01T12:00:00+02:00', new Date('2024-05-01T10:00:00Z')],
  ['timestamptz(3)', '2024-05-01', new Date('2024-05-01T00:00:00Z')],
  ['timestamptz(0)', '2024-05-01T00:00:00.5Z', new Date('2024-05-01T00:00:01Z')],
  ['timestamptz', '2024-05-01 12:00:00.123456', '2024-05-01T12:00:00.123456Z'],
  ['timestamptz', '1900-01-01T00:00:00.000001Z', '1900-01-01T00:00:00.000001Z'],
  ['timestamp(3)', '2024-05-01T12:00:00+02:00', new Date('2024-05-01T12:00:00Z')],
  ['timestamp', new Date(-1), '1969-12-31T23:59:59.999000'],
  ['json', { a: [1, null, 'x'], b: undefined }, { a: [1, null, 'x'] }],
  ['jsonb', 'text', 'text'],
  ['int4[]', [1, '2', null], [1, 2, null]],
  ['int8[]', [], []],
  ['text[]', ['a', ''], ['a', '']],
  ['numeric(4,1)[]', [1.25], ['1.3']],
  ['bool[]', [true, false], [true, false]],
  ['timestamptz(3)[]', [new Date(5)], [new Date(5)]],
  ['text', null, null],
  ['int4', undefined, null],
]

test('values are taken and given back as the type has them', () => {
  for (const [type, value, expected] of ACCEPTED)
    assert.deepEqual(stored(type, value), expected, `${type} ${String(value)}`)
})

const REFUSED: readonly (readonly [string, unknown])[] = [
  ['bool', 1],
  ['bool', 'yes'],
  ['int2', 32768],
  ['int2', -32769],
  ['int4', 1.5],
  ['int4', '1.5'],
  ['int4', NaN],
  ['int4', 2147483648],
  ['int4', ''],
  ['int4', true],
  ['int8', 9223372036854775808n],
  ['int8', '-9223372036854775809'],
  ['int8', 2 ** 53],
  ['float4', 1e39],
  ['float8', '1e400'],
  ['float8', 'x'],
  ['float8', ''],
  ['numeric(4,2)', 100],
  ['numeric(4,2)', '99.995'],
  ['numeric(4,2)', 'NaN'],
  ['numeric', '1,5'],
  ['numeric', ''],
  ['numeric', true],
  ['text', 5],
  ['text', 'a\0b'],
  ['text', '\ud800'],
  ['varchar(2)', 'abc'],
  ['varchar(2)', '🚀🚀🚀'],
  ['char(2)', 'abc'],
  ['bytea', 'abc'],
  ['bytea', '\\x0'],
  ['bytea', [1]],
  ['uuid', 'a0eebc99'],
  ['date', '2024-02-30'],
  ['date', '2023-02-29'],
  ['date', '2024-13-01'],
  ['date', '24-01-01'],
  ['date', '2024-05-01T00:00:00Z'],
  ['date', new Date(NaN)],
  ['time', '24:00:00'],
  ['time', '12:60'],
  ['time', new Date(0)],
  ['timestamptz', '2024-05-01T25:00:00Z'],
  ['timestamptz', '2024-05-01T12:00:00+16:00'],
  ['timestamptz', '+275761-01-01T00:00:00Z'],
  ['timestamptz', 5],
  ['json', 5n],
  ['json', { a: NaN }],
  ['json', () => 1],
  ['json', new Date(0)],
  ['int4[]', 5],
  ['int4[]', [1, 'x']],
  ['text[]', [['a']]],
]

test('values of other types are refused', () => {
  for (const [type, value] of REFUSED)
    assert.equal(stored(type, value), 'mismatch', `${type} ${String(value)}`)
})

test('what is accepted instead is said', () => {
  const accepts = (type: string, value: unknown): string => {
    const datum = parseValue(parseColumnType(type), value)
    assert.equal(datum.kind, 'mismatch')
    return datum.accepts
  }
  assert.equal(accepts('int2', 'x'), 'an integer from -32768 to 32767')
  assert.equal(accepts('numeric(4,2)', 100), 'a decimal number of at most 2 digits before the point')
  assert.equal(accepts('varchar(2)', 'abc'), 'text of at most 2 characters')
  assert.equal(
    accepts('int4[]', [1, 'x']),
    'an array whose element 1 is an integer from -2147483648 to 2147483647',
  )
  assert.match(accepts('json', { a: [NaN] }), /^JSON: .*a\[0\].*NaN/)
  let deep: unknown = 1
  for (let i = 0; i < 101; i++) deep = [deep]
  assert.match(accepts('jsonb', deep), /100/)
})
