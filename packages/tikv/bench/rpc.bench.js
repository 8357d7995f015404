// @ts-check
/**
 * Client CPU of one call over a stream, ours against `@grpc/grpc-js`, at 1, 16, 64 and 256 concurrent callers: the bare
 * stream with one message per call, and `RawGet` of 100 bytes through the pool and its BatchCommands stream, where both
 * transports carry the same batches. The server runs in a process of its own; ours and the rival's runs alternate.
 */
import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Metrics, systemEnv } from '@orbit-ts/base'
import { batchCommands } from '../dist/rpc/batch-commands.js'
import { Http2Transport } from '../dist/rpc/http2/http2-transport.js'
import { tikvMethods } from '../dist/rpc/methods.js'
import { GrpcServer } from '../dist/rpc/server/grpc-server.js'
import { PooledStoreRpc } from '../dist/rpc/store-rpc-pool.js'
import { createTelemetry } from '../dist/telemetry/telemetry.js'
import { micros, printTable, summary } from '../../../bench/measure.js'

const grpc = createRequire(import.meta.url)('@grpc/grpc-js')

const CALLERS = [1, 16, 64, 256]
const ROUNDS = 7
const CALLS = 12_000

/** Bytes as they are: what is measured is the transport. */
const bytes = {
  encodeRequest: (/** @type {Uint8Array} */ message) => message,
  decodeRequest: (/** @type {Uint8Array} */ message) => message,
  encodeResponse: (/** @type {Uint8Array} */ message) => message,
  decodeResponse: (/** @type {Uint8Array} */ message) => message,
}
const echo = { path: '/bench/Echo', kind: /** @type {const} */ ('duplex'), name: 'Echo', ...bytes }

if (process.argv[2] === 'server') await serve()
else await main()

async function serve() {
  const answer = tikvMethods.rawGet.encodeResponse({
    regionError: undefined,
    error: '',
    value: Buffer.alloc(100, 7),
    notFound: false,
  })
  const server = await GrpcServer.listen({
    service: {
      handlers: new Map([
        [
          echo.path,
          {
            kind: 'duplex',
            method: echo,
            handle: (responses) => ({
              onMessage: (message) => responses.send(message),
              onEnd: () => responses.end(),
            }),
          },
        ],
        [
          batchCommands.path,
          {
            kind: 'duplex',
            method: batchCommands,
            handle: (responses) => ({
              onMessage: ({ items }) =>
                responses.send({
                  items: items.map(({ id, batchCase }) => ({ id, batchCase, payload: answer })),
                  transportLayerLoad: 0n,
                  healthFeedback: undefined,
                  serverSendTimeNs: 0n,
                }),
              onEnd: () => responses.end(),
            }),
          },
        ],
      ]),
    },
  })
  process.send?.(server.address)
  process.on('disconnect', () => process.exit())
}

/** A transport over grpc-js with what the pool needs of it. */
function rivalTransport() {
  /** @type {any[]} */
  const clients = []
  return {
    open: (/** @type {string} */ address) => {
      const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
        'grpc.max_receive_message_length': -1,
        // Without it, channels to one address share one connection.
        'grpc.use_local_subchannel_pool': 1,
      })
      clients.push(client)
      return {
        address,
        state: 'ready',
        duplex: (/** @type {any} */ method, /** @type {any} */ handlers) => {
          const stream = client.makeBidiStreamRequest(
            method.path,
            (/** @type {any} */ message) => Buffer.from(method.encodeRequest(message)),
            method.decodeResponse,
          )
          stream.on('data', (/** @type {any} */ message) => handlers.onMessage(message))
          stream.on('error', () => undefined)
          return {
            send: (/** @type {any} */ message) => stream.write(message),
            bufferedBytes: 0,
            end: () => stream.end(),
            cancel: () => stream.cancel(),
          }
        },
        close: () => client.close(),
      }
    },
    close: async () => clients.forEach((client) => client.close()),
  }
}

function ourTransport() {
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

/** One message per call on a bare stream, answered in order. @param {any} transport @param {string} address */
function bareStream(transport, address) {
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

/** @param {any} transport @param {string} address @param {number} connections */
function pooled(transport, address, connections) {
  const rpc = new PooledStoreRpc({
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
  const request = { context: undefined, key: Buffer.from('key-000000001'), cf: '' }
  return {
    call: () => rpc.call(address, tikvMethods.rawGet, request, { timeoutMs: 30_000 }),
    close: () => rpc.close(),
  }
}

/** @param {() => Promise<unknown>} call @param {number} callers @param {number} calls */
async function cpuMicros(call, callers, calls) {
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

async function main() {
  const child = fork(fileURLToPath(import.meta.url), ['server'])
  const address = await new Promise((resolve) => child.once('message', resolve))
  const transports = [ourTransport(), rivalTransport()]
  const [ours, rival] = transports
  const contests = [
    ['stream, a message per call', bareStream(ours, address), bareStream(rival, address)],
    ['RawGet, 1 connection', pooled(ours, address, 1), pooled(rival, address, 1)],
    ['RawGet, 4 connections', pooled(ours, address, 4), pooled(rival, address, 4)],
  ]
  const rows = [['what', 'callers', 'ours min / median µs', 'grpc-js min / median µs', 'ratio of medians']]
  for (const [name, mine, theirs] of contests) {
    for (const callers of CALLERS) {
      const calls = callers === 1 ? CALLS / 6 : CALLS
      /** @type {number[][]} */
      const times = [[], []]
      for (let round = 0; round <= ROUNDS; round++) {
        for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
          const cpu = await cpuMicros((at === 0 ? mine : theirs).call, callers, calls)
          if (round > 0) times[at]?.push(cpu)
        }
      }
      const [us, them] = times.map(summary)
      rows.push([
        name,
        String(callers),
        `${micros(us.min)} / ${micros(us.median)}`,
        `${micros(them.min)} / ${micros(them.median)}`,
        (us.median / them.median).toFixed(2),
      ])
    }
  }
  printTable(rows)
  for (const [, mine, theirs] of contests) await Promise.all([mine.close(), theirs.close()])
  for (const transport of transports) await transport.close()
  child.disconnect()
}
