import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { refused, testServer, type TestServer } from '../test-server.test.data.js'

const AIRPORTS = {
  columns: {
    iata: { type: 'text', primaryKey: true },
    visits: { type: 'int8' },
    seal: { type: 'bytea' },
    opened: { type: 'date' },
    latitude: { type: 'float8' },
  },
}
const ROWS = '/v1/tables/airports/rows'
const SFO = { iata: 'SFO', visits: '9007199254740993', seal: '\\x00ff', opened: '1927-05-07', latitude: 37.6 }
const LAX = { iata: 'LAX', visits: null, seal: null, opened: null, latitude: null }

async function airports(t: TestContext): Promise<TestServer> {
  const server = await testServer(t)
  await server.post('/v1/objects', { kind: 'table', name: 'airports', input: AIRPORTS })
  return server
}

async function filled(t: TestContext): Promise<TestServer> {
  const server = await airports(t)
  await server.post(ROWS, [SFO, { iata: 'LAX' }])
  return server
}

describe('rows over HTTP', () => {
  it('inserts one or several and gives them back as JSON that can be written again', async (t) => {
    const server = await airports(t)
    const one = await server.post(ROWS, SFO)
    assert.equal(one.status, 201)
    assert.deepEqual(one.body, { rows: [SFO] })
    assert.deepEqual((await server.post(ROWS, [{ iata: 'LAX' }, { iata: 'OSL', visits: 7 }])).body, {
      rows: [LAX, { ...LAX, iata: 'OSL', visits: '7' }],
    })
    assert.deepEqual((await server.get(`${ROWS}/SFO`)).body, { row: SFO })
    assert.deepEqual((await server.call('PUT', `${ROWS}/SFO`, SFO)).body, { rows: [SFO] })
  })

  it('writes the numbers that JSON does not have as text, and takes them so', async (t) => {
    const server = await airports(t)
    const rows = [
      { ...LAX, iata: 'a', latitude: 'NaN' },
      { ...LAX, iata: 'b', latitude: '-Infinity' },
    ]
    assert.deepEqual((await server.post(ROWS, rows)).body, { rows })
  })

  it('reads a page, sorted, filtered and cut', async (t) => {
    const server = await filled(t)
    assert.deepEqual((await server.get(ROWS)).body, { rows: [LAX, SFO] })
    const first = await server.get(`${ROWS}?limit=1&orderBy=iata&select=iata,visits`)
    assert.deepEqual(first.body, { rows: [{ iata: 'LAX', visits: null }], nextOffset: 1 })
    const second = await server.get(`${ROWS}?limit=1&offset=1&orderBy=iata&select=["iata"]`)
    assert.deepEqual(second.body, { rows: [{ iata: 'SFO' }] })
    const where = encodeURIComponent('{"visits":{"gt":"9007199254740992"}}')
    assert.deepEqual((await server.get(`${ROWS}?where=${where}`)).body, { rows: [SFO] })
    const orderBy = [{ field: 'iata', direction: 'desc' }]
    assert.deepEqual((await server.post('/v1/tables/airports/query', { orderBy, limit: 1 })).body, {
      rows: [SFO],
      nextOffset: 1,
    })
    assert.deepEqual((await server.get(`/v1/tables/airports/count?where=${where}`)).body, { count: 1 })
    const { plan } = (await server.post('/v1/tables/airports/explain', { where: { iata: 'SFO' } })).body
    assert.equal(plan.table, 'airports')
  })

  it('uses the configured page sizes', async (t) => {
    const server = await testServer(t, { server: { pageSize: 2, pageSizeMax: 3 } })
    await server.post('/v1/objects', { kind: 'table', name: 'airports', input: AIRPORTS })
    await server.post(ROWS, [{ iata: 'a' }, { iata: 'b' }, { iata: 'c' }, { iata: 'd' }])
    const page = await server.get(`${ROWS}?select=iata`)
    assert.deepEqual(page.body, { rows: [{ iata: 'a' }, { iata: 'b' }], nextOffset: 2 })
    refused(
      await server.get(`${ROWS}?limit=4`),
      400,
      'INVALID_ARGUMENT',
      'limit: 4 is above server.page_size_max = 3; read in pages',
    )
  })

  it('changes and deletes a row, and all that match', async (t) => {
    const server = await filled(t)
    assert.deepEqual((await server.call('PATCH', `${ROWS}/LAX`, { visits: 3 })).body, {
      row: { ...LAX, visits: '3' },
    })
    const changes = { where: { iata: { like: '%A%' } }, changes: { visits: 4 } }
    assert.deepEqual((await server.call('PATCH', ROWS, changes)).body, { changed: 1 })
    assert.deepEqual((await server.call('DELETE', `${ROWS}/LAX`)).body, { deleted: true })
    assert.deepEqual((await server.call('DELETE', `${ROWS}/LAX`)).body, { deleted: false })
    assert.deepEqual((await server.call('DELETE', `${ROWS}?where={}`)).body, { deleted: 1 })
    assert.deepEqual((await server.get('/v1/tables/airports/count')).body, { count: 0 })
  })

  it('puts a row under its key, and refuses another key in the body', async (t) => {
    const server = await filled(t)
    assert.deepEqual((await server.call('PUT', `${ROWS}/OSL`, { visits: 1 })).body, {
      rows: [{ ...LAX, iata: 'OSL', visits: '1' }],
    })
    assert.deepEqual(
      (await server.call('PUT', `${ROWS}/OSL`, { iata: 'OSL', visits: 2 })).body.rows[0].visits,
      '2',
    )
    refused(
      await server.call('PUT', `${ROWS}/OSL`, { iata: 'SFO' }),
      400,
      'INVALID_ARGUMENT',
      'table "airports": column "iata" is SFO in the body and OSL in the path',
    )
  })

  it('takes keys of several columns as JSON, and text that looks like JSON as a JSON string', async (t) => {
    const server = await testServer(t)
    const input = {
      columns: { a: { type: 'int4' }, b: { type: 'text' }, n: { type: 'int4' } },
      primaryKey: ['a', 'b'],
    }
    await server.post('/v1/objects', { kind: 'table', name: 'pairs', input })
    const path = `/v1/tables/pairs/rows/${encodeURIComponent('{"a":1,"b":"x/y"}')}`
    assert.deepEqual((await server.call('PUT', path, { n: 5 })).body, { rows: [{ a: 1, b: 'x/y', n: 5 }] })
    assert.deepEqual((await server.get(path)).body, { row: { a: 1, b: 'x/y', n: 5 } })
    refused(
      await server.call('PUT', '/v1/tables/pairs/rows/1', { n: 5 }),
      400,
      'INVALID_ARGUMENT',
      'key: the primary key of table "pairs" is a JSON object with a, b',
    )
    refused(
      await server.get('/v1/tables/pairs/rows/%7Bx'),
      400,
      'INVALID_ARGUMENT',
      /^key: the segment of the path begins with \{ and is not JSON/,
    )
    await server.post('/v1/objects', {
      kind: 'table',
      name: '"t"',
      input: { columns: { k: { type: 'text', primaryKey: true } } },
    })
    const table = `/v1/tables/${encodeURIComponent('"\\"t\\""')}/rows`
    await server.post(table, [{ k: '' }, { k: '..' }, { k: '{x' }, { k: '"' }])
    for (const k of ['', '..', '{x', '"']) {
      const answer = await server.get(`${table}/${encodeURIComponent(JSON.stringify(k))}`)
      assert.deepEqual(answer.body, { row: { k } })
    }
  })

  it('says what is wrong with a request', async (t) => {
    const server = await filled(t)
    const invalid = async (path: string, message: string): Promise<void> =>
      refused(await server.get(path), 400, 'INVALID_ARGUMENT', message)
    await invalid(`${ROWS}?limt=1`, 'limt is no parameter of this path; did you mean "limit"?')
    await invalid(`${ROWS}?limit=1&limit=2`, 'limit is given more than once')
    await invalid(`${ROWS}?limit=many`, 'limit must be a number, not "many"')
    await invalid(`${ROWS}?limit=-1`, 'limit must be >= 0')
    await invalid(`${ROWS}?limit=1.5`, 'limit must be integer')
    await invalid(`${ROWS}?where=[1]`, 'where must be object')
    refused(await server.get(`${ROWS}?where={`), 400, 'INVALID_ARGUMENT', /^where must be JSON: /)
    refused(await server.get(`${ROWS}?where={"iat":1}`), 400, 'INVALID_ARGUMENT', /did you mean "iata"\?$/)
    refused(await server.call('DELETE', ROWS), 400, 'INVALID_ARGUMENT', 'where is required')
    refused(
      await server.call('DELETE', ROWS, { where: {} }),
      400,
      'INVALID_ARGUMENT',
      'body is not read here; arguments stand in the query string',
    )
    refused(
      await server.post(`${ROWS}?dry=true`, { iata: 'x' }),
      400,
      'INVALID_ARGUMENT',
      'dry is no parameter of this path; arguments stand in the body',
    )
    refused(
      await server.post(ROWS, 3),
      400,
      'INVALID_ARGUMENT',
      'rows has none of the forms it may have: A row, or a list of rows.',
    )
    refused(await server.post(ROWS), 400, 'INVALID_ARGUMENT', /^rows /)
    refused(
      await server.post('/v1/tables/airports/query', []),
      400,
      'INVALID_ARGUMENT',
      'body must be a JSON object',
    )
    refused(
      await server.post('/v1/tables/airports/query', { orderBy: [{ field: 'iata', direction: 'up' }] }),
      400,
      'INVALID_ARGUMENT',
      'orderBy.0.direction must be one of "asc", "desc"',
    )
    refused(
      await server.get('/v1/tables/airport/rows'),
      404,
      'OBJECT_NOT_FOUND',
      /did you mean "airports"\?$/,
    )
    refused(
      await server.get(`${ROWS}/XXX`),
      404,
      'RECORD_NOT_FOUND',
      'table "airports" has nothing with key XXX',
    )
    refused(await server.post(ROWS, SFO), 409, 'RECORD_EXISTS', /iata = "SFO"/)
    refused(await server.post(ROWS, { iata: 'x', visits: 2 ** 60 }), 400, 'TYPE_MISMATCH', /visits/)
    assert.deepEqual((await server.get('/v1/tables/airports/count')).body, { count: 2 })
  })
})
