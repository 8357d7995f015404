// @ts-check
/** Texts of values at the edges of each type, by the type's name as SQL writes it. */

const TEXTS = [
  ...['', ' ', 'a', 'A', 'b', 'ab', 'abc', 'abcabc', 'Hello World', 'äöü ÄÖÜ ß', '日本語', '😀x', 'a,b,c', '%', '_', 'a%b_c'],
  ...['\\', "it's", '"q"', '  both  ', '123', '-1.5', 'true', '2020-02-29', '{"a": 1}', '{1,2}', 'a\nb', 'a\tb', 'xyxyx', 'é'],
  ...['the quick brown fox jumps', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'foo.bar.baz', 'a1b22c333', 'NULL', '0', 'Ünï', 'ǆ', 'ı', 'İ'],
]
const JSON_TEXTS = [
  ...['null', 'true', '1', '-0.5', '1e3', '"a"', '""', '[]', '{}', '[1, 2, 3]', '{"a": 1}', '{"a": {"b": [1, null, "x"]}}'],
  ...['[{"a": 1}, {"a": 2, "b": "c"}]', '{"b": 2, "a": 1, "c": null}', '[[1, 2], [3]]', '"\\u00e4\\n"', '1.50', '{"": 1}'],
  ...['[null, true, "x", 1.5, {"k": []}]', '{"a":"x","a":"y"}', '[1, "1", 1.0]', '{"x": "2020-01-01", "n": 12345678901234567890}'],
]

/** @type {Readonly<Record<string, readonly string[]>>} */
export const VALUES = {
  boolean: ['true', 'false'],
  smallint: ['0', '1', '-1', '2', '3', '7', '10', '100', '32767', '-32768'],
  integer: ['0', '1', '-1', '2', '3', '4', '5', '10', '12', '-7', '100', '1000', '65536', '2147483647', '-2147483648'],
  bigint: ['0', '1', '-1', '2', '3', '10', '-7', '60', '1000000', '4294967296', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  real: ['0', '-0', '1', '-1', '0.5', '1.5', '2.5', '-2.5', '0.1', '3.14159', '1e10', '1e-10', '123456.789', '3.4028235e38', '1e-45', 'Infinity', '-Infinity', 'NaN'],
  'double precision': ['0', '-0', '1', '-1', '0.5', '1.5', '2.5', '-2.5', '0.1', '45', '90', '3.141592653589793', '1e10', '1e-10', '1e15', '1e16', '123456789.123456789', '9007199254740993', '1.7976931348623157e308', '5e-324', 'Infinity', '-Infinity', 'NaN'],
  numeric: ['0', '0.00', '1', '-1', '2', '0.5', '-0.5', '1.5', '2.5', '-2.50', '3.14159265358979', '10', '100.000', '1234567.891', '99999999999999999999', '0.000001', '1e-20', '12345678901234567890.123456789', '1e30', 'NaN', 'Infinity', '-Infinity'],
  text: TEXTS,
  'character varying': TEXTS,
  character: ['', 'a', 'a  ', 'abc', 'B'],
  bpchar: ['', 'a', 'a  ', 'abc', 'B', '日本 '],
  name: ['', 'a', 'abc', 'Some Name', 'pg_class'],
  '"char"': ['a', 'b', 'Z', '1'],
  bytea: ['\\x', '\\x00', '\\x61', '\\xdeadbeef', '\\x0001ff80', '\\x616263', '\\x48656c6c6f20576f726c64', 'a\\000b'],
  date: ['2020-02-29', '2021-12-31', '1970-01-01', '1999-01-01', '2000-03-01', '0001-01-01', '0044-03-15 BC', '9999-12-31', '2024-06-15', '5874897-12-31', '4714-11-24 BC', 'infinity', '-infinity'],
  'time without time zone': ['00:00:00', '23:59:59.999999', '24:00:00', '12:34:56.789', '06:00:00', '00:00:00.000001'],
  'time with time zone': ['00:00:00+00', '23:59:59.999999-08', '12:34:56.789+05:30', '24:00:00+00', '06:00:00+14'],
  'timestamp without time zone': ['2020-02-29 12:34:56.789012', '1970-01-01 00:00:00', '1999-12-31 23:59:59.999999', '2021-03-14 02:30:00', '0001-01-01 00:00:00', '0044-03-15 12:00:00 BC', '294276-12-31 23:59:59.999999', '4714-11-24 00:00:00 BC', '2024-06-15 06:07:08', 'infinity', '-infinity'],
  'timestamp with time zone': ['2020-02-29 12:34:56.789012+00', '1970-01-01 00:00:00+00', '1999-12-31 23:59:59.999999-08', '2021-03-14 02:30:00-05', '0001-01-01 00:00:00+00', '2024-06-15 06:07:08+02', '294276-12-31 23:59:59.999999+00', 'infinity', '-infinity'],
  interval: ['0', '1 day', '-1 day', '1 month', '1 year 2 months 3 days 04:05:06.789', '-1 year -2 months +3 days -04:05:06', '00:00:00.000001', '1 hour', '90 minutes', '36 hours', '1 week', '100 years', '30 days', '13 months', '178000000 years', '1 mon -30 days', '2000000:00:00', '-00:30'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '{A0EEBC999C0B4EF8BB6D6BB9BD380A11}'],
  json: JSON_TEXTS,
  jsonb: JSON_TEXTS,
  jsonpath: ['$', '$.a', '$.a.b[*]', '$[*]', '$[0]', '$[last]', '$.*', '$.**', '$[*] ? (@ > 1)', '$.a ? (@ == 1)', 'strict $.a', '$[*].a', '$.size()', '$.type()', '$[*] ? (@.a >= 1)', '$.keyvalue()', '$.a + 1', '-$[*]', '$[1 to 2]', '$ ? (exists(@.a))', '$.x ? (@ starts with "2")', '$.x ? (@ like_regex "^2")', '$[*].double()', '$.n.ceiling()', '$.a == 1', '$ ? (@.a is unknown)', '$.x.datetime()', '$[*] ? (@ == $v)'],
  oid: ['0', '1', '23', '25', '4294967295'],
  mood: ['sad', 'ok', 'happy'],
  'integer[]': ['{}', '{1}', '{1,2,3}', '{3,1,2,1}', '{NULL}', '{1,NULL,2}', '{{1,2},{3,4}}', '[0:2]={1,2,3}', '[-1:0]={5,6}', '{10,20,30,40}'],
  'bigint[]': ['{}', '{1,2}', '{9223372036854775807}', '{1,NULL}', '{{1,2},{3,4}}'],
  'smallint[]': ['{}', '{1,2}', '{NULL,3}'],
  'text[]': ['{}', '{a}', '{a,b,c}', '{"a b","",NULL}', '{a,NULL,a}', '{{a,b},{c,d}}', '{"x,y","\\"q\\""}', '{a,b}', '[2:3]={x,y}', '{k,v,k2,v2}', '{{k,v},{k2,v2}}'],
  'character varying[]': ['{}', '{a,b}', '{NULL}'],
  'numeric[]': ['{}', '{1.5,2.50}', '{NaN,1}', '{1,NULL}'],
  'double precision[]': ['{}', '{0.5}', '{0,0.25,0.5,0.75,1}', '{NaN,1}', '{1,NULL}', '{{1,2},{3,4}}'],
  'real[]': ['{}', '{0.5,1.5}', '{NULL,1}'],
  'boolean[]': ['{}', '{t,f}', '{NULL}'],
  'date[]': ['{}', '{2020-01-01,infinity}', '{2020-02-29,NULL}'],
  'timestamp without time zone[]': ['{}', '{"2020-01-01 00:00:00","1999-12-31 23:59:59"}'],
  'timestamp with time zone[]': ['{}', '{"2020-01-01 00:00:00+00"}'],
  'interval[]': ['{}', '{"1 day","02:00:00"}'],
  'uuid[]': ['{}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'],
  'jsonb[]': ['{}', '{"{\\"a\\": 1}",null}', '{1,"[1]"}'],
  'json[]': ['{}', '{"{\\"a\\": 1}"}'],
  'bytea[]': ['{}', '{"\\\\x00","\\\\x61"}'],
  'mood[]': ['{}', '{sad,happy}', '{ok,NULL}'],
  'oid[]': ['{}', '{1,2}'],
}

/** The element of each array type. @param {string} type */
export const elementOf = (type) => (type.endsWith('[]') ? type.slice(0, -2) : undefined)

/** @param {string} text */
export const quoted = (text) => (/[\\\n\t]/.test(text) ? `E'${escaped(text)}'` : `'${text.replaceAll("'", "''")}'`)

/** @param {string} text */
const escaped = (text) =>
  text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\t', '\\t')

/** As a constant of its type. @param {string} type @param {string} text */
export const literal = (type, text) => `${quoted(text)}::${type}`
