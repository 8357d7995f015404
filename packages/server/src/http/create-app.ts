import type { Socket } from 'node:net'
import { OrbitError, toHex, type Env } from '@orbit-ts/base'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { ServerSettings } from '../config/server-settings.js'
import { encodeJson } from './json/encode-json.js'
import { parseJson } from './json/parse-json.js'
import { JSON_TYPE } from './routes/route.js'

const MIB = 1024 * 1024
/** Node's own default for the time that headers may take. */
const HEADERS_TIMEOUT_MS = 60_000
/** Node looks for late requests this often. */
const LATE_CHECK_MS = 5000
/** Longer than any path within Node's limit of 16 KiB for all headers. */
const PARAM_LENGTH_MAX = 16 * 1024

const REQUEST_ID = /^[\w.-]{1,64}$/

/** The content types of bodies. All are JSON; the patches say what it means. */
export const BODY_TYPES = [JSON_TYPE, 'application/merge-patch+json', 'application/json-patch+json'] as const

export interface AppHooks {
  /** Answers a request whose path is not valid. */
  readonly onBadRequest: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void
  /** Answers what was no HTTP request, and closes the connection. */
  readonly onClientError: (error: Error & { readonly code?: string }, socket: Socket) => void
}

/** A fastify application without routes: reading of bodies, writing of answers, limits. */
export function createApp(settings: ServerSettings, env: Env, hooks: AppHooks): FastifyInstance {
  const { requestTimeoutMs, connectionTimeoutMs = 2 * requestTimeoutMs } = settings
  const app = fastify({
    http: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(LATE_CHECK_MS, requestTimeoutMs),
      // Node's own refusal is no JSON, and not in turn; `checkHead` refuses.
      requireHostHeader: false,
    },
    requestTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    bodyLimit: settings.bodySizeMaxMb * MIB,
    // While the server stops, requests get an answer of ours that says so.
    return503OnClosing: false,
    forceCloseConnections: true,
    genReqId: ({ headers }) => requestId(headers['x-request-id'], env),
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    frameworkErrors: (error, request, reply) => {
      hooks.onBadRequest(error, request, reply)
    },
    clientErrorHandler: (error, socket) => hooks.onClientError(error, socket),
  })
  app.server.maxConnections = settings.connectionsMax
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>([...BODY_TYPES], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      refuseEncoding(request)
      // Many clients announce JSON with every request, also with one that has nothing to say.
      const nothing = body.byteLength === 0 && request.method === 'DELETE'
      done(null, nothing ? undefined : parseJson(body))
    } catch (error) {
      done(error instanceof Error ? error : OrbitError.from(error))
    }
  })
  app.setReplySerializer((payload) => encodeJson(payload, settings.responseSizeMaxMb))
  return app
}

/** @throws MEDIA_TYPE_UNSUPPORTED */
function refuseEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() === 'identity') return
  throw new OrbitError('MEDIA_TYPE_UNSUPPORTED', 'content-encoding: send the request body uncompressed', {
    field: 'content-encoding',
  })
}

/** The client's own id when it is harmless in a log, otherwise a random one. */
function requestId(given: string | string[] | undefined, env: Env): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : toHex(env.random.bytes(12))
}
