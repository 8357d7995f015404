import type { Method } from './method.js'
import type { CallContext, Handler, ServerDuplex, ServerReceiver, Service } from './service.js'

/**
 * Typed rows of a {@link Service}. The table forgets the message types; each row's method is what encodes and decodes
 * its own messages, so that they fit.
 */
export function unaryHandler<Request, Response>(
  method: Method<Request, Response>,
  handle: (request: Request, context: CallContext) => Promise<Response> | Response,
): Handler {
  return {
    kind: 'unary',
    method: untyped(method),
    handle: async (request, context) => handle(request as Request, context),
  }
}

export function duplexHandler<Request, Response>(
  method: Method<Request, Response>,
  handle: (responses: ServerDuplex<Response>, context: CallContext) => ServerReceiver<Request>,
): Handler {
  return {
    kind: 'duplex',
    method: untyped(method),
    handle: (responses, context) => {
      const receiver = handle(responses, context)
      return {
        onMessage: (request) => receiver.onMessage(request as Request),
        onEnd: () => receiver.onEnd(),
      }
    },
  }
}

export function serviceOf(handlers: readonly Handler[]): Service {
  return { handlers: new Map(handlers.map((handler) => [handler.method.path, handler])) }
}

function untyped<Request, Response>(method: Method<Request, Response>): Method<unknown, unknown> {
  return {
    path: method.path,
    kind: method.kind,
    name: method.name,
    encodeRequest: (request) => method.encodeRequest(request as Request),
    decodeRequest: (bytes) => method.decodeRequest(bytes),
    encodeResponse: (response) => method.encodeResponse(response as Response),
    decodeResponse: (bytes) => method.decodeResponse(bytes),
  }
}
