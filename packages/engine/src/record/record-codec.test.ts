import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import { multiModelKeys } from '@orbit-ts/storage'
import { toJsonValue, toRecordValue, type JsonValue, type RecordValue } from './json-value.js'
import { decodeRecord, encodeRecord } from './record-codec.js'
import type { RecordHeader } from './record-header.js'

const header: RecordHeader = { schemaVersion: 7 }
const timed: RecordHeader = {
  schemaVersion: 65_535,
  createdAtMs: 1_700_000_000_000,
  updatedAtMs: 2 ** 48 - 1,
}
const key = multiModelKeys.document.record(3, 'm1')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const headers = fc.oneof(
  fc.record({ schemaVersion: fc.nat({ max: 65_535 }) }, { noNullPrototype: true }),
  fc.record(
    {
      schemaVersion: fc.nat({ max: 65_535 }),
      createdAtMs: fc.nat({ max: 2 ** 31 }),
      updatedAtMs: fc.maxSafeNat().map((value) => value % 2 ** 48),
    },
    { noNullPrototype: true },
  ),
)
const options = fc.record(
  { checksum: fc.boolean(), compressOverBytes: fc.constantFrom(0, 100, Number.POSITIVE_INFINITY) },
  { noNullPrototype: true },
)

/** As JSON gives it back, with the one zero that records keep. */
function normal(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue
}

const json = fc
  .jsonValue({ depthSize: 'medium', stringUnit: 'binary' })
  .filter((value) => !JSON.stringify(value).includes('__proto__'))
  .map(normal)

describe('records', () => {
  it('have a fixed layout', () => {
    equal(hex(encodeRecord({ a: 1 }, header)), '01000700' + '81a16101')
    equal(hex(encodeRecord({ a: 1 }, header, { checksum: true })), '02000700' + '81a16101' + 'b5f78bb9')
    equal(hex(encodeRecord(null, timed)), '0102ffff' + '0068e5cf8b01' + 'ffffffffffff' + 'c0')
  })

  it('give JSON back exactly', () => {
    fc.assert(
      fc.property(json, headers, options, (value, head, choice) => {
        const record = encodeRecord(toJsonValue(value, 'document'), head, choice)
        const decoded = decodeRecord(record, key)
        deepEqual(decoded, { header: head, value })
        equal(JSON.stringify(decoded.value), JSON.stringify(value))
      }),
      { numRuns: 500 },
    )
  })

  it('give fields back in their order', () => {
    const value = { z: 1, a: { y: 2, b: 3 }, m: [{ q: 1, c: 2 }] }
    equal(JSON.stringify(decodeRecord(encodeRecord(value, header)).value), JSON.stringify(value))
  })

  it('keep numbers, 64-bit integers and bytes apart', () => {
    const value: RecordValue = {
      numbers: [0, 127, 128, -32, -33, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1.5, 5e-324, Number.MAX_VALUE],
      integers: [0n, 5n, -(2n ** 63n), 2n ** 63n - 1n],
      bytes: Uint8Array.of(0, 255),
      empty: [{}, [], '', new Uint8Array()],
    }
    const { value: back } = decodeRecord(
      encodeRecord(toRecordValue(value, 'document', { extended: true }), header),
    )
    deepEqual(back, value)
  })

  it('take objects of many fields', () => {
    const value = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`f${i}`, i]))
    deepEqual(decodeRecord(encodeRecord(value, header)).value, value)
  })

  it('give names that mean something in JavaScript back as they are', () => {
    const value = { constructor: 1, toJSON: 'x', hasOwnProperty: null, length: [2], 7: 'seven' }
    const { value: back } = decodeRecord(encodeRecord(toJsonValue(value, 'document'), header))
    deepEqual(back, value)
  })

  it('are smaller when compressed, and never larger', () => {
    const repetitive = { text: 'abcdefgh'.repeat(1000) }
    const plain = encodeRecord(repetitive, header)
    const compressed = encodeRecord(repetitive, header, { compressOverBytes: 100 })
    equal(compressed.length < plain.length / 10, true)
    deepEqual(decodeRecord(compressed), decodeRecord(plain))
    const short = { a: 'xyz' }
    deepEqual(encodeRecord(short, header, { compressOverBytes: 0 }), encodeRecord(short, header))
  })

  it('do not change when others are written after them', () => {
    const first = encodeRecord({ a: 'first' }, header)
    const before = hex(first)
    for (let i = 0; i < 1000; i++) encodeRecord({ i, text: 'x'.repeat(i) }, timed, { checksum: true })
    equal(hex(first), before)
  })

  it('do not give out memory of the store', () => {
    const record = encodeRecord({ bytes: Uint8Array.of(1, 2) }, header)
    const value = decodeRecord(record).value as { readonly bytes: Uint8Array }
    value.bytes.fill(9)
    deepEqual(decodeRecord(record).value, { bytes: Uint8Array.of(1, 2) })
  })

  it('find every wrong byte by their checksum', () => {
    const corrupt = (error: unknown): boolean =>
      hasCode(error, 'STORAGE_CORRUPT') || hasCode(error, 'RECORD_VERSION_UNSUPPORTED')
    fc.assert(
      fc.property(json, headers, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, head, at, change) => {
        const record = Buffer.from(encodeRecord(value, head, { checksum: true }))
        const index = at % record.length
        // A wrong version is found by the bytes that are then too many.
        record.writeUInt8(record.readUInt8(index) ^ change, index)
        throws(() => decodeRecord(record, key), corrupt)
        throws(() => decodeRecord(record.subarray(0, index), key), corrupt)
      }),
      { numRuns: 500 },
    )
  })

  it('name their key when they are damaged', () => {
    const message = (bytes: number[]): string => {
      try {
        decodeRecord(Uint8Array.from(bytes), key)
        return 'no error'
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    }
    const name = 'record doc:collection:3:id:m1'
    equal(message([1, 0, 0]), `STORAGE_CORRUPT: ${name} is damaged: 3 bytes are no record`)
    equal(message([1, 2, 0, 0, 1]), `STORAGE_CORRUPT: ${name} is damaged: its header is cut short`)
    equal(message([1, 0, 0, 0, 0x92, 1]), `STORAGE_CORRUPT: ${name} is damaged: its payload cannot be read`)
    equal(message([1, 0, 0, 0]), `STORAGE_CORRUPT: ${name} is damaged: its payload cannot be read`)
    equal(message([1, 0, 0, 0, 1, 1]), `STORAGE_CORRUPT: ${name} is damaged: its payload cannot be read`)
    equal(message([1, 1, 0, 0, 1, 0]), `STORAGE_CORRUPT: ${name} is damaged: its payload cannot be read`)
    equal(
      message([1, 1, 0, 0, 1, 0, 0, 0, 3, 0]),
      `STORAGE_CORRUPT: ${name} is damaged: its payload cannot be read`,
    )
    equal(
      message([1, 4, 0, 0, 0, 0, 0, 0]),
      `STORAGE_CORRUPT: ${name} is damaged: it holds a vector where none belongs`,
    )
    equal(
      message([3, 0, 0, 0, 1]),
      `RECORD_VERSION_UNSUPPORTED: ${name} has record format 3; this release knows formats 1 and 2 with flags up to 7`,
    )
    equal(message([1, 8, 0, 0, 1]).startsWith('RECORD_VERSION_UNSUPPORTED: '), true)
  })

  it('refuse a header out of range', () => {
    const bad: RecordHeader[] = [
      { schemaVersion: -1 },
      { schemaVersion: 65_536 },
      { schemaVersion: 1, createdAtMs: -1, updatedAtMs: 0 },
      { schemaVersion: 1, createdAtMs: 1 },
      { schemaVersion: 1, createdAtMs: 1, updatedAtMs: 2 ** 48 },
    ]
    for (const head of bad)
      throws(
        () => encodeRecord(null, head),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
      )
  })
})
