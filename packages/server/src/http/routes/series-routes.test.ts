import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { refused, testServer, type TestServer } from '../test-server.test.data.js'

const SERIES = '/v1/series/weather'
const POINTS = `${SERIES}/points`
const HOUR = 3_600_000

const at = (timestamp: number, station: string, temperature: number): object => ({
  timestamp,
  tags: { station },
  fields: { temperature },
})
const stored = (timestamp: number, station: string, temperature: number): object => ({
  ...at(timestamp, station, temperature),
  sequence: 0,
})

async function weather(t: TestContext): Promise<TestServer> {
  const server = await testServer(t)
  const input = {
    tags: ['station'],
    fields: { temperature: 'float', reads: 'int64' },
    rollups: [{ granularity: '1h' }],
  }
  await server.post('/v1/objects', { kind: 'series', name: 'weather', input })
  await server.post(POINTS, [
    at(0, 'oslo', 1),
    at(HOUR / 2, 'oslo', 3),
    at(HOUR, 'oslo', 5),
    at(0, 'rome', 20),
  ])
  return server
}

describe('time series over HTTP', () => {
  it('appends one or several, at milliseconds or ISO 8601', async (t) => {
    const server = await weather(t)
    const one = await server.post(POINTS, {
      timestamp: '1970-01-01T02:00:00+01:00',
      tags: { station: 'bonn' },
      fields: { temperature: 7, reads: '9007199254740993' },
    })
    assert.equal(one.status, 201)
    assert.deepEqual(one.body, {
      points: [
        {
          timestamp: HOUR,
          sequence: 0,
          tags: { station: 'bonn' },
          fields: { temperature: 7, reads: '9007199254740993' },
        },
      ],
    })
    const several = [at(HOUR, 'bonn', 8), { ...at(0, 'bonn', 9), timestamp: '1970-01-02' }]
    assert.deepEqual((await server.post(POINTS, several)).body, {
      points: [{ ...at(HOUR, 'bonn', 8), sequence: 1 }, stored(24 * HOUR, 'bonn', 9)],
    })
    refused(
      await server.post(POINTS, { timestamp: 'noon', tags: { station: 'x' }, fields: { temperature: 1 } }),
      400,
      'INVALID_ARGUMENT',
      /^point 0: timestamp: "noon" is no moment/,
    )
    refused(
      await server.post(POINTS, { timestamp: 0, tags: { station: 'x' }, fields: { temprature: 1 } }),
      400,
      'INVALID_ARGUMENT',
      /did you mean "temperature"\?$/,
    )
    refused(
      await server.post(POINTS, [{ timestamp: 0, tags: { station: 'x' } }]),
      400,
      'INVALID_ARGUMENT',
      'points.0.fields is required',
    )
  })

  it('reads ranges, the latest points and the list of series', async (t) => {
    const server = await weather(t)
    const tags = encodeURIComponent('{"station":"oslo"}')
    assert.deepEqual(
      (await server.get(`${POINTS}?tags=${tags}&from=0&to=1970-01-01T01:00:00Z&limit=1`)).body,
      {
        points: [stored(0, 'oslo', 1)],
        more: true,
      },
    )
    const query = { tags: { station: ['oslo', 'rome'] }, where: { temperature: { gt: 3 } }, reverse: true }
    assert.deepEqual((await server.post(`${SERIES}/query`, query)).body, {
      points: [stored(HOUR, 'oslo', 5), stored(0, 'rome', 20)],
      more: false,
    })
    assert.deepEqual((await server.get(`${SERIES}/latest`)).body, {
      points: [stored(HOUR, 'oslo', 5), stored(0, 'rome', 20)],
    })
    assert.deepEqual((await server.get(`${SERIES}/list?tags=${tags}`)).body, {
      series: [{ tags: { station: 'oslo' }, first: 0, last: HOUR }],
    })
    assert.deepEqual((await server.get(`${SERIES}/count?from=1`)).body, { count: 2 })
    refused(
      await server.get(`${POINTS}?from=yesterday`),
      400,
      'INVALID_ARGUMENT',
      /^from: "yesterday" is no moment/,
    )
    refused(await server.get(`${POINTS}?tags=oslo`), 400, 'INVALID_ARGUMENT', /^tags must be JSON/)
  })

  it('downsamples, rolls up, applies retention and deletes', async (t) => {
    const server = await weather(t)
    const query = { bucket: '1h', aggregates: { temperature: ['count', 'avg'] }, groupBy: ['station'] }
    const buckets = [
      { timestamp: 0, tags: { station: 'oslo' }, values: { temperature: { count: 2, avg: 2 } } },
      { timestamp: 0, tags: { station: 'rome' }, values: { temperature: { count: 1, avg: 20 } } },
      { timestamp: HOUR, tags: { station: 'oslo' }, values: { temperature: { count: 1, avg: 5 } } },
    ]
    assert.deepEqual((await server.post(`${SERIES}/downsample`, query)).body, { buckets })
    assert.deepEqual((await server.post(`${SERIES}/rollup`, { until: HOUR })).body, { moved: 2 })
    assert.deepEqual((await server.post(`${SERIES}/downsample`, query)).body, { buckets })
    assert.deepEqual((await server.post(`${SERIES}/retention`)).body, { deleted: 0 })
    assert.deepEqual((await server.call('DELETE', `${POINTS}?from=1`)).body, { deleted: 2 })
    assert.deepEqual((await server.get(`${SERIES}/count`)).body, { count: 2 })
    refused(
      await server.post(`${SERIES}/downsample`, { bucket: '1h' }),
      400,
      'INVALID_ARGUMENT',
      'aggregates is required',
    )
  })
})
