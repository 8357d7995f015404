import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, defined, utf8 } from '@orbit-ts/base'
import { vectorKeys, type Entry } from '@orbit-ts/storage'
import { CollectionHistory } from './collection-history.js'
import { encodeLane } from './lane-record.js'
import { EVERYTHING, TouchedVectors, packTouched, type Touched } from './touched.js'

const COLLECTION = 7
const NAME_START = defined(vectorKeys.lanes(COLLECTION).start, 'start of a prefix').length
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const PARTITIONS = [0, 1, 2, 3] as const
/** How many changes a lane remembers. */
const RECENT = 3

interface Change {
  readonly lane: string
  readonly ids: readonly string[]
  readonly partitions: readonly number[]
}

const change: fc.Arbitrary<Change> = fc.record({
  lane: fc.constantFrom('x', 'y'),
  ids: fc.subarray([...IDS], { maxLength: 2 }),
  partitions: fc.subarray([...PARTITIONS], { maxLength: 1 }),
})

function touchedOf({ ids, partitions }: Pick<Change, 'ids' | 'partitions'>): Touched {
  const touched = new TouchedVectors()
  for (const id of ids) touched.addId(id)
  for (const partition of partitions) touched.addPartition(partition)
  return touched.current()
}

/** The lanes after so many of the changes. */
function lanesAfter(changes: readonly Change[], count: number, base?: string): Entry[] {
  const made = changes.slice(0, count)
  const entries = [...new Set(made.map(({ lane }) => lane))].map((lane) => {
    const own = made.filter((each) => each.lane === lane)
    const recent = own.slice(-RECENT).map((each) => packTouched(touchedOf(each)))
    return { key: vectorKeys.lane(COLLECTION, lane), value: encodeLane({ number: own.length, recent }) }
  })
  if (base !== undefined) entries.push({ key: vectorKeys.lane(COLLECTION, ''), value: utf8(base) })
  return entries.sort((a, b) => compareBytes(a.key, b.key))
}

const touch = (lane: string, ids: readonly string[], ...partitions: number[]): Change => ({
  lane,
  ids,
  partitions,
})
const range = (start: string, end?: string): { start: Uint8Array; end: Uint8Array | undefined } => ({
  start: utf8(start),
  end: end === undefined ? undefined : utf8(end),
})

describe('the history of a collection', () => {
  it('takes nothing for the same that was changed, in whatever order its states are met', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat({ max: 12 }), { minLength: 2, maxLength: 12 }),
        (changes, picks) => {
          const met = picks.map((pick) => pick % (changes.length + 1))
          const history = new CollectionHistory(lanesAfter(changes, met[0] ?? 0), NAME_START)
          const times: { readonly time: number; readonly count: number }[] = []
          let latest = met[0] ?? 0
          for (const count of met) {
            const time = history.timeOf(lanesAfter(changes, count))
            const isKnown = count >= latest || times.some((each) => each.count === count)
            assert.equal(time !== undefined, isKnown)
            latest = Math.max(latest, count)
            if (time !== undefined) times.push({ time, count })
          }
          for (const one of times) {
            for (const other of times) {
              assert.equal(one.time < other.time, one.count < other.count)
              const between = changes.slice(
                Math.min(one.count, other.count),
                Math.max(one.count, other.count),
              )
              for (const partition of PARTITIONS) {
                if (!history.isSamePartition(partition, one.time, other.time)) continue
                assert.ok(between.every(({ partitions }) => !partitions.includes(partition)))
              }
              for (const [i, id] of IDS.entries()) {
                if (!history.isSameRange(range(id, IDS[i + 1]), one.time, other.time)) continue
                assert.ok(between.every(({ ids }) => !ids.includes(id)))
              }
            }
          }
        },
      ),
    )
  })

  it('takes what was not changed for the same', () => {
    const changes = [touch('x', ['a'], 1), touch('y', ['c'], 2), touch('x', ['e'])]
    const history = new CollectionHistory(lanesAfter(changes, 0), NAME_START)
    const times = [1, 2, 3].map((count) => history.timeOf(lanesAfter(changes, count)))
    assert.deepEqual(times, [1, 2, 3])
    assert.equal(history.timeOf(lanesAfter(changes, 1)), 1)
    assert.deepEqual(
      [1, 2, 3].map((partition) => history.isSamePartition(partition, 1, 3)),
      [true, false, true],
    )
    assert.equal(history.isSameRange(range('', 'c'), 1, 3), true)
    assert.equal(history.isSameRange(range('', 'c'), 0, 3), false)
    assert.equal(history.isSameRange(range('c', 'd'), 3, 2), true)
    assert.equal(history.isSameRange(range('c', 'd'), 3, 1), false)
    assert.equal(history.isSameRange(range('d'), 2, 1), true)
    assert.equal(history.isSameRange(range('d'), 3, 2), false)
  })

  it('takes everything for changed when it has missed more than a lane remembers', () => {
    const changes = Array.from({ length: RECENT + 2 }, () => touch('x', ['a'], 1))
    const history = new CollectionHistory(lanesAfter(changes, 1), NAME_START)
    assert.equal(history.timeOf(lanesAfter(changes, RECENT + 1)), 1)
    assert.equal(history.isSamePartition(2, 0, 1), true)
    assert.equal(history.isSameRange(range('b'), 0, 1), true)
    const another = new CollectionHistory(lanesAfter(changes, 1), NAME_START)
    assert.equal(another.timeOf(lanesAfter(changes, RECENT + 2)), 1)
    assert.equal(another.isSamePartition(2, 0, 1), false)
    assert.equal(another.isSameRange(range('b'), 0, 1), false)
  })

  it('is another one under another base', () => {
    const changes = [touch('x', ['a'])]
    const without = new CollectionHistory(lanesAfter(changes, 1), NAME_START)
    const based = new CollectionHistory(lanesAfter(changes, 1, 'one'), NAME_START)
    assert.deepEqual(
      [undefined, 'one', 'two'].map((base) => {
        const entries = lanesAfter(changes, 1, base)
        return [without.isOf(entries), based.isOf(entries)]
      }),
      [
        [true, false],
        [false, true],
        [false, false],
      ],
    )
    assert.equal(based.timeOf(lanesAfter(changes, 1, 'one')), 0)
  })

  it('tells many ids by what they span, and many partitions as any', () => {
    const many = Array.from({ length: 9 }, (_, i) => `v${i}`)
    const spanned = touchedOf({ ids: ['v5', ...many], partitions: [] })
    assert.deepEqual(spanned, { ids: [{ first: utf8('v0'), last: utf8('v8') }], partitions: [] })
    const partitions = Array.from({ length: 33 }, (_, i) => i)
    assert.deepEqual(touchedOf({ ids: [], partitions }), { ids: [], partitions: undefined })
    assert.deepEqual(EVERYTHING, { ids: undefined, partitions: undefined })
  })
})
