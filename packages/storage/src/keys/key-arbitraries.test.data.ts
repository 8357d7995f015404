/** Random values for the tests of keys: the awkward ones come often. */
import fc from 'fast-check'
import type { Datum } from './datum.js'

export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

/** Strings with zeros, colons, 0xff-like and astral characters; never a lone surrogate. */
export const ids: fc.Arbitrary<string> = fc.oneof(
  fc.string({
    unit: fc.constantFrom('\0', '\u0001', ':', 'a', 'b', '\u00ff', '\uffff', '😀'),
    maxLength: 20,
  }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
)

export const numericIds: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.maxSafeNat(),
  fc.constantFrom(0, 239, 240, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
)

/** Signed 64-bit integers in the form in which they are read back. */
export const int64s: fc.Arbitrary<number | bigint> = fc
  .oneof(
    fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
    fc.integer().map(BigInt),
    fc.constantFrom(INT64_MIN, INT64_MAX, -1n, 0n, 2n ** 53n, -(2n ** 53n), 2n ** 53n - 1n, 1n - 2n ** 53n),
  )
  .map(canonical)

export const uint64s: fc.Arbitrary<number | bigint> = fc
  .oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.constantFrom(0n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
  )
  .map(canonical)

export const byteStrings: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.array(fc.constantFrom(0, 1, 0xfe, 0xff), { maxLength: 20 }).map((values) => Uint8Array.from(values)),
)

/** Decimals of exactly this precision and scale, as they are read back. */
export function fixedDecimals(precision: number, scale: number): fc.Arbitrary<string> {
  const limit = 10n ** BigInt(precision) - 1n
  return fc
    .oneof(fc.bigInt({ min: -limit, max: limit }), fc.integer({ min: -9, max: 9 }).map(BigInt))
    .filter((unscaled) => unscaled <= limit && unscaled >= -limit)
    .map((unscaled) => unscaledText(unscaled, scale))
}

export function unscaledText(unscaled: bigint, scale: number): string {
  const negative = unscaled < 0n
  const digits = String(negative ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`
  return negative ? `-${text}` : text
}

/** Any datum that can be stored, in the form in which it is read back. */
export const datums: fc.Arbitrary<Datum> = fc.oneof(
  fc.constant<Datum>({ kind: 'null' }),
  int64s.map((value): Datum => ({ kind: 'int', value })),
  uint64s.map((value): Datum => ({ kind: 'uint', value })),
  fc.double().map((value): Datum => ({ kind: 'float', value: value + 0 })),
  byteStrings.map((value): Datum => ({ kind: 'bytes', value: Buffer.from(value) })),
  fixedDecimals(20, 5).map((value): Datum => ({ kind: 'decimal', value, precision: 20, scale: 5 })),
  int64s.map((value): Datum => ({ kind: 'duration', value })),
)

function canonical(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
