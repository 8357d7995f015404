import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  bool,
  bytea,
  char,
  collection,
  date,
  float4,
  float8,
  graph,
  int2,
  int4,
  int8,
  json,
  jsonb,
  numeric,
  series,
  table,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
  varchar,
  vectors,
  type ObjectSchema,
} from '@orbit-ts/engine'
import fc from 'fast-check'
import type { FileFormat } from '../importing/file-format.js'
import { importFile, onGround, type Ground } from '../importing/import-run.test.data.js'
import { findTarget } from '../records/find-target.js'
import type { TargetKind } from '../records/record-target.js'
import { exportRecords } from './export-records.js'

/** The text of an export. */
async function exportText(
  { database }: Ground,
  kind: TargetKind,
  name: string,
  format: FileFormat,
): Promise<string> {
  const parts: string[] = []
  const tx = await database.begin()
  const target = await findTarget(database, kind, name)
  const output = {
    sizeBytes: 0,
    write: (part: string) => Promise.resolve(void parts.push(part)),
    finish: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  }
  const progress = { update: () => undefined, end: () => undefined }
  await exportRecords(tx, target, output, {
    format,
    query: {},
    signal: new AbortController().signal,
    progress,
  })
  await tx.rollback()
  return parts.join('')
}

/** All records, as the database gives them. */
async function recordsOf({ database }: Ground, kind: TargetKind, name: string): Promise<unknown[]> {
  const tx = await database.begin()
  const found: unknown[] = []
  for await (const chunk of (await findTarget(database, kind, name)).scan(tx, {})) found.push(...chunk)
  await tx.rollback()
  return found
}

/** What one database exports, another one imports as the same records. */
async function goesRound(
  schema: readonly ObjectSchema[],
  fill: (ground: Ground) => Promise<unknown>,
  targets: readonly (readonly [TargetKind, string])[],
): Promise<void> {
  for (const format of ['jsonl', 'csv'] as const) {
    await onGround(schema, async (from) => {
      await fill(from)
      await onGround(schema, async (to) => {
        for (const [kind, name] of targets) {
          const exported = await exportText(from, kind, name, format)
          const path = await to.file(`${kind}.${format}`, exported)
          await importFile(to, kind, name, path, { batchSize: 1000 })
          assert.deepEqual(
            await recordsOf(to, kind, name),
            await recordsOf(from, kind, name),
            `${kind} ${format}`,
          )
          assert.equal(await exportText(to, kind, name, format), exported)
        }
      })
    })
  }
}

/** A field of the name `__proto__` is refused. */
function storableJson(): fc.Arbitrary<fc.JsonValue> {
  return fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('"__proto__"'))
}

const awkward = fc
  .oneof(
    fc.constantFrom(
      '',
      ' ',
      '"',
      ',',
      'null',
      'true',
      '1',
      '01',
      '-0',
      '[1]',
      '{"a":1}',
      '"x"',
      '[',
      'a\r\nb',
      '\ufeffx',
      'NaN',
      '\\x00',
      '2024-05-01',
    ),
    fc.string({ unit: 'grapheme' }),
  )
  .filter((value) => !value.includes('\0'))

describe('export and import', () => {
  const everything = table('everything', {
    id: int4().primaryKey(),
    bool: bool(),
    int2: int2(),
    int8: int8(),
    float4: float4(),
    float8: float8(),
    numeric: numeric(),
    money: numeric(30, 4),
    text: text(),
    varchar: varchar(10),
    char: char(4),
    bytea: bytea(),
    date: date(),
    time: time(),
    timestamp: timestamp(),
    micros: timestamptz({ precision: 6 }),
    timestamptz: timestamptz(),
    uuid: uuid(),
    json: json(),
    jsonb: jsonb(),
    'text array': text().array(),
    'int8 array': int8().array(),
    'bytea array': bytea().array(),
  })

  it('keeps every type of a column', async () => {
    const moment = fc.date({ noInvalidDate: true, min: new Date(-62e12), max: new Date(253e12) })
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const bytes = fc.uint8Array({ maxLength: 8 })
    const digits = fc
      .tuple(int64, fc.integer({ min: 0, max: 9999 }))
      .map(([whole, part]) => `${whole}.${String(part).padStart(4, '0')}`)
    const jsonValue = storableJson().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
    const row = fc.record(
      {
        bool: fc.boolean(),
        int2: fc.integer({ min: -32768, max: 32767 }),
        int8: int64,
        float4: fc.float(),
        float8: fc.oneof(fc.double(), fc.constantFrom(-0, NaN, Infinity, -Infinity)),
        numeric: digits,
        money: digits,
        text: awkward,
        varchar: awkward.filter((value) => value.length <= 10),
        char: fc.constantFrom('', 'a', 'abcd'),
        bytea: bytes,
        date: moment.map((value) => value.toISOString().slice(0, value.toISOString().indexOf('T'))),
        time: fc.constantFrom('00:00:00', '23:59:59.999999', '12:34:56.7'),
        timestamp: moment,
        micros: moment.map((value) => value.toISOString().replace('Z', '123Z')),
        timestamptz: moment,
        uuid: fc.uuid(),
        json: jsonValue,
        jsonb: jsonValue,
        'text array': fc.array(awkward, { maxLength: 3 }),
        'int8 array': fc.array(int64, { maxLength: 3 }),
        'bytea array': fc.array(bytes, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
        const fill = ({ database }: Ground) =>
          database.table(everything).insertMany(rows.map((values, id) => ({ ...values, id })))
        await goesRound([everything], fill, [['table', 'everything']])
      }),
      { numRuns: 60 },
    )
  })

  it('keeps rows of a table without a primary key, and of one column', async () => {
    const lines = table('lines', { line: text() })
    await goesRound(
      [lines],
      ({ database }) =>
        database.table(lines).insertMany([{ line: 'a' }, { line: null }, { line: '' }, { line: 'a' }]),
      [['table', 'lines']],
    )
  })

  it('keeps documents', async () => {
    const documents = collection('documents')
    const field = fc.oneof(awkward, storableJson()).map((value) => JSON.parse(JSON.stringify(value)) as never)
    const name = awkward.filter((each) => each !== '' && each !== 'id')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(name, field, { maxKeys: 4 }), { minLength: 1, maxLength: 6 }),
        async (list) => {
          const fill = ({ database }: Ground) =>
            database.collection(documents).insertMany(list.map((each, at) => ({ ...each, id: `d${at}` })))
          await goesRound([documents], fill, [['collection', 'documents']])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps nodes and edges, declared and open', async () => {
    const roads = graph('roads', {
      nodes: {
        Town: { properties: { name: 'string', people: 'integer?', tags: 'string[]?', id: 'string?' } },
        'Big;Town': { properties: { name: 'string', mayor: 'json?' } },
      },
      edges: { ROAD: { properties: { km: 'number', open: 'boolean?' } }, TWIN: { unique: true } },
    })
    const open = graph('open', { open: true })
    await goesRound(
      [roads, open],
      async ({ database }) => {
        await database.graph('roads').addNodes([
          { id: 'a', labels: ['Town'], properties: { name: '01', people: 3, tags: ['x', '[y'], id: 'own' } },
          { id: 'b;', labels: ['Town', 'Big;Town'], properties: { name: '', mayor: { name: null } } },
          { id: '"c"', labels: ['Big;Town'], properties: { name: 'true', mayor: 'null' } },
        ])
        await database.graph('roads').addEdges([
          { type: 'ROAD', from: 'a', to: 'b;', id: 'r1', properties: { km: 1.5, open: false } },
          { type: 'ROAD', from: 'a', to: 'b;', id: 'r2', properties: { km: -1e-7 } },
          { type: 'TWIN', from: 'a', to: '"c"', properties: { since: '1999', note: 'x,y' } },
        ])
        await database.graph('open').addNodes([
          {
            id: 'n1',
            labels: ['A', 'B'],
            properties: { labels: 'own', 'properties.x': [1, null], y: '{}', z: 1 },
          },
          { id: 'n2', labels: [], properties: { y: { deep: [true] } } },
        ])
        await database
          .graph('open')
          .addEdge({ type: 'any type', from: 'n1', to: 'n2', id: 'e', properties: { from: 'own' } })
      },
      [
        ['nodes', 'roads'],
        ['edges', 'roads'],
        ['nodes', 'open'],
        ['edges', 'open'],
      ],
    )
  })

  it('keeps vectors with their metadata', async () => {
    const plain = vectors('plain', { dimension: 3 })
    const declared = vectors('declared', {
      dimension: 2,
      metric: 'l2',
      metadata: { title: 'string', year: 'integer?' },
    })
    await goesRound(
      [plain, declared],
      async ({ database }) => {
        await database.vectors('plain').insertMany([
          { id: 'a', vector: [0.1, -0, 1e-30], metadata: { title: null, id: '7', n: 7, deep: { x: [] } } },
          { id: 'b', vector: new Float32Array([1 / 3, 2, 3]) },
        ])
        await database.vectors('declared').insertMany([
          { id: 'c', vector: [0, 0], metadata: { title: '[1]', year: 1999 } },
          { id: 'd', vector: [-0, 5], metadata: { title: '' } },
        ])
      },
      [
        ['vectors', 'plain'],
        ['vectors', 'declared'],
      ],
    )
  })

  it('keeps points of every type of field', async () => {
    const points = series('points', {
      tags: ['place', 'timestamp'],
      fields: { float: 'float', int: 'int', big: 'int64', text: 'text', bool: 'bool', json: 'json' },
    })
    await goesRound(
      [points],
      ({ database }) =>
        database.series('points').appendMany([
          {
            timestamp: -1,
            tags: { place: 'a,b', timestamp: '7' },
            fields: {
              float: 0.1,
              int: -5,
              big: 9007199254740993n,
              text: '',
              bool: false,
              json: { a: ['"'] },
            },
          },
          { timestamp: 1714557600000, tags: { place: '', timestamp: '' }, fields: { big: -(2n ** 63n) } },
          {
            timestamp: 1714557600000,
            tags: { place: '', timestamp: '' },
            fields: { text: '1', json: 'null' },
          },
          { timestamp: 1714557600000, tags: { place: '', timestamp: '' }, fields: { float: -0 } },
        ]),
      [['series', 'points']],
    )
  })

  it('writes an empty table as its header', () =>
    onGround([table('none', { a: int4().primaryKey(), 'b,c': text() })], async (ground) => {
      assert.equal(await exportText(ground, 'table', 'none', 'csv'), 'a,"b,c"\n')
      assert.equal(await exportText(ground, 'table', 'none', 'jsonl'), '')
    }))
})
