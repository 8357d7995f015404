import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { refused, testServer, type Answer, type TestServer } from '../test-server.test.data.js'

const DOCUMENTS = '/v1/collections/movies/documents'
const HEAT = { id: 'heat', title: 'Heat', year: 1995, cast: ['Pacino', 'De Niro'] }

async function movies(t: TestContext): Promise<TestServer> {
  const server = await testServer(t)
  await server.post('/v1/objects', {
    kind: 'collection',
    name: 'movies',
    input: { indexes: [{ path: 'year' }] },
  })
  await server.post(DOCUMENTS, HEAT)
  return server
}

/** What is stored, without its times. */
function stored({ body }: Answer): unknown {
  const { createdAtMs, updatedAtMs, ...rest } = body
  assert.ok(Number.isInteger(createdAtMs) && updatedAtMs >= createdAtMs)
  return rest
}

describe('documents over HTTP', () => {
  it('stores one or several, and reads them with revision and ETag', async (t) => {
    const server = await movies(t)
    const several = await server.post(DOCUMENTS, [{ id: 'a' }, { id: 'b' }])
    assert.equal(several.status, 201)
    assert.deepEqual(several.body, {
      documents: [
        { id: 'a', revision: 1 },
        { id: 'b', revision: 1 },
      ],
    })
    const generated = await server.post(DOCUMENTS, { title: 'Ran' })
    assert.match(generated.body.documents[0].id, /^[0-9a-f-]{36}$/)
    const found = await server.get(`${DOCUMENTS}/heat`)
    assert.deepEqual(stored(found), { document: HEAT, revision: 1 })
    assert.equal(found.headers.get('etag'), '"1"')
  })

  it('puts a document under its id, whether it was there or not', async (t) => {
    const server = await movies(t)
    const created = await server.call('PUT', `${DOCUMENTS}/ran`, { title: 'Ran' })
    assert.deepEqual(created.body, { id: 'ran', revision: 1, created: true })
    const replaced = await server.call('PUT', `${DOCUMENTS}/ran`, { id: 'ran', year: 1985 })
    assert.deepEqual(replaced.body, { id: 'ran', revision: 2, created: false })
    assert.equal(replaced.headers.get('etag'), '"2"')
    assert.deepEqual(stored(await server.get(`${DOCUMENTS}/ran`)), {
      document: { id: 'ran', year: 1985 },
      revision: 2,
    })
    refused(
      await server.call('PUT', `${DOCUMENTS}/ran`, { id: 'heat' }),
      400,
      'INVALID_ARGUMENT',
      'id is "heat" in the body and "ran" in the path',
    )
    refused(
      await server.call('PUT', `${DOCUMENTS}/ran`, [1]),
      400,
      'INVALID_ARGUMENT',
      'body must be a document: a JSON object',
    )
  })

  it('changes a document by merge patch and by JSON patch', async (t) => {
    const server = await movies(t)
    const merged = await server.call('PATCH', `${DOCUMENTS}/heat`, { year: null, length: 170 })
    const { year: _, ...rest } = HEAT
    assert.deepEqual(stored(merged), { document: { ...rest, length: 170 }, revision: 2 })
    const again = await server.call(
      'PATCH',
      `${DOCUMENTS}/heat`,
      { length: null },
      { type: 'application/merge-patch+json' },
    )
    assert.deepEqual(stored(again), { document: rest, revision: 3 })
    const steps = [
      { op: 'test', path: '/title', value: 'Heat' },
      { op: 'add', path: '/cast/-', value: 'Kilmer' },
    ]
    const patched = await server.call('PATCH', `${DOCUMENTS}/heat`, steps, {
      type: 'application/json-patch+json',
    })
    assert.deepEqual(stored(patched), { document: { ...rest, cast: [...HEAT.cast, 'Kilmer'] }, revision: 4 })
    assert.equal(patched.headers.get('etag'), '"4"')
    const failing = [{ op: 'test', path: '/title', value: 'Ran' }]
    const failed = await server.call('PATCH', `${DOCUMENTS}/heat`, failing, {
      type: 'application/json-patch+json',
    })
    refused(failed, 412, 'PRECONDITION_FAILED', /title/)
    const leads = [{ op: 'jump', path: '/title' }]
    const unknown = await server.call('PATCH', `${DOCUMENTS}/heat`, leads, {
      type: 'application/json-patch+json',
    })
    refused(unknown, 400, 'INVALID_ARGUMENT', /^operations\.0\.op must be one of "add", /)
  })

  it('writes only what If-Match names', async (t) => {
    const server = await movies(t)
    const when = (etag: string): { headers: { 'if-match': string } } => ({ headers: { 'if-match': etag } })
    const path = `${DOCUMENTS}/heat`
    refused(await server.call('PUT', path, {}, when('"7"')), 412, 'PRECONDITION_FAILED', /revision/)
    refused(await server.call('PATCH', path, {}, when('"7"')), 412, 'PRECONDITION_FAILED', /revision/)
    refused(await server.call('DELETE', path, undefined, when('"7"')), 412, 'PRECONDITION_FAILED', /revision/)
    refused(
      await server.call('DELETE', path, undefined, when('*')),
      400,
      'INVALID_ARGUMENT',
      /^if-match: "\*" is not the ETag/,
    )
    refused(
      await server.call('DELETE', `${path}?ifRevision=1`),
      400,
      'INVALID_ARGUMENT',
      'ifRevision is no parameter of this path',
    )
    assert.equal((await server.call('PUT', path, {}, when('"1"'))).headers.get('etag'), '"2"')
    assert.deepEqual((await server.call('DELETE', path, undefined, when('"2"'))).body, { deleted: true })
    refused(await server.get(path), 404, 'RECORD_NOT_FOUND', 'collection "movies" has nothing with id heat')
  })

  it('finds, counts, explains, changes and deletes what matches', async (t) => {
    const server = await movies(t)
    await server.post(DOCUMENTS, [
      { id: 'a', year: 1990 },
      { id: 'b', year: 2000 },
    ])
    const where = { year: { lt: 2000 } }
    const found = await server.post('/v1/collections/movies/query', {
      where,
      orderBy: 'year',
      select: ['id'],
      limit: 1,
    })
    assert.deepEqual(found.body, { documents: [{ id: 'a' }], nextOffset: 1 })
    const encoded = encodeURIComponent(JSON.stringify(where))
    assert.deepEqual((await server.get(`${DOCUMENTS}?where=${encoded}&orderBy=year&offset=1`)).body, {
      documents: [HEAT],
    })
    assert.deepEqual((await server.get(`/v1/collections/movies/count?where=${encoded}`)).body, { count: 2 })
    assert.equal((await server.post('/v1/collections/movies/explain', { where })).status, 200)
    assert.deepEqual((await server.call('PATCH', DOCUMENTS, { where, patch: { old: true } })).body, {
      changed: 2,
    })
    assert.deepEqual(
      (await server.call('DELETE', `${DOCUMENTS}?where=${encodeURIComponent('{"old":true}')}`)).body,
      {
        deleted: 2,
      },
    )
    assert.deepEqual((await server.get('/v1/collections/movies/count')).body, { count: 1 })
  })
})
