import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, hasCode } from '@orbit-ts/base'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { type Datum, encodeDatums, readDatum, readDatums, writeDatumValue } from './datum.js'
import { datums, fixedDecimals } from './key-arbitraries.test.data.js'

const hex = (...values: Datum[]): string => Buffer.from(encodeDatums(values)).toString('hex')
const decode = (bytes: Uint8Array): Datum[] => readDatums(new ByteReader(bytes, 'test'))
const decimal = (value: string, precision: number, scale: number): Datum => ({
  kind: 'decimal',
  value,
  precision,
  scale,
})

describe('datums', () => {
  it('are laid out as TiDB does', () => {
    equal(hex({ kind: 'null' }), '00')
    equal(hex({ kind: 'int', value: 1 }), '038000000000000001')
    equal(hex({ kind: 'uint', value: 1 }), '040000000000000001')
    equal(hex({ kind: 'float', value: 5.5 }), '05c016000000000000')
    equal(hex({ kind: 'text', value: 'abc' }), '016162630000000000fa')
    equal(hex({ kind: 'bytes', value: Uint8Array.of(1, 2, 3) }), '010102030000000000fa')
    equal(hex({ kind: 'duration', value: 1_000_000_000 }), '07800000003b9aca00')
    equal(hex(decimal('11.9900', 6, 4)), '0606048b26ac')
    equal(hex(decimal('1234567890.1234', 14, 4)), '060e04810dfb38d204d2')
    equal(hex(decimal('-1234567890.1234', 14, 4)), '060e047ef204c72dfb2d')
    equal(hex(decimal('1', 1, 0)), '06010081')
    equal(hex({ kind: 'min' }), '01')
    equal(hex({ kind: 'max' }), 'fa')
  })

  it('have a shorter form that does not sort', () => {
    const value = (datum: Datum): string => {
      const writer = new ByteWriter()
      writeDatumValue(writer, datum)
      deepEqual(decode(writer.toBytes()), [datum])
      return Buffer.from(writer.toBytes()).toString('hex')
    }
    equal(value({ kind: 'int', value: -1 }), '0801')
    equal(value({ kind: 'int', value: 64 }), '088001')
    equal(value({ kind: 'int', value: -(2n ** 63n) }), '08ffffffffffffffffff01')
    equal(value({ kind: 'uint', value: 300 }), '09ac02')
    equal(value({ kind: 'bytes', value: Buffer.from('abc') }), '0206616263')
    equal(value({ kind: 'null' }), '00')
  })

  it('come back, in any mixture of directions', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(datums, fc.boolean()), { maxLength: 6 }), (columns) => {
        const values = columns.map(([datum]) => datum)
        const bytes = encodeDatums(
          values,
          columns.map(([, descending]) => descending),
        )
        deepEqual(decode(bytes), values)
      }),
    )
  })

  it('sort the other way round when descending, nulls last', () => {
    fc.assert(
      fc.property(datums, datums, (a, b) => {
        const up = compareBytes(encodeDatums([a]), encodeDatums([b]))
        const down = compareBytes(encodeDatums([a], [true]), encodeDatums([b], [true]))
        equal(Math.sign(down) + Math.sign(up), 0)
      }),
    )
  })

  it('put null before everything and min between null and values', () => {
    fc.assert(
      fc.property(
        datums.filter((datum) => datum.kind !== 'null'),
        (datum) => {
          const bytes = encodeDatums([datum])
          equal(compareBytes(encodeDatums([{ kind: 'null' }]), bytes), -1)
          equal(compareBytes(encodeDatums([{ kind: 'min' }]), bytes), -1)
          equal(compareBytes(encodeDatums([{ kind: 'max' }]), bytes), 1)
        },
      ),
    )
  })

  it('see one zero', () => {
    deepEqual(encodeDatums([{ kind: 'float', value: -0 }]), encodeDatums([{ kind: 'float', value: 0 }]))
  })

  for (const [precision, scale] of [
    [1, 0],
    [2, 2],
    [9, 0],
    [10, 9],
    [18, 9],
    [30, 30],
    [65, 30],
    [65, 0],
    [38, 7],
  ] as const) {
    it(`order and return decimal(${precision}, ${scale})`, () => {
      const values = fixedDecimals(precision, scale)
      const unscaled = (text: string): bigint => BigInt(text.replace('.', ''))
      fc.assert(
        fc.property(values, values, (a, b) => {
          const bytes = encodeDatums([decimal(a, precision, scale)])
          deepEqual(decode(bytes), [decimal(a, precision, scale)])
          const order = compareBytes(bytes, encodeDatums([decimal(b, precision, scale)]))
          equal(order, unscaled(a) < unscaled(b) ? -1 : unscaled(a) > unscaled(b) ? 1 : 0)
        }),
      )
    })
  }

  it('refuse decimals that do not fit', () => {
    const bad: [string, number, number][] = [
      ['100', 2, 0],
      ['0.123', 5, 2],
      ['1', 2, 2],
      ['x', 5, 2],
      ['1', 66, 0],
      ['1', 40, 31],
      ['1', 2, 3],
    ]
    for (const [value, precision, scale] of bad) {
      throws(
        () => encodeDatums([decimal(value, precision, scale)]),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
        `${value} ${precision} ${scale}`,
      )
    }
    equal(hex(decimal('0.120', 5, 2)), hex(decimal('0.12', 5, 2)))
  })

  it('never read malformed bytes as something', () => {
    const bad = [
      '0a00',
      '0b',
      '14',
      '03',
      '0300',
      '06',
      '064200',
      '060104',
      '0601008a',
      '060900bb9aca00',
      '02',
      '0201',
      '0206',
      '08ff',
      '09ffffffffffffffffff7f',
    ]
    for (const text of bad) {
      throws(
        () => decode(Buffer.from(text, 'hex')),
        (error) => hasCode(error, 'STORAGE_CORRUPT'),
        text,
      )
    }
  })

  it('throw nothing but STORAGE_CORRUPT on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (bytes) => {
        try {
          readDatum(new ByteReader(bytes, 'test'))
        } catch (error) {
          equal(hasCode(error, 'STORAGE_CORRUPT'), true)
        }
      }),
    )
  })
})
