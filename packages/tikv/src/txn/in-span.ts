import {
  context,
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
