import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import type { RecordHeader } from './record-header.js'
import { decodeRecord, encodeRecord } from './record-codec.js'
import { decodeVector, decodeVectorRecord, encodeVectorRecord } from './vector-record.js'

const vectors = fc.float32Array({ maxLength: 40 })
const attributes = fc
  .option(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()), { noNullPrototype: true }), {
    nil: undefined,
  })
  .filter((value) => value === undefined || !Object.hasOwn(value, '__proto__'))
const header: RecordHeader = { schemaVersion: 1, createdAtMs: 5, updatedAtMs: 6 }

/** The bytes at an address that is `shift` over a multiple of eight. */
function shifted(bytes: Uint8Array, shift: number): Uint8Array {
  const memory = new Uint8Array(new ArrayBuffer(bytes.length + 16), shift, bytes.length)
  memory.set(bytes)
  return memory
}

describe('vector records', () => {
  it('have a fixed layout', () => {
    const record = encodeVectorRecord(Float32Array.of(1, -2), { a: 1 }, { schemaVersion: 3 })
    equal(Buffer.from(record).toString('hex'), '01040300' + '02000000' + '0000803f' + '000000c0' + '81a16101')
  })

  it('come back wherever they lie in memory', () => {
    fc.assert(
      fc.property(vectors, attributes, fc.boolean(), fc.nat({ max: 7 }), (vector, attrs, checksum, shift) => {
        const stored = shifted(encodeVectorRecord(vector, attrs, header, { checksum }), shift)
        deepEqual(decodeVectorRecord(stored), { header, vector, attributes: attrs })
        deepEqual(decodeVector(stored), vector)
      }),
    )
  })

  it('are not copied when they are aligned', () => {
    const vector = Float32Array.of(1, 2, 3)
    const record = encodeVectorRecord(vector, undefined, header)
    for (const shift of [0, 4])
      equal(decodeVector(shifted(record, shift)).buffer.byteLength, record.length + 16)
    for (const shift of [1, 2, 3]) equal(decodeVector(shifted(record, shift)).buffer.byteLength, 12)
  })

  it('take part of a larger array', () => {
    const whole = Float32Array.of(0, 1, 2, 3)
    deepEqual(
      decodeVector(encodeVectorRecord(whole.subarray(1, 3), undefined, header)),
      Float32Array.of(1, 2),
    )
  })

  it('refuse what is cut, wrong or no vector', () => {
    const corrupt = (error: unknown): boolean => hasCode(error, 'STORAGE_CORRUPT')
    const record = encodeVectorRecord(Float32Array.of(1, 2), undefined, { schemaVersion: 0 })
    for (let size = 0; size < record.length; size++)
      throws(() => decodeVector(record.subarray(0, size)), corrupt)
    throws(() => decodeVectorRecord(Buffer.concat([record, Uint8Array.of(0x92)])), corrupt)
    throws(() => decodeVector(encodeRecord({ a: 1 }, header)), corrupt)
    throws(() => decodeRecord(record), corrupt)
    const checked = Buffer.from(
      encodeVectorRecord(Float32Array.of(1, 2), undefined, header, { checksum: true }),
    )
    checked.writeUInt8(checked.readUInt8(20) ^ 1, 20)
    throws(() => decodeVector(checked), corrupt)
  })
})
