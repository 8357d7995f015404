import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadParser } from '../parse/parse-statements.js'
import { resultOf } from './bind-sql.test.data.js'

before(loadParser)

/** Each with the columns and, behind the arrow, the parameters that PostgreSQL 15 gives it. */
const CASES: readonly (readonly [string, string])[] = [
  [`insert into t values (1, 'a')`, ''],
  [`insert into t(a) values ('1')`, ''],
  ['insert into t(b) values (1)', ''],
  ['insert into t(a) values (1.5)', ''],
  ['insert into t(a, b) select a, e from u', ''],
  [`insert into t(a, b) select '1', null`, ''],
  ['insert into t(a, b) select $1, $2', ' <- integer, text'],
  ['insert into t default values', ''],
  ['insert into t(a, d) values (1, default), (2, now())', ''],
  ['insert into t(a, b) values (default, default)', ''],
  ['insert into k(id) values (default)', ''],
  ['insert into k(id) overriding system value values (1)', ''],
  ['insert into k(w) values (default)', ''],
  [`insert into k(v) values ('x'), (default)`, ''],
  ['insert into k2(id) values (1)', ''],
  ['insert into k2(id) overriding user value values (1)', ''],
  ['insert into t as q(a) values (1) returning q.a', 'a integer'],
  ['insert into t(a) values (1) returning a + 1 as x, b', 'x integer, b text'],
  ['insert into t(a) values (1) on conflict do nothing', ''],
  [
    'insert into t(a) values (1) on conflict (a) do nothing returning *',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  ['insert into t(a) values (1) on conflict (a) do update set b = excluded.b, c = t.c + 1 where t.a > 1', ''],
  [
    'insert into t(a) values (1) on conflict on constraint t_pkey do update set b = excluded.b returning t.*',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [`insert into t(a) values (1) on conflict (a) where b = 'x' do nothing`, ''],
  ['insert into t(a) values (generate_series(1,2))', ''],
  ['insert into t(a) values ((select max(a) from u))', ''],
  ['insert into t(a) select generate_series(1,3)', ''],
  [`insert into m(feeling, code, during) values ('ok', 'abcd', '1 day')`, ''],
  [`insert into m(at) values ('2020-01-01'), (current_date)`, ''],
  [`insert into u(e) values (1), ('x')`, ''],
  ['insert into u(e) values ($1), ($2)', ' <- character varying, character varying'],
  ['with q as (select 1 as x) insert into t(a) select x from q', ''],
  ['insert into t(a) with q as (select 1 as x) select x from q', ''],
  ['insert into t(a) values (1), (2) order by 1', ''],
  ['update t set b = 1', ''],
  [`update t set a = '5'`, ''],
  [`update t set (a, b) = (1, 'x')`, ''],
  ['update t set (a, b) = row(1, default)', ''],
  ['update t set (a, b) = (select a, e from u where u.a = t.a)', ''],
  ['update t set a = default', ''],
  ['update t set b = u.e from u where u.a = t.a returning t.a, u.e', 'a integer, e character varying(10)'],
  ['update t set b = x.b from t x where x.a = t.a', ''],
  ['update k set w = default', ''],
  ['update k set id = default', ''],
  ['update k2 set id = 3', ''],
  [`update k set tags[1] = 'x'`, ''],
  [`update k set tags[1:2] = '{a,b}'`, ''],
  [`update k set doc['a'] = '1'`, ''],
  [
    'update t set b = $1 where a = $2 and c > $3 returning $4::int',
    'int4 integer <- text, integer, numeric, integer',
  ],
  ['with q as (select 1 as x) update t set a = q.x from q', ''],
  ['delete from t', ''],
  [
    'delete from t x where x.a = 1 returning *',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  ['delete from t using u where t.a = u.a', ''],
  [
    'delete from t using t x where t.a = x.a returning t.*, x.b',
    'a integer, b text, c numeric(10,2), d timestamp with time zone, b text',
  ],
  ['delete from t where a = (select max(a) from u)', ''],
  [
    'merge into t using u on t.a = u.a when matched then update set b = u.e when not matched then insert (a, b) values (u.a, u.e)',
    '',
  ],
  [
    `merge into t using u on t.a = u.a when matched and t.b = 'x' then delete when matched then do nothing`,
    '',
  ],
  [
    'merge into t x using (select 1 as q) y on x.a = y.q when matched then update set b = y.q::text when not matched then insert (a) values (y.q)',
    '',
  ],
  ['merge into t using u on t.a = u.a when not matched then insert default values', ''],
]

test('statements that change rows have the columns and parameters that PostgreSQL gives them', () => {
  for (const [text, result] of CASES) assert.equal(resultOf(text), result, text)
})
