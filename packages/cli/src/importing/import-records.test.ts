import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { graph, int4, series, table, text } from '@orbit-ts/engine'
import { importFile, onGround, type Ground } from './import-run.test.data.js'

const people = table('people', { id: int4().primaryKey(), name: text().notNull() })
const points = series('points', { fields: { value: 'float' } })

const failure = (path: string, reason: string) => (error: unknown) => {
  assert.ok(error instanceof OrbitError)
  assert.equal(error.reason.replaceAll(path, 'FILE'), reason)
  return error.code === 'IMPORT_FAILED'
}

const ids = async ({ database }: Ground): Promise<number[]> =>
  (await database.table(people).find({ orderBy: 'id' })).map(({ id }) => id)

const done = { stored: 0, storedBefore: 0, skipped: 0, wasDone: false, reports: [] }
const MEND =
  'Mend the line and run the command again with --resume, or leave bad lines out with --on-error skip.'

describe('importRecords', () => {
  it('stores everything, and knows afterwards that it did', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.csv', 'id,name\n1,a\n2,b\n3,c\n4,d\n')
      assert.deepEqual(await importFile(ground, 'table', 'people', path), { ...done, stored: 4 })
      assert.deepEqual(await ids(ground), [1, 2, 3, 4])
      assert.deepEqual(await importFile(ground, 'table', 'people', path, { from: 'resume' }), {
        ...done,
        storedBefore: 4,
        wasDone: true,
      })
    }))

  it('stops at a bad line, keeps what is before it, and goes on when it is mended', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.csv', 'id,name\n1,a\n2,b\n3,c\n4,d\nfive,e\n6,f\n')
      await assert.rejects(
        importFile(ground, 'table', 'people', path),
        failure(
          path,
          `FILE:6: TYPE_MISMATCH: table "people": column "id": "five" is not an integer from -2147483648 to 2147483647\n4 records before line 6 are stored, nothing after. ${MEND}`,
        ),
      )
      assert.deepEqual(await ids(ground), [1, 2, 3, 4])
      await assert.rejects(
        importFile(ground, 'table', 'people', path),
        failure(
          path,
          'FILE: an import of this file into table "people" stopped at line 6, after 4 records; go on with --resume, or begin anew with --restart',
        ),
      )
      await ground.file('a.csv', 'id,name\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n')
      assert.deepEqual(await importFile(ground, 'table', 'people', path, { from: 'resume' }), {
        ...done,
        stored: 2,
        storedBefore: 4,
      })
      assert.deepEqual(await ids(ground), [1, 2, 3, 4, 5, 6])
    }))

  it('stops at a record that the database refuses, in the middle of a batch', () =>
    onGround([people], async (ground) => {
      const path = await ground.file(
        'a.jsonl',
        '{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n\n{"id":1,"name":"c"}\n{"id":4,"name":"d"}\n',
      )
      await assert.rejects(
        importFile(ground, 'table', 'people', path, { batchSize: 10 }),
        failure(
          path,
          `FILE:4: RECORD_EXISTS: table "people": a row with the primary key id = 1 exists already\n2 records before line 3 are stored, nothing after. ${MEND}`,
        ),
      )
      assert.deepEqual(await ids(ground), [1, 2])
    }))

  it('leaves no trace when it stops at the first record', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.jsonl', '{"id":1}\n{"id":2,"name":"b"}\n')
      const reason = `FILE:1: NOT_NULL_VIOLATION: table "people": column "name" must not be null in the row with id = 1\nNothing is stored. ${MEND}`
      await assert.rejects(importFile(ground, 'table', 'people', path), failure(path, reason))
      // Not "stopped half-way": the same command may run again.
      await assert.rejects(importFile(ground, 'table', 'people', path), failure(path, reason))
    }))

  it('leaves bad lines out and reports each, whether the reader or the database refuses them', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.csv', 'id,name\n1,a\nx,b\n3,"c" c\n1,d\n5,e\n6\n7,g\n')
      const result = await importFile(ground, 'table', 'people', path, { skippedMax: Infinity })
      assert.deepEqual(result, {
        ...done,
        stored: 3,
        skipped: 4,
        reports: [
          'FILE:3: TYPE_MISMATCH: table "people": column "id": "x" is not an integer from -2147483648 to 2147483647',
          'FILE:4: column "name": after a closing quote a delimiter or the end of the line is expected; a quote within a quoted field is written twice',
          'FILE:5: RECORD_EXISTS: table "people": a row with the primary key id = 1 exists already',
          'FILE:7: one field where the header names 2',
        ],
      })
      assert.deepEqual(await ids(ground), [1, 5, 7])
    }))

  it('stops after as many bad lines as are allowed, and can go on with more', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.csv', 'id,name\n1,a\n2\n3,c\n4\n5,e\n6\n7,g\n')
      await assert.rejects(
        importFile(ground, 'table', 'people', path, { skippedMax: 2 }),
        failure(
          path,
          'FILE:7: one field where the header names 2\n3 records before line 7 are stored, nothing after. 2 bad lines may be left out, and this is one more. Mend them and run the command again with --resume, or allow more.',
        ),
      )
      assert.deepEqual(await ids(ground), [1, 3, 5])
      const rest = await importFile(ground, 'table', 'people', path, { from: 'resume', skippedMax: 1 })
      assert.deepEqual(rest, {
        ...done,
        stored: 1,
        storedBefore: 3,
        skipped: 1,
        reports: ['FILE:7: one field where the header names 2'],
      })
    }))

  it('knows an input by its beginning: a file may move and grow, but not change before the position', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.csv', 'id,name\n1,a\n2,b\n')
      await importFile(ground, 'table', 'people', path)
      const moved = join(ground.directory, 'moved.csv')
      await rename(path, moved)
      await ground.file('moved.csv', 'id,name\n1,a\n2,b\n3,c\n')
      assert.deepEqual(await importFile(ground, 'table', 'people', moved, { from: 'resume' }), {
        ...done,
        stored: 1,
        storedBefore: 2,
      })
      await ground.file('moved.csv', 'id,name\n1,a\n2,b\n3,c\n4\n')
      await assert.rejects(importFile(ground, 'table', 'people', moved, { from: 'resume' }))
      await ground.file('moved.csv', 'id,name\n1,A\n2,b\n3,c\n4,d\n')
      // Its position is that of a finished import, so nothing says that this is the same input.
      await assert.rejects(importFile(ground, 'table', 'people', moved, { from: 'resume' }), /exists already/)
    }))

  it('refuses to resume a file that has changed before the position, and begins anew when told', () =>
    onGround([points], async (ground) => {
      const path = await ground.file('a.csv', 'timestamp,value\n1,1\n2,2\n3,x\n')
      await assert.rejects(importFile(ground, 'series', 'points', path))
      await ground.file('a.csv', 'timestamp,value\n1,1\n2,2.5\n3,3\n')
      await assert.rejects(
        importFile(ground, 'series', 'points', path, { from: 'resume' }),
        failure(
          path,
          'FILE has changed before line 4, up to which it was imported into time series "points" (2 records); bring back what was there, or begin anew with --restart',
        ),
      )
      assert.deepEqual(await importFile(ground, 'series', 'points', path, { from: 'restart' }), {
        ...done,
        stored: 3,
      })
      const found = await ground.database.series(points).range()
      assert.deepEqual(
        found.map(({ timestamp, fields }) => [timestamp, fields.value]),
        [
          [1, 1],
          [1, 1],
          [2, 2],
          [2, 2.5],
          [3, 3],
        ],
      )
    }))

  it('keeps positions of different files and targets apart', () =>
    onGround([people, table('others', { id: int4().primaryKey(), name: text() })], async (ground) => {
      const a = await ground.file('a.csv', 'id,name\n1,a\n2,b\n')
      const b = await ground.file('b.csv', 'id,name\n1,a\n2,b\n3,c\n')
      await importFile(ground, 'table', 'people', a)
      await importFile(ground, 'table', 'others', b)
      // b.csv begins as a.csv does, and goes on behind it.
      assert.deepEqual(await importFile(ground, 'table', 'people', b, { from: 'resume' }), {
        ...done,
        stored: 1,
        storedBefore: 2,
      })
      assert.deepEqual(await importFile(ground, 'table', 'others', b, { from: 'resume' }), {
        ...done,
        storedBefore: 3,
        wasDone: true,
      })
    }))

  it('stores what was read when it is interrupted, and nothing twice when it goes on', () =>
    onGround([points], async (ground) => {
      const lines = Array.from({ length: 50 }, (_, at) => `{"timestamp":${at},"fields":{"value":${at}}}\n`)
      const path = await ground.file('a.jsonl', lines.join(''))
      const controller = new AbortController()
      await assert.rejects(
        importFile(ground, 'series', 'points', path, {
          batchSize: 7,
          signal: controller.signal,
          progress: {
            update: (_, description) => (description === '21 records' ? controller.abort() : undefined),
            end: () => undefined,
          },
        }),
        (error) =>
          error instanceof OrbitError &&
          error.code === 'ABORTED' &&
          /^the import was interrupted\. 21 records before line 22 are stored, nothing after\. Go on with --resume\.$/.test(
            error.reason,
          ),
      )
      assert.equal(await ground.database.series(points).count(), 21)
      assert.deepEqual(await importFile(ground, 'series', 'points', path, { from: 'resume' }), {
        ...done,
        stored: 29,
        storedBefore: 21,
      })
      assert.equal(await ground.database.series(points).count(), 50)
    }))

  it('says what is stored when the file shrinks while it is read', () =>
    onGround([points], async (ground) => {
      const line = (at: number): string => `{"timestamp":${at},"fields":{"value":${at}}}${' '.repeat(1000)}\n`
      const lines = Array.from({ length: 8000 }, (_, at) => line(at))
      const path = await ground.file('a.jsonl', lines.join(''))
      const half = Buffer.byteLength(lines.slice(0, 4000).join(''))
      await assert.rejects(
        importFile(ground, 'series', 'points', path, {
          batchSize: 1000,
          progress: { update: () => truncateSync(path, half), end: () => undefined },
        }),
        (error) => {
          assert.ok(error instanceof OrbitError && error.code === 'STORAGE_IO')
          assert.match(
            error.reason.replace(path, 'FILE'),
            /^FILE has become shorter while it was read: it ends after \d+ bytes, and had \d+\n[34],000 records before line [34]001 are stored, nothing after\. Go on with --resume\.$/,
          )
          return true
        },
      )
      await ground.file('a.jsonl', lines.join(''))
      const rest = await importFile(ground, 'series', 'points', path, { from: 'resume', batchSize: 1000 })
      assert.equal(rest.stored + rest.storedBefore, 8000)
      assert.equal(await ground.database.series(points).count(), 8000)
    }))

  it('names the lines of a batch that only its commit refuses', () =>
    onGround(
      [
        people,
        table(
          'visits',
          { id: int4().primaryKey(), person: int4() },
          { foreignKeys: [{ columns: ['person'], references: { table: people }, deferred: true }] },
        ),
      ],
      async (ground) => {
        await ground.database.table(people).insert({ id: 1, name: 'a' })
        const path = await ground.file('a.csv', 'id,person\n1,1\n2,1\n3,1\n4,1\n5,9\n')
        await assert.rejects(importFile(ground, 'table', 'visits', path, { skippedMax: 5 }), (error) => {
          assert.ok(error instanceof OrbitError && error.code === 'IMPORT_FAILED')
          assert.match(
            error.reason.replace(path, 'FILE'),
            /^FILE: the records of lines 5 to 6: FOREIGN_KEY_VIOLATION: /,
          )
          assert.match(
            error.reason,
            /\n3 records before line 5 are stored, nothing after\. Go on with --resume\.$/,
          )
          return true
        })
        assert.equal(await ground.database.table('visits').count(), 3)
      },
    ))

  it('finds wrong records of a graph by their lines', () =>
    onGround([graph('g', { nodes: { A: {} }, edges: { E: { unique: true } } })], async (ground) => {
      const nodes = await ground.file('nodes.csv', 'id,labels\na,A\nb,A\n')
      await importFile(ground, 'nodes', 'g', nodes)
      const edges = await ground.file('edges.csv', 'type,from,to\nE,a,b\nE,a,z\nF,a,b\nE,b,a\n')
      const result = await importFile(ground, 'edges', 'g', edges, { skippedMax: 9 })
      assert.equal(result.stored, 2)
      assert.deepEqual(
        result.reports.map((report) => report.slice(0, 24)),
        ['FILE:3: DANGLING_EDGE: g', 'FILE:4: INVALID_ARGUMENT'],
      )
    }))

  it('refuses another format than that of the import it resumes', () =>
    onGround([people], async (ground) => {
      const path = await ground.file('a.csv', 'id,name\n1,a\nx\n')
      await assert.rejects(importFile(ground, 'table', 'people', path))
      await assert.rejects(
        importFile(ground, 'table', 'people', path, { from: 'resume', format: 'jsonl' }),
        /was imported as csv before; go on with --format csv/,
      )
    }))
})
