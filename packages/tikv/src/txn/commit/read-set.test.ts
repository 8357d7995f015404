import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import type { KeyValue, ScanOptions } from '../../snapshot/snapshot-options.js'
import type { KeyRange } from '../../key-range.js'
import { ReadSet, RowDigest } from './read-set.js'
import { RecordingSnapshot, type SnapshotReads } from './recording-snapshot.js'

const bytesOf = fc.uint8Array({ maxLength: 80 })

describe('ReadSet', () => {
  it('tells a value from every other, and from none', () => {
    fc.assert(
      fc.property(
        fc.option(bytesOf, { nil: undefined }),
        fc.option(bytesOf, { nil: undefined }),
        (first, second) => {
          const reads = new ReadSet(10_000)
          reads.addKey(utf8('k'), first)
          const same =
            first === undefined || second === undefined
              ? first === second
              : Buffer.compare(first, second) === 0
          assert.equal(reads.isUnchanged(utf8('k'), second), same)
        },
      ),
    )
  })

  it('tells rows that are cut differently apart', () => {
    const digest = (...rows: [string, string][]): string => {
      const all = new RowDigest()
      all.add(rows.map(([key, value]) => ({ key: utf8(key), value: utf8(value) })))
      return all.finish()
    }
    assert.notEqual(digest(['ab', 'c']), digest(['a', 'bc']))
    assert.notEqual(digest(['a', ''], ['b', '']), digest(['a', 'b']))
    assert.equal(digest(['a', 'b'], ['c', 'd']), digest(['a', 'b'], ['c', 'd']))
  })

  it('refuses a second value of a key, and what does not fit', () => {
    const reads = new ReadSet(300)
    reads.addKey(utf8('k'), utf8('1'))
    reads.addKey(utf8('k'), utf8('1'))
    assert.throws(
      () => reads.addKey(utf8('k'), utf8('2')),
      (error) => error instanceof OrbitError && error.code === 'TRANSACTION_CONFLICT',
    )
    reads.addKey(utf8('l'), undefined)
    assert.throws(
      () => reads.addKey(utf8('m'), utf8('v'.repeat(40))),
      (error) => error instanceof OrbitError && error.code === 'TRANSACTION_TOO_LARGE',
    )
    assert.deepEqual(
      reads.keys.map((key) => Buffer.from(key).toString()),
      ['k', 'l'],
    )
  })
})

describe('RecordingSnapshot', () => {
  const pages = [
    ['a', 'b'],
    ['c', 'd'],
  ].map((keys) => keys.map((name): KeyValue => ({ key: utf8(name), value: utf8('v') })))
  const snapshot: SnapshotReads = {
    get: () => Promise.resolve(undefined),
    batchGet: (keys) => Promise.resolve(keys.map(() => undefined)),
    flushedValues: (keys) => Promise.resolve(keys.map(() => undefined)),
    async *scan(_range: KeyRange, { reverse = false, limit = Infinity }: ScanOptions = {}) {
      let left = limit
      for (const page of reverse ? pages.toReversed() : pages) {
        const rows = (reverse ? page.toReversed() : page).slice(0, left)
        left -= rows.length
        if (rows.length > 0) yield rows
      }
    },
  }
  const covered = async (
    options: ScanOptions,
    pagesRead = Infinity,
  ): Promise<[string, string] | undefined> => {
    const reads = new ReadSet(10_000)
    let left = pagesRead
    const range = { start: utf8('a'), end: utf8('x') }
    for await (const _rows of new RecordingSnapshot(snapshot, reads).scan(range, options)) {
      left -= 1
      if (left === 0) break
    }
    const [only] = reads.ranges
    if (only === undefined) return undefined
    return [Buffer.from(only.range.start).toString(), Buffer.from(only.range.end).toString()]
  }

  it('remembers the range up to where it was read', async () => {
    assert.deepEqual(await covered({}), ['a', 'x'])
    assert.deepEqual(await covered({}, 1), ['a', 'b\0'])
    assert.deepEqual(await covered({ limit: 3 }), ['a', 'c\0'])
    assert.deepEqual(await covered({ limit: 9 }), ['a', 'x'])
    assert.deepEqual(await covered({ reverse: true }, 1), ['c', 'x'])
    assert.deepEqual(await covered({ reverse: true, limit: 1 }), ['d', 'x'])
    assert.equal(await covered({ limit: 0 }), undefined)
  })
})
