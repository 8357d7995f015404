import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { ConsistentHashRing } from './consistent-hash-ring.js'

const KEYS = Array.from({ length: 4_000 }, (_, at) => `actor ${at}`)
const placed = (ring: ConsistentHashRing): (string | undefined)[] => KEYS.map((key) => ring.memberOf(key))

test('an empty ring has no member for a key, a ring of one has it for all', () => {
  const ring = new ConsistentHashRing()
  assert.equal(ring.memberOf('k'), undefined)
  assert.equal(ring.add('a'), true)
  assert.equal(ring.add('a'), false)
  assert.deepEqual(new Set(placed(ring)), new Set(['a']))
  assert.equal(ring.remove('b'), false)
  assert.deepEqual(ring.members, ['a'])
})

test('the order in which members come does not matter', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(names, fc.string(), (members, key) => {
      const [one, other] = [new ConsistentHashRing(members, 8), new ConsistentHashRing([], 8)]
      for (const member of [...members].reverse()) other.add(member)
      assert.equal(one.memberOf(key), other.memberOf(key))
    }),
  )
})

test('only keys of the member that comes or goes change hands', () => {
  const ring = new ConsistentHashRing(['a', 'b', 'c'])
  const before = placed(ring)
  ring.add('d')
  const after = placed(ring)
  assert.deepEqual(
    after.filter((member, at) => member !== before[at] && member !== 'd'),
    [],
  )
  ring.remove('d')
  assert.deepEqual(placed(ring), before)
})

test('every member has about its share', () => {
  const members = ['a', 'b', 'c', 'd', 'e']
  const counts = new Map(members.map((member) => [member, 0]))
  for (const member of placed(new ConsistentHashRing(members))) {
    counts.set(member ?? '', (counts.get(member ?? '') ?? 0) + 1)
  }
  const fair = KEYS.length / members.length
  for (const [member, count] of counts)
    assert.ok(count > fair * 0.6 && count < fair * 1.4, `${member} has ${count}`)
})

test('a number of points that makes no sense is refused', () => {
  assert.throws(
    () => new ConsistentHashRing(['a'], 0),
    (error) => hasCode(error, 'INVALID_ARGUMENT'),
  )
})
