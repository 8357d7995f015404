import { HealthCheckResponse, HealthCheckResponse_ServingStatus } from '../../gen/health.js'
import { batchCommands } from '../../rpc/batch-commands.js'
import { healthMethods, tikvMethods } from '../../rpc/methods.js'
import type { CallContext, Handler, Service } from '../../rpc/service.js'
import { BatchStream } from './batch-stream.js'
import { servedMethods, type StoreNode } from './store-node.js'

/** The gRPC services of one store: TiKV's own and health. */
export function storeService(node: StoreNode): Service {
  const handlers: Handler[] = servedMethods.map((method) => ({
    kind: 'unary',
    method,
    handle: (request, { metadata, signal }) =>
      node.call(method, request, { metadata, signal, batched: false }),
  }))
  handlers.push(
    {
      kind: 'duplex',
      method: batchCommands,
      handle: (responses, context) => new BatchStream(node, responses, context),
    },
    {
      kind: 'serverStream',
      method: tikvMethods.coprocessorStream,
      handle: (request, context) => streamOfOne(node, tikvMethods.coprocessor, request, context),
    },
    { kind: 'unary', method: healthMethods.check, handle: async () => health(node) },
    { kind: 'serverStream', method: healthMethods.watch, handle: (_, context) => watchHealth(node, context) },
  )
  return { handlers: new Map(handlers.map((handler) => [handler.method.path, handler])) }
}

async function* streamOfOne(
  node: StoreNode,
  method: typeof tikvMethods.coprocessor,
  request: unknown,
  { metadata, signal }: CallContext,
): AsyncGenerator<unknown> {
  yield await node.call(method, request, { metadata, signal, batched: false })
}

function health(node: StoreNode): HealthCheckResponse {
  const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus
  return HealthCheckResponse.create({ status: node.settings.healthy ? SERVING : NOT_SERVING })
}

/** Tells the state once and then stays open, as a server does whose state does not change. */
async function* watchHealth(node: StoreNode, { signal }: CallContext): AsyncGenerator<unknown> {
  yield health(node)
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
