import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import { ByteWriter } from './byte-writer.js'
import { byteStrings } from './key-arbitraries.test.data.js'

describe('ByteWriter', () => {
  it('holds what was written, however far it had to grow', () => {
    const pieces = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), byteStrings), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 64 }), (parts, capacity) => {
        const writer = new ByteWriter(capacity)
        for (const part of parts) {
          if (typeof part === 'string') equal(writer.text(part), Buffer.byteLength(part))
          else writer.bytes(part)
        }
        const expected = Buffer.concat(
          parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
        )
        deepEqual(writer.toBytes(), expected)
      }),
    )
  })

  it('gives copies that later writes leave alone', () => {
    const writer = new ByteWriter()
    for (const size of [1, 32, 33, 100]) {
      writer.reset().bytes(new Uint8Array(size).fill(1))
      const copy = writer.toBytes()
      writer.reset().bytes(new Uint8Array(size).fill(2))
      deepEqual(copy, Buffer.alloc(size, 1))
    }
  })

  it('does not keep the memory of one large value', () => {
    const writer = new ByteWriter(100)
    writer.bytes(new Uint8Array(1_000_000))
    equal(writer.buffer.length >= 1_000_000, true)
    equal(writer.reset().buffer.length, 100)
  })

  it('refuses lone surrogates, short and long', () => {
    for (const text of ['\ud800', `a\udfff`, `${'x'.repeat(100)}\ud800`]) {
      throws(
        () => new ByteWriter().text(text),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
      )
    }
  })

  it('writes little-endian and big-endian integers', () => {
    const writer = new ByteWriter(1)
    writer.uint16LE(0x0102)
    writer.uint32LE(0x03040506)
    writer.uint32BE(0x0708090a)
    equal(Buffer.from(writer.toBytes()).toString('hex'), '0201' + '06050403' + '0708090a')
  })
})
