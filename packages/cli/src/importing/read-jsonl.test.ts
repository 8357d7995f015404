import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { RECORD_SIZE_MAX_BYTES } from './input-buffer.js'
import { jsonlOf, plainJsonlOf } from './read-input.test.data.js'

describe('readJsonl', () => {
  it('reads a record from each line, with the line and the offset behind it', async () => {
    assert.deepEqual(await jsonlOf('{"a":1}\n{"b":[2]}\n'), [
      [1, 8, { a: 1 }],
      [2, 18, { b: [2] }],
    ])
  })

  it('takes CRLF, empty lines, a byte order mark and a last line without end', async () => {
    assert.deepEqual(await jsonlOf('\ufeff{"a":1}\r\n\r\n  \n{"a":2}'), [
      [1, 12, { a: 1 }],
      [4, 24, { a: 2 }],
    ])
    assert.deepEqual(await jsonlOf(''), [])
    assert.deepEqual(await jsonlOf('\ufeff'), [])
    assert.deepEqual(await jsonlOf('\n\n'), [])
  })

  it('says where a line is not JSON, and goes on with the next', async () => {
    assert.deepEqual(await jsonlOf('{"a":1,}\n{"a"\n{"a":tru}\n{"a":1}x\n[1]\nnull\n7\n{"a":2}\n'), [
      [1, 9, 'the JSON is wrong at "}"', 8],
      [2, 14, 'the JSON ends too early', 5],
      [3, 24, 'the JSON is wrong at "tru}"', 6],
      [4, 33, 'the JSON is wrong at "x"', 8],
      [5, 37, 'a JSON object is expected, not an array'],
      [6, 42, 'a JSON object is expected, not null'],
      [7, 44, 'a JSON object is expected, not a number'],
      [8, 52, { a: 2 }],
    ])
  })

  it('refuses bytes that are not UTF-8, and UTF-16', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}\n{"a":"�"}\n'),
    ])
    assert.deepEqual(await jsonlOf(bytes), [
      [1, 11, 'the line is not valid UTF-8'],
      [2, 23, { a: '�' }],
    ])
    await assert.rejects(jsonlOf(Buffer.from('\ufeff{"a":1}', 'utf16le')), (error) =>
      hasCode(error, 'IMPORT_FAILED'),
    )
  })

  it('reads a line of ten megabytes, and stops at one over the limit', async () => {
    const long = 'x'.repeat(10 * 1024 * 1024)
    const [[line, end, record]] = (await jsonlOf(`{"a":"${long}"}\n`, 65_536)) as [
      [number, number, { a: string }],
    ]
    assert.equal(line, 1)
    assert.equal(end, long.length + 9)
    assert.equal(record.a.length, long.length)
    const tooLong = Buffer.alloc(RECORD_SIZE_MAX_BYTES + 200_000, 'x')
    const found = (await jsonlOf(tooLong, 65_536)) as [[number, number, string]]
    assert.deepEqual(
      found.map(([at, , reason]) => [at, reason]),
      [[1, 'the line is longer than 32 MiB']],
    )
  })

  it('gives numbers that JavaScript would round as text, too', async () => {
    assert.deepEqual(await jsonlOf('{"a":9007199254740993,"b":9007199254740991,"c":"9007199254740993"}'), [
      [1, 66, { a: '9007199254740993', b: 9007199254740991, c: '9007199254740993' }],
    ])
  })

  it('gives the same whatever the chunks are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), { maxLength: 5 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.integer({ min: 1, max: 40 }),
        async (records, end, chunkSize) => {
          const text = records.map((record) => JSON.stringify(record) + end).join('')
          const found = (await plainJsonlOf(text, chunkSize)) as [number, number, unknown][]
          const expected = records.map((record) => JSON.parse(JSON.stringify(record)) as unknown)
          assert.deepEqual(
            found.map(([, , record]) => record),
            expected,
          )
        },
      ),
    )
  })
})
