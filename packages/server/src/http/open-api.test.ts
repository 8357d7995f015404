import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testServer, withToken, authorization, type AnyJson } from './test-server.test.data.js'
import { OPERATIONS } from './operations/operations.js'

type Json = Record<string, AnyJson>

/** Every `$ref` in a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' ? [String(inner)] : references(inner),
  )
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete'])

describe('/openapi.json', () => {
  it('describes every route that there is, and no other', async (t) => {
    const server = await testServer(t)
    const { body } = await server.get('/openapi.json')
    assert.equal(body.openapi, '3.1.0')
    const described = Object.entries<Json>(body.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(described.sort(), [
      'DELETE /v1/collections/{object}/documents',
      'DELETE /v1/collections/{object}/documents/{id}',
      'DELETE /v1/graphs/{object}/edges/{type}/{from}/{to}',
      'DELETE /v1/graphs/{object}/nodes/{id}',
      'DELETE /v1/objects/{kind}/{name}',
      'DELETE /v1/series/{object}/points',
      'DELETE /v1/tables/{object}/rows',
      'DELETE /v1/tables/{object}/rows/{key}',
      'DELETE /v1/vectors/{object}/entries/{id}',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /openapi.json',
      'GET /v1/collections/{object}/count',
      'GET /v1/collections/{object}/documents',
      'GET /v1/collections/{object}/documents/{id}',
      'GET /v1/graphs/{object}/edges',
      'GET /v1/graphs/{object}/edges/{type}/{from}/{to}',
      'GET /v1/graphs/{object}/nodes',
      'GET /v1/graphs/{object}/nodes/{id}',
      'GET /v1/graphs/{object}/nodes/{id}/degree',
      'GET /v1/graphs/{object}/nodes/{id}/edges',
      'GET /v1/graphs/{object}/nodes/{id}/neighbors',
      'GET /v1/objects',
      'GET /v1/objects/{kind}/{name}',
      'GET /v1/series/{object}/count',
      'GET /v1/series/{object}/latest',
      'GET /v1/series/{object}/list',
      'GET /v1/series/{object}/points',
      'GET /v1/tables/{object}/count',
      'GET /v1/tables/{object}/rows',
      'GET /v1/tables/{object}/rows/{key}',
      'GET /v1/vectors/{object}/count',
      'GET /v1/vectors/{object}/entries',
      'GET /v1/vectors/{object}/entries/{id}',
      'GET /v1/vectors/{object}/index',
      'PATCH /v1/collections/{object}/documents',
      'PATCH /v1/collections/{object}/documents/{id}',
      'PATCH /v1/graphs/{object}/edges/{type}/{from}/{to}',
      'PATCH /v1/graphs/{object}/nodes/{id}',
      'PATCH /v1/objects/{kind}/{name}',
      'PATCH /v1/tables/{object}/rows',
      'PATCH /v1/tables/{object}/rows/{key}',
      'POST /v1/collections/{object}/documents',
      'POST /v1/collections/{object}/explain',
      'POST /v1/collections/{object}/query',
      'POST /v1/graphs/{object}/edges',
      'POST /v1/graphs/{object}/edges/count',
      'POST /v1/graphs/{object}/edges/explain',
      'POST /v1/graphs/{object}/edges/query',
      'POST /v1/graphs/{object}/nodes',
      'POST /v1/graphs/{object}/nodes/count',
      'POST /v1/graphs/{object}/nodes/explain',
      'POST /v1/graphs/{object}/nodes/query',
      'POST /v1/graphs/{object}/shortest-path',
      'POST /v1/graphs/{object}/traverse',
      'POST /v1/objects',
      'POST /v1/series/{object}/downsample',
      'POST /v1/series/{object}/points',
      'POST /v1/series/{object}/query',
      'POST /v1/series/{object}/retention',
      'POST /v1/series/{object}/rollup',
      'POST /v1/tables/{object}/explain',
      'POST /v1/tables/{object}/query',
      'POST /v1/tables/{object}/rows',
      'POST /v1/transactions',
      'POST /v1/vectors/{object}/entries',
      'POST /v1/vectors/{object}/explain',
      'POST /v1/vectors/{object}/index',
      'POST /v1/vectors/{object}/query',
      'POST /v1/vectors/{object}/search',
      'PUT /v1/collections/{object}/documents/{id}',
      'PUT /v1/objects/{kind}/{name}',
      'PUT /v1/tables/{object}/rows/{key}',
      'PUT /v1/vectors/{object}/entries',
    ])
    for (const route of described) {
      const [method = '', path = ''] = route.split(' ')
      const answer = await server.call(method, path.replaceAll(/\{\w+\}/g, 'x'))
      const noRoute = ['NOT_FOUND', 'METHOD_NOT_ALLOWED', 'INTERNAL'].includes(answer.body?.error?.code)
      assert.ok(!noRoute, `${route} is described and not there`)
    }
  })

  it('is well formed', async (t) => {
    const server = await testServer(t)
    const { body } = await server.get('/openapi.json')
    for (const reference of references(body)) {
      const steps = reference.replace('#/', '').split('/')
      assert.notEqual(
        steps.reduce<unknown>((at, step) => (at as Json | undefined)?.[step], body),
        undefined,
        reference,
      )
    }
    const tags = (body.tags as { name: string }[]).map(({ name }) => name)
    const ids = new Set<string>()
    for (const [path, item] of Object.entries<Json>(body.paths)) {
      for (const [method, operation] of Object.entries<Json>(item)) {
        const where = `${method} ${path}`
        assert.ok(METHODS.has(method), where)
        assert.match(operation['operationId'], /^[a-z]+_[A-Za-z]+$/)
        assert.ok(!ids.has(operation['operationId']), operation['operationId'])
        ids.add(operation['operationId'])
        assert.ok(tags.includes(operation['tags'][0]), where)
        assert.match(operation['summary'], /^[A-Z].*\.$/, where)
        const parameters: Json[] = operation['parameters'] ?? []
        const inPath = parameters.filter((parameter) => parameter['in'] === 'path')
        assert.deepEqual(
          inPath.map((parameter) => `{${parameter['name']}}`),
          path.match(/\{\w+\}/g) ?? [],
          where,
        )
        for (const parameter of parameters) {
          assert.equal('schema' in parameter, !('content' in parameter), where)
          assert.equal(typeof parameter['description'], 'string', `${where} ${parameter['name']}`)
          if (parameter['in'] === 'path') assert.equal(parameter['required'], true)
        }
        if (method === 'get' || method === 'delete') assert.equal(operation['requestBody'], undefined, where)
        const responses = operation['responses']
        assert.ok(
          ['200', '201'].some((status) => status in responses),
          where,
        )
        assert.deepEqual(responses.default.content, {
          'application/json': { schema: { $ref: '#/components/schemas/Error' } },
        })
      }
    }
  })

  it('spells out every operation of a transaction', async (t) => {
    const server = await testServer(t)
    const { body } = await server.get('/openapi.json')
    const schema = body.paths['/v1/transactions'].post.requestBody.content['application/json'].schema
    const forms: Json[] = schema.properties.operations.items.anyOf
    const names = forms.map(({ ['properties']: { kind, op } }) => `${kind.const}.${op.const}`)
    const expected = Object.entries(OPERATIONS).flatMap(([kind, operations]) =>
      Object.keys(operations).map((name) => `${kind}.${name}`),
    )
    assert.deepEqual(names, expected)
    assert.equal(names.length, 65)
    for (const [kind, operations] of Object.entries(OPERATIONS)) {
      for (const [name, operation] of Object.entries(operations)) {
        assert.deepEqual([operation.kind, operation.name], [kind, name])
      }
    }
  })

  it('asks for a token only where there are some', async (t) => {
    const open = await testServer(t)
    assert.equal((await open.get('/openapi.json')).body.security, undefined)
    const guarded = await testServer(t, withToken)
    const { body } = await guarded.get('/openapi.json', { headers: authorization })
    assert.deepEqual(body.security, [{ token: [] }])
    assert.deepEqual(body.components.securitySchemes, { token: { type: 'http', scheme: 'bearer' } })
    assert.deepEqual(body.paths['/health/live'].get.security, [])
    assert.equal(body.paths['/metrics'].get.security, undefined)
  })
})
