import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Health } from '@orbit-ts/storage'
import { until } from '../raw-connection.test.data.js'
import { authorization, testServer, withToken, type TestServer } from '../test-server.test.data.js'

/** Has the providers say this of themselves. */
function pretend(server: TestServer, health: Readonly<Record<string, Health>>): void {
  server.server.registry.health = () => Promise.resolve(health)
}

describe('health', () => {
  it('is healthy when every provider is', async (t) => {
    const server = await testServer(t, {
      server: { persistenceBackend: undefined },
      providers: { fast: { type: 'memory' }, other: { type: 'memory' } },
    })
    const answer = await server.get('/health/ready')
    assert.equal(answer.status, 200)
    assert.deepEqual(Object.keys(answer.body.providers), ['fast', 'other'])
    assert.deepEqual([answer.body.status, answer.body.closing], ['Healthy', false])
    assert.deepEqual((await server.get('/health/live')).body, { status: 'Healthy' })
  })

  it('is as bad as the worst provider, and 503 only when one is unhealthy', async (t) => {
    const server = await testServer(t)
    const healthy: Health = { status: 'healthy', latencyMs: 1 }
    const degraded: Health = { status: 'degraded', reason: 'the disk is slow', latencyMs: 2 }
    const unhealthy: Health = { status: 'unhealthy', reason: 'the disk is gone', latencyMs: 0 }
    pretend(server, { a: healthy, b: degraded })
    const slow = await server.get('/health/ready')
    assert.equal(slow.status, 200)
    assert.deepEqual(slow.body, {
      status: 'Degraded',
      closing: false,
      providers: {
        a: { status: 'Healthy', latencyMs: 1 },
        b: { status: 'Degraded', reason: 'the disk is slow', latencyMs: 2 },
      },
    })
    pretend(server, { a: unhealthy, b: degraded })
    const broken = await server.get('/health/ready')
    assert.equal(broken.status, 503)
    assert.deepEqual([broken.body.status, broken.body.providers.a.status], ['Unhealthy', 'Unhealthy'])
    assert.equal((await server.get('/health/live')).status, 200)
    const scraped = server.server.metrics.render()
    assert.match(await scraped, /^orbit_provider_health\{provider="a"\} 2$/m)
    assert.match(await scraped, /^orbit_provider_health\{provider="b"\} 1$/m)
  })

  it('gives reasons only to who may know, and probes once for all that ask', async (t) => {
    const server = await testServer(t, withToken)
    const health: Readonly<Record<string, Health>> = {
      a: { status: 'degraded', reason: 'secret path', latencyMs: 2 },
    }
    let probes = 0
    let finish: (() => void) | undefined
    server.server.registry.health = () => {
      probes++
      return new Promise((resolve) => {
        finish = () => resolve(health)
      })
    }
    const asking = [1, 2, 3].map(() => server.get('/health/ready'))
    const metrics = (): Promise<string> => server.server.metrics.render()
    await until(async () => /^orbit_http_requests_active 3$/m.test(await metrics()))
    finish?.()
    for (const { body } of await Promise.all(asking)) {
      assert.deepEqual(body.providers, { a: { status: 'Degraded', latencyMs: 2 } })
    }
    assert.equal(probes, 1)
    pretend(server, health)
    const known = await server.get('/health/ready', { headers: authorization })
    assert.equal(known.body.providers.a.reason, 'secret path')
  })
})

describe('metrics', () => {
  it('count what providers and requests do', async (t) => {
    const server = await testServer(t)
    const input = { columns: { id: { type: 'int4', primaryKey: true } } }
    await server.post('/v1/objects', { kind: 'table', name: 't', input })
    await server.post('/v1/tables/t/rows', [{ id: 1 }, { id: 2 }])
    await server.get('/v1/tables/t/rows/1')
    await server.get('/v1/tables/t/rows/9')
    await server.get('/v1/nothing/at/all')
    const { body, headers } = await server.get('/metrics')
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const value = (line: string): number => {
      const found = (body as string).split('\n').find((each) => each.startsWith(`${line} `))
      assert.ok(found !== undefined, line)
      return Number(found.slice(line.length + 1))
    }
    const provider = 'provider="memory",kind="memory"'
    assert.ok(value(`orbit_provider_write_operations_total{${provider}}`) >= 3)
    assert.ok(value(`orbit_provider_read_operations_total{${provider}}`) >= 2)
    assert.equal(value(`orbit_provider_conflicts_total{${provider}}`), 0)
    assert.equal(value(`orbit_provider_error_count_total{${provider}}`), 0)
    assert.ok(value(`orbit_provider_transactions_committed_total{${provider}}`) >= 2)
    assert.ok(value(`orbit_provider_commit_groups_total{${provider}}`) >= 2)
    assert.equal(value(`orbit_provider_history_bytes_max{${provider}}`), 256 * 1024 * 1024)
    assert.ok(value(`orbit_provider_engine{${provider},fact="entries"}`) >= 3)
    const requests = (method: string, route: string, status: number): number =>
      value(
        `orbit_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`,
      )
    assert.equal(requests('POST', '/v1/tables/{object}/rows', 201), 1)
    assert.equal(requests('GET', '/v1/tables/{object}/rows/{key}', 200), 1)
    assert.equal(requests('GET', '/v1/tables/{object}/rows/{key}', 404), 1)
    assert.equal(requests('GET', 'unmatched', 404), 1)
    assert.ok(value('orbit_process_resident_memory_bytes') > 0)
    const definitions = (figure: string): number => value(`orbit_cache_${figure}{cache="schema"}`)
    assert.deepEqual([definitions('entries'), definitions('evictions_total')], [1, 0])
    const [hits, misses] = [definitions('hits_total'), definitions('misses_total')]
    assert.ok(hits > 0 && misses > 0)
    assert.equal(definitions('hit_ratio'), hits / (hits + misses))
    assert.equal(value('orbit_cross_model_transactions_total'), 0)
    assert.match(body, /^# TYPE orbit_provider_read_operations_total counter$/m)
    assert.match(body, /^orbit_http_requests_active 1$/m)
  })
})
