import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withDatabase } from '../../models/relational/table-database.test.data.js'
import { SqlEngine } from '../../lang/sql/session/sql-engine.js'
import { failure, run } from '../../lang/sql/session/test-session.test.data.js'
import type { SqlSession } from '../../lang/sql/session-contract.js'
import {
  documents,
  edgeIds,
  edges,
  nodes,
  points,
  quoted,
  schema,
  subjects,
  type Subject,
} from './random-models.test.data.js'

const RUNS = Number(process.env['MODEL_ACCESS_RUNS'] ?? 12)

async function withSession(work: (session: SqlSession) => Promise<void>): Promise<void> {
  await withDatabase(schema, async (database) => {
    const engine = await SqlEngine.open(database)
    await using session = await engine.openSession()
    await work(session)
  })
}

const contents = fc.record({ documents, nodes, edges, points })
type Contents = typeof contents extends fc.Arbitrary<infer T> ? T : never

/** Adds them, each by itself as far as it is accepted: ids and unique values may come twice. */
async function insert(session: SqlSession, prefix: string, given: Contents): Promise<void> {
  const attempt = async (statement: string): Promise<void> => {
    await run(session, 'SAVEPOINT one')
    const code = await failure(session, statement)
    if (code !== 'it succeeded') {
      assert.ok(['RECORD_EXISTS', '23505', 'UNIQUE_VIOLATION'].includes(code), `${code}: ${statement}`)
      await run(session, 'ROLLBACK TO one')
    }
  }
  for (const [i, document] of given.documents.entries())
    await attempt(`INSERT INTO orbit.docs VALUES ('${prefix}${i}', ${quoted(document)})`)
  for (const { id, labels } of given.nodes) {
    await attempt(`INSERT INTO orbit.net_nodes VALUES (${quoted(id)}, '{${labels.join()}}')`)
    await attempt(`INSERT INTO orbit.free_nodes VALUES (${quoted(id)}, '{}')`)
    await attempt(`INSERT INTO orbit.vecs VALUES (${quoted(id)}, '[1]', '{"k": "${labels.length}"}')`)
  }
  for (const { type, source, target, id } of given.edges) {
    const ends = `${quoted(source)}, ${quoted(target)}`
    await attempt(
      type === 'U'
        ? `INSERT INTO orbit.net_edges (type, source, target) VALUES ('U', ${ends})`
        : `INSERT INTO orbit.net_edges VALUES ('${type}', ${ends}, ${quoted(id)})`,
    )
    await attempt(`INSERT INTO orbit.free_edges VALUES ('${type}', ${ends}, ${quoted(id)})`)
  }
  for (const { time, x, y, v } of given.points)
    await attempt(
      `INSERT INTO orbit.points (time, x, y, v) VALUES ('${new Date(time).toISOString()}', ${quoted(x)}, '${y}', ${v})`,
    )
}

/** Uncommitted changes: some of what is there goes, other things come. */
async function change(session: SqlSession, given: Contents): Promise<void> {
  await run(session, `DELETE FROM orbit.docs WHERE id LIKE '%3'`)
  await run(session, `UPDATE orbit.docs SET document = document || '{"s": "ab", "n": 2}' WHERE id LIKE '%4'`)
  await run(session, `DELETE FROM orbit.net_edges WHERE source = 'a' AND type = 'E'`)
  await run(session, `DELETE FROM orbit.free_edges WHERE target = 'b'`)
  await run(session, `UPDATE orbit.net_nodes SET labels = '{B}' WHERE id = 'a'`)
  await run(session, `DELETE FROM orbit.vecs WHERE id = 'c'`)
  await insert(session, 'new', given)
}

const FULL_SCANS = `SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off;
  SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_nestloop = off`
const INDEXES = `SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on;
  SET LOCAL enable_indexonlyscan = on; SET LOCAL enable_nestloop = on`

/** The same rows both ways. Answers which way the second was. */
async function compare(session: SqlSession, query: string, isOrdered: boolean): Promise<string> {
  const rows = async (settings: string): Promise<string[]> => {
    await run(session, settings)
    const found = await run(session, query)
    return isOrdered ? found : found.sort()
  }
  const expected = await rows(FULL_SCANS)
  assert.ok(!/Index/.test((await run(session, `EXPLAIN ${query}`)).join()), query)
  assert.deepEqual(await rows(INDEXES), expected, query)
  return (await run(session, `EXPLAIN ${query}`)).join()
}

function queriesOf({ relation, all, condition, orders, joins }: Subject): fc.Arbitrary<[string, boolean]> {
  const order = fc.constantFrom(...orders)
  const direction = fc.constantFrom('', ' DESC')
  return fc.oneof(
    condition.map((where): [string, boolean] => [`SELECT ${all} FROM ${relation} WHERE ${where}`, false]),
    condition.map((where): [string, boolean] => [`SELECT count(*) FROM ${relation} WHERE ${where}`, true]),
    fc
      .tuple(condition, order, direction, fc.integer({ min: 1, max: 9 }))
      .map(([where, by, down, limit]): [string, boolean] => [
        `SELECT ${by} FROM ${relation} WHERE ${where} ORDER BY ${by
          .split(/, (?![ba]\})/)
          .map((key) => key + down)
          .join()} LIMIT ${limit}`,
        true,
      ]),
    fc
      .tuple(condition, fc.constantFrom(...joins), fc.constantFrom('JOIN', 'LEFT JOIN'))
      .map(([where, on, join]): [string, boolean] => [
        `SELECT p.v, m.* FROM probes p ${join} (SELECT * FROM ${relation} WHERE ${where}) m ON ${on}`,
        false,
      ]),
  )
}

for (const subject of subjects) {
  test(`${subject.relation}: what an index finds is what a look at all rows finds, own writes among it`, async () => {
    let indexed = 0
    await fc.assert(
      fc.asyncProperty(
        contents,
        contents,
        fc.array(queriesOf(subject), { minLength: 8, maxLength: 8 }),
        async (before, after, queries) => {
          await withSession(async (session) => {
            await run(session, 'CREATE TABLE probes (v text); BEGIN')
            await run(
              session,
              `INSERT INTO probes VALUES ${[...edgeIds, '1', ''].map((id) => `(${quoted(id)})`).join()}`,
            )
            await insert(session, 'd', before)
            await run(session, 'COMMIT')
            await run(session, 'BEGIN')
            await change(session, after)
            for (const [query, isOrdered] of queries)
              if (/Index/.test(await compare(session, query, isOrdered))) indexed++
            await run(session, 'ROLLBACK; BEGIN')
            for (const [query, isOrdered] of queries) await compare(session, query, isOrdered)
            await run(session, 'COMMIT')
          })
        },
      ),
      { numRuns: RUNS },
    )
    assert.ok(indexed >= RUNS, `${indexed} queries of ${RUNS * 8} used an index`)
  })
}

/** The operators that read a relation, as EXPLAIN shows them. */
async function access(session: SqlSession, query: string): Promise<string[]> {
  const lines = await run(session, `EXPLAIN (COSTS OFF) ${query}`)
  return lines.map((line) => line.trim()).filter((line) => /Scan|Cond|Filter/.test(line))
}

test('EXPLAIN shows the indexes of documents, and that what they find is checked', () =>
  withSession(async (session) => {
    assert.deepEqual(await access(session, `SELECT * FROM orbit.docs WHERE document ->> 's' = 'x'`), [
      'Index Scan using s on docs',
      `Index Cond: ((document ->> 's'::text) = 'x'::text)`,
      `Filter: ((document ->> 's'::text) = 'x'::text)`,
    ])
    assert.deepEqual(
      await access(
        session,
        `SELECT * FROM orbit.docs WHERE document #>> '{t}' = 'x' AND (document ->> 'n')::int BETWEEN 1 AND 2`,
      ),
      [
        'Index Scan using "t,n" on docs',
        `Index Cond: (((document #>> '{t}'::text[]) = 'x'::text) AND (((document ->> 'n'::text))::integer >= 1) AND (((document ->> 'n'::text))::integer <= 2))`,
        `Filter: (((document #>> '{t}'::text[]) = 'x'::text) AND (((document ->> 'n'::text))::integer >= 1) AND (((document ->> 'n'::text))::integer <= 2))`,
      ],
    )
    // Both at once: the unique index is likely to find less.
    assert.deepEqual(
      (
        await access(
          session,
          `SELECT * FROM orbit.docs WHERE document ->> 's' = 'x' AND document ->> 'u' = 'y'`,
        )
      )[0],
      'Index Scan using u on docs',
    )
    // An index with an entry for each element does not know the array.
    assert.deepEqual(await access(session, `SELECT * FROM orbit.docs WHERE document ->> 'l' = 'x'`), [
      'Seq Scan on docs',
      `Filter: ((document ->> 'l'::text) = 'x'::text)`,
    ])
  }))

test('EXPLAIN shows how nodes, edges, points and vectors are found, also by parameters', () =>
  withSession(async (session) => {
    await run(session, `PREPARE out (text) AS SELECT * FROM orbit.net_edges WHERE source = $1 AND type = 'E'`)
    for (const [query, expected] of [
      [
        `EXECUTE out('a')`,
        ['Index Scan using source on net_edges', `Index Cond: ((source = $1) AND (type = 'E'::text))`],
      ],
      [
        `SELECT * FROM orbit.net_edges WHERE target = 'a'`,
        ['Index Scan using target on net_edges', `Index Cond: (target = 'a'::text)`],
      ],
      [
        `SELECT * FROM orbit.net_edges WHERE type = 'E'`,
        ['Index Scan using type on net_edges', `Index Cond: (type = 'E'::text)`],
      ],
      [
        `SELECT b.target FROM orbit.free_edges a JOIN orbit.free_edges b ON b.source = a.target WHERE a.source = 'a'`,
        [
          '->  Index Scan using source on free_edges a',
          `Index Cond: (a.source = 'a'::text)`,
          '->  Index Scan using source on free_edges b',
          'Index Cond: (b.source = a.target)',
        ],
      ],
      [
        `SELECT * FROM orbit.net_nodes WHERE 'A' = ANY (labels)`,
        [
          'Index Scan using labels on net_nodes',
          `Index Cond: (('A'::text = ANY (labels)) = true)`,
          `Filter: ('A'::text = ANY (labels))`,
        ],
      ],
      [
        `SELECT id FROM orbit.vecs WHERE id > 'a' ORDER BY id DESC LIMIT 1`,
        ['->  Index Scan Backward using id on vecs', `Index Cond: (id > 'a'::text)`],
      ],
      [
        `SELECT v FROM orbit.points WHERE x = 'a' AND y = 'p' ORDER BY time DESC LIMIT 1`,
        [
          '->  Index Scan Backward using "x,y,time" on points',
          `Index Cond: ((x = 'a'::text) AND (y = 'p'::text))`,
        ],
      ],
      [
        `SELECT v FROM orbit.points WHERE y = 'p' AND time >= '2024-01-01Z'`,
        [
          'Index Scan using "y,time" on points',
          `Index Cond: ((y = 'p'::text) AND ("time" >= '2024-01-01 00:00:00+00'::timestamp with time zone))`,
        ],
      ],
      [`SELECT v FROM orbit.points ORDER BY time LIMIT 1`, ['->  Index Scan using "time" on points']],
    ] as const)
      assert.deepEqual(await access(session, query), expected, query)
  }))

test('changes find their records by indexes, and see what others changed meanwhile', () =>
  withSession(async (session) => {
    await run(
      session,
      `INSERT INTO orbit.docs VALUES ('a', '{"s": "x", "n": 1}'), ('b', '{"s": "y", "n": 1}')`,
    )
    const update = `UPDATE orbit.docs SET document = document || '{"s": "z"}' WHERE document ->> 's' = 'x'`
    assert.deepEqual((await access(session, update))[0], '->  Index Scan using s on docs')
    assert.deepEqual(await run(session, update), ['UPDATE 1'])
    assert.deepEqual(await run(session, update), ['UPDATE 0'])
    assert.deepEqual(
      await run(
        session,
        `SELECT id FROM orbit.docs WHERE document ->> 's' IN ('z', 'y') ORDER BY id FOR UPDATE`,
      ),
      ['a', 'b'],
    )
    assert.deepEqual(
      await run(session, `DELETE FROM orbit.docs WHERE document -> 's' = '"z"' RETURNING id`),
      ['a'],
    )
  }))

test('what a cast refuses is refused, whether an index leads to it or not', () =>
  withSession(async (session) => {
    await run(session, `INSERT INTO orbit.docs VALUES ('a', '{"m": "many"}'), ('b', '{"m": 1}')`)
    for (const [setting, scan] of [
      ['on', 'Seq Scan on docs'],
      ['off', 'Index Scan using m on docs'],
    ] as const) {
      const query = `SELECT id FROM orbit.docs WHERE (document ->> 'm')::numeric > 0`
      await run(session, `SET enable_seqscan = ${setting}`)
      assert.deepEqual((await access(session, query))[0], scan)
      assert.equal(await failure(session, query), '22P02')
    }
  }))

test('ANALYZE counts what other models hold, and the values of their columns', () =>
  withSession(async (session) => {
    await run(
      session,
      `INSERT INTO orbit.free_nodes SELECT 'n' || g, '{}' FROM generate_series(0, 99) g;
       INSERT INTO orbit.free_edges (type, source, target)
         SELECT 'E', 'n' || g % 4, 'n' || g FROM generate_series(0, 99) g;
       INSERT INTO orbit.docs SELECT 'd' || g, '{}' FROM generate_series(1, 20) g`,
    )
    const rows = async (query: string): Promise<string | undefined> =>
      /rows=(\d+)/.exec((await run(session, `EXPLAIN ${query}`))[0] ?? '')?.[1]
    assert.equal(await rows('SELECT * FROM orbit.free_edges'), '1000')
    assert.deepEqual(await run(session, 'ANALYZE orbit.free_edges (source)'), ['ANALYZE'])
    assert.equal(await rows('SELECT * FROM orbit.free_edges'), '100')
    assert.equal(await rows(`SELECT * FROM orbit.free_edges WHERE source = 'n1'`), '25')
    assert.equal(await rows('SELECT * FROM orbit.free_nodes'), '1000')
    assert.deepEqual(await run(session, 'ANALYZE'), ['ANALYZE'])
    assert.equal(await rows('SELECT * FROM orbit.free_nodes'), '100')
    assert.equal(await rows('SELECT * FROM orbit.free_edges'), '100')
    assert.equal(await rows('SELECT * FROM orbit.docs'), '20')
    assert.equal(await failure(session, 'ANALYZE orbit.docs (nope)'), '42703')
  }))
