import { Metrics, systemEnv, type Env } from '@orbit-ts/base'
import { createTelemetry } from '../telemetry/telemetry.js'
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../gen/health.js'
import { batchCommands } from './batch-commands.js'
import type { BatchItem, BatchRequest, BatchResponse } from './batch-message.js'
import { GrpcStatus } from './grpc-status.js'
import { Http2Transport, type Http2TransportConfig } from './http2/http2-transport.js'
import { InProcessNetwork } from './in-process/in-process-network.js'
import type { Method, MethodKind } from './method.js'
import { healthMethods, tikvMethods } from './methods.js'
import { GrpcServer } from './server/grpc-server.js'
import { RpcRefusal, type CallContext, type Handler, type ServerDuplex, type Service } from './service.js'
import { PooledStoreRpc, type PooledStoreRpcConfig } from './store-rpc-pool.js'
import type { Transport } from './transport.js'

/** Methods of text, and servers of them, over every transport: what tests of this folder share. */

export function textMethod(path: string, kind: MethodKind): Method<string, string> {
  return {
    path,
    kind,
    name: path.slice(path.lastIndexOf('/') + 1),
    encodeRequest: (text) => Buffer.from(text),
    decodeRequest: (bytes) => Buffer.from(bytes).toString(),
    encodeResponse: (text) => Buffer.from(text),
    decodeResponse: (bytes) => Buffer.from(bytes).toString(),
  }
}

export const textMethods = {
  /** Answers with the request and the caller's `who`; `refuse:N:MESSAGE` with that status, `hang` never. */
  echo: textMethod('/test.Text/Echo', 'unary'),
  /** `N` answers, from 0. */
  count: textMethod('/test.Text/Count', 'serverStream'),
  /** Every message in capitals; `refuse` and `destroy` end the stream. */
  shout: textMethod('/test.Text/Shout', 'duplex'),
  /** Known to no server. */
  missing: textMethod('/test.Text/Missing', 'unary'),
}

export interface TextService extends Service {
  readonly handlers: Map<string, Handler>
  /** What happened, in order. */
  readonly log: string[]
}

export function textService(): TextService {
  const log: string[] = []
  const handlers = new Map<string, Handler>([
    [
      textMethods.echo.path,
      { kind: 'unary', method: textMethods.echo, handle: (request, context) => echo(log, request, context) },
    ],
    [
      textMethods.count.path,
      {
        kind: 'serverStream',
        method: textMethods.count,
        handle: (request, context) => count(log, request, context),
      },
    ],
    [
      textMethods.shout.path,
      { kind: 'duplex', method: textMethods.shout, handle: (responses) => shout(log, responses) },
    ],
  ])
  return { handlers, log }
}

async function echo(log: string[], request: unknown, context: CallContext): Promise<string> {
  const text = String(request)
  log.push(`echo ${text.slice(0, 40)}`)
  const [command, status, message] = text.split(':')
  if (command === 'refuse') throw new RpcRefusal(Number(status), message ?? '')
  if (command === 'fail') throw new TypeError('not what was planned')
  if (command === 'hang') {
    if (!context.signal.aborted)
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
    log.push('echo aborted')
  }
  return text + (context.metadata['who'] ?? '')
}

async function* count(log: string[], request: unknown, context: CallContext): AsyncGenerator<string> {
  try {
    for (let i = 0; i < Number(request) && !context.signal.aborted; i++) yield String(i)
  } finally {
    log.push('count over')
  }
}

function shout(
  log: string[],
  responses: ServerDuplex<unknown>,
): ReturnType<Extract<Handler, { readonly kind: 'duplex' }>['handle']> {
  return {
    onMessage: (message) => {
      if (message === 'refuse') responses.end(new RpcRefusal(GrpcStatus.ABORTED, 'enough'))
      else if (message === 'destroy') responses.destroy()
      else responses.send(String(message).toUpperCase())
    },
    onEnd: () => {
      log.push('shout over')
      responses.end()
    },
  }
}

/** One `BatchCommands` stream as its server sees it. */
export interface BatchCall {
  readonly metadata: Readonly<Record<string, string>>
  readonly stream: ServerDuplex<BatchResponse>
  answer(items: readonly BatchItem[], more?: Partial<BatchResponse>): void
}

export interface BatchService extends Service {
  readonly handlers: Map<string, Handler>
  readonly streams: BatchCall[]
  /** Each message received: its items, and the stream it came on. */
  readonly messages: { readonly items: readonly BatchItem[]; readonly call: BatchCall }[]
}

/** Serves `BatchCommands` by `onBatch` (default: every item is answered with its own key) and health by `SERVING`. */
export function batchService(
  onBatch: (call: BatchCall, items: readonly BatchItem[]) => void = (call, items) =>
    call.answer(items.map(echoItem)),
): BatchService {
  const service: BatchService = { handlers: new Map(), streams: [], messages: [] }
  service.handlers.set(batchCommands.path, {
    kind: 'duplex',
    method: batchCommands,
    handle: (responses, { metadata }) => {
      const call: BatchCall = {
        metadata,
        stream: responses,
        answer: (items, more) => {
          const load = { transportLayerLoad: 0n, healthFeedback: undefined, serverSendTimeNs: 0n }
          responses.send({ items, ...load, ...more })
        },
      }
      service.streams.push(call)
      return {
        onMessage: (message) => {
          const { items } = message as BatchRequest
          service.messages.push({ items, call })
          onBatch(call, items)
        },
        onEnd: () => responses.end(),
      }
    },
  })
  service.handlers.set(healthMethods.check.path, {
    kind: 'unary',
    method: healthMethods.check,
    handle: async () => ({ status: ServingStatus.SERVING }),
  })
  return service
}

/** The answer to a `rawGet`: its key as value. */
export function echoItem(item: BatchItem): BatchItem {
  const { key } = tikvMethods.rawGet.decodeRequest(item.payload)
  return { ...item, payload: rawGetAnswer(key) }
}

export function rawGetAnswer(value: Uint8Array): Uint8Array {
  return tikvMethods.rawGet.encodeResponse({ regionError: undefined, error: '', value, notFound: false })
}

export const rawGetRequest = (key: string): { context: undefined; key: Uint8Array; cf: string } => ({
  context: undefined,
  key: Buffer.from(key),
  cf: '',
})

export const http2Config: Http2TransportConfig = {
  dialTimeout: 5000,
  grpcKeepaliveTime: 10_000,
  grpcKeepaliveTimeout: 3000,
  grpcInitialWindowSize: 128 * 1024 * 1024,
  grpcCompression: 'none',
}

export const poolConfig: PooledStoreRpcConfig = {
  grpcConnectionCount: 4,
  batchSizeMax: 128,
  batchWait: 0,
  batchOverloadThreshold: 200,
  storeConcurrencyMax: 65_536,
  idleTimeout: 180_000,
}

/** A server and a way to it. */
export interface Wire {
  readonly kind: 'http2' | 'in-process'
  readonly address: string
  readonly transport: Transport
  /** Breaks all connections; the server stays. */
  drop(): void
  close(): Promise<void>
}

export type OpenWire = (service: Service, env?: Env) => Promise<Wire>

export const openHttp2: OpenWire = async (service, env = systemEnv) => {
  const server = await GrpcServer.listen({ service })
  const transport = new Http2Transport({ env, config: http2Config })
  return {
    kind: 'http2',
    address: server.address,
    transport,
    drop: () => server.dropConnections(),
    close: async () => {
      await transport.close()
      await server.close()
    },
  }
}

export const openInProcess: OpenWire = async (service, env = systemEnv) => {
  const network = new InProcessNetwork({ env })
  network.register('store-1:20160', service)
  const transport = network.transport()
  return {
    kind: 'in-process',
    address: 'store-1:20160',
    transport,
    drop: () => network.cut({}),
    close: () => transport.close(),
  }
}

export const WIRES: readonly (readonly [string, OpenWire])[] = [
  ['over HTTP/2', openHttp2],
  ['in-process', openInProcess],
]

export function pooledRpc(
  wire: Pick<Wire, 'transport'>,
  more: Partial<ConstructorParameters<typeof PooledStoreRpc>[0]> = {},
): PooledStoreRpc {
  const telemetry = createTelemetry(new Metrics(), () => '')
  return new PooledStoreRpc({
    env: systemEnv,
    transport: wire.transport,
    telemetry,
    config: poolConfig,
    ...more,
  })
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Lets sockets and promises work until `done`; fails after a minute, which only a defect takes. */
export async function until(done: () => boolean): Promise<void> {
  const { clock, timers } = systemEnv
  const endsMs = clock.monotonicMs() + 60_000
  while (!done()) {
    if (clock.monotonicMs() > endsMs) throw new Error(`did not come true within a minute: ${String(done)}`)
    await timers.nextTurn()
  }
}
