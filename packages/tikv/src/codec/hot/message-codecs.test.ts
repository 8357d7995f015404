import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import * as kv from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { KvMethod } from '../../rpc/method.js'
import { requests, responses, unknownField } from './arbitrary-messages.test.data.js'
import { decodeGetResponse } from './response-decoders.js'
import { encodeGetRequest } from './request-encoders.js'

interface Generated<T> {
  encode(message: T): { finish(): Uint8Array }
  decode(bytes: Uint8Array): T
  fromPartial(message: object): T
}

interface Row<Request, Response> {
  readonly name: keyof typeof requests
  readonly method: KvMethod<Request, Response>
  readonly request: Generated<Request>
  readonly response: Generated<Response>
}

const row = <Request, Response>(
  name: Row<Request, Response>['name'],
  method: KvMethod<Request, Response>,
  request: Generated<Request>,
  response: Generated<Response>,
): Row<unknown, unknown> => ({ name, method, request, response })

const rows = [
  row('Get', tikvMethods.kvGet, kv.GetRequest, kv.GetResponse),
  row('BatchGet', tikvMethods.kvBatchGet, kv.BatchGetRequest, kv.BatchGetResponse),
  row('Scan', tikvMethods.kvScan, kv.ScanRequest, kv.ScanResponse),
  row('Prewrite', tikvMethods.kvPrewrite, kv.PrewriteRequest, kv.PrewriteResponse),
  row('Commit', tikvMethods.kvCommit, kv.CommitRequest, kv.CommitResponse),
  row(
    'PessimisticLock',
    tikvMethods.kvPessimisticLock,
    kv.PessimisticLockRequest,
    kv.PessimisticLockResponse,
  ),
  row('RawGet', tikvMethods.rawGet, kv.RawGetRequest, kv.RawGetResponse),
  row('RawPut', tikvMethods.rawPut, kv.RawPutRequest, kv.RawPutResponse),
]

for (const { name, method, request, response } of rows) {
  describe(`the hand-written codec of ${name}`, () => {
    it('writes what the generated one writes', () => {
      fc.assert(
        fc.property(requests[name], (partial) => {
          const message = request.fromPartial(partial)
          assert.deepEqual(method.encodeRequest(message), request.encode(message).finish())
        }),
      )
    })

    it('reads what the generated one reads, fields of later versions included', () => {
      fc.assert(
        fc.property(
          responses[name],
          fc.array(unknownField),
          fc.array(unknownField),
          (partial, before, after) => {
            const known = response.encode(response.fromPartial(partial)).finish()
            const bytes = joined([...before, known, ...after])
            assert.deepEqual(withoutLateness(method.decodeResponse(bytes)), response.decode(bytes))
          },
        ),
      )
    })

    it('gives plain byte arrays for a Buffer', () => {
      fc.assert(
        fc.property(responses[name], (partial) => {
          const known = response.encode(response.fromPartial(partial)).finish()
          const decoded = method.decodeResponse(Buffer.concat([known]))
          assert.deepEqual(withoutLateness(decoded), response.decode(known))
        }),
      )
    })

    it('refuses a response that was cut off, and never reads past it', () => {
      fc.assert(
        fc.property(responses[name], fc.nat(), (partial, cut) => {
          const known = response.encode(response.fromPartial(partial)).finish()
          const bytes = known.subarray(0, known.length === 0 ? 0 : cut % known.length)
          const decode = () => withoutLateness(method.decodeResponse(bytes))
          const wanted = outcome(() => response.decode(bytes))
          if (wanted === undefined) assert.throws(decode, (error) => hasCode(error, 'PROTOCOL_VIOLATION'))
          else assert.deepEqual(decode(), wanted)
        }),
      )
    })
  })
}

describe('the hand-written codecs', () => {
  it('read a message inside a message with fields of later versions', () => {
    const pair = kv.KvPair.encode(kv.KvPair.fromPartial({ key: Uint8Array.of(1), commitTs: 9n })).finish()
    fc.assert(
      fc.property(unknownField, (unknown) => {
        const inner = joined([unknown, pair])
        const bytes = joined([Uint8Array.of(18, inner.length), inner])
        assert.deepEqual(tikvMethods.kvScan.decodeResponse(bytes), kv.ScanResponse.decode(bytes))
      }),
    )
  })

  it('read a response whose numbers are not packed', () => {
    const bytes = Uint8Array.of(48, 1, 48, 0, 48, 1)
    assert.deepEqual(tikvMethods.kvPessimisticLock.decodeResponse(bytes).notFounds, [true, false, true])
  })

  it('share the memory of the response', () => {
    const bytes = Uint8Array.of(26, 2, 5, 6)
    const { value } = decodeGetResponse(bytes)
    assert.equal(value.buffer, bytes.buffer)
  })

  it('refuse a nested field that is longer than its message', () => {
    // A pair of two bytes whose key claims four.
    const bytes = Uint8Array.of(18, 2, 18, 4, 1, 2, 3, 4)
    assert.throws(
      () => tikvMethods.kvScan.decodeResponse(bytes),
      (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
    )
  })

  it('refuse a number that does not fit and go on with the next message', () => {
    const message = kv.GetRequest.fromPartial({ key: Uint8Array.of(1), version: 7n })
    for (const version of [-1n, 1n << 64n])
      assert.throws(
        () => encodeGetRequest({ ...message, version }),
        (error) => hasCode(error, 'INTERNAL'),
      )
    assert.deepEqual(encodeGetRequest(message), kv.GetRequest.encode(message).finish())
  })

  it('give out memory that later messages leave alone, wherever a chunk of it ends', () => {
    fc.assert(
      fc.property(
        fc.array(requests.Prewrite, { minLength: 5, maxLength: 20 }),
        fc.nat(200),
        (partials, length) => {
          const fill = kv.GetRequest.fromPartial({ key: new Uint8Array(length) })
          const messages = partials.map((partial) => kv.PrewriteRequest.fromPartial(partial))
          const encoded = messages.map((message) => {
            encodeGetRequest(fill)
            return tikvMethods.kvPrewrite.encodeRequest(message)
          })
          assert.deepEqual(
            encoded,
            messages.map((message) => kv.PrewriteRequest.encode(message).finish()),
          )
        },
      ),
    )
  })

  it('go on with small messages after a huge one', () => {
    const huge = kv.RawPutRequest.fromPartial({
      key: Uint8Array.of(1),
      value: new Uint8Array(3 << 20).fill(9),
    })
    assert.deepEqual(tikvMethods.rawPut.encodeRequest(huge), kv.RawPutRequest.encode(huge).finish())
    const small = kv.RawPutRequest.fromPartial({ key: Uint8Array.of(1) })
    assert.deepEqual(tikvMethods.rawPut.encodeRequest(small), kv.RawPutRequest.encode(small).finish())
  })
})

/** Late details, once read, in the generated message's plain form. */
function withoutLateness(decoded: unknown): object {
  const message = decoded as { execDetailsV2?: kv.ExecDetailsV2 | undefined }
  if (message.execDetailsV2 === undefined) return message
  const { timeDetail, scanDetailV2, writeDetail, timeDetailV2, ruV2, readPoolTaskDetails } =
    message.execDetailsV2
  const execDetailsV2 = { timeDetail, scanDetailV2, writeDetail, timeDetailV2, ruV2, readPoolTaskDetails }
  return { ...message, execDetailsV2 }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function outcome<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
