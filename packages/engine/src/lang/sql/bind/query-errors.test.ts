import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadParser } from '../parse/parse-statements.js'
import { errorOf } from './bind-sql.test.data.js'

before(loadParser)

/** Each with the error that PostgreSQL 15 gives it, and its place. */
const CASES: readonly (readonly [string, string])[] = [
  ['select 1::date', '42846 cannot cast type integer to date @8'],
  ['select foo.bar from t', '42P01 missing FROM-clause entry for table "foo" @7'],
  ['select t.bar from t', '42703 column t.bar does not exist @7'],
  [
    'select t.a from t c',
    '42P01 invalid reference to FROM-clause entry for table "t" @7\nHINT Perhaps you meant to reference the table alias "c".',
  ],
  [
    'select bb from t',
    '42703 column "bb" does not exist @7\nHINT Perhaps you meant to reference the column "t.b".',
  ],
  ['select a from t, u', '42702 column reference "a" is ambiguous @7'],
  ['select a from t join u on true', '42702 column reference "a" is ambiguous @7'],
  ['select * from t, t', '42712 table name "t" specified more than once'],
  ['select * from t x, u x', '42712 table name "x" specified more than once'],
  [
    'select count(a, b) from t',
    '42883 function count(integer, text) does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select sum(b) from t',
    '42883 function sum(text) does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select nofunc(1)',
    '42883 function nofunc(integer) does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select a + true from t',
    '42883 operator does not exist: integer + boolean @9\nHINT No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    `select 'a' + 'b'`,
    '42725 operator is not unique: unknown + unknown @11\nHINT Could not choose a best candidate operator. You might need to add explicit type casts.',
  ],
  [`select 1 + 'x'`, '22P02 invalid input syntax for type integer: "x" @11'],
  [`select a = 'x' from t`, '22P02 invalid input syntax for type integer: "x" @11'],
  [
    `select -'1'`,
    '42725 operator is not unique: - unknown @7\nHINT Could not choose a best candidate operator. You might need to add explicit type casts.',
  ],
  [
    'select a, sum(c) from t',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @7',
  ],
  [
    'select b, a from t group by b',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @10',
  ],
  [
    'select b, count(*) from t group by b having a > 1',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @44',
  ],
  [
    'select b from t group by b order by a',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @36',
  ],
  ['select count(*) from t where count(*) > 1', '42803 aggregate functions are not allowed in WHERE @29'],
  ['select sum(count(*)) from t', '42803 aggregate function calls cannot be nested @11'],
  ['select a from t order by 2', '42P10 ORDER BY position 2 is not in select list @25'],
  [`select a from t order by 'x'`, '42601 non-integer constant in ORDER BY @25'],
  ['select a from t order by zz', '42703 column "zz" does not exist @25'],
  ['select a as x, b as x from t order by x', '42702 ORDER BY "x" is ambiguous @38'],
  [
    'select distinct a from t order by b',
    '42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list @34',
  ],
  [
    'select distinct on (a) a, b from t order by b',
    '42P10 SELECT DISTINCT ON expressions must match initial ORDER BY expressions @20',
  ],
  ['select a from t limit a', '42P10 argument of LIMIT must not contain variables @22'],
  [`select a from t limit 'x'`, '22P02 invalid input syntax for type bigint: "x" @22'],
  [
    'select a from t fetch first 2 rows with ties',
    '42601 WITH TIES cannot be specified without ORDER BY clause',
  ],
  ['select a from t where a', '42804 argument of WHERE must be type boolean, not type integer @22'],
  [`select a from t where 'x'`, '22P02 invalid input syntax for type boolean: "x" @22'],
  ['select a from t where b', '42804 argument of WHERE must be type boolean, not type text @22'],
  ['select 1 from t join u on t.a', '42804 argument of JOIN/ON must be type boolean, not type integer @26'],
  ['select $2::int', '42P18 could not determine data type of parameter $1'],
  ['select $1 is null', '42P18 could not determine data type of parameter $1'],
  [`select $1 = 1 or $1 = 'x'`, '22P02 invalid input syntax for type integer: "x" @22'],
  [
    `select case when a > 1 then 'x' else 2 end from t`,
    '22P02 invalid input syntax for type integer: "x" @28',
  ],
  [
    `select case a when 1 then 'a' when 'x' then 'b' end from t`,
    '22P02 invalid input syntax for type integer: "x" @35',
  ],
  [
    'select case when a then 1 end from t',
    '42804 argument of CASE/WHEN must be type boolean, not type integer @17',
  ],
  ['select coalesce(a, b) from t', '42804 COALESCE types integer and text cannot be matched @19'],
  [`select coalesce(a, 'x') from t`, '22P02 invalid input syntax for type integer: "x" @19'],
  [`select nullif(a, 'x') from t`, '22P02 invalid input syntax for type integer: "x" @17'],
  [`select a in (1, 'x') from t`, '22P02 invalid input syntax for type integer: "x" @16'],
  [
    'select a in (1, b) from t',
    '42883 operator does not exist: integer = text @9\nHINT No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  ['select (a, b) = (1, 2, 3) from t', '42601 unequal number of entries in row expressions @14'],
  ['select a = any(1) from t', '42809 op ANY/ALL (array) requires array on right side @9'],
  ['select a in (select a, e from u) from t', '42601 subquery has too many columns @9'],
  ['select (select a, b from t)', '42601 subquery must return only one column @7'],
  [`select a between 'x' and 3 from t`, '22P02 invalid input syntax for type integer: "x" @17'],
  [
    `select a like 'x' from t`,
    '42883 operator does not exist: integer ~~ unknown @9\nHINT No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select a is distinct from b from t',
    '42883 operator does not exist: integer = text @9\nHINT No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  ['select a is true from t', '42804 argument of IS TRUE must be type boolean, not type integer @7'],
  ['select a[1] from t', '42804 cannot subscript type integer because it does not support subscripting @7'],
  [`select tags['x'] from k`, '22P02 invalid input syntax for type integer: "x" @12'],
  [`select doc['a':'b'] from k`, '42804 jsonb subscript does not support slices @15'],
  [`select array[1,'x']`, '22P02 invalid input syntax for type integer: "x" @15'],
  [
    'select array[]',
    '42P18 cannot determine type of empty array @7\nHINT Explicitly cast to the desired type, for example ARRAY[]::integer[].',
  ],
  ['select array[array[1],2]', '42804 ARRAY types integer[] and integer cannot be matched @22'],
  ['select a collate "C" from t', '42804 collations are not supported by type integer @9'],
  ['select b collate "nope" from t', '42704 collation "nope" for encoding "UTF8" does not exist @9'],
  [
    'select b collate "C" < b collate "POSIX" from t',
    '42P21 collation mismatch between explicit collations "C" and "POSIX" @25',
  ],
  [`select 'x'::nope`, '42704 type "nope" does not exist @12'],
  [`select 'x'::int(3)`, '42601 syntax error at or near "(" @15'],
  [`select 'abc'::int`, '22P02 invalid input syntax for type integer: "abc" @7'],
  [
    `select '2020-13-01'::date`,
    '22008 date/time field value out of range: "2020-13-01" @7\nHINT Perhaps you need a different "datestyle" setting.',
  ],
  [`select date 'x'`, '22007 invalid input syntax for type date: "x" @12'],
  [
    'select t.* from t x',
    '42P01 invalid reference to FROM-clause entry for table "t" @7\nHINT Perhaps you meant to reference the table alias "x".',
  ],
  ['select (t).zz from t', '42703 column t.zz does not exist @8'],
  [
    'select (a).b from t',
    '42809 column notation .b applied to type integer, which is not a composite type @8',
  ],
  [
    'select s.t.a from t',
    '42P01 invalid reference to FROM-clause entry for table "t" @7\nHINT There is an entry for table "t", but it cannot be referenced from this part of the query.',
  ],
  ['select * from s.nope', '42P01 relation "s.nope" does not exist @14'],
  ['select * from nope', '42P01 relation "nope" does not exist @14'],
  ['select * from nos.t', '42P01 relation "nos.t" does not exist @14'],
  ['select * from t v(x, y, z, w, q)', '42P10 table "v" has 4 columns available but 5 columns specified'],
  [`select * from (values (1,'a'),(2)) v`, '42601 VALUES lists must all be the same length @31'],
  [`select * from (values (1),('x')) v`, '22P02 invalid input syntax for type integer: "x" @27'],
  ['values (1,2),(3,4) order by 3', '42P10 ORDER BY position 3 is not in select list @28'],
]

test('mistakes in queries are told as PostgreSQL tells them', () => {
  for (const [text, error] of CASES) assert.equal(errorOf(text), error, text)
})
