import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { compareCodePoints } from '../collation/code-points.js'
import { testScalarContext } from '../scalar-context.test.data.js'
import { numberFacts, plainFacts } from './plain-facts.test.data.js'
import {
  bool,
  bpchar,
  bytea,
  char,
  float4,
  float8,
  int4,
  int8,
  name,
  oid,
  systemTypes,
  text,
  uuid,
  varchar,
} from './system-types.js'
import { checkFacts, outcome } from './text-facts.test.data.js'
import { formatDataType } from './format-type.js'
import { numeric, interval, timestamp, timestamptz } from './system-types.js'

const context = testScalarContext()

describe('types of numbers and strings', () => {
  it('read and write numbers as PostgreSQL does', () => {
    checkFacts(numberFacts)
  })

  it('read and write strings, bytes and identifiers as PostgreSQL does', () => {
    checkFacts(plainFacts)
  })

  it('write fewer digits of floats where the session asks for fewer', () => {
    const write = (digits: string, type: typeof float8, value: number): string =>
      type.format(value, testScalarContext({ extra_float_digits: digits }))
    assert.equal(write('0', float8, 0.1 + 0.2), '0.3')
    assert.equal(write('1', float8, 0.1 + 0.2), '0.30000000000000004')
    assert.equal(write('0', float8, 123456789.12345679), '123456789.123457')
    assert.equal(write('-4', float8, 123456789.12345679), '123456789.12')
    assert.equal(write('0', float4, Math.fround(123456.7)), '123457')
  })

  it('write bytes with escapes where the session asks for them', () => {
    const escapes = testScalarContext({ bytea_output: 'escape' })
    assert.equal(bytea.format(Uint8Array.of(0, 255, 65, 92), escapes), '\\000\\377A\\\\')
  })

  it('keep one byte in "char", shown in octal when it is not ASCII', () => {
    assert.equal(char.parse('abc', -1, context), 'a')
    assert.equal(char.format(char.parse('é', -1, context), context), '\\303')
    assert.equal(char.parse('\\101', -1, context), 'A')
    assert.equal(char.parse('', -1, context), '')
  })

  it('cut names to 63 bytes without cutting a character', () => {
    assert.equal(name.parse('é'.repeat(40), -1, context), 'é'.repeat(31))
  })

  it('refuse bytes that are no text', () => {
    const message = (bytes: number[]): string =>
      outcome(() => text.decode(Uint8Array.from(bytes), -1, context))
    assert.equal(message([0x61, 0xff]), 'ERR 22021 invalid byte sequence for encoding "UTF8": 0xff')
    assert.equal(message([0xc3, 0x28]), 'ERR 22021 invalid byte sequence for encoding "UTF8": 0xc3 0x28')
    assert.equal(message([0x61, 0x00]), 'ERR 22021 invalid byte sequence for encoding "UTF8": 0x00')
    assert.equal(text.decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), -1, context), '\ufeffa')
  })

  it('refuse binary values of the wrong size', () => {
    assert.match(
      outcome(() => int4.decode(Uint8Array.of(1, 2, 3), -1, context)),
      /^ERR 08P01 /,
    )
    assert.match(
      outcome(() => int4.decode(new Uint8Array(5), -1, context)),
      /^ERR 22P03 /,
    )
  })

  it('shorten text in a cast, and refuse it in an assignment unless only spaces go', () => {
    assert.equal(varchar.applyModifier?.('abcd', 7, true), 'abc')
    assert.equal(varchar.applyModifier?.('abc ', 7, false), 'abc')
    assert.equal(
      outcome(() => varchar.applyModifier?.('abcd', 7, false)),
      'ERR 22001 value too long for type character varying(3)',
    )
    assert.equal(
      outcome(() => bpchar.applyModifier?.('abcd', 7, false)),
      'ERR 22001 value too long for type character(3)',
    )
    assert.equal(bpchar.applyModifier?.('😀', 7, false), '😀  ')
  })

  it('compare and hash char(n) without its padding', () => {
    assert.equal(bpchar.compare?.('a  ', 'a', undefined), 0)
    assert.equal(bpchar.hashKey?.('a  '), bpchar.hashKey?.('a'))
  })

  it('refuse modifiers as PostgreSQL does', () => {
    const refusal = (make: () => unknown): string => outcome(() => make())
    assert.equal(
      refusal(() => varchar.makeModifier?.([0])),
      'ERR 22023 length for type varchar must be at least 1',
    )
    assert.equal(
      refusal(() => bpchar.makeModifier?.([10485761])),
      'ERR 22023 length for type char cannot exceed 10485760',
    )
    assert.equal(
      refusal(() => numeric.makeModifier?.([1001])),
      'ERR 22023 NUMERIC precision 1001 must be between 1 and 1000',
    )
    assert.equal(
      refusal(() => numeric.makeModifier?.([3, -2000])),
      'ERR 22023 NUMERIC scale -2000 must be between -1000 and 1000',
    )
    assert.equal(
      refusal(() => numeric.makeModifier?.([3, 4, 5])),
      'ERR 22023 invalid NUMERIC type modifier',
    )
  })
})

describe('names of types', () => {
  it('carry the modifier where SQL has it', () => {
    const shown = (scalar: typeof text, modifier: number): string => formatDataType({ scalar, modifier })
    assert.equal(shown(varchar, 24), 'character varying(20)')
    assert.equal(shown(bpchar, -1), 'bpchar')
    assert.equal(shown(bpchar, 5), 'character(1)')
    assert.equal(shown(numeric, numeric.makeModifier?.([10, 2]) ?? 0), 'numeric(10,2)')
    assert.equal(shown(numeric, numeric.makeModifier?.([3, -2]) ?? 0), 'numeric(3,-2)')
    assert.equal(shown(timestamp, 3), 'timestamp(3) without time zone')
    assert.equal(shown(timestamptz, -1), 'timestamp with time zone')
    assert.equal(shown(interval, interval.makeModifier?.([4]) ?? 0), 'interval year')
    assert.equal(shown(interval, interval.makeModifier?.([0x7fff, 3]) ?? 0), 'interval(3)')
    const arrays = new Map(systemTypes.map((type) => [type.name, type]))
    const numericArray = arrays.get('_numeric') ?? numeric
    assert.equal(shown(numericArray, numericArray.makeModifier?.([10, 2]) ?? 0), 'numeric(10,2)[]')
  })

  it('are given once, as OIDs are', () => {
    assert.equal(new Set(systemTypes.map((type) => type.oid)).size, systemTypes.length)
    assert.equal(new Set(systemTypes.map((type) => type.name)).size, systemTypes.length)
  })
})

describe('orders', () => {
  it('put text in the order of its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const bytes = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))
        assert.equal(compareCodePoints(a, b), bytes)
        assert.equal(text.compare?.(a, b, undefined), bytes)
      }),
    )
    assert.equal(compareCodePoints('\u{10000}', '\uffff'), 1)
    assert.equal(compareCodePoints('\ue000', '\ud7ff'), 1)
  })

  it('put NaN above everything, and equal to itself', () => {
    const order = [-Infinity, -1, 0, 1, Infinity, NaN]
    assert.deepEqual(
      order.toReversed().sort((a, b) => float8.compare?.(a, b, undefined) ?? 0),
      order,
    )
    assert.equal(float8.compare?.(NaN, NaN, undefined), 0)
    assert.equal(float8.compare?.(-0, 0, undefined), 0)
  })

  it('compare 64-bit integers whatever they are made of', () => {
    assert.equal(int8.compare?.(5, 9223372036854775807n, undefined), -1)
    assert.equal(int8.compare?.(-9223372036854775808n, 5, undefined), -1)
    assert.equal(bool.compare?.(false, true, undefined), -1)
    assert.equal(oid.compare?.(4294967295, 1, undefined), 1)
    assert.equal(
      uuid.compare?.(
        '00000000-0000-0000-0000-00000000000a',
        '00000000-0000-0000-0000-00000000000b',
        undefined,
      ),
      -1,
    )
  })
})
