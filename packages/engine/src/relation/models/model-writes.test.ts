import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure, run } from '../../lang/sql/session/test-session.test.data.js'
import { collection } from '../../models/document/collection.js'
import { graph } from '../../models/graph/graph.js'
import { series } from '../../models/timeseries/series.js'
import { vectors } from '../../models/vector/vectors.js'

const people = collection('people')
const routes = graph('routes', { nodes: { Airport: {} }, edges: { FLIGHT: {} } })
const movies = vectors('movies', { dimension: 2, metric: 'l2' })
const weather = series('weather', { tags: ['city'], fields: { temperature: 'float', count: 'int64' } })

async function withModels(work: (sql: TestSql) => Promise<void>): Promise<void> {
  await using sql = await TestSql.open()
  for (const schema of [people, routes, movies, weather]) await sql.engine.database.create(schema)
  await work(sql)
}

test('documents are inserted, changed and deleted', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(
        `INSERT INTO orbit.people VALUES ('ann', '{"age": 30}'), ('bob', '{"id": "bob", "age": 40}') RETURNING *`,
      ),
      ['ann|{"id": "ann", "age": 30}', 'bob|{"id": "bob", "age": 40}'],
    )
    assert.deepEqual(
      await sql.run(`INSERT INTO orbit.people (document) VALUES ('{"id": "cid"}') RETURNING id`),
      ['cid'],
    )
    assert.deepEqual(
      await sql.run(`INSERT INTO orbit.people (document) VALUES ('{"made": true}') RETURNING id <> ''`),
      ['t'],
    )
    assert.deepEqual(
      await sql.run(
        `UPDATE orbit.people SET document = document || '{"age": 41}' WHERE document ->> 'age' = '40' RETURNING *`,
      ),
      ['bob|{"id": "bob", "age": 41}'],
    )
    assert.deepEqual(await sql.run(`DELETE FROM orbit.people WHERE document ? 'made' OR id = 'cid'`), [
      'DELETE 2',
    ])
    assert.deepEqual(await sql.run('SELECT id FROM orbit.people ORDER BY id'), ['ann', 'bob'])
    assert.deepEqual((await sql.engine.database.collection('people').get('bob'))?.['age'], 41)
  }))

test('what a collection cannot hold is refused', () =>
  withModels(async (sql) => {
    await sql.run(`INSERT INTO orbit.people VALUES ('ann', '{}')`)
    for (const [code, statement] of [
      ['RECORD_EXISTS', `INSERT INTO orbit.people VALUES ('ann', '{}')`],
      ['22023', `INSERT INTO orbit.people VALUES ('x', '{"id": "y"}')`],
      ['22023', `INSERT INTO orbit.people VALUES ('x', '[1]')`],
      ['22003', `INSERT INTO orbit.people VALUES ('x', '{"n": 12345678901234567890}')`],
      ['23502', `INSERT INTO orbit.people VALUES ('x', NULL)`],
      ['0A000', `UPDATE orbit.people SET id = 'z'`],
    ] as const)
      assert.equal(await failure(sql.session, statement), code)
    assert.deepEqual(await sql.run('SELECT * FROM orbit.people'), ['ann|{"id": "ann"}'])
  }))

test('a document that is there is changed instead, or left alone', () =>
  withModels(async (sql) => {
    await sql.run(`INSERT INTO orbit.people VALUES ('ann', '{"age": 30}')`)
    assert.deepEqual(
      await sql.run(`INSERT INTO orbit.people AS p VALUES ('ann', '{"new": 1}'), ('dan', '{}')
        ON CONFLICT (id) DO UPDATE SET document = p.document || excluded.document RETURNING *`),
      ['ann|{"id": "ann", "age": 30, "new": 1}', 'dan|{"id": "dan"}'],
    )
    assert.deepEqual(
      await sql.run(
        `INSERT INTO orbit.people VALUES ('ann', '{}'), ('eve', '{}') ON CONFLICT DO NOTHING RETURNING id`,
      ),
      ['eve'],
    )
    assert.deepEqual(
      await sql.run(`MERGE INTO orbit.people p USING (VALUES ('ann'), ('fay')) v (id) ON p.id = v.id
        WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.id, '{}')`),
      ['MERGE 2'],
    )
    assert.deepEqual(await sql.run('SELECT id FROM orbit.people ORDER BY id'), ['dan', 'eve', 'fay'])
  }))

test('of two changes of one document none is lost', () =>
  withModels(async (sql) => {
    const add = `UPDATE orbit.people SET document = jsonb_set(document, '{n}', to_jsonb((document ->> 'n')::int + 1))`
    await sql.run(`INSERT INTO orbit.people VALUES ('ann', '{"n": 0}')`)
    const other = await sql.openSession()
    await run(other, `BEGIN; ${add}`)
    const waiting = sql.run(add)
    await run(other, 'COMMIT')
    assert.deepEqual(await waiting, ['UPDATE 1'])
    assert.deepEqual(await sql.run(`SELECT document ->> 'n' FROM orbit.people`), ['2'])
    await other.close()
  }))

test('nodes and edges are inserted, changed and deleted, as the graph allows it', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(`INSERT INTO orbit.routes_nodes VALUES
        ('SFO', '{Airport}', '{"name": "San Francisco"}'), ('JFK', '{Airport}', DEFAULT) RETURNING *`),
      ['SFO|{Airport}|{"name": "San Francisco"}', 'JFK|{Airport}|{}'],
    )
    assert.deepEqual(
      await sql.run(`INSERT INTO orbit.routes_edges VALUES ('FLIGHT', 'SFO', 'JFK', 'e1') RETURNING *`),
      ['FLIGHT|SFO|JFK|e1|{}'],
    )
    for (const [code, statement] of [
      ['RECORD_EXISTS', `INSERT INTO orbit.routes_nodes VALUES ('SFO', '{Airport}')`],
      ['INVALID_ARGUMENT', `INSERT INTO orbit.routes_nodes VALUES ('OSL', '{Nope}')`],
      ['DANGLING_EDGE', `INSERT INTO orbit.routes_edges VALUES ('FLIGHT', 'SFO', 'OSL')`],
      ['0A000', `UPDATE orbit.routes_edges SET target = 'SFO'`],
      ['23503', `DELETE FROM orbit.routes_nodes WHERE id = 'SFO'`],
    ] as const)
      assert.equal(await failure(sql.session, statement), code)
    assert.deepEqual(
      await sql.run(`UPDATE orbit.routes_edges SET properties = '{"miles": 2586}' RETURNING properties`),
      ['{"miles": 2586}'],
    )
    assert.deepEqual(
      await sql.run(
        `UPDATE orbit.routes_nodes SET properties = properties || '{"x": 1}' WHERE id = 'SFO' RETURNING properties`,
      ),
      ['{"x": 1, "name": "San Francisco"}'],
    )
    assert.deepEqual(await sql.run('DELETE FROM orbit.routes_edges RETURNING id'), ['e1'])
    assert.deepEqual(await sql.run('DELETE FROM orbit.routes_nodes'), ['DELETE 2'])
  }))

test('vectors are inserted, changed, found and deleted', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(
        `INSERT INTO orbit.movies VALUES ('a', '[1,0]', '{"year": 1979}'), ('b', '[0,1]', '{}') RETURNING *`,
      ),
      ['a|[1,0]|{"year": 1979}', 'b|[0,1]|{}'],
    )
    assert.deepEqual(
      await sql.run(`UPDATE orbit.movies SET embedding = '[2,2]' WHERE id = 'a' RETURNING *`),
      ['a|[2,2]|{"year": 1979}'],
    )
    assert.deepEqual(await sql.run(`SELECT id FROM orbit.vector_search('movies', '[2,2]', 1)`), ['a'])
    assert.equal(await failure(sql.session, `INSERT INTO orbit.movies VALUES ('c', '[1,0,2]')`), '22000')
    assert.deepEqual(await sql.run('DELETE FROM orbit.movies RETURNING id'), ['a', 'b'])
  }))

test('points are appended, and neither changed nor deleted', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(`INSERT INTO orbit.weather (time, city, temperature, count)
        VALUES ('2024-01-01', 'Oslo', 1.5, 9007199254740993), ('2024-01-02', 'Rome', 20, NULL) RETURNING *`),
      ['2024-01-01 00:00:00+00|0|Oslo|1.5|9007199254740993', '2024-01-02 00:00:00+00|0|Rome|20|∅'],
    )
    for (const [code, statement] of [
      ['INVALID_ARGUMENT', `INSERT INTO orbit.weather (time, city) VALUES ('2024-01-01', 'Oslo')`],
      [
        '22023',
        `INSERT INTO orbit.weather (time, city, temperature) VALUES ('2024-01-01 00:00:00.0001', 'Oslo', 1)`,
      ],
      ['0A000', `INSERT INTO orbit.weather (sequence, city, temperature) VALUES (5, 'Oslo', 1)`],
      ['0A000', 'UPDATE orbit.weather SET temperature = 1'],
      ['0A000', 'DELETE FROM orbit.weather'],
    ] as const)
      assert.equal(await failure(sql.session, statement), code)
    assert.deepEqual(await sql.run('SELECT count(*) FROM orbit.weather'), ['2'])
  }))

test('one transaction changes tables and other models together', () =>
  withModels(async (sql) => {
    await sql.run(`CREATE TABLE t (id text PRIMARY KEY); BEGIN; INSERT INTO t VALUES ('ann');
      INSERT INTO orbit.people SELECT id, '{}' FROM t; INSERT INTO orbit.routes_nodes VALUES ('SFO', '{Airport}')`)
    assert.deepEqual(await sql.run('SELECT p.id FROM orbit.people p JOIN t USING (id)'), ['ann'])
    await sql.run('ROLLBACK')
    assert.deepEqual(
      await sql.run('SELECT (SELECT count(*) FROM orbit.people), (SELECT count(*) FROM orbit.routes_nodes)'),
      ['0|0'],
    )
  }))
