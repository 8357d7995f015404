import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, hasCode } from '@orbit-ts/base'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { byteStrings, ids, int64s, numericIds, uint64s } from './key-arbitraries.test.data.js'
import {
  type Mask,
  complement,
  readFloat64,
  readGroups,
  readInt64,
  readTerminatedText,
  readUint64,
  readUvarint,
  writeFloat64,
  writeGroups,
  writeInt64,
  writeTerminatedText,
  writeTextGroups,
  writeUint64,
  writeUvarint,
} from './memcomparable.js'

function encode(write: (writer: ByteWriter) => void, descending = false): Uint8Array {
  const writer = new ByteWriter(1)
  write(writer)
  if (descending) complement(writer, 0)
  return writer.toBytes()
}

function hex(write: (writer: ByteWriter) => void): string {
  return Buffer.from(encode(write)).toString('hex')
}

function read<T>(bytes: Uint8Array, take: (reader: ByteReader, mask: Mask) => T, mask: Mask = 0): T {
  const reader = new ByteReader(bytes, 'test')
  const value = take(reader, mask)
  reader.finish()
  return value
}

/** Round trip both ways, and the order of the bytes is that of the values. */
function checkOrdered<T>(
  values: fc.Arbitrary<T>,
  write: (writer: ByteWriter, value: T) => void,
  take: (reader: ByteReader, mask: Mask) => T,
  compare: (a: T, b: T) => number,
): void {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const up = [encode((w) => write(w, a)), encode((w) => write(w, b))] as const
      const down = [encode((w) => write(w, a), true), encode((w) => write(w, b), true)] as const
      deepEqual(read(up[0], take), a)
      deepEqual(read(down[0], take, 0xff), a)
      equal(Math.sign(compareBytes(up[0], up[1])), Math.sign(compare(a, b)))
      equal(Math.sign(compareBytes(down[0], down[1])), Math.sign(compare(b, a)))
    }),
  )
}

const byValue = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

const isCorrupt = (error: unknown): boolean => hasCode(error, 'STORAGE_CORRUPT')
const isInvalid = (error: unknown): boolean => hasCode(error, 'INVALID_ARGUMENT')

describe('memcomparable', () => {
  it('lays integers out as TiDB does', () => {
    const cases: [number | bigint, string][] = [
      [1, '8000000000000001'],
      [0, '8000000000000000'],
      [-1, '7fffffffffffffff'],
      [2 ** 32, '8000000100000000'],
      [-(2 ** 32) - 1, '7ffffffeffffffff'],
      [2n ** 63n - 1n, 'ffffffffffffffff'],
      [-(2n ** 63n), '0000000000000000'],
    ]
    for (const [value, expected] of cases)
      equal(
        hex((w) => writeInt64(w, value)),
        expected,
      )
    equal(
      hex((w) => writeUint64(w, 2n ** 64n - 1n)),
      'ffffffffffffffff',
    )
    equal(
      hex((w) => writeUint64(w, 1)),
      '0000000000000001',
    )
  })

  it('orders and returns signed integers', () => checkOrdered(int64s, writeInt64, readInt64, byValue))
  it('orders and returns unsigned integers', () => checkOrdered(uint64s, writeUint64, readUint64, byValue))

  it('writes the same bytes for a number and its bigint', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        deepEqual(
          encode((w) => writeInt64(w, value)),
          encode((w) => writeInt64(w, BigInt(value))),
        )
      }),
    )
  })

  it('refuses integers that do not fit', () => {
    const bad: (number | bigint)[] = [1.5, NaN, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n]
    for (const value of bad) throws(() => encode((w) => writeInt64(w, value)), isInvalid)
    for (const value of [-1, -1n, 2n ** 64n]) throws(() => encode((w) => writeUint64(w, value)), isInvalid)
    for (const value of [-1, 0.5, 2 ** 53]) throws(() => encode((w) => writeUvarint(w, value)), isInvalid)
  })

  it('lays floats out as TiDB does', () => {
    equal(
      hex((w) => writeFloat64(w, 2)),
      'c000000000000000',
    )
    equal(
      hex((w) => writeFloat64(w, 11.99)),
      'c027fae147ae147b',
    )
    equal(
      hex((w) => writeFloat64(w, -1.8)),
      '4003333333333332',
    )
    equal(
      hex((w) => writeFloat64(w, 0)),
      '8000000000000000',
    )
    equal(
      hex((w) => writeFloat64(w, -0)),
      '7fffffffffffffff',
    )
    equal(
      hex((w) => writeFloat64(w, NaN)),
      'fff8000000000000',
    )
  })

  it('orders and returns floats, -0 before 0 and NaN last', () => {
    const rank = (value: number): number => (Number.isNaN(value) ? 2 : value === Infinity ? 1 : 0)
    const compare = (a: number, b: number): number => {
      if (a === 0 && b === 0) return byValue(1 / a, 1 / b)
      return rank(a) - rank(b) || byValue(a, b)
    }
    checkOrdered(fc.double(), writeFloat64, readFloat64, compare)
  })

  it('lays groups of bytes out as TiDB does', () => {
    const cases: [number[], number[]][] = [
      [[], [0, 0, 0, 0, 0, 0, 0, 0, 247]],
      [[0], [0, 0, 0, 0, 0, 0, 0, 0, 248]],
      [
        [1, 2, 3],
        [1, 2, 3, 0, 0, 0, 0, 0, 250],
      ],
      [
        [1, 2, 3, 0],
        [1, 2, 3, 0, 0, 0, 0, 0, 251],
      ],
      [
        [1, 2, 3, 4, 5, 6, 7],
        [1, 2, 3, 4, 5, 6, 7, 0, 254],
      ],
      [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 247],
      ],
      [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, 2, 3, 4, 5, 6, 7, 8, 255, 0, 0, 0, 0, 0, 0, 0, 0, 247],
      ],
      [
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 5, 6, 7, 8, 255, 9, 0, 0, 0, 0, 0, 0, 0, 248],
      ],
    ]
    for (const [value, expected] of cases) {
      const bytes = Uint8Array.from(value)
      deepEqual([...encode((w) => writeGroups(w, bytes))], expected)
      deepEqual(
        [...encode((w) => writeGroups(w, bytes), true)],
        expected.map((byte) => 255 - byte),
      )
    }
  })

  it('refuses malformed groups', () => {
    const bad = [
      [1, 2, 3, 4],
      [0, 0, 0, 0, 0, 0, 0, 247],
      [0, 0, 0, 0, 0, 0, 0, 0, 246],
      [0, 0, 0, 0, 0, 0, 0, 1, 247],
      [1, 2, 3, 4, 5, 6, 7, 8, 0],
      [1, 2, 3, 4, 5, 6, 7, 8, 255, 1],
      [1, 2, 3, 4, 5, 6, 7, 8, 255, 1, 2, 3, 4, 5, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8, 255, 1, 2, 3, 4, 5, 6, 7, 8, 255],
      [1, 2, 3, 4, 5, 6, 7, 8, 255, 1, 2, 3, 4, 5, 6, 7, 8, 0],
    ]
    for (const bytes of bad) throws(() => read(Uint8Array.from(bytes), readGroups), isCorrupt)
  })

  it('orders and returns groups of bytes', () => {
    const buffers = byteStrings.map((value) => Buffer.from(value))
    checkOrdered(buffers, writeGroups, readGroups, compareBytes)
  })

  it('writes text as the groups of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(ids, (text) => {
        deepEqual(
          encode((w) => writeTextGroups(w, text)),
          encode((w) => writeGroups(w, Buffer.from(text, 'utf8'))),
        )
      }),
    )
    throws(() => encode((w) => writeTextGroups(w, 'a\ud800')), isInvalid)
  })

  it('orders and returns terminated text, and none is a prefix of another', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const bytes = [
          encode((w) => writeTerminatedText(w, a)),
          encode((w) => writeTerminatedText(w, b)),
        ] as const
        equal(read(bytes[0], readTerminatedText), a)
        equal(
          Math.sign(compareBytes(bytes[0], bytes[1])),
          Math.sign(compareBytes(Buffer.from(a), Buffer.from(b))),
        )
        const startsWith = Buffer.from(bytes[1]).subarray(0, bytes[0].length).equals(bytes[0])
        equal(startsWith, a === b)
      }),
    )
  })

  it('refuses malformed terminated text', () => {
    const bad = [[], [0x61], [0x61, 0], [0x61, 0, 2], [0, 0xff, 0x61], [0, 0xff, 0, 3], [0xc3, 0x28, 0, 1]]
    for (const bytes of bad) throws(() => read(Uint8Array.from(bytes), readTerminatedText), isCorrupt)
    throws(() => encode((w) => writeTerminatedText(w, '\udfff')), isInvalid)
  })

  it('lays comparable varints out as TiDB does', () => {
    const cases: [number, string][] = [
      [0, '08'],
      [239, 'f7'],
      [240, 'f8f0'],
      [255, 'f8ff'],
      [256, 'f90100'],
      [65536, 'fa010000'],
      [Number.MAX_SAFE_INTEGER, 'fe1fffffffffffff'],
    ]
    for (const [value, expected] of cases)
      equal(
        hex((w) => writeUvarint(w, value)),
        expected,
      )
  })

  it('orders and returns comparable varints', () => {
    fc.assert(
      fc.property(numericIds, numericIds, (a, b) => {
        const bytes = encode((w) => writeUvarint(w, a))
        equal(read(bytes, readUvarint), a)
        equal(
          Math.sign(
            compareBytes(
              bytes,
              encode((w) => writeUvarint(w, b)),
            ),
          ),
          Math.sign(a - b),
        )
      }),
    )
  })

  it('refuses varints that are negative, too long or too large', () => {
    const bad = ['', '07', 'f8', 'f801', 'f900f0', 'fe20000000000000', 'ffffffffffffffffff']
    for (const text of bad) throws(() => read(Buffer.from(text, 'hex'), readUvarint), isCorrupt)
  })
})
