import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { refused, testServer, type TestServer } from '../test-server.test.data.js'

const VECTORS = '/v1/vectors/films'
const ENTRIES = `${VECTORS}/entries`
const X = { id: 'x', vector: [1, 0], metadata: { year: 1990 } }
const Y = { id: 'y', vector: [0, 1], metadata: { year: 2000 } }

async function films(t: TestContext): Promise<TestServer> {
  const server = await testServer(t)
  const input = { dimension: 2, metric: 'l2', index: { kind: 'partitioned' }, metadata: { year: 'integer?' } }
  await server.post('/v1/objects', { kind: 'vectors', name: 'films', input })
  await server.post(ENTRIES, [X, Y])
  return server
}

describe('vectors over HTTP', () => {
  it('inserts, writes, reads, lists, counts and deletes', async (t) => {
    const server = await films(t)
    const inserted = await server.post(ENTRIES, { id: 'z', vector: [3, 4] })
    assert.equal(inserted.status, 201)
    assert.deepEqual(inserted.body, { count: 1 })
    refused(await server.post(ENTRIES, X), 409, 'RECORD_EXISTS', /"x"/)
    assert.deepEqual((await server.call('PUT', ENTRIES, [X, { ...Y, vector: [0, 2] }])).body, { count: 2 })
    assert.deepEqual((await server.get(`${ENTRIES}/y`)).body, { ...Y, vector: [0, 2] })
    assert.deepEqual((await server.get(`${ENTRIES}?limit=1`)).body, { vectors: [X], nextOffset: 1 })
    const query = { where: { year: 2000 }, select: ['year'] }
    assert.deepEqual((await server.post(`${VECTORS}/query`, query)).body, {
      vectors: [{ ...Y, vector: [0, 2] }],
    })
    const where = encodeURIComponent('{"year":{"isNull":true}}')
    assert.deepEqual((await server.get(`${VECTORS}/count?where=${where}`)).body, { count: 1 })
    assert.deepEqual((await server.call('DELETE', `${ENTRIES}/x`)).body, { deleted: true })
    refused(
      await server.get(`${ENTRIES}/x`),
      404,
      'RECORD_NOT_FOUND',
      'vector collection "films" has nothing with id x',
    )
  })

  it('searches', async (t) => {
    const server = await films(t)
    const near = await server.post(`${VECTORS}/search`, { vector: [0, 1], k: 1 })
    assert.deepEqual(near.body, { hits: [{ id: 'y', distance: 0, score: 1, metadata: { year: 2000 } }] })
    const filtered = await server.post(`${VECTORS}/search`, {
      vector: [1, 0],
      where: { year: { lt: 2000 } },
      exact: true,
      includeVectors: true,
    })
    assert.deepEqual(filtered.body, {
      hits: [{ id: 'x', distance: 0, score: 1, metadata: { year: 1990 }, vector: [1, 0] }],
    })
    assert.equal(
      (await server.post(`${VECTORS}/explain`, { vector: [1, 0], exact: true })).body.plan.method,
      'exact',
    )
  })

  it('builds the index and tells its state', async (t) => {
    const server = await films(t)
    assert.equal((await server.get(`${VECTORS}/index`)).body.statistics.state, 'empty')
    const built = await server.post(`${VECTORS}/index`, { partitions: 2 })
    assert.deepEqual(built.body, { done: true, trained: true, partitions: 2, moved: 2 })
    assert.equal((await server.get(`${VECTORS}/index`)).body.statistics.state, 'ready')
    // Without a body: nothing is left to do.
    assert.equal((await server.post(`${VECTORS}/index`)).body.done, true)
  })

  it('says what is wrong with a vector', async (t) => {
    const server = await films(t)
    refused(await server.post(ENTRIES, { id: 'w', vector: [1] }), 400, 'DIMENSION_MISMATCH', /"w"/)
    refused(
      await server.post(ENTRIES, { id: 'w', vector: [1, 'two'] }),
      400,
      'INVALID_ARGUMENT',
      'vectors.vector.1 must be number',
    )
    refused(await server.post(ENTRIES, '{"id":"w","vector":[1,1e999]}'), 400, 'INVALID_ARGUMENT', /vector/)
    refused(
      await server.post(ENTRIES, [X, { id: 'w', vectr: [1, 2] }]),
      400,
      'INVALID_ARGUMENT',
      /^vectors\.1/,
    )
    refused(await server.post(`${VECTORS}/search`, {}), 400, 'INVALID_ARGUMENT', 'vector is required')
    refused(
      await server.post(`${VECTORS}/search`, { vector: [0, 1], k: 10_001 }),
      400,
      'INVALID_ARGUMENT',
      'k must be <= 10000',
    )
    assert.deepEqual((await server.get(`${VECTORS}/count`)).body, { count: 2 })
  })
})
