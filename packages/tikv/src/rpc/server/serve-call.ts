import { GrpcStatus } from '../grpc-status.js'
import type { CallContext, Handler, ServerReceiver } from '../service.js'
import { RpcRefusal } from '../service.js'

/** What a handler's answers leave through. Messages are as the method's response, not yet encoded. */
export interface ResponseWire {
  send(response: unknown): void
  /** Resolves when the caller takes more; rejects never. */
  drained(): Promise<void>
  end(refusal: RpcRefusal | undefined): void
  destroy(): void
}

/** Where a transport puts the requests of one call. `onAbort`: the caller gave up or the connection broke. */
export interface RequestSink extends ServerReceiver<unknown> {
  onAbort(): void
}

export function refusalOf(error: unknown): RpcRefusal {
  if (error instanceof RpcRefusal) return error
  return new RpcRefusal(GrpcStatus.INTERNAL, error instanceof Error ? error.message : String(error))
}

/** Runs a handler for one call, whatever transport it came through. */
export function serveCall(handler: Handler, wire: ResponseWire, context: CallContext): RequestSink {
  if (handler.kind === 'duplex') return serveDuplex(handler, wire, context)
  return serveOneRequest(wire, (request) =>
    handler.kind === 'unary'
      ? answerOnce(handler, request, wire, context)
      : answerMany(handler, request, wire, context),
  )
}

type HandlerOf<Kind extends Handler['kind']> = Extract<Handler, { readonly kind: Kind }>

async function answerOnce(
  handler: HandlerOf<'unary'>,
  request: unknown,
  wire: ResponseWire,
  context: CallContext,
): Promise<void> {
  wire.send(await handler.handle(request, context))
}

async function answerMany(
  handler: HandlerOf<'serverStream'>,
  request: unknown,
  wire: ResponseWire,
  context: CallContext,
): Promise<void> {
  for await (const response of handler.handle(request, context)) {
    if (context.signal.aborted) return
    wire.send(response)
    await wire.drained()
  }
}

function serveOneRequest(wire: ResponseWire, run: (request: unknown) => Promise<void>): RequestSink {
  let received = false
  let over = false
  const end = (refusal?: RpcRefusal): void => {
    if (over) return
    over = true
    wire.end(refusal)
  }
  return {
    onMessage: (request) => {
      if (received) {
        end(new RpcRefusal(GrpcStatus.INTERNAL, 'the method takes one request, another followed'))
        return
      }
      received = true
      run(request).then(
        () => end(),
        (error: unknown) => end(refusalOf(error)),
      )
    },
    onEnd: () => {
      if (!received) end(new RpcRefusal(GrpcStatus.INTERNAL, 'the call ended without a request'))
    },
    onAbort: () => {
      over = true
    },
  }
}

function serveDuplex(handler: HandlerOf<'duplex'>, wire: ResponseWire, context: CallContext): RequestSink {
  let over = false
  let told = false
  const finish = (how: () => void): void => {
    if (over) return
    over = true
    how()
  }
  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      finish(() => wire.end(refusalOf(error)))
    }
  }
  const tellEnd = (receiver: ServerReceiver<unknown>): void => {
    if (told) return
    told = true
    guarded(() => receiver.onEnd())
  }
  let receiver: ServerReceiver<unknown> = { onMessage: () => undefined, onEnd: () => undefined }
  guarded(() => {
    receiver = handler.handle(
      {
        send: (response) => {
          if (!over) wire.send(response)
        },
        end: (refusal) => finish(() => wire.end(refusal)),
        destroy: () => finish(() => wire.destroy()),
      },
      context,
    )
  })
  return {
    onMessage: (request) => {
      if (!over) guarded(() => receiver.onMessage(request))
    },
    onEnd: () => tellEnd(receiver),
    onAbort: () => {
      over = true
      tellEnd(receiver)
    },
  }
}
