import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Metrics, OrbitError, utf8 } from '@orbit-ts/base'
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
