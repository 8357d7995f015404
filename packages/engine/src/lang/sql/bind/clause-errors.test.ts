import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadParser } from '../parse/parse-statements.js'
import { errorOf } from './bind-sql.test.data.js'

before(loadParser)

/** Each with the error that PostgreSQL 15 gives it, and its place. */
const CASES: readonly (readonly [string, string])[] = [
  [
    'select a from t union select e from u',
    '42804 UNION types integer and character varying cannot be matched @29',
  ],
  [
    'select a, b from t union select a from u',
    '42601 each UNION query must have the same number of columns @32',
  ],
  [`select 1 union select 'x'`, '22P02 invalid input syntax for type integer: "x" @22'],
  ['select a from t union all select a from u order by z', '42703 column "z" does not exist @51'],
  [
    'select raw from k union select raw from k',
    '42883 could not identify an equality operator for type json @7',
  ],
  [
    'select a from t union select a from u for update',
    '0A000 FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT',
  ],
  ['select a from t for update of u', '42P01 relation "u" in FOR UPDATE clause not found in FROM clause @30'],
  ['select a from t x for share of t', '42P01 relation "t" in FOR SHARE clause not found in FROM clause @31'],
  ['select count(*) from t for update', '0A000 FOR UPDATE is not allowed with aggregate functions'],
  ['select a from t group by a for update', '0A000 FOR UPDATE is not allowed with GROUP BY clause'],
  ['select distinct a from t for update', '0A000 FOR UPDATE is not allowed with DISTINCT clause'],
  [
    'with q(x,y) as (select a from t) select x from q',
    '42P10 WITH query "q" has 1 columns available but 2 columns specified @5',
  ],
  [
    'with q as (select 1), q as (select 2) select * from q',
    '42712 WITH query name "q" specified more than once @22',
  ],
  [
    'with q as (select * from p), p as (select 1) select * from q',
    '42P01 relation "p" does not exist @25\nDETAIL There is a WITH item named "p", but it cannot be referenced from this part of the query.\nHINT Use WITH RECURSIVE, or re-order the WITH items to remove forward references.',
  ],
  [
    'with recursive q(n) as (select 1 union select n + 1.5 from q) select * from q',
    '42804 recursive query "q" column 1 has type integer in non-recursive term but type numeric overall @31\nHINT Cast the output of the non-recursive term to the correct type.',
  ],
  [
    'with recursive q(n) as (select n from q union all select 1) select * from q',
    '42P19 recursive reference to query "q" must not appear within its non-recursive term @38',
  ],
  [
    'with recursive q(n) as (select 1 union all select n from q q1 join q q2 using (n)) select * from q',
    '42P19 recursive reference to query "q" must not appear more than once @67',
  ],
  [
    'with recursive q(n) as (select 1 union all select (select n from q)) select * from q',
    '42P19 recursive reference to query "q" must not appear within a subquery @65',
  ],
  [
    'with recursive q(n) as (select 1 union all select t.a from t left join q on true) select * from q',
    '42P19 recursive reference to query "q" must not appear within an outer join @71',
  ],
  [
    'with recursive q(n) as (select 1 union all select count(n)::int from q) select * from q',
    `42P19 aggregate functions are not allowed in a recursive query's recursive term @50`,
  ],
  [
    'with recursive q(n) as (select n from q) select * from q',
    '42P19 recursive query "q" does not have the form non-recursive-term UNION [ALL] recursive-term @15',
  ],
  [
    'with recursive q(n) as (select 1 intersect select n from q) select * from q',
    '42P19 recursive query "q" does not have the form non-recursive-term UNION [ALL] recursive-term @15',
  ],
  [
    'with recursive a as (select * from b), b as (select * from a) select * from a',
    '0A000 mutual recursion between WITH items is not implemented @15',
  ],
  [
    'with q as (insert into t(a) values (1)) select * from q',
    '0A000 WITH query "q" does not have a RETURNING clause @54',
  ],
  [
    'select * from (with q as (delete from t returning *) select * from q) x',
    '0A000 WITH clause containing a data-modifying statement must be at the top level @20',
  ],
  [
    'with q as materialized (select 1 as x) select x from q, q q2',
    '42702 column reference "x" is ambiguous @46',
  ],
  [
    'select * from t, (select t.a + 1 as y) q',
    '42P01 invalid reference to FROM-clause entry for table "t" @25\nHINT There is an entry for table "t", but it cannot be referenced from this part of the query.',
  ],
  [
    'select * from t right join lateral (select t.a + 1 as y) q on true',
    '42P10 invalid reference to FROM-clause entry for table "t" @43\nDETAIL The combining JOIN type must be INNER or LEFT for a LATERAL reference.',
  ],
  [
    'select case when true then generate_series(1,2) end',
    '0A000 set-returning functions are not allowed in CASE @27\nHINT You might be able to move the set-returning function into a LATERAL FROM item.',
  ],
  [
    'select coalesce(generate_series(1,2), 1)',
    '0A000 set-returning functions are not allowed in COALESCE @16\nHINT You might be able to move the set-returning function into a LATERAL FROM item.',
  ],
  [
    'select sum(generate_series(1,2))',
    '0A000 aggregate function calls cannot contain set-returning function calls @11\nHINT You might be able to move the set-returning function into a LATERAL FROM item.',
  ],
  [
    'select * from t where generate_series(1,2) = 1',
    '0A000 set-returning functions are not allowed in WHERE @22',
  ],
  [
    'select a from t limit generate_series(1,2)',
    '0A000 set-returning functions are not allowed in LIMIT @22',
  ],
  ['select row_number() from t', '42809 window function row_number requires an OVER clause @7'],
  [
    'select sum(c) over (w partition by a) from t window w as (partition by b)',
    '42P20 cannot override PARTITION BY clause of window "w" @19',
  ],
  [
    'select sum(c) over (w order by b) from t window w as (order by a)',
    '42P20 cannot override ORDER BY clause of window "w" @19',
  ],
  ['select sum(c) over nope from t', '42704 window "nope" does not exist @19'],
  ['select sum(c) over (nope) from t', '42704 window "nope" does not exist @19'],
  [
    'select sum(c) over (range between 1 preceding and current row) from t',
    '42P20 RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column @19',
  ],
  [
    'select sum(c) over (order by a, b range between 1 preceding and current row) from t',
    '42P20 RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column @19',
  ],
  [
    'select sum(c) over (groups between 1 preceding and current row) from t',
    '42P20 GROUPS mode requires an ORDER BY clause @19',
  ],
  ['select sum(row_number() over ()) over () from t', '42P20 window function calls cannot be nested @11'],
  [
    'select row_number() over () from t where row_number() over () = 1',
    '42P20 window functions are not allowed in WHERE @41',
  ],
  [
    'select a from t where rank() over (order by a) > 1',
    '42P20 window functions are not allowed in WHERE @22',
  ],
  [
    'select abs(1) over ()',
    '42809 OVER specified, but abs is not a window function nor an aggregate function @7',
  ],
  ['select count(distinct a) over () from t', '0A000 DISTINCT is not implemented for window functions @7'],
  [
    'select count(*) filter (where count(*) > 1) from t',
    '42803 aggregate functions are not allowed in FILTER @30',
  ],
  [
    `select string_agg(distinct b, ',' order by a) from t`,
    '42P10 in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list @43',
  ],
  [
    'select percentile_cont(0.5) from u',
    '42883 function percentile_cont(numeric) does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select sum(a) within group (order by a) from t',
    '42883 function sum(integer, integer) does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select min(b), max(a), avg(a), avg(c), sum(a), sum(c), count(b), bool_and(g), every(g) from t, u group by t.a',
    '42702 column reference "a" is ambiguous @19',
  ],
  [
    'select abs(*) from t',
    '42883 function abs() does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  ['select abs(distinct a) from t', '42809 DISTINCT specified, but abs is not an aggregate function @7'],
  ['select count() from t', '42809 count(*) must be used to call a parameterless aggregate function @7'],
  [
    'select c from t group by grouping sets ((a), (b))',
    '42803 column "t.c" must appear in the GROUP BY clause or be used in an aggregate function @7',
  ],
  [
    'select grouping(c) from t group by a',
    '42803 arguments to GROUPING must be grouping expressions of the associated query level @16',
  ],
  [
    'select t.a, u.e from t, u group by t.a',
    '42803 column "u.e" must appear in the GROUP BY clause or be used in an aggregate function @12',
  ],
  [
    'select t.b, (select u.e from u where u.a = t.a) from t group by t.b',
    '42803 subquery uses ungrouped column "t.a" from outer query @43',
  ],
  [
    'select count(*) from t having a > 1',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @30',
  ],
  [
    'select a from t having true',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @7',
  ],
  ['select make_interval(days => 3, 4)', '42601 positional argument cannot follow named argument @32'],
  [
    'select make_interval(dayz => 3)',
    '42883 function make_interval(dayz => integer) does not exist @7\nHINT No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [`select feeling = 'nope' from m`, '22P02 invalid input value for enum mood: "nope" @17'],
  [
    `select int4('5'), text(5), float8(1), date('2020-01-01'), numeric('1.5')`,
    '42601 syntax error at end of input @72',
  ],
  ['select int8(a), varchar(b) from t', '42601 syntax error at or near "b" @24'],
  [
    `select tags || 'x', tags || array['y'], 'z' || tags, array_append(tags, 'q'), array_length(tags, 1), cardinality(tags) from k`,
    '22P02 malformed array literal: "x" @15\nDETAIL Array value must start with "{" or dimension information.',
  ],
  [
    `select coalesce(a, 0), coalesce(c, 0), coalesce(e, 'x'), coalesce(at, current_date) from t, u, m`,
    '42702 column reference "a" is ambiguous @16',
  ],
  [
    'select a = 1.0, a = 1::int8, a < f, c = 1, c = 1.5::float8 from t, u where t.a = u.a',
    '42702 column reference "a" is ambiguous @7',
  ],
  [`select 1::bool, 'true'::bool, 0.5::bool`, '42846 cannot cast type numeric to boolean @33'],
  ['select t.a as x from t order by x + 1', '42703 column "x" does not exist @32'],
  [
    'select a % 2 as par, a from t group by a % 2',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @21',
  ],
  [
    'select b, sum(a) over () from t group by b',
    '42803 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function @14',
  ],
  [
    `select * from t where d > $1 - interval '1 day'`,
    '42883 operator does not exist: timestamp with time zone > interval @24\nHINT No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  ['select row($1)', '42P18 could not determine data type of parameter $1'],
  [
    'select sum($1)',
    '42725 function sum(unknown) is not unique @7\nHINT Could not choose a best candidate function. You might need to add explicit type casts.',
  ],
  [`select jsonb_build_object('a', $1)`, '42P18 could not determine data type of parameter $1'],
  [`select concat($1, 'x')`, '42P18 could not determine data type of parameter $1'],
  [
    `select * from jsonb_to_recordset('[]') as x`,
    '42601 a column definition list is required for functions returning "record" @14',
  ],
  [
    'select * from generate_series(1,2) as (a int)',
    '42601 a column definition list is only allowed for functions returning "record" @39',
  ],
  ['select s.z from s.t', '42P01 missing FROM-clause entry for table "s" @7'],
  ['select t.z from s.t, t', '42P09 table reference "t" is ambiguous @7'],
  [`select 'a' 'b'`, `42601 syntax error at or near "'b'" @11`],
]

test('mistakes in clauses are told as PostgreSQL tells them', () => {
  for (const [text, error] of CASES) assert.equal(errorOf(text), error, text)
})
