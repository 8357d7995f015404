import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import fc from 'fast-check'
import { quoteField } from '../records/cell-codec.js'
import { csvOf } from './read-input.test.data.js'

const failure = (reason: string) => (error: unknown) =>
  error instanceof OrbitError && error.code === 'IMPORT_FAILED' && error.reason === reason

describe('readCsv', () => {
  it('tells an empty field, which is null, from an empty text', async () => {
    assert.deepEqual(await csvOf('a,b,c\n1,,""\n'), [[2, 12, { a: '1', b: null, c: '' }]])
    assert.deepEqual(await csvOf('a,b,c\n1,,""\n', { emptyIsNull: false }), [[2, 12, { a: '1', c: '' }]])
  })

  it('reads quoted fields with delimiters, quotes and line breaks, and counts lines as they are in the file', async () => {
    assert.deepEqual(await csvOf('a,b\r\n"x, ""y""","one\r\ntwo"\r\nlast,\n'), [
      [2, 28, { a: 'x, "y"', b: 'one\r\ntwo' }],
      [4, 34, { a: 'last', b: null }],
    ])
  })

  it('takes a byte order mark, empty lines, and a last line without end', async () => {
    assert.deepEqual(await csvOf('\ufeff\na,b\n\n1,2\n\n\n3,4'), [
      [4, 13, { a: '1', b: '2' }],
      [7, 18, { a: '3', b: '4' }],
    ])
  })

  it('takes an empty line for a null in a file of one column', async () => {
    assert.deepEqual(await csvOf('a\n1\n\n""\n'), [
      [2, 4, { a: '1' }],
      [3, 5, { a: null }],
      [4, 8, { a: '' }],
    ])
  })

  it('reports wrong quotes and goes on with the next line', async () => {
    const closing =
      'after a closing quote a delimiter or the end of the line is expected; a quote within a quoted field is written twice'
    const opening =
      'a quote in the middle of a field; put the whole field in quotes, and write the quote twice'
    assert.deepEqual(await csvOf('a,b\n1,"x" y\n2,z"z\n3,"open\n4,"ok"\n5,"never closed\n6,x\n'), [
      [2, 12, `column "b": ${closing}`],
      [3, 18, `column "b": ${opening}`],
      [4, 26, `column "b": ${closing}`],
      [5, 33, { a: '4', b: 'ok' }],
      [6, 49, 'column "b": a quote is opened and never closed'],
      [7, 53, { a: '6', b: 'x' }],
    ])
  })

  it('reports lines with too few and too many fields', async () => {
    assert.deepEqual(await csvOf('a,b\n1\n1,2,3\n1,2\n'), [
      [2, 6, 'one field where the header names 2'],
      [3, 12, '3 fields where the header names 2'],
      [4, 16, { a: '1', b: '2' }],
    ])
  })

  it('refuses bytes that are not UTF-8, naming the column', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from([0xe9]), Buffer.from('\n2,�\n')])
    assert.deepEqual(await csvOf(bytes), [
      [2, 8, 'column "b": the text is not valid UTF-8'],
      [3, 14, { a: '2', b: '�' }],
    ])
  })

  it('refuses a file without a header, or with a wrong one', async () => {
    const suffix = '. The first line must name the columns; when it does not, --columns does'
    await assert.rejects(csvOf(''), failure('there is nothing in it, not even a line that names the columns'))
    await assert.rejects(
      csvOf('\n\n'),
      failure('there is nothing in it, not even a line that names the columns'),
    )
    await assert.rejects(csvOf('a,,b\n'), failure(`line 1: column 2 has no name${suffix}`))
    await assert.rejects(csvOf('\na,b,a\n'), failure(`line 2: the column "a" is there twice${suffix}`))
    await assert.rejects(csvOf('"a\n1\n'), failure(`line 1: a quote is opened and never closed${suffix}`))
  })

  it('takes the columns from elsewhere, and another delimiter', async () => {
    assert.deepEqual(await csvOf('1\t"x\ty"\n', { header: ['a', 'b'], delimiter: '\t' }), [
      [1, 8, { a: '1', b: 'x\ty' }],
    ])
  })

  it('makes own properties of any name', async () => {
    const [[, , record]] = (await csvOf('__proto__,constructor\nx,y\n')) as [[number, number, object]]
    assert.deepEqual(Object.entries(record), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    assert.equal(Object.getPrototypeOf(record), Object.prototype)
  })

  it('gives back what was written, whatever the chunks are', async () => {
    const field = fc.option(
      fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '\ufeff', '😀') }),
    )
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 6 }))
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 30 }),
        async (rows, end, size) => {
          const names = Array.from(rows[0] ?? ['x'], (_, at) => `column ${at}`)
          const text = [names, ...rows]
            .map((row) => row.map((cell) => (cell === null ? '' : quoteField(cell))).join(',') + end)
            .join('')
          const found = (await csvOf(text, {}, size)) as [number, number, object][]
          assert.deepEqual(
            found.map(([, , record]) => Object.values(record) as unknown),
            rows,
          )
        },
      ),
    )
  })
})
