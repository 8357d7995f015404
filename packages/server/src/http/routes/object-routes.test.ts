import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refused, testServer } from '../test-server.test.data.js'

const INPUT = { tags: ['city'], fields: { temperature: 'float' } }
const WIDER = { tags: ['city'], fields: { temperature: 'float', wind: 'float' } }

describe('the catalog over HTTP', () => {
  it('creates, reads, lists, changes and drops objects', async (t) => {
    const server = await testServer(t)
    const created = await server.post('/v1/objects', { kind: 'series', name: 'a/b', input: INPUT })
    assert.equal(created.status, 201)
    const { object } = created.body
    assert.deepEqual([object.kind, object.name, object.version], ['series', 'a/b', 1])
    assert.deepEqual((await server.get('/v1/objects/series/a%2Fb')).body, { object })
    await server.post('/v1/objects', { kind: 'collection', name: 'c', input: {} })
    assert.deepEqual((await server.get('/v1/objects?kind=series')).body, { objects: [object] })
    assert.equal((await server.get('/v1/objects')).body.objects.length, 2)
    const changed = await server.call('PATCH', '/v1/objects/series/a%2Fb', { input: WIDER })
    assert.equal(changed.body.object.version, 2)
    assert.deepEqual((await server.call('DELETE', '/v1/objects/series/a%2Fb')).body, { dropped: true })
    refused(
      await server.get('/v1/objects/series/a%2Fb'),
      404,
      'OBJECT_NOT_FOUND',
      'time series "a/b" does not exist',
    )
  })

  it('applies a declaration as often as one likes', async (t) => {
    const server = await testServer(t)
    const outcome = async (input: object): Promise<unknown> =>
      (await server.call('PUT', '/v1/objects/series/weather', { input })).body.outcome
    assert.equal(await outcome(INPUT), 'created')
    assert.equal(await outcome(INPUT), 'unchanged')
    assert.equal(await outcome(WIDER), 'changed')
  })

  it('says what is wrong', async (t) => {
    const server = await testServer(t)
    await server.post('/v1/objects', { kind: 'series', name: 'weather', input: INPUT })
    const post = (body: unknown): ReturnType<typeof server.post> => server.post('/v1/objects', body)
    refused(await post({ kind: 'series', name: 'weather', input: INPUT }), 409, 'OBJECT_EXISTS', /weather/)
    refused(
      await post({ kind: 'tabel', name: 'x', input: {} }),
      400,
      'INVALID_ARGUMENT',
      /^kind must be one of "table", /,
    )
    refused(await post({ kind: 'series', name: 'x' }), 400, 'INVALID_ARGUMENT', 'input is required')
    refused(
      await post({ kind: 'series', name: 'x', input: {}, nmae: 1 }),
      400,
      'INVALID_ARGUMENT',
      'nmae is no argument; did you mean "name"?',
    )
    refused(
      await post({ kind: 'series', name: '', input: INPUT }),
      400,
      'SCHEMA_INVALID',
      /1 to 128 characters/,
    )
    refused(await post({ kind: 'series', name: 'x', input: {} }), 400, 'SCHEMA_INVALID', /fields/)
    refused(
      await server.get('/v1/objects/serie/x'),
      400,
      'INVALID_ARGUMENT',
      /^kind: "serie" is not one of .* did you mean "series"\?$/,
    )
    refused(await server.get('/v1/objects?kind=x'), 400, 'INVALID_ARGUMENT', /^kind must be one of/)
    refused(
      await server.call('DELETE', '/v1/objects/series/wether'),
      404,
      'OBJECT_NOT_FOUND',
      /did you mean "weather"\?$/,
    )
    refused(
      await server.call('PATCH', '/v1/objects/series/weather', {
        input: { tags: ['town'], fields: INPUT.fields },
      }),
      409,
      'SCHEMA_MISMATCH',
      /tags/,
    )
    assert.equal((await server.get('/v1/objects')).body.objects.length, 1)
  })
})
