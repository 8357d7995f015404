import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MinHeap } from './min-heap.js'

test('items come out in order, whatever the order of pushes and pops', () => {
  const commands = fc.array(fc.option(fc.integer(), { nil: undefined, freq: 3 }), { maxLength: 200 })
  fc.assert(
    fc.property(commands, (all) => {
      const heap = new MinHeap<number>((a, b) => a < b)
      const sorted: number[] = []
      for (const item of all) {
        if (item === undefined) {
          assert.equal(heap.pop(), sorted.shift())
        } else {
          heap.push(item)
          sorted.push(item)
          sorted.sort((a, b) => a - b)
        }
        assert.equal(heap.size, sorted.length)
        assert.deepEqual(heap.soon(1), sorted.slice(0, 1))
      }
    }),
  )
})
