// @ts-check
/** A gRPC server that does nothing, in a process of its own: what remains is what the transport costs. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { batchCommands } from '../dist/rpc/batch-commands.js'
import { tikvMethods } from '../dist/rpc/methods.js'
import { GrpcServer } from '../dist/rpc/server/grpc-server.js'

/** Bytes as they are. */
const bytes = {
  encodeRequest: (/** @type {Uint8Array} */ message) => message,
  decodeRequest: (/** @type {Uint8Array} */ message) => message,
  encodeResponse: (/** @type {Uint8Array} */ message) => message,
  decodeResponse: (/** @type {Uint8Array} */ message) => message,
}

/** Every message comes back as it was sent. */
export const echo = { path: '/bench/Echo', kind: /** @type {const} */ ('duplex'), name: 'Echo', ...bytes }

/** Starts it; it ends with `close`, or with this process. @returns {Promise<{ address: string, close: () => void }>} */
export async function startEchoServer() {
  const child = fork(fileURLToPath(import.meta.url), ['serve'])
  const [address] = await once(child, 'message')
  return { address, close: () => child.disconnect() }
}

/** `BatchCommands` is answered as if every command were `RawGet` of 100 bytes. */
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
  process.on('disconnect', () => process.exit())
  process.send?.(server.address)
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'serve') await serve()
