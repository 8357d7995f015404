import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, toHex } from '@orbit-ts/base'
import fc from 'fast-check'
import { OrderedMap } from './ordered-map.js'

const key = fc.uint8Array({ maxLength: 3, max: 5 })

describe('OrderedMap', () => {
  it('agrees with a sorted list', () => {
    const change = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('range' as const), key, end: key }) },
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), key, key, (changes, start, end) => {
        const map = new OrderedMap<number>()
        let model: [Uint8Array, number][] = []
        for (const change of changes) {
          if (change.kind === 'range') {
            map.deleteRange(change.key, change.end)
            model = model.filter(([k]) => compareBytes(k, change.key) < 0 || compareBytes(k, change.end) >= 0)
            continue
          }
          const rest = model.filter(([k]) => compareBytes(k, change.key) !== 0)
          if (change.kind === 'delete') assert.equal(map.delete(change.key), rest.length < model.length)
          else map.set(change.key, change.value)
          model = change.kind === 'delete' ? rest : [...rest, [change.key, change.value]]
        }
        model.sort(([a], [b]) => compareBytes(a, b))
        assert.equal(map.size, model.length)
        const inside = model.filter(([k]) => compareBytes(k, start) >= 0 && compareBytes(k, end) < 0)
        assert.deepEqual(
          [...map.ascending(start, end)].map(([k, v]) => [k, v]),
          inside,
        )
        assert.deepEqual(
          [...map.descending(start, end)].map(([k, v]) => [k, v]),
          inside.reverse(),
        )
        for (const [k, v] of model) assert.equal(map.get(k), v)
      }),
      { numRuns: 200 },
    )
  })

  it('holds more than a chunk, and iterates while it changes', () => {
    const map = new OrderedMap<number>()
    const keyOf = (n: number): Uint8Array => new Uint8Array([n >> 8, n & 255])
    for (let n = 0; n < 1000; n++) map.set(keyOf((n * 7) % 1000), n)
    const seen: string[] = []
    for (const [k] of map.ascending(new Uint8Array(0))) {
      seen.push(toHex(k))
      map.delete(k)
    }
    assert.equal(seen.length, 1000)
    assert.deepEqual(seen, [...seen].sort())
    assert.equal(map.size, 0)
    assert.deepEqual([...map.descending(new Uint8Array(0))], [])
  })
})
