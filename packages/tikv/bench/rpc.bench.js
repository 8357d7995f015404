// @ts-check
/**
 * Client CPU of one call over a stream, ours against `@grpc/grpc-js`, at 1, 16, 64 and 256 concurrent callers: the bare
 * stream with one message per call, and `RawGet` of 100 bytes through the pool and its BatchCommands stream, where both
 * transports carry the same batches. The server runs in a process of its own; ours and the rival's runs alternate.
 * `--brief` shows that it works.
 */
import { createRequire } from 'node:module'
import { tikvMethods } from '../dist/rpc/methods.js'
import { micros, printTable, summary } from '../../../bench/measure.js'
import { bareStream, cpuMicros, ourTransport, storeRpc } from './client-parts.js'
import { startEchoServer } from './echo-server.js'

const grpc = createRequire(import.meta.url)('@grpc/grpc-js')

const brief = process.argv.includes('--brief')
const CALLERS = brief ? [1, 64] : [1, 16, 64, 256]
const ROUNDS = brief ? 1 : 7
const CALLS = brief ? 600 : 12_000

const server = await startEchoServer()
try {
  await compare(server.address)
} finally {
  server.close()
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

/** @param {any} transport @param {string} address @param {number} connections */
function rawGets(transport, address, connections) {
  const rpc = storeRpc(transport, connections)
  const request = { context: undefined, key: Buffer.from('key-000000001'), cf: '' }
  return {
    call: () => rpc.call(address, tikvMethods.rawGet, request, { timeoutMs: 30_000 }),
    close: () => rpc.close(),
  }
}

/** @param {string} address */
async function compare(address) {
  const transports = [ourTransport(), rivalTransport()]
  const [ours, rival] = transports
  const contests = [
    ['stream, a message per call', bareStream(ours, address), bareStream(rival, address)],
    ['RawGet, 1 connection', rawGets(ours, address, 1), rawGets(rival, address, 1)],
    ['RawGet, 4 connections', rawGets(ours, address, 4), rawGets(rival, address, 4)],
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
}
