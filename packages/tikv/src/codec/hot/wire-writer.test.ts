import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { WireWriter, varintSize } from './wire-writer.js'

const CHUNK_SIZE = 1 << 16

/** A message in a message in a message, around `payload`. */
function nested(payload: Uint8Array): (writer: WireWriter) => Uint8Array {
  return (writer) => {
    writer.start()
    const outer = writer.open(10)
    const middle = writer.open(18)
    writer.bytesItem(26, payload)
    writer.close(middle)
    writer.uint64Field(32, 1n << 63n)
    writer.close(outer)
    return writer.finish()
  }
}

function nestedByLibrary(payload: Uint8Array): Uint8Array {
  const writer = new BinaryWriter()
  writer.uint32(10).fork().uint32(18).fork().uint32(26).bytes(payload).join()
  return writer
    .uint32(32)
    .uint64(1n << 63n)
    .join()
    .finish()
}

describe('the wire writer', () => {
  it('refuses what is no bytes, and writes the next message as if nothing had been', () => {
    const writer = new WireWriter()
    const wrongs: readonly unknown[] = [5, {}, 'abc', new Uint16Array(3)]
    for (const wrong of wrongs) {
      writer.start()
      writer.bytesItem(10, Uint8Array.of(1))
      assert.throws(() => writer.bytesItem(10, wrong as Uint8Array), /not a Uint8Array/)
      writer.start()
      writer.bytesItem(10, Uint8Array.of(2, 3))
      assert.deepEqual([...writer.finish()], [10, 2, 2, 3])
    }
  })

  it('writes a message at every distance from the end of a chunk', () => {
    const payload = Uint8Array.from({ length: 130 }, (_, at) => at)
    const wanted = nestedByLibrary(payload)
    for (let distance = 0; distance <= wanted.length + 12; distance++) {
      const writer = new WireWriter()
      // The tag and a length of three bytes come before the fill.
      writer.bytesItem(10, new Uint8Array(CHUNK_SIZE - distance - 4))
      assert.equal(writer.finish().length, CHUNK_SIZE - distance)
      assert.deepEqual(nested(payload)(writer), wanted)
    }
  })

  it('writes nested messages whose lengths take one to four bytes', () => {
    const writer = new WireWriter()
    for (const length of [0, 1, 115, 116, 127, 128, 16_370, 16_383, 16_384, 70_000, (1 << 21) + 5]) {
      const payload = new Uint8Array(length).fill(length)
      assert.deepEqual(nested(payload)(writer), nestedByLibrary(payload))
    }
  })

  it('writes numbers of every size', () => {
    const writer = new WireWriter()
    for (let bits = 0n; bits < 64n; bits++)
      for (const value of [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]) {
        writer.start().uint64(value)
        assert.deepEqual(writer.finish(), new BinaryWriter().uint64(value).finish())
        if (value > BigInt(Number.MAX_SAFE_INTEGER)) continue
        writer.start().uint64Number(Number(value))
        assert.deepEqual(writer.finish(), new BinaryWriter().uint64(value).finish())
        assert.equal(varintSize(Number(value)), new BinaryWriter().uint64(value).finish().length)
      }
  })

  it('refuses numbers out of range', () => {
    const writer = new WireWriter()
    const refused = [
      () => writer.uint64(1n << 64n),
      () => writer.uint64(-1n),
      () => writer.uint64Number(2 ** 53),
      () => writer.uint64Number(-1),
      () => writer.int64Field(8, 1n << 63n),
      () => writer.uint32(8, 2 ** 32),
      () => writer.uint32(8, 1.5),
    ]
    for (const write of refused) assert.throws(write, (error) => hasCode(error, 'INTERNAL'))
  })
})
