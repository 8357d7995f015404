import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { TestEnv } from '@orbit-ts/base'
import { ByteReader, ByteWriter } from '@orbit-ts/storage'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { Jsonb, type JsonNode } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import { RecordValue } from '../../scalar/record-value.js'
import { Interval } from '../../scalar/temporal/interval.js'
import { TimeWithZone } from '../../scalar/temporal/time-with-zone.js'
import { int64, type Row, type Value } from '../../scalar/value.js'
import type { SpillRun } from '../spill-space.js'
import { INT4, TEXT } from '../testing/plans.test.data.js'
import { BLOCK_BYTES } from './block-file.js'
import { SpillDirectory } from './spill-directory.js'
import { ValueCodec } from './value-codec.js'

const FIELDS = [
  { name: 'a', type: INT4 },
  { name: 'b', type: TEXT },
]

const numeric = fc.oneof(
  fc.constantFrom(Numeric.NAN, Numeric.INFINITY, Numeric.NEGATIVE_INFINITY),
  fc
    .tuple(fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }), fc.nat(300))
    .map(([digits, scale]) => new Numeric(digits, scale)),
)
const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const json = fc.letrec<{ node: JsonNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    text,
    numeric.filter((value) => value.special === undefined),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('node')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).node

const simple: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, Infinity, -Infinity, Number.NaN, 2 ** 31, -(2 ** 31) - 1),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int64),
  text,
  fc.uint8Array({ maxLength: 300 }),
  fc.float32Array({ maxLength: 20 }),
  numeric,
  fc.tuple(fc.integer(), fc.integer(), fc.maxSafeInteger()).map((parts) => new Interval(...parts)),
  fc
    .tuple(fc.nat(86_400_000_000), fc.integer({ min: -50_000, max: 50_000 }))
    .map((parts) => new TimeWithZone(...parts)),
  json.map((node) => new Jsonb(node)),
)
const value: fc.Arbitrary<Value> = fc.oneof(
  simple,
  fc.array(simple, { maxLength: 5 }).map((elements) => new SqlArray(elements)),
  fc.tuple(fc.integer({ min: -5, max: 5 }), fc.array(simple, { minLength: 4, maxLength: 4 })).map(
    ([lower, elements]) =>
      new SqlArray(elements, [
        { length: 2, lower },
        { length: 2, lower: 1 },
      ]),
  ),
  fc.tuple(simple, simple).map((values) => new RecordValue(FIELDS, values)),
)

describe('the codec of spilled rows', () => {
  it('gives back every value as it was', () => {
    const codec = new ValueCodec()
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), (row) => {
        const writer = new ByteWriter()
        codec.writeRow(writer, row)
        const reader = new ByteReader(writer.toBytes(), 'row')
        assert.deepEqual(codec.readRow(reader), row)
        reader.finish()
      }),
      { numRuns: 500 },
    )
  })

  it('keeps what is left to its default apart from null', () => {
    const codec = new ValueCodec()
    const writer = new ByteWriter()
    codec.writeValue(writer, undefined)
    codec.writeValue(writer, null)
    const reader = new ByteReader(writer.toBytes(), 'row')
    assert.equal(codec.readValue(reader), undefined)
    assert.equal(codec.readValue(reader), null)
  })
})

describe('spilled rows', () => {
  let path: string
  before(async () => (path = await mkdtemp(join(tmpdir(), 'orbit-spill-'))))
  after(() => rm(path, { recursive: true, force: true }))

  const open = (more: { limitBytes?: number; env?: TestEnv } = {}): Promise<SpillDirectory> =>
    SpillDirectory.open({ env: new TestEnv(), path, batchSize: 16, ...more })

  async function readAll(run: SpillRun): Promise<Row[]> {
    const rows: Row[] = []
    const cursor = run.cursor()
    for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) {
      assert.ok(batch.length > 0 && batch.length <= 16)
      rows.push(...batch)
    }
    return rows
  }

  it('are read as they were written, however they fall on blocks', async () => {
    const space = (await open()).space()
    const sizes = fc.array(
      fc.oneof(
        fc.nat(100),
        fc.nat(2 * BLOCK_BYTES),
        fc.integer({ min: BLOCK_BYTES - 20, max: BLOCK_BYTES + 20 }),
      ),
      {
        maxLength: 30,
      },
    )
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (first, second) => {
        const [one, other] = [space.createRun(), space.createRun()]
        const rowsOf = (list: readonly number[]): Row[] =>
          list.map((size, at) => [at, 'x'.repeat(size), null])
        for (const row of rowsOf(first)) {
          await one.append([row])
          await other.append([row, row])
        }
        await one.append(rowsOf(second))
        assert.equal(one.rowCount, first.length + second.length)
        assert.deepEqual(await readAll(one), [...rowsOf(first), ...rowsOf(second)])
        assert.deepEqual(
          await readAll(other),
          rowsOf(first).flatMap((row) => [row, row]),
        )
        assert.deepEqual(await readAll(one), [...rowsOf(first), ...rowsOf(second)])
        one.drop()
        other.drop()
      }),
      { numRuns: 30 },
    )
    await space.close()
  })

  it('can be added to while they are read', async () => {
    const space = (await open()).space()
    const run = space.createRun()
    const cursor = run.cursor()
    assert.equal(await cursor.next(), undefined)
    for (let round = 0; round < 5; round++) {
      const row: Row = [round, 'y'.repeat(20_000)]
      await run.append([row])
      assert.deepEqual(await cursor.next(), [row])
      assert.equal(await cursor.next(), undefined)
    }
    await space.close()
  })

  it('are in a directory that only the owner may enter, and gone with the statement', async () => {
    const space = (await open()).space()
    const run = space.createRun()
    assert.deepEqual(await readdir(path), [])
    await run.append([['z'.repeat(3 * BLOCK_BYTES)]])
    const [name] = await readdir(path)
    assert.match(name ?? '', /^statement-\d+-[0-9a-f]{16}$/)
    const directory = join(path, name ?? '')
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
    assert.equal((await stat(join(directory, 'rows'))).mode & 0o777, 0o600)
    await space.close()
    await space.close()
    assert.deepEqual(await readdir(path), [])
  })

  it('use the room of runs that are no longer needed', async () => {
    const space = (await open({ limitBytes: 4 * BLOCK_BYTES })).space()
    for (let round = 0; round < 10; round++) {
      const run = space.createRun()
      await run.append([['z'.repeat(3 * BLOCK_BYTES)]])
      run.drop()
    }
    const run = space.createRun()
    await assert.rejects(run.append([['z'.repeat(5 * BLOCK_BYTES)]]), {
      message: /temporary file size exceeds temp_file_limit \(128kB\)/,
    })
    await space.close()
  })

  it('of processes that are gone are removed at the start, no others', async () => {
    const running = (await open()).space()
    await running.createRun().append([['z'.repeat(BLOCK_BYTES)]])
    const [live] = await readdir(path)
    const gone = 'statement-999999999-0123456789abcdef'
    const earlier = `statement-${process.pid}-fedcba9876543210`
    const init = 'statement-1-0123456789abcdef'
    for (const name of [gone, earlier, init, 'something-else']) await mkdir(join(path, name))
    await open()
    assert.deepEqual((await readdir(path)).sort(), ['something-else', init, live].sort())
    await running.close()
    for (const name of [init, 'something-else']) await rm(join(path, name), { recursive: true })
  })
})
