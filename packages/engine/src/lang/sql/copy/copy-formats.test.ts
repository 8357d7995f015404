import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { bpchar, int4, text, varchar } from '../../../scalar/types/system-types.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Row } from '../../../scalar/value.js'
import { testScalarContext } from '../../../scalar/scalar-context.test.data.js'
import { copyOptions } from './copy-options.js'
import { copyReader, type CopyColumn } from './copy-reader.js'
import { copyWriter } from './copy-writer.js'

const type = (scalar: DataType['scalar']): DataType => ({ scalar, modifier: -1 })
const COLUMNS: readonly CopyColumn[] = [
  { name: 'id', type: type(int4) },
  { name: 'name', type: type(text) },
]
const context = testScalarContext()

function options(
  input: Record<string, string | true | readonly string[]> = {},
): ReturnType<typeof copyOptions> {
  return copyOptions(new Map(Object.entries(input)))
}

/** The rows that a text gives, handed over in pieces of so many bytes. */
function read(data: string | Buffer, given = options(), pieceBytes = Infinity, columns = COLUMNS): Row[] {
  const reader = copyReader('t', columns, given, context)
  const bytes = Buffer.from(data)
  const rows: Row[] = []
  const step = Math.min(pieceBytes, Math.max(1, bytes.length))
  for (let at = 0; at < bytes.length; at += step) rows.push(...reader.push(bytes.subarray(at, at + step)))
  return [...rows, ...reader.end()]
}

function write(rows: readonly Row[], given = options(), columns = COLUMNS): Buffer {
  const writer = copyWriter(columns, given, context)
  return Buffer.concat([
    writer.start() ?? Buffer.alloc(0),
    ...writer.rows(rows),
    writer.end() ?? Buffer.alloc(0),
  ])
}

describe('COPY in text', () => {
  test('reads fields, nulls and escapes', () => {
    assert.deepEqual(read('1\tplain\n2\t\\N\n3\ta\\tb\\nc\\\\d\\x41\\101\n-4\t\n'), [
      [1, 'plain'],
      [2, null],
      [3, 'a\tb\nc\\dAA'],
      [-4, ''],
    ])
  })

  test('ends at the end marker, and needs no newline at the end', () => {
    assert.deepEqual(read('1\ta\n\\.\n2\tb\n'), [[1, 'a']])
    assert.deepEqual(read('1\ta\r\n2\tb'), [
      [1, 'a'],
      [2, 'b'],
    ])
  })

  test('refuses what is too long, but for spaces at its end', () => {
    const columns = (scalar: DataType['scalar']): CopyColumn[] => [
      { name: 'a', type: { scalar, modifier: 3 + 4 } },
    ]
    for (const scalar of [varchar, bpchar]) {
      assert.throws(() => read('abcd\n', options(), 1, columns(scalar)), /value too long for type/)
      assert.deepEqual(read('abc  \n', options(), 1, columns(scalar)), [['abc']])
    }
  })

  test('writes what it reads', () => {
    assert.equal(
      write([
        [1, 'a\tb'],
        [2, null],
        [3, 'c\\d\ne'],
      ]).toString(),
      '1\ta\\tb\n2\t\\N\n3\tc\\\\d\\ne\n',
    )
  })

  test('says which line and column is wrong', () => {
    const cases = [
      ['1\n', 'missing data for column "name"', 'COPY t, line 1: "1"'],
      ['1\ta\tb\n', 'extra data after last expected column', 'COPY t, line 1: "1\ta\tb"'],
      ['1\ta\nx\tb\n', 'invalid input syntax for type integer: "x"', 'COPY t, line 2, column id: "x"'],
    ] as const
    for (const [data, message, place] of cases) {
      const reader = copyReader('t', COLUMNS, options(), context)
      assert.throws(() => [...reader.push(Buffer.from(data))], { reason: message })
      assert.equal(reader.place, place)
    }
  })

  test('takes no bytes that are no characters', () => {
    const refused = (bytes: readonly number[], given = options()): unknown => {
      try {
        return read(Buffer.from([0x31, 0x09, ...bytes, 0x0a]), given)
      } catch (error) {
        return error instanceof Error ? error.message.replace('VALUE_INVALID: ', '') : error
      }
    }
    const message = 'invalid byte sequence for encoding "UTF8": '
    const csv = options({ format: 'csv', delimiter: '\t' })
    for (const given of [options(), csv]) {
      assert.equal(refused([0x61, 0xff, 0xfe], given), `${message}0xff`)
      assert.equal(refused([0x61, 0x00, 0x62], given), `${message}0x00`)
      assert.equal(refused([0xed, 0xa0, 0x80], given), `${message}0xed 0xa0 0x80`)
      assert.deepEqual(refused([0xc3, 0xa9], given), [[1, 'é']])
    }
    assert.equal(refused([...Buffer.from('\\303x')]), `${message}0xc3 0x78`)
    assert.deepEqual(refused([...Buffer.from('\\303\\251')]), [[1, 'é']])
  })
})

describe('COPY in CSV', () => {
  const csv = options({ format: 'csv' })

  test('reads quotes, newlines within them, and nulls', () => {
    assert.deepEqual(read('1,"a,""b"""\n2,\n3,""\n4,"two\nlines"\n5,x"y z"w\n', csv), [
      [1, 'a,"b"'],
      [2, null],
      [3, ''],
      [4, 'two\nlines'],
      [5, 'xy zw'],
    ])
  })

  test('takes a header', () => {
    assert.deepEqual(read('id,name\n1,a\n', options({ format: 'csv', header: true })), [[1, 'a']])
    assert.throws(() => read('id,title\n1,a\n', options({ format: 'csv', header: 'match' })), {
      reason: 'column name mismatch in header line field 2: got "title", expected "name"',
    })
  })

  test('refuses a quoted field that never ends', () => {
    assert.throws(() => read('1,"a\n', csv), { reason: 'unterminated CSV quoted field' })
  })

  test('forces nulls and quotes where it is told to', () => {
    assert.deepEqual(read('1,\n', options({ format: 'csv', force_not_null: ['name'] })), [[1, '']])
    assert.deepEqual(read('1,""\n', options({ format: 'csv', force_null: ['name'] })), [[1, null]])
    assert.equal(
      write([[1, 'a']], options({ format: 'csv', force_quote: ['name'], header: true })).toString(),
      'id,name\n1,"a"\n',
    )
  })
})

describe('COPY of any rows', () => {
  const rows = fc.array(
    fc.tuple(
      fc.option(fc.integer({ min: -2_147_483_648, max: 2_147_483_647 })),
      fc.option(
        fc
          .string({
            unit: fc.oneof(
              fc.constantFrom('\t', '\n', '\r', '\\', '"', ',', '.', 'N', "'", '\b'),
              fc.string({ unit: 'binary' }),
            ),
          })
          .filter((value) => !value.includes('\0')),
      ),
    ),
  )
  for (const format of ['text', 'csv', 'binary']) {
    test(`${format}: what is written is read again, in pieces of any size`, () => {
      fc.assert(
        fc.property(rows, fc.integer({ min: 1, max: 50 }), (given, pieceBytes) => {
          const form = options({ format })
          const list = given.map((row): Row => [...row])
          assert.deepEqual(read(write(list, form), form, pieceBytes), list)
        }),
      )
    })
  }
})

describe('COPY in binary', () => {
  const binary = options({ format: 'binary' })

  test('refuses what is not of the format', () => {
    const good = write([[1, 'a']], binary)
    const flags = Buffer.from(good)
    flags.writeUInt32BE(1 << 20, 11)
    const fields = Buffer.from(good)
    fields.writeInt16BE(3, 19)
    for (const [bytes, message] of [
      [Buffer.from('hello, this is no signature'), 'COPY file signature not recognized'],
      [flags, 'unrecognized critical flags in COPY file header'],
      [fields, 'row field count is 3, expected 2'],
      [good.subarray(0, 25), 'unexpected EOF in COPY data'],
      [Buffer.concat([good, Buffer.from('x')]), 'received copy data after EOF marker'],
      [good.subarray(0, 5), 'COPY file signature not recognized'],
    ] as const)
      assert.throws(() => read(bytes, binary), { reason: message })
  })
})

describe('options of COPY', () => {
  test('what does not fit is refused', () => {
    for (const [input, message] of [
      [{ format: 'xml' }, 'COPY format "xml" not recognized'],
      [{ delimiter: 'ab' }, 'COPY delimiter must be a single one-byte character'],
      [{ delimiter: '\n' }, 'COPY delimiter cannot be newline or carriage return'],
      [{ quote: '"' }, 'COPY quote available only in CSV mode'],
      [{ format: 'binary', delimiter: ',' }, 'cannot specify DELIMITER in BINARY mode'],
      [{ format: 'csv', delimiter: '"' }, 'COPY delimiter and quote must be different'],
      [{ odd: true }, 'option "odd" not recognized'],
    ] as const)
      assert.throws(() => options(input), { reason: message })
  })
})
