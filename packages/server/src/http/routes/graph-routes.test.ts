import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { refused, testServer, type TestServer } from '../test-server.test.data.js'

const GRAPH = '/v1/graphs/routes'
const INPUT = {
  nodes: { Airport: { properties: { name: 'string?', size: 'integer?' }, indexes: ['name'] } },
  edges: {
    FLIGHT: { from: 'Airport', to: 'Airport', properties: { count: 'integer' }, unique: true },
    NOTE: {},
  },
}

const node = (id: string, properties: object = {}): object => ({ id, labels: ['Airport'], properties })
const flight = (from: string, to: string, count: number): object => ({
  type: 'FLIGHT',
  from,
  to,
  id: '',
  properties: { count },
})

/** a → b → c, and a → c, which weighs more. */
async function routes(t: TestContext): Promise<TestServer> {
  const server = await testServer(t)
  await server.post('/v1/objects', { kind: 'graph', name: 'routes', input: INPUT })
  await server.post(`${GRAPH}/nodes`, [
    { id: 'a', labels: 'Airport', properties: { name: 'A', size: 1 } },
    { id: 'b', labels: ['Airport'] },
    { id: 'c', labels: ['Airport'] },
  ])
  await server.post(
    `${GRAPH}/edges`,
    [
      { from: 'a', to: 'b', count: 1 },
      { from: 'b', to: 'c', count: 2 },
      { from: 'a', to: 'c', count: 9 },
    ].map(({ from, to, count }) => ({ type: 'FLIGHT', from, to, properties: { count } })),
  )
  return server
}

describe('graphs over HTTP', () => {
  it('adds, reads, changes and deletes nodes', async (t) => {
    const server = await routes(t)
    const added = await server.post(`${GRAPH}/nodes`, { id: 'd/e', labels: ['Airport'] })
    assert.equal(added.status, 201)
    assert.deepEqual(added.body, { nodes: [node('d/e')] })
    assert.deepEqual((await server.get(`${GRAPH}/nodes/d%2Fe`)).body, { node: node('d/e') })
    const path = `${GRAPH}/nodes/a`
    assert.deepEqual((await server.call('PATCH', path, { properties: { size: null, name: 'Z' } })).body, {
      node: node('a', { name: 'Z' }),
    })
    refused(
      await server.call('PATCH', path, { id: 'b' }),
      400,
      'INVALID_ARGUMENT',
      'id stands in the path already',
    )
    refused(
      await server.call('PATCH', path, { propertis: {} }),
      400,
      'INVALID_ARGUMENT',
      'propertis is no argument; did you mean "properties"?',
    )
    refused(await server.call('DELETE', path), 409, 'NODE_HAS_EDGES', /detach/)
    assert.deepEqual((await server.call('DELETE', `${path}?detach=true`)).body, { deleted: true })
    refused(await server.get(path), 404, 'RECORD_NOT_FOUND', 'graph "routes" has nothing with id a')
    refused(
      await server.call('DELETE', `${path}?detach=yes`),
      400,
      'INVALID_ARGUMENT',
      'detach must be true or false',
    )
  })

  it('adds, reads, changes and deletes edges', async (t) => {
    const server = await routes(t)
    const path = `${GRAPH}/edges/FLIGHT/a/b`
    assert.deepEqual((await server.get(path)).body, { edge: flight('a', 'b', 1) })
    assert.deepEqual((await server.call('PATCH', path, { properties: { count: 5 } })).body, {
      edge: flight('a', 'b', 5),
    })
    const notes = await server.post(`${GRAPH}/edges`, { type: 'NOTE', from: 'a', to: 'b', id: 'n1' })
    assert.equal(notes.status, 201)
    const note = { type: 'NOTE', from: 'a', to: 'b', id: 'n1', properties: {} }
    assert.deepEqual((await server.get(`${GRAPH}/edges/NOTE/a/b?id=n1`)).body, { edge: note })
    assert.deepEqual((await server.call('DELETE', `${GRAPH}/edges/NOTE/a/b?id=n1`)).body, { deleted: true })
    refused(
      await server.get(`${GRAPH}/edges/NOTE/a/b?id=n1`),
      404,
      'RECORD_NOT_FOUND',
      'graph "routes" has nothing with type NOTE, from a, to b',
    )
    refused(
      await server.post(`${GRAPH}/edges`, { type: 'FLIGHT', from: 'a', to: 'x', properties: { count: 1 } }),
      409,
      'DANGLING_EDGE',
      /"x"/,
    )
    refused(
      await server.post(`${GRAPH}/edges`, [{ type: 'FLIGHT', from: 'a' }]),
      400,
      'INVALID_ARGUMENT',
      'edges.0.to is required',
    )
  })

  it('finds, counts and explains', async (t) => {
    const server = await routes(t)
    const a = node('a', { name: 'A', size: 1 })
    assert.deepEqual((await server.get(`${GRAPH}/nodes?label=Airport&limit=1`)).body, {
      nodes: [a],
      nextOffset: 1,
    })
    const query = { label: 'Airport', where: { name: 'A' } }
    assert.deepEqual((await server.post(`${GRAPH}/nodes/query`, query)).body, { nodes: [a] })
    assert.deepEqual((await server.post(`${GRAPH}/nodes/count`, query)).body, { count: 1 })
    assert.equal((await server.post(`${GRAPH}/nodes/explain`, query)).body.plan.access, 'index')
    const edges = {
      type: 'FLIGHT',
      where: { count: { gte: 2 } },
      orderBy: { field: 'count', direction: 'desc' },
    }
    const both = { edges: [flight('a', 'c', 9), flight('b', 'c', 2)] }
    assert.deepEqual((await server.post(`${GRAPH}/edges/query`, edges)).body, both)
    const where = encodeURIComponent(JSON.stringify(edges.where))
    assert.deepEqual(
      (await server.get(`${GRAPH}/edges?type=FLIGHT&where=${where}&orderBy=count&offset=1`)).body,
      {
        edges: [flight('a', 'c', 9)],
      },
    )
    assert.deepEqual((await server.post(`${GRAPH}/edges/count`, {})).body, { count: 3 })
    assert.equal((await server.post(`${GRAPH}/edges/explain`, {})).body.plan.reads, 'edges')
  })

  it('walks', async (t) => {
    const server = await routes(t)
    const a = node('a', { name: 'A', size: 1 })
    assert.deepEqual((await server.get(`${GRAPH}/nodes/a/edges?direction=out&limit=1`)).body, {
      edges: [flight('a', 'b', 1)],
      more: true,
    })
    assert.deepEqual(
      (await server.get(`${GRAPH}/nodes/c/degree?direction=in&types=["FLIGHT","NOTE"]`)).body,
      {
        count: 2,
      },
    )
    assert.deepEqual((await server.get(`${GRAPH}/nodes/b/neighbors?direction=out&depth=2`)).body, {
      nodes: [node('c')],
      more: false,
    })
    const walk = { start: 'a', maxDepth: 2, minDepth: 2, uniqueness: 'edge' }
    assert.deepEqual((await server.post(`${GRAPH}/traverse`, walk)).body, {
      paths: [{ nodes: [a, node('b'), node('c')], edges: [flight('a', 'b', 1), flight('b', 'c', 2)] }],
      more: false,
    })
    const direct = { nodes: [a, node('c')], edges: [flight('a', 'c', 9)], cost: 1 }
    assert.deepEqual((await server.post(`${GRAPH}/shortest-path`, { from: 'a', to: 'c' })).body, {
      path: direct,
    })
    const weighed = await server.post(`${GRAPH}/shortest-path`, { from: 'a', to: 'c', weight: 'count' })
    assert.equal(weighed.body.path.cost, 3)
    assert.deepEqual((await server.post(`${GRAPH}/shortest-path`, { from: 'c', to: 'a' })).body, {
      path: null,
    })
    refused(await server.post(`${GRAPH}/traverse`, { start: 'x' }), 404, 'RECORD_NOT_FOUND', /"x"/)
    refused(
      await server.get(`${GRAPH}/nodes/a/edges?direction=up`),
      400,
      'INVALID_ARGUMENT',
      'direction must be one of "out", "in", "both"',
    )
  })
})
