import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LruCache } from './lru-cache.js'

/** What an entry with a name of one character takes beside its value. */
const ENTRY = 130

test('the entries used longest ago go first, and everything is counted', () => {
  const gone: string[] = []
  const cache = new LruCache<number>(3 * ENTRY + 30, (name) => gone.push(name))
  for (const [at, name] of ['a', 'b', 'c'].entries()) assert.equal(cache.set(name, at, 10), true)
  assert.equal(cache.find('a'), 0)
  cache.countHit()
  assert.equal(cache.set('d', 3, 10), true)
  assert.equal(cache.find('b'), undefined)
  cache.countMiss()
  cache.invalidate('c')
  cache.invalidate('c')
  assert.deepEqual(gone, ['b', 'c'])
  assert.deepEqual(cache.metrics(), {
    entries: 2,
    sizeBytes: 2 * ENTRY + 20,
    sizeMaxBytes: 3 * ENTRY + 30,
    hits: 1,
    misses: 1,
    evictions: 1,
    invalidations: 1,
  })
  cache.invalidateAll()
  assert.deepEqual([cache.metrics().entries, cache.metrics().sizeBytes], [0, 0])
})

test('what is larger than the whole is not kept, nor is what it was to replace', () => {
  const cache = new LruCache<number>(ENTRY + 10)
  cache.set('a', 1, 10)
  assert.equal(cache.set('a', 2, 11), false)
  assert.equal(cache.find('a'), undefined)
  assert.equal(cache.metrics().sizeBytes, 0)
})

test('the limit holds whatever happens, and nothing but the least used goes', () => {
  const step = fc.oneof(
    fc.record({ set: fc.integer({ min: 0, max: 9 }), bytes: fc.integer({ min: 0, max: 600 }) }),
    fc.record({ find: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ invalidate: fc.integer({ min: 0, max: 9 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limit = 1000
      const cache = new LruCache<number>(limit)
      /** From the one used longest ago to the latest. */
      let model: { name: string; bytes: number }[] = []
      const used = (name: string): { name: string; bytes: number } | undefined => {
        const found = model.find((each) => each.name === name)
        model = model.filter((each) => each.name !== name)
        return found
      }
      for (const each of steps) {
        if ('set' in each) {
          used(String(each.set))
          const isKept = ENTRY + each.bytes <= limit
          assert.equal(cache.set(String(each.set), each.bytes, each.bytes), isKept)
          if (isKept) model.push({ name: String(each.set), bytes: each.bytes })
          while (model.reduce((sum, { bytes }) => sum + ENTRY + bytes, 0) > limit) model.shift()
        } else if ('find' in each) {
          const found = used(String(each.find))
          if (found !== undefined) model.push(found)
          assert.equal(cache.find(String(each.find)), found?.bytes)
        } else {
          used(String(each.invalidate))
          cache.invalidate(String(each.invalidate))
        }
        const { entries, sizeBytes } = cache.metrics()
        assert.equal(entries, model.length)
        assert.equal(
          sizeBytes,
          model.reduce((sum, { bytes }) => sum + ENTRY + bytes, 0),
        )
      }
    }),
  )
})
