import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, fromUtf8, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import { Region } from '../gen/metapb.js'
import { CachedRegion } from './cached-region.js'
import { compareKeys } from './compare-keys.js'
import { regionsHaveGaps, rangesAfterKey } from './region-gaps.js'
import { RegionIndex } from './region-index.js'
import { SortedRegions } from './sorted-regions.js'
import { Store } from './store.js'

const life = { ttlMs: 1000, jitterMs: 0, random: () => 0 }

const region = (id: number, start: string, end: string, version = 1): CachedRegion =>
  new CachedRegion(
    {
      meta: Region.create({ id: BigInt(id), startKey: utf8(start), endKey: utf8(end) }),
      epoch: { confVer: 1n, version: BigInt(version) },
      replicas: [
        { peer: { id: 1n, storeId: 1n, role: 0, isWitness: false }, store: new Store(1n), storeEpoch: 0 },
      ],
      leaderIndex: 0,
      hasDownPeers: false,
    },
    life,
    0,
  )

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })

describe('regions of a range', () => {
  it('are counted as far as they are known', () => {
    const cells = 'abcdefgh'
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(6)), fc.nat(7), fc.nat(8), (known, from, to) => {
        const index = new RegionIndex(100)
        for (const at of known) index.insert(region(at + 1, cells.charAt(at), cells.charAt(at + 1)))
        const [start, end] = [`${cells.charAt(from)}x`, cells.charAt(to)]
        const expected = known.filter((at) => {
          const [first, next] = [cells.charAt(at), cells.charAt(at + 1)]
          return next > start && (end === '' || first < end)
        })
        fc.pre(end === '' || start < end)
        assert.equal(index.countIn(utf8(start), utf8(end)), expected.length)
      }),
    )
  })

  it('count with their first key, and not with the key behind their last', () => {
    const index = new RegionIndex(100)
    for (const [at, start, end] of [[1, '', 'b'] as const, [2, 'b', 'd'] as const, [3, 'd', ''] as const])
      index.insert(region(at, start, end))
    const counts = [
      ['', ''],
      ['b', 'd'],
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'da'],
      ['e', ''],
    ] as const
    assert.deepEqual(
      counts.map(([start, end]) => index.countIn(utf8(start), utf8(end))),
      [3, 1, 1, 1, 2, 1],
    )
  })
})

describe('compareKeys', () => {
  it('orders as compareBytes does', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 4 }).map((tail) => new Uint8Array([...new Uint8Array(23), ...tail])),
    )
    fc.assert(
      fc.property(bytes, bytes, (a, b) => Math.sign(compareKeys(a, b)) === Math.sign(compareBytes(a, b))),
    )
  })
})

describe('SortedRegions', () => {
  it('finds what a sorted list finds, over random insertions and deletions', () => {
    const command = fc.record({ insert: fc.boolean(), key: fc.integer({ min: 0, max: 2000 }) })
    fc.assert(
      fc.property(fc.array(command, { maxLength: 1500, size: 'max' }), (commands) => {
        const sorted = new SortedRegions()
        const model = new Map<string, CachedRegion>()
        for (const { insert, key: number } of commands) {
          const name = String(number).padStart(5, '0')
          const one = region(number, name, '')
          const known = model.get(name)
          if (insert) {
            sorted.insert(one)
            model.set(name, one)
          } else {
            assert.equal(sorted.delete(known ?? one), known !== undefined)
            model.delete(name)
          }
        }
        const names = [...model.keys()].sort()
        assert.equal(sorted.size, names.length)
        assert.deepEqual(
          [...sorted.from(utf8(''))].map(({ startKey }) => fromUtf8(startKey)),
          names,
        )
        assert.equal(sorted.last(), model.get(names.at(-1) ?? ''))
        for (let number = 0; number <= 2001; number += 97) {
          const at = String(number).padStart(5, '0')
          assert.equal(sorted.floor(utf8(at)), model.get(names.findLast((name) => name <= at) ?? ''))
          assert.equal(sorted.below(utf8(at)), model.get(names.findLast((name) => name < at) ?? ''))
          const next = sorted.from(utf8(at)).next()
          assert.equal(next.value, model.get(names.find((name) => name >= at) ?? ''))
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('RegionIndex', () => {
  it('never holds overlapping regions, two versions of one id, nor gives way to an older one', () => {
    const spec = fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      a: key,
      b: key,
      version: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 40 }), (specs) => {
        const index = new RegionIndex(100)
        for (const { id, a, b, version } of specs) {
          const [start = '', end = ''] = [a, b].sort()
          const one = region(id, start, end === start ? '' : end, version)
          const older = [...index.all()].some(
            (other) =>
              other.epoch.version > one.epoch.version && (other.id === one.id || overlap(other, one)),
          )
          assert.equal(index.insert(one), !older)
          const all = [...index.all()]
          assert.equal(new Set(all.map((other) => other.id)).size, all.length)
          assert.equal(index.size, all.length)
          for (const x of all) for (const y of all) assert.ok(x === y || !overlap(x, y))
        }
      }),
    )
  })

  it('finds by key and by end key as a scan of all regions does', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 12 }), fc.array(key, { maxLength: 8 }), (cuts, keys) => {
        const index = new RegionIndex(100)
        const bounds = [...cuts].sort()
        for (const [at, start] of bounds.entries())
          if (at % 3 !== 2) index.insert(region(at + 1, start, bounds[at + 1] ?? ''))
        const all = [...index.all()]
        for (const name of [...keys, ...cuts, '']) {
          const bytes = utf8(name)
          assert.equal(
            index.find(bytes),
            all.find((one) => one.contains(bytes)),
          )
          assert.equal(
            index.findBefore(bytes),
            all.find((one) => one.containsBefore(bytes)),
          )
        }
      }),
    )
  })
})

describe('gaps', () => {
  it('sees whether every key of the ranges has a region', () => {
    const letters = 'abcdefgh'
    const part = fc
      .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 3 }))
      .map(([from, length]) => ({ from, to: Math.min(8, from + length) }))
    const at = (index: number): Uint8Array => utf8(letters[index] ?? '')
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (wanted, have) => {
        const disjoint = (parts: typeof wanted): typeof wanted =>
          [...parts]
            .sort((a, b) => a.from - b.from)
            .reduce<typeof wanted>(
              (kept, one) => ((kept.at(-1)?.to ?? 0) <= one.from ? [...kept, one] : kept),
              [],
            )
        const ranges = disjoint(wanted)
        const regions = disjoint(have)
        const cells = (parts: typeof wanted): number[] =>
          parts.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index))
        const covered = new Set(cells(regions))
        const expected = cells(ranges).some((cell) => !covered.has(cell))
        const actual = regionsHaveGaps(
          ranges.map(({ from, to }) => ({ start: at(from), end: at(to) })),
          regions.map(({ from, to }) => Region.create({ startKey: at(from), endKey: at(to) })),
          1000,
        )
        assert.equal(actual, expected)
      }),
    )
  })

  it('does not look beyond the last region of a full answer', () => {
    const range = [{ start: utf8('a'), end: utf8('z') }]
    const regions = [Region.create({ startKey: utf8(''), endKey: utf8('c') })]
    assert.equal(regionsHaveGaps(range, regions, 1), false)
    assert.equal(regionsHaveGaps(range, regions, 2), true)
    const late = [Region.create({ startKey: utf8('b'), endKey: utf8('c') })]
    assert.equal(regionsHaveGaps(range, late, 1), true)
  })

  it('cuts ranges at a key', () => {
    const cut = rangesAfterKey(
      [
        { start: utf8('a'), end: utf8('c') },
        { start: utf8('d'), end: utf8('g') },
        { start: utf8('h'), end: utf8('') },
      ],
      utf8('e'),
    )
    assert.deepEqual(
      cut.map(({ start, end }) => `${fromUtf8(start)}-${fromUtf8(end)}`),
      ['e-g', 'h-'],
    )
    assert.deepEqual(rangesAfterKey(cut, utf8('')), [])
  })
})

function overlap(a: CachedRegion, b: CachedRegion): boolean {
  const before = (x: CachedRegion, y: CachedRegion): boolean =>
    x.endKey.length > 0 && compareBytes(x.endKey, y.startKey) <= 0
  return !before(a, b) && !before(b, a)
}
