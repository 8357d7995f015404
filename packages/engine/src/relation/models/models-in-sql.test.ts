import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../../database.js'
import { TestSql } from '../../lang/sql/session/test-session.test.data.js'
import { collection } from '../../models/document/collection.js'
import { graph } from '../../models/graph/graph.js'
import { series } from '../../models/timeseries/series.js'
import { vectors } from '../../models/vector/vectors.js'

const people = collection('people')
const routes = graph('routes', { nodes: { Airport: {} }, edges: { FLIGHT: {} } })
const movies = vectors('movies', { dimension: 2, metric: 'l2' })
const weather = series('weather', { tags: ['city'], fields: { temperature: 'float', count: 'int' } })

async function fill(database: Database): Promise<void> {
  for (const schema of [people, routes, movies, weather]) await database.create(schema)
  await database.collection('people').insertMany([
    { id: 'ann', age: 30, address: { city: 'Oslo' } },
    { id: 'bob', age: 40, address: { city: 'Rome' } },
  ])
  const airports = database.graph('routes')
  await airports.addNodes([
    { id: 'SFO', labels: 'Airport', properties: { name: 'San Francisco' } },
    { id: 'JFK', labels: 'Airport', properties: { name: 'New York' } },
    { id: 'OSL', labels: 'Airport', properties: { name: 'Oslo' } },
    { id: 'FCO', labels: 'Airport', properties: { name: 'Rome' } },
  ])
  for (const [from, to] of [
    ['SFO', 'JFK'],
    ['JFK', 'OSL'],
    ['OSL', 'FCO'],
  ] as const)
    await airports.addEdge({ type: 'FLIGHT', from, to, id: `${from}-${to}` })
  await database.vectors('movies').insertMany([
    { id: 'a', vector: [1, 0], metadata: { year: 1979 } },
    { id: 'b', vector: [0, 1], metadata: { year: 1985 } },
    { id: 'c', vector: [1, 1], metadata: { year: 1999 } },
  ])
  await database.series('weather').appendMany([
    { timestamp: 1000, tags: { city: 'Oslo' }, fields: { temperature: 1.5, count: 1 } },
    { timestamp: 2000, tags: { city: 'Rome' }, fields: { temperature: 20, count: 2 } },
    { timestamp: 3000, tags: { city: 'Oslo' }, fields: { temperature: 2.5, count: 3 } },
  ])
}

async function withModels(work: (sql: TestSql) => Promise<void>): Promise<void> {
  await using sql = await TestSql.open()
  await fill(sql.engine.database)
  await sql.run(`
    CREATE TABLE cities (code text PRIMARY KEY, city text, visits int);
    INSERT INTO cities VALUES ('SFO', 'San Francisco', 1), ('JFK', 'New York', 2), ('OSL', 'Oslo', 3), ('FCO', 'Rome', 4);
    CREATE TABLE films (id text PRIMARY KEY, title text, taste vector(2));
    INSERT INTO films VALUES ('a', 'Alien', '[1,0.1]'), ('b', 'Brazil', '[0,1]'), ('c', 'Cube', '[2,2]');
  `)
  await work(sql)
}

test('a collection is a table of ids and documents', () =>
  withModels(async (sql) => {
    assert.deepEqual(await sql.run(`SELECT id, document ->> 'age' FROM orbit.people ORDER BY id`), [
      'ann|30',
      'bob|40',
    ])
    assert.deepEqual(await sql.run(`SELECT document FROM orbit.people WHERE id = 'ann'`), [
      '{"id": "ann", "age": 30, "address": {"city": "Oslo"}}',
    ])
    assert.deepEqual(
      await sql.run(
        `SELECT c.code, sum((p.document ->> 'age')::int) FROM cities c
         JOIN orbit.people p ON p.document #>> '{address,city}' = c.city GROUP BY c.code ORDER BY 1`,
      ),
      ['FCO|40', 'OSL|30'],
    )
    assert.deepEqual(
      await sql.run(
        `SELECT c.code, p.id FROM cities c LEFT JOIN orbit.people p ON p.id = 'ann' AND c.city = 'Oslo' ORDER BY c.code`,
      ),
      ['FCO|∅', 'JFK|∅', 'OSL|ann', 'SFO|∅'],
    )
  }))

test('the nodes and edges of a graph are tables, its neighbours a function', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(
        `SELECT id, labels, properties ->> 'name' FROM orbit.routes_nodes WHERE id > 'J' ORDER BY id`,
      ),
      ['JFK|{Airport}|New York', 'OSL|{Airport}|Oslo', 'SFO|{Airport}|San Francisco'],
    )
    assert.deepEqual(await sql.run(`SELECT source, target FROM orbit.routes_edges ORDER BY id`), [
      'JFK|OSL',
      'OSL|FCO',
      'SFO|JFK',
    ])
    assert.deepEqual(
      await sql.run(
        `SELECT c.city, c.visits FROM orbit.graph_neighbors('routes', 'SFO', 2) n JOIN cities c ON c.code = n.id ORDER BY 2`,
      ),
      ['New York|2', 'Oslo|3'],
    )
    assert.deepEqual(
      await sql.run(
        `SELECT c.code, n.id FROM cities c, LATERAL orbit.graph_neighbors('routes', c.code, direction => 'out') n ORDER BY 1`,
      ),
      ['JFK|OSL', 'OSL|FCO', 'SFO|JFK'],
    )
    assert.deepEqual(
      await sql.run(`SELECT step, id FROM orbit.graph_shortest_path('routes', 'SFO', 'FCO') ORDER BY step`),
      ['0|SFO', '1|JFK', '2|OSL', '3|FCO'],
    )
    assert.deepEqual(
      await sql.run(
        `WITH RECURSIVE reach (id) AS (
           SELECT 'SFO' UNION SELECT e.target FROM orbit.routes_edges e JOIN reach r ON e.source = r.id
         ) SELECT count(*) FROM reach`,
      ),
      ['4'],
    )
  }))

test('the nearest vectors are joined with a table, and tables hold vectors of their own', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(
        `SELECT f.title, s.distance FROM orbit.vector_search('movies', '[1,0]', 2) s JOIN films f USING (id) ORDER BY s.distance`,
      ),
      ['Alien|0', 'Cube|1'],
    )
    assert.deepEqual(
      await sql.run(
        `SELECT f.title, s.id FROM films f CROSS JOIN LATERAL orbit.vector_search('movies', f.taste, k => 1) s ORDER BY 1`,
      ),
      ['Alien|a', 'Brazil|b', 'Cube|c'],
    )
    assert.deepEqual(
      await sql.run(`SELECT id, embedding <-> '[0,1]' AS d FROM orbit.movies ORDER BY d, id LIMIT 2`),
      ['b|0', 'c|1'],
    )
    assert.deepEqual(await sql.run(`SELECT title FROM films ORDER BY taste <=> '[1,1]' LIMIT 1`), ['Cube'])
    assert.deepEqual(
      await sql.run(`SELECT metadata ->> 'year' FROM orbit.movies WHERE id IN ('a', 'c') ORDER BY 1`),
      ['1979', '1999'],
    )
  }))

test('a series is a table of points', () =>
  withModels(async (sql) => {
    assert.deepEqual(
      await sql.run(
        `SELECT w.city, avg(temperature), sum(count), max(c.visits) FROM orbit.weather w
         JOIN cities c ON c.city = w.city GROUP BY w.city ORDER BY 1`,
      ),
      ['Oslo|2|4|3', 'Rome|20|2|4'],
    )
    assert.deepEqual(
      await sql.run(
        `SELECT extract(epoch FROM time)::int FROM orbit.weather WHERE city = 'Oslo' ORDER BY time DESC`,
      ),
      ['3', '1'],
    )
  }))

test('what the statements of one transaction write is seen by the other models, and goes with it', () =>
  withModels(async (sql) => {
    await sql.run(`BEGIN; INSERT INTO cities VALUES ('ann', 'x', 1)`)
    assert.deepEqual(await sql.run(`SELECT p.id FROM orbit.people p JOIN cities c ON c.code = p.id`), ['ann'])
    await sql.run('ROLLBACK')
    assert.deepEqual(await sql.run(`SELECT p.id FROM orbit.people p JOIN cities c ON c.code = p.id`), [])
  }))

test('who looks for a model among the tables is told where it is', () =>
  withModels(async (sql) => {
    for (const [query, places] of [
      ['SELECT * FROM people', 'orbit.people'],
      ['SELECT * FROM public.weather', 'orbit.weather'],
      ['SELECT * FROM routes', 'orbit.routes_nodes, orbit.routes_edges'],
      ['INSERT INTO movies VALUES (1)', 'orbit.movies'],
    ] as const) {
      await assert.rejects(sql.run(query), {
        details: {
          sqlState: '42P01',
          offset: query.search(/(people|public|routes|movies)/),
          hint: `Collections, graphs, vectors and series are in the schema "orbit": ${places}.`,
        },
      })
    }
    for (const query of [
      'SELECT * FROM nowhere',
      'SELECT * FROM pg_catalog.people',
      'SELECT * FROM orbit.folk',
    ])
      await assert.rejects(sql.run(query), { details: { sqlState: '42P01', offset: 14 } })
  }))

test('the table functions are listed with their arguments and columns', () =>
  withModels(async (sql) => {
    const listed = await sql.run(`
      SELECT p.proname, pg_get_function_arguments(p.oid), pg_get_function_identity_arguments(p.oid),
        pg_get_function_result(p.oid)
      FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = 'orbit' ORDER BY 1`)
    const node = 'id text, labels text[], properties jsonb'
    assert.deepEqual(
      listed,
      [
        [
          'graph_neighbors',
          `graph text, node text, depth integer DEFAULT 1, direction text DEFAULT 'both'::text`,
          'graph text, node text, depth integer, direction text',
          `TABLE(${node})`,
        ],
        [
          'graph_shortest_path',
          'graph text, source text, target text',
          'graph text, source text, target text',
          `TABLE(step integer, ${node})`,
        ],
        [
          'vector_search',
          'collection text, vector vector, k integer DEFAULT 10',
          'collection text, vector vector, k integer',
          'TABLE(id text, distance double precision, score double precision, metadata jsonb)',
        ],
      ].map((row) => row.join('|')),
    )
  }))
