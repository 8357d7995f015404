import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { GrpcStatus } from '../grpc-status.js'
import { RpcRefusal } from '../service.js'
import { MessageReader } from './message-reader.js'

function frame(body: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(flag, 0)
  prefix.writeUInt32BE(body.byteLength, 1)
  return Buffer.concat([prefix, body])
}

/** Cuts bytes at the given places. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

function refusedWith(status: number) {
  return (error: unknown): boolean => error instanceof RpcRefusal && error.status === status
}

describe('MessageReader', () => {
  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(
            messages.map(([body, zip]) => (zip ? frame(gzipSync(body), 1) : frame(body))),
          )
          const seen: string[] = []
          const reader = new MessageReader((body) => seen.push(Buffer.from(body).toString('hex')))
          reader.encoding = 'gzip'
          for (const chunk of chunksOf(bytes, cuts)) reader.push(chunk)
          assert.deepEqual(
            seen,
            messages.map(([body]) => Buffer.from(body).toString('hex')),
          )
          assert.equal(reader.partial, false)
        },
      ),
    )
  })

  it('meets garbage with messages or a refusal, and stays dead after a refusal', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
        let delivered = 0
        const reader = new MessageReader((body) => (delivered += 5 + body.byteLength), 1000)
        reader.encoding = 'gzip'
        let refused = false
        for (const chunk of chunks) {
          const before = delivered
          try {
            reader.push(chunk)
          } catch (error) {
            assert.ok(error instanceof RpcRefusal)
            refused = true
            continue
          }
          if (refused) assert.equal(delivered, before)
        }
      }),
    )
  })

  it('tells a message that is cut short', () => {
    const reader = new MessageReader(() => assert.fail('no message is complete'))
    reader.push(frame(Buffer.from('abc')).subarray(0, 7))
    assert.equal(reader.partial, true)
  })

  it('gives views into a chunk, without a copy', () => {
    const chunk = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))])
    const seen: Uint8Array[] = []
    new MessageReader((body) => seen.push(body)).push(chunk)
    assert.deepEqual(
      seen.map((body) => body.byteOffset - chunk.byteOffset),
      [5, 13],
    )
    assert.ok(seen.every((body) => body.buffer === chunk.buffer))
  })

  it('refuses a length over the limit by its prefix alone, holding nothing', () => {
    const reader = new MessageReader(() => undefined, 10)
    assert.throws(
      () => reader.push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff])),
      refusedWith(GrpcStatus.RESOURCE_EXHAUSTED),
    )
    assert.equal(reader.partial, false)
  })

  it('accepts a message of exactly the limit', () => {
    let seen = 0
    const reader = new MessageReader((body) => (seen = body.byteLength), 10)
    reader.push(frame(Buffer.alloc(10)))
    assert.equal(seen, 10)
    assert.throws(() => reader.push(frame(Buffer.alloc(11))), refusedWith(GrpcStatus.RESOURCE_EXHAUSTED))
  })

  it('refuses a small message that inflates past the limit', () => {
    const reader = new MessageReader(() => assert.fail('inflated'), 10_000)
    reader.encoding = 'gzip'
    const bomb = frame(gzipSync(Buffer.alloc(1_000_000)), 1)
    assert.ok(bomb.byteLength < 10_000)
    assert.throws(() => reader.push(bomb), refusedWith(GrpcStatus.RESOURCE_EXHAUSTED))
  })

  it('refuses damaged compression, compression not announced, and unknown flags', () => {
    const gzip = new MessageReader(() => undefined)
    gzip.encoding = 'gzip'
    assert.throws(() => gzip.push(frame(Buffer.from('no gzip'), 1)), refusedWith(GrpcStatus.INTERNAL))
    for (const flag of [1, 2, 255]) {
      const plain = new MessageReader(() => undefined)
      assert.throws(() => plain.push(frame(Buffer.from('x'), flag)), refusedWith(GrpcStatus.INTERNAL))
    }
  })

  it('stops in the middle of a chunk', () => {
    const seen: string[] = []
    const reader = new MessageReader((body) => {
      seen.push(Buffer.from(body).toString())
      reader.stop()
    })
    reader.push(Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))]))
    reader.push(frame(Buffer.from('three')))
    assert.deepEqual(seen, ['one'])
  })
})
