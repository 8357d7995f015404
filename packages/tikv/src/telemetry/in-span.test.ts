import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SpanStatusCode, trace, type Span, type SpanStatus, type Tracer } from '@opentelemetry/api'
import { OrbitError } from '@orbit-ts/base'
import { inSpan } from './in-span.js'

/** A tracer that notes what becomes of its spans. */
function noting(): { readonly tracer: Tracer; readonly notes: unknown[] } {
  const notes: unknown[] = []
  const real = trace.getTracer('test')
  const tracer: Tracer = {
    startActiveSpan: real.startActiveSpan.bind(real),
    startSpan: (name, options) => {
      const span: Span = real.startSpan(name)
      notes.push([name, options?.attributes])
      span.setStatus = (status: SpanStatus) => {
        notes.push(status)
        return span
      }
      span.end = () => void notes.push('end')
      return span
    },
  }
  return { tracer, notes }
}

describe('inSpan', () => {
  it('ends the span with the work, and gives its result', async () => {
    const { tracer, notes } = noting()
    assert.equal(await inSpan(tracer, 'tikv.txn.commit', { keys: 1 }, () => Promise.resolve(7)), 7)
    assert.deepEqual(notes, [['tikv.txn.commit', { keys: 1 }], 'end'])
  })

  it('notes the code of a failure', async () => {
    const { tracer, notes } = noting()
    const failure = new OrbitError('TRANSACTION_CONFLICT', 'x')
    await assert.rejects(
      inSpan(tracer, 'tikv.txn.lock', {}, () => Promise.reject(failure)),
      failure,
    )
    assert.deepEqual(notes.slice(1), [{ code: SpanStatusCode.ERROR, message: 'TRANSACTION_CONFLICT' }, 'end'])
  })
})
