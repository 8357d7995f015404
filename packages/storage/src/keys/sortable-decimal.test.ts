import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, defined, hasCode } from '@orbit-ts/base'
import { formatDecimal, parseDecimal, roundDecimal } from './decimal-text.js'
import { unscaledText } from './key-arbitraries.test.data.js'
import { decodeSortableDecimal as decode, encodeSortableDecimal as encode } from './sortable-decimal.js'

const decimals = fc.tuple(
  fc.oneof(
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
    fc.integer({ min: -200, max: 200 }).map(BigInt),
  ),
  fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 60 })),
)

describe('sortable decimals', () => {
  it('have a fixed layout', () => {
    const cases: [string, string][] = [
      ['0', '03'],
      ['-0.00', '03'],
      ['1', '048000010b00'],
      ['1.50', '048000011000'],
      ['12.345', '048000020d233300'],
      ['0.001', '047ffffe0b00'],
      ['-1', '027ffffef4ff'],
      ['NaN', '06'],
      ['Infinity', '05'],
      ['-Infinity', '01'],
    ]
    for (const [text, expected] of cases) equal(Buffer.from(encode(text)).toString('hex'), expected, text)
  })

  it('sort as numbers and come back without trailing zeros', () => {
    fc.assert(
      fc.property(decimals, decimals, ([a, scaleA], [b, scaleB]) => {
        const bytes = encode(unscaledText(a, scaleA))
        const back = defined(parseDecimal(decode(bytes)), 'a decimal')
        equal(/0$/.test(back.fraction), false)
        equal(formatDecimal(roundDecimal(back, scaleA)), unscaledText(a, scaleA))
        const left = a * 10n ** BigInt(60 - scaleA)
        const right = b * 10n ** BigInt(60 - scaleB)
        equal(compareBytes(bytes, encode(unscaledText(b, scaleB))), left < right ? -1 : left > right ? 1 : 0)
      }),
    )
  })

  it('put infinities and NaN where PostgreSQL does', () => {
    const inOrder = ['-Infinity', '-1e100', '-1', '-1e-100', '0', '1e-100', '1', '1e100', 'Infinity', 'NaN']
    const shuffled = [...inOrder].reverse().map(encode)
    deepEqual(shuffled.sort(compareBytes), inOrder.map(encode))
  })

  it('refuses what is no decimal', () => {
    for (const text of ['', 'abc', '1.2.3', '--1', '1e', '1e9999999', '.', 'inf']) {
      throws(
        () => encode(text),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
        text,
      )
    }
  })

  it('refuses malformed bytes', () => {
    for (const text of [
      '',
      '00',
      '07',
      '04',
      '0480000100',
      '04800001',
      '048000010b',
      '04800001ff00',
      '04ffffff0b00',
    ]) {
      throws(
        () => decode(Buffer.from(text, 'hex')),
        (error) => hasCode(error, 'STORAGE_CORRUPT'),
        text,
      )
    }
  })
})

describe('decimal text', () => {
  const shown = (text: string): string => formatDecimal(defined(parseDecimal(text), text))

  it('keeps the digits after the point', () => {
    const cases: [string, string][] = [
      ['1.50', '1.50'],
      ['+007', '7'],
      ['.5', '0.5'],
      ['5.', '5'],
      ['1.5e3', '1500'],
      ['1.50e1', '15.0'],
      ['1.5e-3', '0.0015'],
      ['-0.00', '0.00'],
      ['12345e-2', '123.45'],
      [' 1 ', '1'],
    ]
    for (const [text, expected] of cases) equal(shown(text), expected, text)
  })

  it('rounds halves away from zero', () => {
    const cases: [string, number, string][] = [
      ['1.005', 2, '1.01'],
      ['-1.005', 2, '-1.01'],
      ['9.99', 1, '10.0'],
      ['0.4', 0, '0'],
      ['0.5', 0, '1'],
      ['-0.4', 0, '0'],
      ['99.5', 0, '100'],
      ['1', 3, '1.000'],
    ]
    for (const [text, scale, expected] of cases) {
      equal(formatDecimal(roundDecimal(defined(parseDecimal(text), text), scale)), expected, text)
    }
  })

  it('agrees with integer arithmetic', () => {
    fc.assert(
      fc.property(decimals, fc.nat({ max: 60 }), ([unscaled, scale], target) => {
        const rounded = formatDecimal(
          roundDecimal(defined(parseDecimal(unscaledText(unscaled, scale)), 'decimal'), target),
        )
        const factor = 10n ** BigInt(Math.max(0, scale - target))
        const magnitude = ((unscaled < 0n ? -unscaled : unscaled) * 2n + factor) / (2n * factor)
        const expected = (unscaled < 0n ? -magnitude : magnitude) * 10n ** BigInt(Math.max(0, target - scale))
        equal(rounded, unscaledText(expected, target))
      }),
    )
  })
})
