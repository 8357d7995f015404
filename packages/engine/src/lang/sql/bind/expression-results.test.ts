import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadParser } from '../parse/parse-statements.js'
import { resultOf } from './bind-sql.test.data.js'

before(loadParser)

/** Each with the columns and, behind the arrow, the parameters that PostgreSQL 15 gives it. */
const CASES: readonly (readonly [string, string])[] = [
  ['select make_interval(days => 3)', 'make_interval interval'],
  [
    `select concat('a', 1, true), concat_ws(',', 'a', null), format('%s', 1)`,
    'concat text, concat_ws text, format text',
  ],
  [`select concat(variadic array['a','b'])`, 'concat text'],
  [`select jsonb_build_object('a', 1, 'b', t.a) from t`, 'jsonb_build_object jsonb'],
  [
    `select doc->'a', doc->>'a', doc#>'{a,b}', doc @> '{"a":1}', doc ? 'a' from k`,
    '?column? jsonb, ?column? text, ?column? jsonb, ?column? boolean, ?column? boolean',
  ],
  [
    `select now() - interval '1 day', now() - now(), d + '1 day', d - d, d > '2020-01-01' from t`,
    '?column? timestamp with time zone, ?column? interval, ?column? timestamp with time zone, ?column? interval, ?column? boolean',
  ],
  [
    `select at + 1, at - at, at + interval '1 day', at = '2020-01-01' from m`,
    '?column? date, ?column? integer, ?column? timestamp without time zone, ?column? boolean',
  ],
  [
    `select feeling = 'ok', feeling > 'sad', feeling in ('ok', 'sad') from m`,
    '?column? boolean, ?column? boolean, ?column? boolean',
  ],
  [`select feeling || 'x' from m`, '?column? text'],
  [`select code = 'ab', code || 'x', length(code) from m`, '?column? boolean, ?column? text, length integer'],
  [
    'select c * 2, c / 3, c + 1.5, -c, c % 2, c::int, round(c), round(c, 1) from t',
    '?column? numeric, ?column? numeric, ?column? numeric, ?column? numeric, ?column? numeric, c integer, round numeric, round numeric',
  ],
  [
    'select a::float8 / 3, sqrt(a), power(a, 2), a::numeric from t',
    '?column? double precision, sqrt double precision, power double precision, a numeric',
  ],
  ['select e = b from u, t', '?column? boolean'],
  ['select e || 1 from u', '?column? text'],
  [
    `select lower(e), upper(b), length(b), substr(b, 1), left(b, 2), replace(b, 'x', 'y') from u, t`,
    'lower text, upper text, length integer, substr text, left text, replace text',
  ],
  ['select array_agg(a), array_agg(tags) from t, k', 'array_agg integer[], array_agg text[]'],
  [`select unnest(array[1,2]), unnest(array['a'])`, 'unnest integer, unnest text'],
  [
    'select array[1,2] || 3, array[1,2] @> array[1], array[1,2] && array[2,3]',
    '?column? integer[], ?column? boolean, ?column? boolean',
  ],
  [`select array_position(tags, 'x') from k`, 'array_position integer'],
  [
    `select nullif(b, ''), nullif(a, 0), nullif(c, 1) from t`,
    'nullif text, nullif integer, nullif numeric(10,2)',
  ],
  [
    `select case when a = 1 then b end, case when true then null end, case when true then 'a' else null end from t`,
    'case text, case text, case text',
  ],
  [
    `select greatest(a, c), least(b, 'x'), greatest('a', 'b') from t`,
    'greatest numeric, least text, greatest text',
  ],
  ['select a::text::int, b::int, a::bool, true::int from t', 'a integer, b integer, a boolean, int4 integer'],
  [
    `select now()::date, '2020-01-01'::timestamp::timestamptz, now() at time zone 'utc', timestamp '2020-01-01' at time zone 'UTC'`,
    'now date, timestamptz timestamp with time zone, timezone timestamp without time zone, timezone timestamp with time zone',
  ],
  [
    `select extract(epoch from d), date_part('year', d), date_trunc('day', d) from t`,
    'extract numeric, date_part double precision, date_trunc timestamp with time zone',
  ],
  [
    `select overlay('abc' placing 'x' from 1 for 1), trim(leading 'x' from 'xa'), trim(both from 'a'), substring('abc' from 'b'), substring('abc' for 2), position('b' in 'abc')`,
    'overlay text, ltrim text, btrim text, substring text, substring text, position integer',
  ],
  ['select (current_date, current_date) overlaps (current_date, current_date)', 'overlaps boolean'],
  [
    'select current_timestamp, current_timestamp(3), localtimestamp, localtime(2), current_time, current_user, session_user, user, current_catalog, current_schema, current_role',
    'current_timestamp timestamp with time zone, current_timestamp timestamp(3) with time zone, localtimestamp timestamp without time zone, localtime time(2) without time zone, current_time time with time zone, current_user name, session_user name, user name, current_catalog name, current_schema name, current_role name',
  ],
  [
    'select (select a from t limit 1), (select b from t limit 1)::varchar(3), exists (select 1 from t)',
    'a integer, b character varying(3), exists boolean',
  ],
  ['select x.a, x.b from (select * from t) x where x.a > 1 order by x.b', 'a integer, b text'],
  [
    'select t.a, u.f from t, u where t.a = u.a and u.g order by u.f desc nulls last, 1',
    'a integer, f double precision',
  ],
  ['select t.a as x from t order by -a', 'x integer'],
  ['select a, b from t order by b collate "C"', 'a integer, b text'],
  [
    'select count(*), count(a), count(distinct a), sum(a), avg(a), min(b) from t',
    'count bigint, count bigint, count bigint, sum bigint, avg numeric, min text',
  ],
  ['select b, count(*) c from t group by b having count(*) > 1 order by c desc', 'b text, c bigint'],
  [
    `select date_trunc('day', d) as day, sum(c) from t group by day order by day`,
    'day timestamp with time zone, sum numeric',
  ],
  [
    `select date_trunc('day', d), sum(c) from t group by 1 order by 1`,
    'date_trunc timestamp with time zone, sum numeric',
  ],
  ['select a % 2 as par, count(*) from t group by a % 2', 'par integer, count bigint'],
  ['select length(b), count(*) from t group by length(b) having max(a) > 3', 'length integer, count bigint'],
  ['select max(a) + 1, min(c)::int from t', '?column? integer, min integer'],
  ['select t.* from t group by a', 'a integer, b text, c numeric(10,2), d timestamp with time zone'],
  ['select t.b, count(u.*) from t left join u on u.a = t.a group by t.a', 'b text, count bigint'],
  ['select count(t) from t left join u on true', 'count bigint'],
  [
    'select sum(a) over (partition by b order by c), rank() over w from t window w as (order by a desc)',
    'sum bigint, rank bigint',
  ],
  ['select sum(count(*)) over (order by b) from t group by b', 'sum numeric'],
  ['select b, row_number() over (order by count(*)) from t group by b', 'b text, row_number bigint'],
  ['select distinct on (b) b, a from t order by b, a desc', 'b text, a integer'],
  ['select distinct b, count(*) from t group by b', 'b text, count bigint'],
  [
    `select string_agg(b, ',' order by a desc), json_agg(t), jsonb_agg(a), json_object_agg(b, a) from t`,
    'string_agg text, json_agg json, jsonb_agg jsonb, json_object_agg json',
  ],
  ['select bool_or(g), bool_and(g) from u', 'bool_or boolean, bool_and boolean'],
  [
    'select percentile_disc(0.5) within group (order by f), rank(3) within group (order by a) from u',
    'percentile_disc double precision, rank bigint',
  ],
  [`select every(a > 1) filter (where b = 'x') from t`, 'every boolean'],
  [
    'select * from t where a in (select a from u where u.e = t.b)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    'select * from t where not exists (select 1 from u where u.a = t.a)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    'select * from t where (a, b) in (select a, e from u)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    'select * from t where a = any(array(select a from u))',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    'select * from t where a = all(select a from u)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    `select * from t where b like any(array['a%', 'b%'])`,
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    `select * from t where a <> all('{1,2}')`,
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  [
    'select * from t where a between $1 and $2',
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- integer, integer',
  ],
  [
    'select * from t where a = any($1)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- integer[]',
  ],
  [
    'select * from t where b = any($1::text[])',
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- text[]',
  ],
  [
    `select * from t where b ilike '%' || $1 || '%'`,
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- text',
  ],
  [
    'select * from t where d > now() - $1::interval',
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- interval',
  ],
  [
    'select * from t where a in ($1, $2, $3)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- integer, integer, integer',
  ],
  [
    'select * from t where ($1::int is null or a = $1)',
    'a integer, b text, c numeric(10,2), d timestamp with time zone <- integer',
  ],
  ['select $1 || $2', '?column? text <- text, text'],
  [`select $1 || 'x'`, '?column? text <- text'],
  [`select coalesce($1, 'x')`, 'coalesce text <- text'],
  ['select coalesce($1, 1)', 'coalesce integer <- integer'],
  ['select case when $1 then 1 end', 'case integer <- boolean'],
  ['select lower($1)', 'lower text <- text'],
  ['select abs($1)', 'abs double precision <- double precision'],
  ['select array[$1, 2]', 'array integer[] <- integer'],
  ['select * from generate_series($1, 10)', 'generate_series integer <- integer'],
  ['select * from t limit $1', 'a integer, b text, c numeric(10,2), d timestamp with time zone <- bigint'],
  ['select * from (values ($1, 1)) v', 'column1 text, column2 integer <- text'],
  ['select * from (values ($1::int), ($2)) v', 'column1 integer <- integer, integer'],
  ['select $1 = any($2)', '?column? boolean <- text, text[]'],
  [`select * from jsonb_each('{}')`, 'key text, value jsonb'],
  [`select * from jsonb_each_text('{}') as x(a, b)`, 'a text, b text'],
  [`select * from json_array_elements('[]') e`, 'value json'],
  [`select * from json_array_elements('[]') with ordinality as e(v, n)`, 'v json, n bigint'],
  [`select * from jsonb_object_keys('{}') q`, 'q text'],
  [`select value from jsonb_array_elements('[1]')`, 'value jsonb'],
  [`select * from jsonb_to_recordset('[]') as x(a int, b text)`, 'a integer, b text'],
  [`select * from jsonb_to_record('{}') as (a int, b varchar(3))`, 'a integer, b character varying(3)'],
  [`select * from regexp_matches('a', 'b', 'g')`, 'regexp_matches text[]'],
  [`select * from string_to_table('a,b', ',')`, 'string_to_table text'],
  [`select (jsonb_each('{}')).*`, 'key text, value jsonb'],
  [`select (jsonb_each('{}')).key`, 'key text'],
  [`select jsonb_each('{}')`, 'jsonb_each record'],
  ['select * from generate_subscripts(array[1], 1) s', 's integer'],
  [
    'select * from t cross join lateral jsonb_array_elements(to_jsonb(t.b)) j',
    'a integer, b text, c numeric(10,2), d timestamp with time zone, value jsonb',
  ],
  [
    'select * from t, k where t.a = k.id and k.tags @> array[t.b]',
    'a integer, b text, c numeric(10,2), d timestamp with time zone, id integer, v text, w integer, tags text[], doc jsonb, raw json',
  ],
  ['select public.t.b from public.t', 'b text'],
  ['with a as (select 1 as x), b as (select x + 1 as y from a) select * from a, b', 'x integer, y integer'],
  [
    'with recursive r(n, p) as (select 1, array[1] union all select n + 1, p || n from r where n < 3) select * from r',
    'n integer, p integer[]',
  ],
  [
    'with recursive r as (select a, b from t where a = 1 union select t.a, t.b from t join r on r.a = t.a) select * from r',
    'a integer, b text',
  ],
  ['with x as (select * from t) select x.a, (select max(a) from x) from x', 'a integer, max integer'],
  [`with x as (update t set b = 'x' returning a) select count(*) from x`, 'count bigint'],
  ['with x as (select 1) delete from t where a in (select * from x)', ''],
  ['select 1 where exists (with q as (select 1) select * from q)', '?column? integer'],
  ['select from t', ''],
  [
    `select * from t where true and a = 1 or not b = 'x'`,
    'a integer, b text, c numeric(10,2), d timestamp with time zone',
  ],
  ['select a, a from t', 'a integer, a integer'],
  ['select a, a as b from t order by b', 'a integer, b integer'],
  ['select 1 as "select", 2 as "A b"', 'select integer, A b integer'],
  ['table t', 'a integer, b text, c numeric(10,2), d timestamp with time zone'],
  [`values (1, 'a'), (2, null)`, 'column1 integer, column2 text'],
  ['values (null), (1)', 'column1 integer'],
  [`select null::int, null || 'x'`, 'int4 integer, ?column? text'],
  [
    'select 1.5e3, 1e400::numeric, 12345678901234567890, -9223372036854775808, 9223372036854775807',
    '?column? numeric, numeric numeric, ?column? numeric, ?column? bigint, ?column? bigint',
  ],
  [`select e'\\n', U&'\\0041', $$x$$`, '?column? text, ?column? text, ?column? text'],
  ['select 2147483647, 2147483648, -2147483648', '?column? integer, ?column? bigint, ?column? integer'],
]

test('expressions have the types and parameters that PostgreSQL gives them', () => {
  for (const [text, result] of CASES) assert.equal(resultOf(text), result, text)
})
