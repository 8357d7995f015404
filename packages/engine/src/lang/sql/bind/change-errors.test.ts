import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadParser } from '../parse/parse-statements.js'
import { errorOf } from './bind-sql.test.data.js'

before(loadParser)

/** Each with the error that PostgreSQL 15 gives it, and its place. */
const CASES: readonly (readonly [string, string])[] = [
  [`insert into t values (1, 'a', 2, now(), 5)`, '42601 INSERT has more expressions than target columns @40'],
  ['insert into t(a, b) values (1)', '42601 INSERT has more target columns than expressions @17'],
  ['insert into t(a) values (1, 2)', '42601 INSERT has more expressions than target columns @28'],
  ['insert into t(a, a) values (1, 2)', '42701 column "a" specified more than once @17'],
  ['insert into t(zz) values (1)', '42703 column "zz" of relation "t" does not exist @14'],
  [`insert into t(a) values ('x')`, '22P02 invalid input syntax for type integer: "x" @25'],
  [
    'insert into t(a) values (true)',
    '42804 column "a" is of type integer but expression is of type boolean @25\nHINT You will need to rewrite or cast the expression.',
  ],
  [
    'insert into t(a) values (now())',
    '42804 column "a" is of type integer but expression is of type timestamp with time zone @25\nHINT You will need to rewrite or cast the expression.',
  ],
  [`insert into t(a, b) select 'x', 'y'`, '22P02 invalid input syntax for type integer: "x" @27'],
  ['insert into t(a) select a, b from t', '42601 INSERT has more expressions than target columns @27'],
  ['insert into t(a, b) select a from t', '42601 INSERT has more target columns than expressions @17'],
  [
    'insert into t select * from u',
    '42804 column "d" is of type timestamp with time zone but expression is of type boolean @21\nHINT You will need to rewrite or cast the expression.',
  ],
  [
    `insert into t values ((1, 'a'))`,
    '42804 column "a" is of type integer but expression is of type record @22\nHINT You will need to rewrite or cast the expression.',
  ],
  [
    'insert into k(id) values (1)',
    '428C9 cannot insert a non-DEFAULT value into column "id"\nDETAIL Column "id" is an identity column defined as GENERATED ALWAYS.\nHINT Use OVERRIDING SYSTEM VALUE to override.',
  ],
  [
    'insert into k(w) values (1)',
    '428C9 cannot insert a non-DEFAULT value into column "w"\nDETAIL Column "w" is a generated column.',
  ],
  [
    'insert into k select * from k',
    '428C9 cannot insert a non-DEFAULT value into column "id"\nDETAIL Column "id" is an identity column defined as GENERATED ALWAYS.\nHINT Use OVERRIDING SYSTEM VALUE to override.',
  ],
  ['insert into nope values (1)', '42P01 relation "nope" does not exist @12'],
  ['insert into pg_catalog.pg_class values (1)', '42P01 relation "pg_catalog.pg_class" does not exist @12'],
  [
    'insert into t as q values (1) returning q.a, t.a',
    '42P01 invalid reference to FROM-clause entry for table "t" @45\nHINT Perhaps you meant to reference the table alias "q".',
  ],
  ['insert into t(a) values (1) returning zz', '42703 column "zz" does not exist @38'],
  [
    'insert into t(a) values (1) returning count(*)',
    '42803 aggregate functions are not allowed in RETURNING @38',
  ],
  [
    'insert into t(a) values (1) on conflict (b) do nothing',
    '42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification',
  ],
  ['insert into t(a) values (1) on conflict (zz) do nothing', '42703 column "zz" does not exist @40'],
  [
    `insert into t(a) values (1) on conflict do update set b = 'x'`,
    '42601 ON CONFLICT DO UPDATE requires inference specification or constraint name @28\nHINT For example, ON CONFLICT (column_name).',
  ],
  [
    'insert into t(a) values (1) on conflict (a) do update set b = b',
    '42702 column reference "b" is ambiguous @62',
  ],
  [
    'insert into t(a) values (1) on conflict (a) do update set a = excluded.zz',
    '42703 column excluded.zz does not exist @62',
  ],
  [
    'insert into t(a) values (1) on conflict on constraint nope do nothing',
    '42704 constraint "nope" for table "t" does not exist',
  ],
  ['insert into t(a) values (sum(1))', '42803 aggregate functions are not allowed in VALUES @25'],
  [
    'insert into t(a) values (generate_series(1,2)), (3)',
    '0A000 set-returning functions are not allowed in VALUES @25',
  ],
  ['insert into t(a) values (a)', '42703 column "a" does not exist @25'],
  [`insert into m(feeling) values ('nope')`, '22P02 invalid input value for enum mood: "nope" @31'],
  [`update t set a = 'x'`, '22P02 invalid input syntax for type integer: "x" @17'],
  [
    'update t set a = b',
    '42804 column "a" is of type integer but expression is of type text @17\nHINT You will need to rewrite or cast the expression.',
  ],
  ['update t set zz = 1', '42703 column "zz" of relation "t" does not exist @13'],
  ['update t set a = 1, a = 2', '42601 multiple assignments to same column "a" @20'],
  ['update t set (a, b) = (1, 2, 3)', '42601 number of columns does not match number of values @22'],
  ['update t set (a, b) = (select a from u)', '42601 number of columns does not match number of values @22'],
  [
    'update t set (a, b) = 1',
    '0A000 source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression',
  ],
  ['update t set b = t.b from t', '42712 table name "t" specified more than once'],
  [
    'update t x set b = t.b',
    '42P01 invalid reference to FROM-clause entry for table "t" @19\nHINT Perhaps you meant to reference the table alias "x".',
  ],
  [
    `update t x set b = x.b || 'y' where t.a = 1`,
    '42P01 invalid reference to FROM-clause entry for table "t" @36\nHINT Perhaps you meant to reference the table alias "x".',
  ],
  [
    'update t set b = q.y from (select t.a as y) q',
    '42P01 invalid reference to FROM-clause entry for table "t" @34\nHINT There is an entry for table "t", but it cannot be referenced from this part of the query.',
  ],
  [
    'update t set b = q.y from lateral (select t.a as y) q',
    '42P10 invalid reference to FROM-clause entry for table "t" @42\nHINT There is an entry for table "t", but it cannot be referenced from this part of the query.',
  ],
  [`update t set t.b = 'x'`, '42703 column "t" of relation "t" does not exist @13'],
  ['update t set a = sum(a)', '42803 aggregate functions are not allowed in UPDATE @17'],
  ['update t set a = 1 where sum(a) > 1', '42803 aggregate functions are not allowed in WHERE @25'],
  ['update t set a = 1 where a', '42804 argument of WHERE must be type boolean, not type integer @25'],
  ['update t set a = generate_series(1,2)', '0A000 set-returning functions are not allowed in UPDATE @17'],
  [
    'update k set w = 3',
    '428C9 column "w" can only be updated to DEFAULT\nDETAIL Column "w" is a generated column.',
  ],
  [
    'update k set id = 3',
    '428C9 column "id" can only be updated to DEFAULT\nDETAIL Column "id" is an identity column defined as GENERATED ALWAYS.',
  ],
  ['update t set a = row_number() over ()', '42P20 window functions are not allowed in UPDATE @17'],
  ['update nope set a = 1', '42P01 relation "nope" does not exist @7'],
  ['delete from t where zz = 1', '42703 column "zz" does not exist @20'],
  [
    'delete from t x where t.a = 1',
    '42P01 invalid reference to FROM-clause entry for table "t" @22\nHINT Perhaps you meant to reference the table alias "x".',
  ],
  ['delete from t using t where t.a = 1', '42712 table name "t" specified more than once'],
  ['delete from t where count(*) > 1', '42803 aggregate functions are not allowed in WHERE @20'],
  ['delete from t returning sum(a)', '42803 aggregate functions are not allowed in RETURNING @24'],
  ['delete from nope', '42P01 relation "nope" does not exist @12'],
  [
    'merge into t using u on t.a = u.a when not matched then insert values (u.a, t.b)',
    '42P01 invalid reference to FROM-clause entry for table "t" @76\nHINT There is an entry for table "t", but it cannot be referenced from this part of the query.',
  ],
  [
    `merge into t using u on t.a = u.a when not matched and t.b = 'x' then do nothing`,
    '42P01 invalid reference to FROM-clause entry for table "t" @55\nHINT There is an entry for table "t", but it cannot be referenced from this part of the query.',
  ],
  [
    'merge into t using u on t.a = u.a when matched then do nothing when matched then delete',
    '42601 unreachable WHEN clause specified after unconditional WHEN clause',
  ],
  [
    'merge into t using u on t.a = u.e when matched then delete',
    '42883 operator does not exist: integer = character varying @28\nHINT No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'merge into t using u on t.a = u.a when not matched then insert (a) values (u.a, u.e)',
    '42601 INSERT has more expressions than target columns',
  ],
  [
    'merge into t using u on t.a = u.a when not matched then insert (a, b) values (u.a)',
    '42601 INSERT has more target columns than expressions @67',
  ],
  [
    'merge into t using u on t.a = u.a when matched then update set zz = 1',
    '42703 column "zz" of relation "t" does not exist @63',
  ],
  [
    'merge into t using t on true when matched then delete',
    '42712 name "t" specified more than once\nDETAIL The name is used both as MERGE target table and data source.',
  ],
]

test('mistakes in statements that change rows are told as PostgreSQL tells them', () => {
  for (const [text, error] of CASES) assert.equal(errorOf(text), error, text)
})
