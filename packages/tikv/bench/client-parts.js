// @ts-check
/** Parts of the client by themselves, and what a call to one of them costs. */
import { Metrics, systemEnv } from '@orbit-ts/base'
import { Http2Transport } from '../dist/rpc/http2/http2-transport.js'
import { PooledStoreRpc } from '../dist/rpc/store-rpc-pool.js'
import { createTelemetry } from '../dist/telemetry/telemetry.js'
import { echo } from './echo-server.js'

/** With the defaults of the client. */
export function ourTransport() {
  return new Http2Transport({
    config: {
      dialTimeout: 5000,
      grpcKeepaliveTime: 10_000,
      grpcKeepaliveTimeout: 3000,
      grpcInitialWindowSize: 128 * 1024 * 1024,
      grpcCompression: 'none',
      tls: undefined,
    },
  })
}

/** Calls to stores: pool, batches and codecs. @param {any} transport @param {number} connections */
export function storeRpc(transport, connections) {
  return new PooledStoreRpc({
    env: systemEnv,
    transport,
    telemetry: createTelemetry(new Metrics(), () => ''),
    config: {
      grpcConnectionCount: connections,
      batchSizeMax: 128,
      batchWait: 0,
      batchOverloadThreshold: 200,
      storeConcurrencyMax: 65_536,
      idleTimeout: 180_000,
    },
  })
}

/** One message per call on a stream to an echo server, answered in order. @param {any} transport @param {string} address */
export function bareStream(transport, address) {
  /** @type {(() => void)[]} */
  let waiting = []
  let head = 0
  const duplex = transport.open(address).duplex(
    echo,
    {
      onMessage: () => {
        waiting[head++]?.()
        if (head < waiting.length) return
        waiting = []
        head = 0
      },
      onEnd: () => undefined,
    },
    {},
  )
  const message = Buffer.alloc(100, 7)
  return {
    call: () =>
      new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
        waiting.push(resolve)
        duplex.send(message)
      }),
    close: () => duplex.cancel(),
  }
}

/**
 * CPU of this process for one of `calls` calls that so many callers make.
 * @param {() => Promise<unknown>} call
 * @param {number} callers
 * @param {number} calls
 */
export async function cpuMicros(call, callers, calls) {
  let left = calls
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) await call()
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}
