import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { trace, type Tracer } from '@opentelemetry/api'
import { hasCode, Metrics, OrbitError, toHex, utf8 } from '@orbit-ts/base'
import { TiKVClient, type ClientRuntime } from '../client.js'
import type { TiKVConfigInput } from '../config/tikv-config.js'
import type { Interceptor } from '../rpc/store-rpc.js'
import { TestCluster } from '../testing/test-cluster.js'
import { keyFormatter } from './format-key.js'

function connect(
  cluster: TestCluster,
  config: Partial<TiKVConfigInput> = {},
  runtime: ClientRuntime = {},
): Promise<TiKVClient> {
  const { pdEndpoints, transport } = cluster
  return TiKVClient.connect({ pdEndpoints, ...config }, { transport, ...runtime })
}

/** The error of the second of two transactions that write the key `secret`. */
async function conflictOn(client: TiKVClient): Promise<OrbitError> {
  await using late = await client.txn.begin()
  late.put(utf8('secret'), utf8('late'))
  await client.txn.run(async (transaction) => transaction.put(utf8('secret'), utf8('early')))
  const error: unknown = await late.commit().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof OrbitError)
  assert.equal(error.code, 'TRANSACTION_CONFLICT')
  return error
}

const everythingOf = (error: OrbitError): string => error.message + JSON.stringify(error.details)
const SECRET_HEX = '736563726574'

describe('keys in messages', () => {
  it('are their length unless logs are not redacted', async () => {
    await using cluster = await TestCluster.start()
    await using silent = await connect(cluster)
    await using open = await connect(cluster, { redactLogs: false })
    assert.ok(!everythingOf(await conflictOn(silent)).includes(SECRET_HEX))
    assert.ok(everythingOf(await conflictOn(open)).includes(SECRET_HEX))
  })

  it('are hexadecimal, the beginning only of long ones', () => {
    assert.equal(keyFormatter(true)(utf8('secret')), '<6 bytes>')
    assert.equal(keyFormatter(false)(utf8('secret')), SECRET_HEX)
    assert.equal(keyFormatter(false)(new Uint8Array(100)), `${'00'.repeat(64)}… (100 bytes)`)
  })
})

describe('the metrics of a client', () => {
  it('go to the registry of the program, or to one of its own', async () => {
    await using cluster = await TestCluster.start()
    const metrics = new Metrics()
    await using given = await connect(cluster, {}, { metrics })
    await using first = await connect(cluster)
    await using second = await connect(cluster)
    assert.equal(given.metrics, metrics)
    assert.notEqual(first.metrics, second.metrics)
    await given.txn.run(async (transaction) => transaction.put(utf8('k'), utf8('v')))
    const row = /^orbit_tikv_transactions_total\{[^}]*\} 1$/m
    assert.match(await metrics.render(), row)
    assert.doesNotMatch(await first.metrics.render(), row)
  })

  it('begin with what the program says, so that clients of one registry are told apart', async () => {
    await using cluster = await TestCluster.start()
    const metrics = new Metrics()
    await using one = await connect(cluster, {}, { metrics, metricsPrefix: 'orbit_orders' })
    await using other = await connect(cluster, {}, { metrics, metricsPrefix: 'orbit_users' })
    await one.txn.run(async (transaction) => transaction.put(utf8('k'), utf8('v')))
    await other.txn.run(async (transaction) => transaction.put(utf8('k'), utf8('w')))
    const text = await metrics.render()
    assert.match(text, /^orbit_orders_transactions_total\{[^}]*\} 1$/m)
    assert.match(text, /^orbit_users_transactions_total\{[^}]*\} 1$/m)
    assert.doesNotMatch(text, /^orbit_tikv_/m)
    const metricsPrefix = 'orbit_No-Name' as const
    await assert.rejects(connect(cluster, {}, { metricsPrefix }), (error) =>
      hasCode(error, 'INVALID_ARGUMENT'),
    )
  })
})

/** A tracer with one trace for all spans that have no parent, and the names of the spans begun. */
function tracing(traceId: string): { readonly tracer: Tracer; readonly names: string[] } {
  const names: string[] = []
  const real = trace.getTracer('test')
  return {
    names,
    tracer: {
      startActiveSpan: real.startActiveSpan.bind(real),
      startSpan: (name) => {
        names.push(name)
        return trace.wrapSpanContext({ traceId, spanId: '1'.repeat(16), traceFlags: 0 })
      },
    },
  }
}

describe('the trace of a span', () => {
  it('goes to the servers with every request, unless the caller names another', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { tracer, names } = tracing(traceId)
    await using cluster = await TestCluster.start()
    await using client = await connect(cluster, {}, { tracer })
    const tracesOf = (method: string): string[] =>
      cluster.faults
        .callsOf(method)
        .map(({ request }) => toHex((request as { context: { traceId: Uint8Array } }).context.traceId))
    await client.txn.run(async (transaction) => transaction.put(utf8('k'), utf8('v')))
    await (await client.txn.snapshot()).get(utf8('k'))
    await (await client.txn.snapshot(undefined, { traceId: Uint8Array.of(1, 2) })).get(utf8('k'))
    assert.deepEqual(tracesOf('KvPrewrite'), [traceId])
    assert.deepEqual(tracesOf('KvGet'), [traceId, '0102'])
    assert.deepEqual(
      names.filter((name) => !name.startsWith('tikv.pd.')),
      ['tikv.txn.commit', 'tikv.rpc', 'tikv.get', 'tikv.rpc', 'tikv.get', 'tikv.rpc'],
    )
  })
})

describe('interceptors', () => {
  it('of one transaction see its calls alone', async () => {
    await using cluster = await TestCluster.start()
    await using client = await connect(cluster)
    const seen: string[] = []
    const note: Interceptor = (call, next) => {
      seen.push(call.method)
      return next()
    }
    await client.txn.run(async (transaction) => transaction.put(utf8('a'), utf8('1')))
    await client.txn.run(
      async (transaction) => {
        await transaction.get(utf8('a'))
        transaction.put(utf8('b'), utf8('2'))
      },
      { interceptors: [note] },
    )
    assert.deepEqual(seen, ['KvGet', 'KvPrewrite'])
  })
})
