import {
  context,
  INVALID_TRACEID,
  isSpanContextValid,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { OrbitError } from '@orbit-ts/base'

/** Runs `work` in a span, which is the parent of the spans inside. */
export async function inSpan<T>(
  tracer: Tracer,
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, { attributes })
  try {
    // Without an SDK it is nobody's parent.
    if (!isSpanContextValid(span.spanContext())) return await work(span)
    return await context.with(trace.setSpan(context.active(), span), () => work(span))
  } catch (error) {
    const message = error instanceof OrbitError ? error.code : 'INTERNAL'
    span.setStatus({ code: SpanStatusCode.ERROR, message })
    throw error
  } finally {
    span.end()
  }
}

/** The trace that a span is part of, as the servers take it; undefined without an SDK. */
export function traceIdOf(span: Span): Uint8Array | undefined {
  const { traceId } = span.spanContext()
  return traceId === INVALID_TRACEID ? undefined : Buffer.from(traceId, 'hex')
}
