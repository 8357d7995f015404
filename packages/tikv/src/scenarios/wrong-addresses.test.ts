import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { utf8, type ErrorCode, type OrbitError } from '@orbit-ts/base'
import { TiKVClient } from '../client.js'
import type { TiKVConfigInput } from '../config/tikv-config.js'
import { TEST_PEMS } from '../rpc/test-pems.fake.js'
import { TestCluster, type TestClusterOptions } from '../testing/test-cluster.js'
import { CountingEnv } from './counting-env.fake.js'
import { EXPIRED_PEM } from './expired-pem.fake.js'
import { failsWith, leavingNothing, text } from './scenario.fake.js'

const CONNECT_TIMEOUT_MS = 400
/** Slower than real time: within the deadline a busy machine must get as far as the error that is looked for. */
const SPEED = 0.4

type Config = Partial<TiKVConfigInput>

/** Tries to connect, and checks the error, its deadline, and that nothing is left. */
async function refuses(
  endpoints: readonly string[],
  code: ErrorCode,
  message: RegExp,
  config: Config = {},
): Promise<OrbitError> {
  const env = new CountingEnv(SPEED)
  const startMs = env.clock.monotonicMs()
  const connect = TiKVClient.connect(
    { pdEndpoints: [...endpoints], connectTimeout: `${CONNECT_TIMEOUT_MS}ms`, ...config },
    { env },
  )
  const error = await failsWith(connect, code, message)
  // A bound that only a call without a deadline exceeds, on a busy machine too.
  assert.ok(env.clock.monotonicMs() - startMs < CONNECT_TIMEOUT_MS + 10_000)
  assert.equal(env.pendingTimers, 0)
  return error
}

async function withCluster(
  options: TestClusterOptions,
  body: (cluster: TestCluster) => Promise<void>,
): Promise<void> {
  const env = new CountingEnv()
  await leavingNothing(env, async () => {
    const cluster = await TestCluster.start({ stores: 1, transport: 'sockets', env, ...options })
    try {
      await body(cluster)
    } finally {
      await cluster.close()
    }
  })
}

/** The address of a server that is not PD; it is ended afterwards. */
async function withServer(server: Server, body: (address: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  try {
    await body(`127.0.0.1:${address.port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

describe('connecting to what is not PD', () => {
  it('tells that nobody listens', async () => {
    let closed = ''
    await withServer(createServer(), async (address) => void (closed = address))
    const error = await refuses([closed], 'PD_UNAVAILABLE', /within 400 ms \(connectTimeout\).*ECONNREFUSED/)
    assert.match(error.message, new RegExp(closed))
  })

  it('tells a TiKV server from PD, at once', () =>
    withCluster({}, async (cluster) => {
      const { address } = cluster.state.store(1n)
      await refuses([address], 'PD_REFUSED', /must name PD, not a TiKV server/, { connectTimeout: '60s' })
    }))

  it('is content with one address of PD among others that are wrong', () =>
    withCluster({}, async (cluster) => {
      const env = new CountingEnv()
      const pdEndpoints = [cluster.state.store(1n).address, '127.0.0.1:1', ...cluster.pdEndpoints]
      const client = await TiKVClient.connect({ pdEndpoints }, { env })
      assert.equal(client.clusterId, cluster.state.clusterId)
      await client.close()
      assert.equal(env.pendingTimers, 0)
    }))

  it('tells a server that speaks HTTP/1 only', () =>
    withServer(
      createHttpServer((_, response) => response.end('hello')),
      async (address) => void (await refuses([address], 'PD_UNAVAILABLE', /does not speak gRPC/)),
    ))

  it('gives up a server that says nothing', () =>
    withServer(
      createServer(),
      async (address) => void (await refuses([address], 'PD_UNAVAILABLE', /within 400 ms/)),
    ))

  it('gives up a server that hangs up', () =>
    withServer(
      createServer((socket) => socket.end()),
      async (address) => void (await refuses([address], 'PD_UNAVAILABLE', /within 400 ms/)),
    ))

  it('tells a server that talks nonsense', () =>
    withServer(
      createServer((socket) => socket.write('220 mail.example ESMTP\r\n')),
      async (address) => void (await refuses([address], 'PD_UNAVAILABLE', /does not speak gRPC/)),
    ))

  it('names a host that does not exist', async () => {
    await refuses(['no-such-host.invalid:2379'], 'PD_UNAVAILABLE', /no-such-host\.invalid/)
  })

  it('refuses what is no address, naming it', async () => {
    for (const endpoint of ['host:port', 'ftp://host:2379', 'http://host:2379/path', 'a b', 'host:99999']) {
      const error = await refuses([endpoint], 'INVALID_ARGUMENT', /write host:port/)
      assert.equal(error.details['field'], 'pdEndpoints')
      assert.equal(error.details['value'], endpoint)
    }
    await refuses([''], 'CONFIG_INVALID', /item 1 must not be empty/)
    await refuses([], 'INVALID_ARGUMENT', /pdEndpoints is empty/)
  })

  it('[S05] refuses addresses of two clusters at once, and says which is which', () =>
    withCluster({}, (first) =>
      withCluster({}, async (second) => {
        const endpoints = [...first.pdEndpoints, ...second.pdEndpoints]
        const config = { connectTimeout: '60s' }
        const error = await refuses(endpoints, 'PD_CLUSTER_MISMATCH', /different clusters/, config)
        for (const cluster of [first, second]) {
          assert.match(
            error.message,
            new RegExp(`${cluster.pdEndpoints[0]} is of cluster ${cluster.state.clusterId}`),
          )
        }
        assert.equal(first.pd.calls.get('GetMembers'), 1)
      }),
    ))

  it('notices when another cluster has taken the place of the one it knows', async () => {
    const env = new CountingEnv()
    await leavingNothing(env, async () => {
      const first = await TestCluster.start({ stores: 1, transport: 'sockets', env })
      const [address = ''] = first.pdEndpoints
      const client = await TiKVClient.connect({ pdEndpoints: [address] }, { env })
      await client.txn.currentTimestamp()
      await first.close()
      const pdPort = Number(address.split(':')[1])
      const second = await TestCluster.start({ stores: 1, transport: 'sockets', env, pdPort })
      const [now, before] = [second.state.clusterId, first.state.clusterId]
      await failsWith(
        client.txn.begin(),
        'PD_CLUSTER_MISMATCH',
        new RegExp(
          `${address}: .*PD serves cluster ${now} there now, and this client began with cluster ${before}; let pdEndpoints name`,
        ),
      )
      await client.close()
      await second.close()
    })
  })
})

describe('[S29] TLS', () => {
  const { ca, otherCa, server, elsewhere } = TEST_PEMS

  it('with the right authority is accepted', () =>
    withCluster({ tls: server }, async (cluster) => {
      const env = new CountingEnv()
      const client = await TiKVClient.connect({ pdEndpoints: [...cluster.pdEndpoints], tls: { ca } }, { env })
      await client.txn.run(async (transaction) => transaction.put(utf8('k'), utf8('v')))
      assert.equal(text(await (await client.txn.snapshot()).get(utf8('k'))), 'v')
      await client.close()
      assert.equal(env.pendingTimers, 0)
    }))

  it('towards a server without it is refused at once', () =>
    withCluster({}, async (cluster) => {
      await refuses(cluster.pdEndpoints, 'RPC_TLS', /does not speak TLS/, {
        tls: { ca },
        connectTimeout: '60s',
      })
    }))

  it('missing towards a server that wants it is refused, and the error says what to configure', () =>
    withCluster({ tls: server }, async (cluster) => {
      await refuses(cluster.pdEndpoints, 'PD_UNAVAILABLE', /configure tls/)
    }))

  it('with another authority is refused at once', () =>
    withCluster({ tls: server }, async (cluster) => {
      const config = { tls: { ca: otherCa }, connectTimeout: '60s' }
      const error = await refuses(cluster.pdEndpoints, 'RPC_TLS', /certificate/, config)
      assert.match(String(error.details['tlsCode']), /UNABLE_TO_VERIFY|SELF_SIGNED/)
    }))

  it('with the certificate of another host is refused at once', () =>
    withCluster({ tls: elsewhere }, async (cluster) => {
      const config = { tls: { ca }, connectTimeout: '60s' }
      const error = await refuses(cluster.pdEndpoints, 'RPC_TLS', /127\.0\.0\.1/, config)
      assert.equal(error.details['tlsCode'], 'ERR_TLS_CERT_ALTNAME_INVALID')
    }))

  it('with an expired certificate is refused at once', () =>
    withCluster({ tls: EXPIRED_PEM }, async (cluster) => {
      const config = { tls: { ca: EXPIRED_PEM.cert }, connectTimeout: '60s' }
      const error = await refuses(cluster.pdEndpoints, 'RPC_TLS', /expired/, config)
      assert.equal(error.details['tlsCode'], 'CERT_HAS_EXPIRED')
    }))

  it('without the client certificate that the server wants is refused', () =>
    withCluster({ tls: { ...server, clientCa: ca } }, async (cluster) => {
      await failsWithTls(cluster, { ca })
    }))

  it('with a client certificate of another authority is refused', () =>
    withCluster({ tls: { ...server, clientCa: ca } }, async (cluster) => {
      await failsWithTls(cluster, { ca, ...TEST_PEMS.stranger })
    }))

  it('contradicting the scheme of an address is refused before anything is sent', async () => {
    await refuses(['https://127.0.0.1:1'], 'INVALID_ARGUMENT', /asks for TLS.*set tls/)
    await refuses(['http://127.0.0.1:1'], 'INVALID_ARGUMENT', /is without TLS.*https:/, { tls: { ca } })
  })

  it('from a file that is not there names the file', async () => {
    const config = { tls: { caFile: 'no-such-directory/ca.pem' }, connectTimeout: '60s' }
    await refuses(['127.0.0.1:1'], 'RPC_TLS', /no-such-directory\/ca\.pem/, config)
  })

  it('from what is no certificate says so', async () => {
    await refuses(['127.0.0.1:1'], 'RPC_TLS', /TLS credentials cannot be used/, {
      tls: { ca: 'nonsense', cert: 'nonsense', key: 'nonsense' },
      connectTimeout: '60s',
    })
  })
})

/** TLS 1.3 tells the client of its certificate's refusal only after it has begun to talk: either code is right. */
async function failsWithTls(cluster: TestCluster, tls: NonNullable<TiKVConfigInput['tls']>): Promise<void> {
  const env = new CountingEnv(SPEED)
  const config = { pdEndpoints: [...cluster.pdEndpoints], connectTimeout: `${CONNECT_TIMEOUT_MS}ms`, tls }
  await assert.rejects(TiKVClient.connect(config, { env }), (error: OrbitError) => {
    assert.ok(error.code === 'RPC_TLS' || error.code === 'PD_UNAVAILABLE', String(error))
    assert.match(error.message, /client certificate|certificate required|unknown ca|alert/i)
    return true
  })
  assert.equal(env.pendingTimers, 0)
}
