import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, utf8 } from '@orbit-ts/base'
import { NearestHeap } from './nearest-heap.js'

describe('NearestHeap', () => {
  it('lets in nothing beyond the rank it is told, and counts what enters', () => {
    const heap = new NearestHeap(2, 5)
    const changes = [6, 5, 4, 5, 3].map((rank, i) => {
      heap.offer(rank, utf8(`id${i}`), 0)
      return heap.changes
    })
    assert.deepEqual(changes, [0, 1, 2, 2, 3])
    assert.deepEqual(heap.sorted(), [
      { rank: 3, id: 'id4' },
      { rank: 4, id: 'id2' },
    ])
  })

  it('keeps the nearest, by rank and then by id, whatever the order in which they come', () => {
    const offers = fc.uniqueArray(
      fc.record({ id: fc.string({ unit: 'binary', maxLength: 3 }), rank: fc.integer({ min: 0, max: 5 }) }),
      { selector: ({ id }) => id, maxLength: 60 },
    )
    fc.assert(
      fc.property(offers, fc.integer({ min: 1, max: 20 }), (given, countMax) => {
        const heap = new NearestHeap(countMax)
        for (const { id, rank } of given) {
          heap.offer(rank, Buffer.concat([Buffer.from('key'), utf8(id)]), 3)
        }
        const expected = given
          .map(({ id, rank }) => ({ rank, id }))
          .sort((a, b) => a.rank - b.rank || compareBytes(utf8(a.id), utf8(b.id)))
          .slice(0, countMax)
        assert.deepEqual(heap.sorted(), expected)
        assert.equal(heap.isFull, given.length >= countMax)
        assert.equal(heap.worstRank, heap.isFull ? expected.at(-1)?.rank : Infinity)
      }),
    )
  })
})
