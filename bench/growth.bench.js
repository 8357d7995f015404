// @ts-check
/**
 * How the time of each kind of query grows when its rows are doubled, three times over, in this process: what grows as
 * n log n takes little more than twice as long each time. `GROWTH_ROWS` says with how many rows it begins. It prints and
 * judges nothing: what is counted, and must hold, is in the tests of the operators.
 */
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { printTable } from './measure.js'

const start = Number(process.env['GROWTH_ROWS'] ?? 20_000)
const DOUBLINGS = 3
const REPEATS = 3

/** @param {number} count @param {(at: number) => string} item @param {string} separator */
const list = (count, item, separator) => Array.from({ length: count }, (_, at) => item(at)).join(separator)
/** @param {string} call */
const over = (call) => `SELECT max(x) FROM (SELECT ${call} AS x FROM numbers) AS w`

/** `numbers (i, k, f, t)` has the rows: `i` from 1 on is its key. @type {[name: string, sql: (rows: number) => string][]} */
const QUERIES = [
  ['sort', () => 'SELECT count(*) FROM (SELECT k FROM numbers ORDER BY k OFFSET 0) AS s'],
  ['top 10', () => 'SELECT k FROM numbers ORDER BY k LIMIT 10'],
  ['limit with offset', (rows) => `SELECT i FROM numbers ORDER BY i LIMIT 10 OFFSET ${rows - 20}`],
  ['distinct', () => 'SELECT count(*) FROM (SELECT DISTINCT k FROM numbers) AS d'],
  ['count(DISTINCT)', () => 'SELECT count(DISTINCT k) FROM numbers'],
  ['hash aggregate', () => 'SELECT count(*) FROM (SELECT k / 2, sum(i) FROM numbers GROUP BY 1) AS g'],
  [
    'rollup',
    () => 'SELECT count(*) FROM (SELECT i % 100, i % 10, sum(i) FROM numbers GROUP BY ROLLUP (1, 2)) AS g',
  ],
  ['array_agg', () => 'SELECT cardinality(array_agg(k ORDER BY k)) FROM numbers'],
  ['string_agg', () => "SELECT length(string_agg(t, ',')) FROM numbers"],
  [
    'jsonb_object_agg',
    () => 'SELECT count(*) FROM jsonb_object_keys((SELECT jsonb_object_agg(i, k) FROM numbers))',
  ],
  ['percentile', () => 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY f) FROM numbers'],
  ['hash join', () => 'SELECT count(*) FROM numbers AS a JOIN numbers AS b ON a.k = b.k'],
  ['full join', () => 'SELECT count(*) FROM numbers AS a FULL JOIN numbers AS b ON a.k = b.k + 5'],
  [
    'index join',
    () => 'SELECT count(*) FROM numbers AS a JOIN numbers AS b ON b.i = a.k + 1 WHERE a.i % 10 = 0',
  ],
  ['semi join', () => 'SELECT count(*) FROM numbers WHERE k IN (SELECT i FROM numbers)'],
  [
    'anti join',
    () => 'SELECT count(*) FROM numbers AS a WHERE NOT EXISTS (SELECT FROM numbers AS b WHERE b.i = a.k)',
  ],
  ['NOT IN', () => 'SELECT count(*) FROM numbers WHERE k NOT IN (SELECT i FROM numbers)'],
  [
    'correlated subquery',
    () => 'SELECT sum((SELECT b.k FROM numbers AS b WHERE b.i = a.k)) FROM numbers AS a',
  ],
  [
    'EXISTS under OR',
    () =>
      'SELECT count(*) FROM numbers AS a WHERE i = 1 OR EXISTS (SELECT FROM numbers AS b WHERE b.i = a.k)',
  ],
  ['union', () => 'SELECT count(*) FROM (SELECT k FROM numbers UNION SELECT k + 5 FROM numbers) AS u'],
  ['except', () => 'SELECT count(*) FROM (SELECT k FROM numbers EXCEPT SELECT k + 5 FROM numbers) AS u'],
  [
    'WITH read twice',
    () => 'WITH m AS MATERIALIZED (SELECT k FROM numbers) SELECT count(*) FROM m AS a JOIN m AS b USING (k)',
  ],
  [
    'recursion',
    (rows) =>
      `WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < ${rows}) SELECT count(*) FROM r`,
  ],
  [
    'recursion, distinct',
    (rows) =>
      `WITH RECURSIVE r (x) AS (SELECT 1 UNION SELECT x + 1 FROM r WHERE x < ${rows}) SELECT count(*) FROM r`,
  ],
  ['rank', () => over('rank() OVER (ORDER BY k)')],
  ['lag', () => over('lag(k, 3) OVER (ORDER BY k)')],
  ['running sum, float', () => over('sum(f) OVER (ORDER BY i ROWS UNBOUNDED PRECEDING)')],
  ['sum of 5, float', () => over('sum(f) OVER (ORDER BY i ROWS 5 PRECEDING)')],
  ['sum of n, float', (rows) => over(`sum(f) OVER (ORDER BY i ROWS ${rows} PRECEDING)`)],
  [
    'sum to the end, integer',
    () => over('sum(k) OVER (ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)'),
  ],
  ['max to the end', () => over('max(k) OVER (ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)')],
  ['range of 100', () => over('count(*) OVER (ORDER BY i RANGE BETWEEN 100 PRECEDING AND 100 FOLLOWING)')],
  [
    'sum of the others',
    () =>
      over(
        'sum(k) OVER (ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW)',
      ),
  ],
  ['IN list', (rows) => `SELECT count(*) FROM numbers WHERE k IN (${list(rows / 10, String, ', ')})`],
  [
    'IN list on the key',
    (rows) => `SELECT count(*) FROM numbers WHERE i IN (${list(rows / 10, String, ', ')})`,
  ],
  ['VALUES', (rows) => `SELECT count(*) FROM (VALUES ${list(rows / 10, (at) => `(${at}, 'x')`, ', ')}) AS v`],
  [
    'OR list',
    (rows) =>
      `SELECT count(*) FROM (SELECT i, k FROM numbers LIMIT 1) AS o WHERE ${list(rows / 20, (at) => `i = ${at} AND k = ${at}`, ' OR ')}`,
  ],
  [
    'AND list',
    (rows) =>
      `SELECT count(*) FROM (SELECT i FROM numbers LIMIT 1) AS o WHERE ${list(rows / 20, (at) => `i <> ${at}`, ' AND ')}`,
  ],
  ['unnest', () => 'SELECT count(*) FROM unnest((SELECT array_agg(k) FROM numbers))'],
]

const head = Array.from({ length: DOUBLINGS + 1 }, (_, at) => `${start * 2 ** at}, ms`)
/** @type {number[][]} */
const times = QUERIES.map(() => [])
for (let doubling = 0; doubling <= DOUBLINGS; doubling++) await measureAll(start * 2 ** doubling)
printTable([
  ['query', ...head, 'per doubling'],
  ...QUERIES.map(([name], at) => {
    const each = times[at] ?? []
    const factor = ((each.at(-1) ?? 0) / (each[0] ?? 1)) ** (1 / DOUBLINGS)
    return [name, ...each.map((ms) => ms.toFixed(1)), factor.toFixed(2)]
  }),
])

/** @param {number} rows */
async function measureAll(rows) {
  const database = await openDatabase({ storage: { kind: 'memory' } })
  const engine = await SqlEngine.open(database)
  const session = await engine.openSession()
  const run = async (/** @type {string} */ text) => {
    for (const statement of await session.parse(text)) {
      const result = await session.execute(statement, [])
      if (result.kind !== 'rows') continue
      for await (const batch of result.batches) void batch
      result.tag()
    }
  }
  await run('CREATE TABLE numbers (i int PRIMARY KEY, k int, f float8, t text)')
  await run(
    `INSERT INTO numbers SELECT g, (g::int8 * 7919) % ${rows}, g / 3.0, 't' || g FROM generate_series(1, ${rows}) AS g`,
  )
  await run('ANALYZE numbers')
  for (const [at, [, sql]] of QUERIES.entries()) {
    let bestMs = Infinity
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const startedMs = performance.now()
      await run(sql(rows))
      bestMs = Math.min(bestMs, performance.now() - startedMs)
    }
    times[at]?.push(bestMs)
  }
  await session.close()
  await database.close()
}
