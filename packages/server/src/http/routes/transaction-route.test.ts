import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { refused, testServer, type TestServer } from '../test-server.test.data.js'

const TABLE = { columns: { id: { type: 'int4', primaryKey: true }, n: { type: 'int8' } } }

const operation = (kind: string, object: string, op: string, args?: object): object => ({
  kind,
  object,
  op,
  ...(args === undefined ? {} : { args }),
})

async function everything(t: TestContext, operationsMax = 1000): Promise<TestServer> {
  const server = await testServer(t, { server: { operationsMax } })
  const objects = [
    { kind: 'table', name: 't', input: TABLE },
    { kind: 'collection', name: 'c', input: {} },
    { kind: 'graph', name: 'g', input: { open: true } },
    { kind: 'vectors', name: 'v', input: { dimension: 2 } },
    { kind: 'series', name: 's', input: { fields: { x: 'float' } } },
  ]
  for (const object of objects) await server.post('/v1/objects', object)
  return server
}

describe('transactions over HTTP', () => {
  it('runs operations on all models, which see one another, and answers each', async (t) => {
    const server = await everything(t)
    const answer = await server.post('/v1/transactions', {
      isolation: 'serializable',
      mode: 'pessimistic',
      timeoutMs: 10_000,
      operations: [
        operation('table', 't', 'insert', { rows: { id: 1, n: 5 } }),
        operation('collection', 'c', 'insert', { documents: [{ id: 'd' }] }),
        operation('graph', 'g', 'addNodes', { nodes: { id: 'a', labels: ['L'] } }),
        operation('vectors', 'v', 'upsert', { vectors: { id: 'x', vector: [1, 0] } }),
        operation('series', 's', 'append', { points: { timestamp: 7, fields: { x: 1 } } }),
        operation('table', 't', 'get', { key: 1 }),
        operation('table', 't', 'get', { key: 2 }),
        operation('table', 't', 'count'),
        operation('table', 't', 'getMany', { keys: [2, 1] }),
      ],
    })
    assert.deepEqual(answer.body, {
      results: [
        { rows: [{ id: 1, n: '5' }] },
        { documents: [{ id: 'd', revision: 1 }] },
        { nodes: [{ id: 'a', labels: ['L'], properties: {} }] },
        { count: 1 },
        { points: [{ timestamp: 7, sequence: 0, tags: {}, fields: { x: 1 } }] },
        { row: { id: 1, n: '5' } },
        null,
        { count: 1 },
        { rows: [null, { id: 1, n: '5' }] },
      ],
    })
  })

  it('does all or nothing, and names the operation that failed', async (t) => {
    const server = await everything(t)
    const operations = [
      operation('table', 't', 'insert', { rows: { id: 1 } }),
      operation('vectors', 'v', 'insert', { vectors: { id: 'x', vector: [1, 0] } }),
      operation('graph', 'g', 'addEdges', { edges: { type: 'E', from: 'a', to: 'b' } }),
    ]
    const failed = await server.post('/v1/transactions', { operations })
    refused(failed, 409, 'DANGLING_EDGE', /^operations\[2\]: graph "g"/)
    assert.equal(failed.body.error.details.operation, 2)
    assert.deepEqual((await server.get('/v1/tables/t/count')).body, { count: 0 })
    assert.deepEqual((await server.get('/v1/vectors/v/count')).body, { count: 0 })
  })

  it('has every operation of every kind', async (t) => {
    const server = await everything(t)
    const run = async (...operations: object[]): Promise<unknown[]> =>
      (await server.post('/v1/transactions', { operations })).body.results as unknown[]
    await run(operation('collection', 'c', 'insert', { documents: [{ id: 'd' }, { id: 'e', n: 1 }] }))
    assert.deepEqual(
      await run(
        operation('collection', 'c', 'getMany', { ids: ['e', 'x'] }),
        operation('collection', 'c', 'replace', { id: 'd', document: { n: 2 }, ifRevision: 1 }),
        operation('collection', 'c', 'delete', { id: 'd', ifRevision: 2 }),
      ),
      [{ documents: [{ id: 'e', n: 1 }, null] }, { id: 'd', revision: 2 }, { deleted: true }],
    )
    await run(operation('graph', 'g', 'addNodes', { nodes: { id: 'a', labels: ['L'] } }))
    assert.deepEqual(await run(operation('graph', 'g', 'getNodes', { ids: ['x', 'a'] })), [
      { nodes: [null, { id: 'a', labels: ['L'], properties: {} }] },
    ])
    await run(operation('vectors', 'v', 'insert', { vectors: { id: 'x', vector: [1, 0] } }))
    assert.deepEqual(
      await run(
        operation('vectors', 'v', 'getMany', { ids: ['x', 'y'] }),
        operation('vectors', 'v', 'deleteMany', { ids: ['x', 'y'] }),
      ),
      [{ vectors: [{ id: 'x', vector: [1, 0], metadata: {} }, null] }, { deleted: 1 }],
    )
    await run(operation('table', 't', 'insert', { rows: { id: 1 } }))
    assert.deepEqual(await run(operation('table', 't', 'upsert', { rows: { id: 1, n: 2 } })), [
      { rows: [{ id: 1, n: '2' }] },
    ])
  })

  it('retries a conflict until both have happened', async (t) => {
    const server = await everything(t)
    await server.post('/v1/tables/t/rows', { id: 1, n: 0 })
    const add = (id: number): object => ({
      isolation: 'serializable',
      operations: [
        operation('table', 't', 'find', {}),
        operation('table', 't', 'update', { key: 1, changes: { n: id } }),
        operation('table', 't', 'insert', { rows: { id } }),
      ],
    })
    const answers = await Promise.all([2, 3, 4, 5].map((id) => server.post('/v1/transactions', add(id))))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    // Each saw all that were before it: one saw one row, one two, and so on.
    const seen = answers.map(({ body }) => body.results[0].rows.length as number).sort()
    assert.deepEqual(seen, [1, 2, 3, 4])
  })

  it('says what is wrong with the request', async (t) => {
    const server = await everything(t, 2)
    const post = (body: unknown): ReturnType<typeof server.post> => server.post('/v1/transactions', body)
    const one = (op: object): object => ({ operations: [op] })
    const count = operation('table', 't', 'count')
    refused(await post({}), 400, 'INVALID_ARGUMENT', 'operations is required')
    refused(
      await post({ operations: [] }),
      400,
      'INVALID_ARGUMENT',
      'operations must not have fewer than 1 items',
    )
    refused(
      await post({ operations: [count, count, count] }),
      400,
      'INVALID_ARGUMENT',
      'operations must not have more than 2 items',
    )
    refused(
      await post({ isolaton: 'snapshot', operations: [count] }),
      400,
      'INVALID_ARGUMENT',
      'isolaton is no argument; did you mean "isolation"?',
    )
    refused(
      await post({ isolation: 'chaos', operations: [count] }),
      400,
      'INVALID_ARGUMENT',
      'isolation must be one of "read-committed", "snapshot", "serializable"',
    )
    refused(
      await post(one(operation('tabel', 't', 'count'))),
      400,
      'INVALID_ARGUMENT',
      /^operations\[0\]: kind: "tabel" is not one of .* did you mean "table"\?$/,
    )
    refused(
      await post(one(operation('table', 't', 'isnert'))),
      400,
      'INVALID_ARGUMENT',
      'operations[0]: op: "isnert" is no operation of table; did you mean "insert"?',
    )
    refused(
      await post(one(operation('table', 't', 'constructor'))),
      400,
      'INVALID_ARGUMENT',
      /^operations\[0\]: op: "constructor" is no operation/,
    )
    refused(
      await post(one(operation('table', 't', 'get', { kye: 1 }))),
      400,
      'INVALID_ARGUMENT',
      'operations[0]: kye is no argument; did you mean "key"?',
    )
    refused(
      await post(one(operation('table', 'x', 'count'))),
      404,
      'OBJECT_NOT_FOUND',
      /^operations\[0\]: table "x" does not exist/,
    )
    refused(await post([]), 400, 'INVALID_ARGUMENT', 'args must be object')
    refused(
      await post({ timeoutMs: 0, operations: [count] }),
      400,
      'INVALID_ARGUMENT',
      'timeoutMs must be >= 1',
    )
  })
})
