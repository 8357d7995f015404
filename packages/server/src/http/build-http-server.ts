import { Metrics, OrbitError, silentLogger, systemEnv, type Env, type Logger } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'
import type { ProviderRegistry, StorageManager } from '@orbit-ts/storage'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OrbitConfig } from '../config/orbit-config.js'
import { resolveAccess } from '../config/resolve-access.js'
import { observeDatabase } from '../metrics/database-metrics.js'
import { observeProviders } from '../metrics/provider-metrics.js'
import { BearerTokens } from './access/bearer-tokens.js'
import { checkSameMachine } from './access/same-machine.js'
import { checkHead } from './check-head.js'
import { createApp } from './create-app.js'
import { answerClientError } from './errors/client-error.js'
import { SECURITY_HEADERS, answerError } from './errors/answer-error.js'
import type { HttpContext } from './http-context.js'
import { HttpMetrics } from './http-metrics.js'
import { listen } from './listen.js'
import { Requests } from './requests.js'
import { allRoutes } from './routes/all-routes.js'
import { refuseUnrouted } from './routes/refuse-unrouted.js'
import type { Route } from './routes/route.js'
import { Turns } from './turns.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token, and while the server stops. */
    readonly public?: boolean
    /** As the description of the API has it. */
    readonly path?: string
  }
}

export interface HttpServerOptions {
  readonly database: Database
  readonly registry: ProviderRegistry
  /** Which provider has the state of which actor. Default: none, and no routes for it. */
  readonly storageManager?: StorageManager | undefined
  readonly config: OrbitConfig
  /** Default: none. */
  readonly logger?: Logger
  /** What `/metrics` gives. Default: a new set. */
  readonly metrics?: Metrics
  readonly env?: Env
}

export interface HttpServer {
  readonly app: FastifyInstance
  /** Begins to accept connections; returns where. @throws CONFIG_INVALID when the address cannot be had */
  listen(): Promise<string[]>
  /**
   * Takes no new requests, lets those in progress finish within `server.shutdown_timeout`, and closes all connections.
   * Harmless when called again. The database and the registry stay open.
   */
  close(): Promise<void>
}

/**
 * The HTTP API over an open database.
 * @throws CONFIG_INVALID: no tokens although the host is not a loopback address
 */
export function buildHttpServer(options: HttpServerOptions): HttpServer {
  const env = options.env ?? systemEnv
  const settings = options.config.server
  const access = resolveAccess(settings)
  const metrics = options.metrics ?? new Metrics()
  const context: HttpContext = {
    database: options.database,
    registry: options.registry,
    storageManager: options.storageManager,
    settings,
    tokens: new BearerTokens(access.tokens),
    requests: new Requests(env, settings.requestTimeoutMs),
    metrics,
    logger: options.logger ?? silentLogger,
    env,
  }
  const httpMetrics = new HttpMetrics(metrics)
  const stopObserving = [
    observeProviders(metrics, options.registry),
    observeDatabase(metrics, options.database),
    httpMetrics.watchActive(() => context.requests.active),
  ]
  const routes = allRoutes(context)
  const turns = new Turns()
  const app = createApp(settings, env, {
    onBadRequest: (error, request, reply) => {
      turns.take(request.raw, reply.raw, () => answerError(context, error, request, reply))
    },
    onClientError: (error, socket) => {
      httpMetrics.countClientError()
      // An answer out of turn would be taken for that of an earlier request.
      turns.takeLast(socket, (isAnswered) => answerClientError(error, socket, isAnswered))
    },
  })
  addHooks(app, context, turns, httpMetrics, access.loopback)
  app.setErrorHandler((error, request, reply) => answerError(context, error, request, reply))
  app.setNotFoundHandler((request) => refuseUnrouted(routes, request))
  for (const route of routes) register(app, route)
  let closing: Promise<void> | undefined
  return {
    app,
    listen: () => listen(app, settings),
    close: () => (closing ??= close(app, context, stopObserving)),
  }
}

function addHooks(
  app: FastifyInstance,
  context: HttpContext,
  turns: Turns,
  httpMetrics: HttpMetrics,
  loopback: boolean,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    turns.take(request.raw, reply.raw, () => {
      begin(context, httpMetrics, request, reply)
      try {
        refuseBadHead(request, reply)
        admit(context, loopback, request)
        done()
      } catch (error) {
        done(OrbitError.from(error))
      }
    })
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (context.requests.closing) reply.header('connection', 'close')
    done(null, payload)
  })
}

/** @throws INVALID_ARGUMENT; where the next request begins is not sure any more */
function refuseBadHead(request: FastifyRequest, reply: FastifyReply): void {
  try {
    checkHead(request.raw)
  } catch (error) {
    reply.header('connection', 'close')
    throw error
  }
}

async function close(
  app: FastifyInstance,
  context: HttpContext,
  stopObserving: readonly (() => void)[],
): Promise<void> {
  await context.requests.drain(context.settings.shutdownTimeoutMs)
  await app.close()
  for (const stop of stopObserving) stop()
}

function register(app: FastifyInstance, route: Route): void {
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { public: route.public === true, path: route.path },
    handler: (request, reply) => {
      reply.code(route.status)
      return route.handle(request, reply)
    },
  })
}

/** Counts, measures and labels a request. */
function begin(
  context: HttpContext,
  httpMetrics: HttpMetrics,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { clock } = context.env
  const startedMs = clock.monotonicMs()
  context.requests.enter(reply.raw)
  reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id })
  const { socket } = request.raw
  // An answer also counts as finished when its connection was closed before all of it was sent.
  let isSent = false
  reply.raw.once('finish', () => (isSent = !socket.destroyed))
  reply.raw.once('close', () => {
    const status = isSent ? reply.raw.statusCode : 499
    const seconds = (clock.monotonicMs() - startedMs) / 1000
    const { method } = request
    const route = request.routeOptions.config.path
    httpMetrics.observe({ method, route, status, seconds })
    context.logger.debug({ requestId: request.id, method, route, status, seconds }, 'request')
  })
}

/** @throws HOST_NOT_ALLOWED, UNAUTHENTICATED, SERVER_CLOSING */
function admit({ tokens, requests }: HttpContext, loopback: boolean, request: FastifyRequest): void {
  if (loopback && !tokens.required) checkSameMachine(request.headers)
  if (request.routeOptions.config.public === true) return
  tokens.check(request.headers.authorization)
  if (requests.closing) {
    throw new OrbitError(
      'SERVER_CLOSING',
      'the server is stopping and takes no new work; ask another one, or later',
    )
  }
}
