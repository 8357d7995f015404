import fc from 'fast-check'

const digits = (whole: number, fraction: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 10n ** BigInt(whole) - 1n }),
      fc.bigInt({ min: 0n, max: 10n ** BigInt(fraction) - 1n }),
    )
    .map(([negative, a, b]) => `${negative ? '-' : ''}${a}.${String(b).padStart(fraction, '0')}`)

const wellFormed = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'))
const day = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })

/** Values that columns of each type take. */
export const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int2: fc.integer({ min: -32768, max: 32767 }),
  int4: fc.integer(),
  int8: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float4: fc.float(),
  float8: fc.double(),
  'numeric(8,3)': digits(5, 3),
  'numeric(80,40)': digits(40, 40),
  numeric: fc.oneof(digits(20, 5), digits(1, 30), fc.constantFrom('NaN', 'Infinity', '-Infinity', '0', '-1')),
  text: wellFormed,
  'varchar(20)': fc.string({ unit: 'binary-ascii', maxLength: 20 }).filter((text) => !text.includes('\0')),
  'char(12)': fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  bytea: fc.uint8Array({ maxLength: 20 }),
  date: day.map((date) => date.toISOString().slice(0, 10)),
  time: fc.integer({ min: 0, max: 86_399_999 }).map((ms) => new Date(ms).toISOString().slice(11, 23)),
  'timestamp(3)': day,
  'timestamptz(3)': day,
  timestamptz: fc
    .tuple(day, fc.integer({ min: 0, max: 999 }))
    .map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)),
  uuid: fc.uuid(),
  json: fc.jsonValue().filter((value) => value !== null && !JSON.stringify(value).includes('__proto__')),
  'int4[]': fc.array(fc.option(fc.integer()), { maxLength: 5 }),
  'text[]': fc.array(wellFormed, { maxLength: 5 }),
  'bytea[]': fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 3 }),
  'numeric(8,3)[]': fc.array(digits(5, 3), { maxLength: 3 }),
}
