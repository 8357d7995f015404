import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { inferColumnType } from './infer-column-type.js'
import { inferSchema } from './infer-schema.js'
import type { InputSample } from './read-sample.js'

const none = { primaryKey: [], tags: undefined }

const csv = (names: string[], ...rows: (string | null)[][]): InputSample => ({
  names,
  records: rows.map((row) => Object.fromEntries(row.map((value, at) => [names[at] ?? '', value]))),
  isText: true,
})

describe('inferColumnType', () => {
  it('takes the narrowest type that has all values', () => {
    for (const [values, type] of [
      [['1', '-20', null], 'int8'],
      [['1', '2.5'], 'float8'],
      [['1e3', '.5'], 'float8'],
      [['true', 'FALSE'], 'bool'],
      [['2024-05-01'], 'date'],
      [['2024-05-01', '2024-05-01 10:00'], 'timestamp'],
      [['2024-05-01T10:00:00Z', '2024-05-01T10:00:00+02:00'], 'timestamptz'],
      [['6f1c1a4e-1c2d-4e3f-8a9b-0c1d2e3f4a5b'], 'uuid'],
      [['007'], 'text'],
      [['1', 'x'], 'text'],
      [['12345678901234567890'], 'float8'],
      [[], 'text'],
      [[null], 'text'],
    ] as const) {
      assert.equal(inferColumnType(values, true), type, JSON.stringify(values))
    }
  })

  it('leaves values of JSON their types', () => {
    for (const [values, type] of [
      [[1, 2], 'int8'],
      [[1, 2.5], 'float8'],
      [[true], 'bool'],
      [['1'], 'text'],
      [['2024-05-01', 'x'], 'text'],
      [[1, 'x'], 'jsonb'],
      [[{ a: 1 }, [2]], 'jsonb'],
    ] as const) {
      assert.equal(inferColumnType(values, false), type, JSON.stringify(values))
    }
  })
})

describe('inferSchema', () => {
  it('makes a table of the columns, with a primary key when asked', () => {
    const sample = csv(['id', 'name'], ['1', 'a'], ['2', null])
    const columns = { id: { type: 'int8' }, name: { type: 'text' } }
    assert.deepEqual(inferSchema('table', 't', sample, none), {
      kind: 'table',
      name: 't',
      input: { columns },
    })
    assert.deepEqual(inferSchema('table', 't', sample, { ...none, primaryKey: ['id'] }), {
      kind: 'table',
      name: 't',
      input: { columns, primaryKey: ['id'] },
    })
    assert.throws(
      () => inferSchema('table', 't', sample, { ...none, primaryKey: ['nam'] }),
      /the file has no column "nam"; did you mean "name"\?/,
    )
  })

  it('makes a time series of columns, text being tags unless they are named', () => {
    const sample = csv(
      ['timestamp', 'city', 'sky', 'heat', 'wet'],
      ['2024-05-01', 'Oslo', 'grey', '7', 'true'],
    )
    assert.deepEqual(inferSchema('series', 's', sample, none).input, {
      tags: ['city', 'sky'],
      fields: { heat: 'float', wet: 'bool' },
    })
    assert.deepEqual(inferSchema('series', 's', sample, { ...none, tags: ['city'] }).input, {
      tags: ['city'],
      fields: { sky: 'text', heat: 'float', wet: 'bool' },
    })
    const prefixed = csv(['timestamp', 'tags.n', 'fields.t'], ['1', '1', 'x'])
    assert.deepEqual(inferSchema('series', 's', prefixed, none).input, { tags: ['n'], fields: { t: 'text' } })
  })

  it('makes a time series of points', () => {
    const records = [
      { tags: { a: 'x' }, fields: { n: 1 } },
      { tags: {}, fields: { n: 2.5, t: 'y', j: [] } },
    ]
    const sample = { names: ['tags', 'fields'], records, isText: false }
    assert.deepEqual(inferSchema('series', 's', sample, none).input, {
      tags: ['a'],
      fields: { n: 'float', t: 'text', j: 'json' },
    })
  })

  it('makes vectors of the dimension of the first', () => {
    const json = { names: ['vector'], records: [{ vector: [1, 2, 3] }], isText: false }
    assert.deepEqual(inferSchema('vectors', 'v', json, none).input, { dimension: 3 })
    assert.deepEqual(inferSchema('vectors', 'v', csv(['vector'], ['[1,2]']), none).input, { dimension: 2 })
  })

  it('makes collections and graphs that take anything', () => {
    const sample = { names: [], records: [], isText: false }
    assert.deepEqual(inferSchema('collection', 'c', sample, none).input, {})
    assert.deepEqual(inferSchema('nodes', 'g', sample, none), {
      kind: 'graph',
      name: 'g',
      input: { open: true },
    })
    assert.deepEqual(inferSchema('edges', 'g', sample, none), {
      kind: 'graph',
      name: 'g',
      input: { open: true },
    })
  })

  it('refuses a sample that tells nothing', () => {
    const empty = { names: [], records: [], isText: false }
    for (const kind of ['table', 'vectors', 'series'] as const) {
      assert.throws(
        () => inferSchema(kind, 'x', empty, none),
        (error) => hasCode(error, 'IMPORT_FAILED'),
      )
    }
  })
})
