import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import {
  decimalSize,
  decimalText,
  encodeDecimal,
  formatDecimal,
  parseDecimal,
  rescale,
  wholeDigits,
} from './dag-decimal.js'
import type { DagType, DagValue } from './dag-plan.js'
import { DatumSink } from './datum-sink.js'
import { DatumSource } from './datum-source.js'
import { plainDatum } from './plain-datum.js'
import { bytesReal, realBytes } from './real-bytes.js'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function written(type: DagType, value: DagValue): Uint8Array {
  const sink = new DatumSink()
  if (value === null) sink.null()
  else sink.datum(plainDatum(type, value))
  return sink.take()
}

const read = (type: DagType, text: string): DagValue => new DatumSource(hex(text)).value(type)

const INT: DagType = { kind: 'int' }
const UINT: DagType = { kind: 'int', unsigned: true }
const DECIMAL: DagType = { kind: 'decimal', precision: 14, scale: 4 }

describe('datums', () => {
  /** Of `pkg/util/codec` and MySQL's `decimal2bin`. */
  const PINNED: readonly (readonly [DagType, DagValue, string])[] = [
    [INT, null, '00'],
    [INT, 0, '0800'],
    [INT, -1, '0801'],
    [INT, 64, '088001'],
    [INT, -(2n ** 63n), '08ffffffffffffffffff01'],
    [INT, 2n ** 63n - 1n, '08feffffffffffffffff01'],
    [UINT, 300, '09ac02'],
    [UINT, 2n ** 64n - 1n, '09ffffffffffffffffff01'],
    [{ kind: 'real' }, 1, '05 bff0000000000000'],
    [{ kind: 'real' }, -1, '05 400fffffffffffff'],
    [{ kind: 'real' }, 0, '05 8000000000000000'],
    [DECIMAL, '1234567890.1234', '06 0e 04 81 0dfb38d2 04d2'],
    [DECIMAL, '-1234567890.1234', '06 0e 04 7e f204c72d fb2d'],
    [{ kind: 'text' }, 'aé', '02 06 61c3a9'],
    [{ kind: 'bytes' }, hex('00ff'), '02 04 00ff'],
    [{ kind: 'duration' }, -1_000_000_000, '07 7fffffffc4653600'],
  ]

  it('are the bytes of TiDB', () => {
    for (const [type, value, bytes] of PINNED) {
      assert.equal(toHex(written(type, value)), toHex(hex(bytes)))
      assert.deepEqual(read(type, bytes), value)
    }
  })

  it('are read in their sorting forms, too', () => {
    assert.equal(read(INT, '03 7ffffffffffffffe'), -2)
    assert.equal(read(INT, '03 ffffffffffffffff'), 2n ** 63n - 1n)
    assert.equal(read(INT, '03 0000000000000000'), -(2n ** 63n))
    assert.equal(read(UINT, '04 0000000000000102'), 258)
    assert.equal(read({ kind: 'text' }, '01 6162636465666768 ff 6900000000000000 f8'), 'abcdefghi')
    assert.deepEqual(read({ kind: 'bytes' }, '01 0000000000000000 f7'), new Uint8Array(0))
  })

  it('come back as they were written', () => {
    const wide = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    const narrowed = (value: number | bigint): DagValue =>
      Number.isSafeInteger(Number(value)) ? Number(value) : value
    fc.assert(
      fc.property(fc.array(wide), (values) => {
        const sink = new DatumSink()
        for (const value of values) sink.datum({ kind: 'int', value })
        const source = new DatumSource(sink.take())
        assert.deepEqual(
          values.map(() => source.value(INT)),
          values.map(narrowed),
        )
        assert.equal(source.isAtEnd, true)
      }),
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const bytes = written({ kind: 'real' }, value)
        assert.ok(Object.is(new DatumSource(bytes).value({ kind: 'real' }), value))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (text, bytes) => {
        assert.equal(new DatumSource(written({ kind: 'text' }, text)).value({ kind: 'text' }), text)
        assert.deepEqual(new DatumSource(written({ kind: 'bytes' }, bytes)).value({ kind: 'bytes' }), bytes)
      }),
    )
  })

  it('that are none are refused, wherever they end', () => {
    const broken: readonly (readonly [DagType, string])[] = [
      [INT, ''],
      [INT, '05bff0000000000000'],
      [INT, '08ff'],
      [INT, '08ffffffffffffffffffff01'],
      [INT, '0380'],
      [{ kind: 'real' }, '0800'],
      [DECIMAL, '060e05810dfb38'],
      [DECIMAL, '06'],
      [DECIMAL, '060405ff'],
      [{ kind: 'text' }, '020861'],
      [{ kind: 'text' }, '0201'],
      [{ kind: 'text' }, '016162636465666768'],
      [{ kind: 'bytes' }, '010000000000000000f6'],
      [{ kind: 'bytes' }, 'e0'],
      [{ kind: 'duration' }, '077fffffffffffffff'.replace('7f', 'ff')],
    ]
    for (const [type, bytes] of broken)
      assert.throws(
        () => read(type, bytes),
        (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
        bytes,
      )
  })
})

describe('decimals', () => {
  const decimal = fc
    .tuple(fc.integer({ min: 1, max: 65 }), fc.integer({ min: 0, max: 30 }))
    .filter(([precision, scale]) => scale <= precision)
    .chain(([precision, scale]) =>
      fc.tuple(
        fc.constant(precision),
        fc.bigInt({ min: -(10n ** BigInt(precision)) + 2n, max: 10n ** BigInt(precision) - 1n }),
        fc.constant(scale),
      ),
    )

  it('of every precision and scale come back, and sort as numbers do', () => {
    fc.assert(
      fc.property(decimal, ([precision, digits, scale]) => {
        const bytes = encodeDecimal({ digits, scale }, precision)
        assert.equal(decimalSize(bytes, 0), bytes.length)
        const text = decimalText(bytes, 0)
        assert.equal(text, formatDecimal({ digits, scale }))
        assert.deepEqual(parseDecimal(text), { digits, scale })
        const next = encodeDecimal({ digits: digits === 0n ? 1n : digits - 1n, scale }, precision)
        assert.equal(Buffer.compare(bytes, next) > 0, digits !== 0n)
      }),
    )
  })

  it('are read from text, and given other scales without loss or not at all', () => {
    assert.deepEqual(parseDecimal('-.50'), { digits: -50n, scale: 2 })
    assert.deepEqual(parseDecimal('7.'), { digits: 7n, scale: 0 })
    for (const text of ['', '.', '-', '1e5', 'NaN', '1.2.3', ' 1'])
      assert.equal(parseDecimal(text), undefined)
    assert.deepEqual(rescale({ digits: 1500n, scale: 3 }, 1), { digits: 15n, scale: 1 })
    assert.equal(rescale({ digits: 1501n, scale: 3 }, 1), undefined)
    assert.equal(wholeDigits({ digits: -12_345n, scale: 3 }), 2)
    assert.equal(wholeDigits({ digits: 5n, scale: 3 }), 0)
  })
})

describe('doubles as bytes', () => {
  it('sort as PostgreSQL sorts them, NaN last', () => {
    const values = [-Infinity, -1e300, -1, -5e-324, -0, 0, 5e-324, 0.1, 1, 1e300, Infinity, NaN]
    const bytes = values.map(realBytes)
    for (const [at, one] of bytes.entries()) {
      assert.ok(Object.is(bytesReal(one), values[at]))
      const next = bytes[at + 1]
      if (next !== undefined) assert.equal(Buffer.compare(one, next), -1)
    }
  })
})
