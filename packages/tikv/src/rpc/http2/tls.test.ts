import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { hasCode, OrbitError, Secret, type Logger, silentLogger } from '@orbit-ts/base'
import type { TlsConfig } from '../../config/tikv-config.js'
import { GrpcStatus } from '../grpc-status.js'
import { http2Config, textMethods, textService } from '../rpc-fixture.fake.js'
import { statusOf } from '../rpc-error.js'
import { GrpcServer, type ServerTls } from '../server/grpc-server.js'
import { TEST_PEMS } from '../test-pems.fake.js'
import { Http2Transport } from './http2-transport.js'

const soon = { timeoutMs: 30_000 }
const { ca, otherCa, server: serverPems, elsewhere, client, client2, stranger } = TEST_PEMS

async function serve(t: TestContext, tls: ServerTls | undefined): Promise<GrpcServer> {
  const server = await GrpcServer.listen({ service: textService(), tls })
  t.after(() => server.close())
  return server
}

function open(
  t: TestContext,
  tls: Partial<TlsConfig> | undefined,
  logger: Logger = silentLogger,
): Http2Transport {
  const config = tls === undefined ? http2Config : { ...http2Config, tls: { verifyCn: [], ...tls } }
  const transport = new Http2Transport({ config, logger })
  t.after(() => transport.close())
  return transport
}

async function call(transport: Http2Transport, address: string): Promise<string> {
  const channel = transport.open(address)
  try {
    return await channel.unary(textMethods.echo, 'hello', soon)
  } finally {
    channel.close()
  }
}

function tlsError(address: string, reason: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof OrbitError, String(error))
    assert.equal(error.code, 'RPC_TLS', error.message)
    assert.equal(error.details['address'], address)
    assert.ok(error.message.includes(address))
    assert.match(error.message, reason)
    return true
  }
}

describe('TLS', () => {
  it('[S29] accepts a server of the right authority and refuses one of another', async (t) => {
    const { address } = await serve(t, serverPems)
    assert.equal(await call(open(t, { ca }), address), 'hello')
    assert.equal(await call(open(t, { ca }), `https://${address}`), 'hello')
    await assert.rejects(call(open(t, { ca: otherCa }), address), tlsError(address, /certificate|issuer/))
    // Without an authority of its own it trusts those of the system, which do not know ours.
    const url = `https://${address}`
    await assert.rejects(call(open(t, undefined), url), tlsError(url, /certificate|issuer/))
  })

  it('[S29] presents its certificate where the server asks for one', async (t) => {
    const { address } = await serve(t, { ...serverPems, clientCa: ca })
    const key = new Secret(client.key)
    assert.equal(await call(open(t, { ca, cert: client.cert, key }), address), 'hello')
    await assert.rejects(
      call(open(t, { ca, cert: stranger.cert, key: new Secret(stranger.key) }), address),
      (error) => hasCode(error, 'RPC_TLS') || statusOf(error) === GrpcStatus.UNAVAILABLE,
    )
    await assert.rejects(
      call(open(t, { ca }), address),
      (error) => hasCode(error, 'RPC_TLS') || statusOf(error) === GrpcStatus.UNAVAILABLE,
    )
  })

  it('verifies the name of the server, its own or the configured one', async (t) => {
    const { address } = await serve(t, elsewhere)
    await assert.rejects(call(open(t, { ca }), address), tlsError(address, /127\.0\.0\.1/))
    assert.equal(await call(open(t, { ca, serverName: 'elsewhere.test' }), address), 'hello')
    const right = await serve(t, serverPems)
    assert.equal(await call(open(t, { ca }), `localhost:${right.port}`), 'hello')
  })

  it('verifies the common name when names are configured', async (t) => {
    const { address } = await serve(t, serverPems)
    assert.equal(await call(open(t, { ca, verifyCn: ['other', 'tikv-server'] }), address), 'hello')
    await assert.rejects(
      call(open(t, { ca, verifyCn: ['other'] }), address),
      tlsError(address, /common name of its certificate is "tikv-server", not one of other/),
    )
  })

  it('says that the server does not speak TLS, and that it might want it', async (t) => {
    const plain = await serve(t, undefined)
    await assert.rejects(call(open(t, { ca }), plain.address), (error) => {
      assert.ok(hasCode(error, 'RPC_TLS') || statusOf(error) === GrpcStatus.UNAVAILABLE, String(error))
      return true
    })
    const secure = await serve(t, serverPems)
    await assert.rejects(call(open(t, undefined), secure.address), (error) => {
      assert.equal(statusOf(error), GrpcStatus.UNAVAILABLE, String(error))
      assert.match(String(error), /if the server wants TLS, configure tls/)
      return true
    })
  })

  it('refuses credentials that cannot be', () => {
    const make = (tls: Partial<TlsConfig>): Http2Transport =>
      new Http2Transport({ config: { ...http2Config, tls: { verifyCn: [], ...tls } } })
    const invalid = (error: unknown): boolean => hasCode(error, 'CONFIG_INVALID')
    assert.throws(() => make({ cert: client.cert }), invalid)
    assert.throws(() => make({ keyFile: '/key.pem' }), invalid)
    assert.throws(() => make({ ca, caFile: '/ca.pem' }), invalid)
  })

  it('fails calls with RPC_TLS when its files cannot be read or understood', async (t) => {
    const { address } = await serve(t, serverPems)
    await assert.rejects(call(open(t, { caFile: '/nowhere/ca.pem' }), address), tlsError(address, /ENOENT/))
    const broken = { ca, cert: 'no certificate', key: new Secret('no key') }
    await assert.rejects(call(open(t, broken), address), tlsError(address, /credentials/))
  })

  it('uses rotated files for new connections without a restart, and the old ones while the new do not fit', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'orbit-tls-'))
    t.after(() => rm(dir, { recursive: true }))
    const [caFile, certFile, keyFile] = ['ca', 'cert', 'key'].map((name) => join(dir, `${name}.pem`)) as [
      string,
      string,
      string,
    ]
    const { address } = await serve(t, { ...serverPems, clientCa: ca })
    await writeFile(caFile, ca)
    await writeFile(certFile, stranger.cert)
    await writeFile(keyFile, stranger.key)
    const warnings: string[] = []
    const logger: Logger = {
      ...silentLogger,
      warn: (_: unknown, text?: string) => void warnings.push(text ?? ''),
    }
    const transport = open(t, { caFile, certFile, keyFile }, logger)
    await assert.rejects(call(transport, address))
    await writeFile(certFile, client.cert)
    await writeFile(keyFile, client.key)
    assert.equal(await call(transport, address), 'hello')
    // Half of a rotation: the key does not fit its certificate.
    await writeFile(certFile, client2.cert + '\n')
    assert.equal(await call(transport, address), 'hello')
    assert.deepEqual(warnings, ['the changed TLS files cannot be used; the older ones stay in use'])
    await writeFile(keyFile, client2.key + '\n')
    assert.equal(await call(transport, address), 'hello')
    await writeFile(caFile, otherCa)
    await assert.rejects(call(transport, address), tlsError(address, /certificate|issuer/))
  })
})
