import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpContext } from '../http-context.js'
import { errorBody, errorHeaders, errorStatus } from './error-body.js'
import { fromFastify } from './from-fastify.js'

/** On every answer: nothing of ours is to be sniffed, framed, cached or read by a page of another origin. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** Answers whatever was thrown, and logs what is not the client's fault. */
export function answerError(
  { logger, settings }: HttpContext,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const error = fromFastify(thrown, settings.bodySizeMaxMb)
  const status = errorStatus(error)
  if (status >= 500) {
    const fields = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.config.path,
      err: error,
    }
    if (error.retry === 'safe') logger.warn(fields, 'request refused')
    else logger.error(fields, 'request failed')
  }
  // What is still to come of the body is of no use to anybody.
  if (hasBody(request) && !request.raw.complete) reply.header('connection', 'close')
  void reply
    .code(status)
    .headers({ ...SECURITY_HEADERS, ...errorHeaders(error), 'x-request-id': request.id })
    .send(errorBody(error, request.id))
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
