import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OrbitError, TestEnv, hasCode } from '@orbit-ts/base'
import { LockTable, type LockMode, type LockOwner } from './lock-table.js'

const owner = (id: string): LockOwner => ({ id, label: undefined })
const ended = (): OrbitError => new OrbitError('TRANSACTION_CLOSED', 'ended')

/** Records when it settles. */
function watch(work: Promise<void>): { state: 'waits' | 'has it' | 'refused'; error: unknown } {
  const watched: ReturnType<typeof watch> = { state: 'waits', error: undefined }
  work.then(
    () => void (watched.state = 'has it'),
    (error: unknown) => {
      watched.state = 'refused'
      watched.error = error
    },
  )
  return watched
}

test('a sharer that alone holds a key may have it exclusively at once, before those who wait', async () => {
  const env = new TestEnv()
  const locks = new LockTable(env)
  const [a, b] = [owner('a'), owner('b')]
  await locks.acquire(a, ['k'], 0, 'shared')
  const waiting = watch(locks.acquire(b, ['k'], 1000))
  await locks.acquire(a, ['k'], 0, 'exclusive')
  assert.equal(locks.isForeign(b, 'k', 'shared'), true)
  locks.releaseAll(a, ended)
  await env.timers.nextTurn()
  assert.equal(waiting.state, 'has it')
})

test('sharers behind one that wanted the key for itself get it when that one gives up', async () => {
  const env = new TestEnv()
  const locks = new LockTable(env)
  const [a, b, c] = [owner('a'), owner('b'), owner('c')]
  await locks.acquire(a, ['k'], 0, 'shared')
  const exclusive = watch(locks.acquire(b, ['k'], 10, 'exclusive'))
  const shared = watch(locks.acquire(c, ['k'], 1000, 'shared'))
  await env.advance(5)
  assert.deepEqual([exclusive.state, shared.state], ['waits', 'waits'])
  await env.advance(5)
  assert.deepEqual([exclusive.state, shared.state], ['refused', 'has it'])
  assert.ok(hasCode(exclusive.error, 'LOCK_TIMEOUT'))
})

test('two calls of one transaction for one key stay together in the line', async () => {
  const env = new TestEnv()
  for (const modes of [
    ['shared', 'exclusive'],
    ['exclusive', 'shared'],
  ] as const) {
    const locks = new LockTable(env)
    const [a, b, c] = [owner('a'), owner('b'), owner('c')]
    await locks.acquire(a, ['k'], 0)
    const [first, other, second] = [
      watch(locks.acquire(b, ['k'], 1000, modes[0])),
      watch(locks.acquire(c, ['k'], 1000)),
      watch(locks.acquire(b, ['k'], 1000, modes[1])),
    ]
    locks.releaseAll(a, ended)
    await env.timers.nextTurn()
    assert.deepEqual([first.state, second.state, other.state], ['has it', 'has it', 'waits'])
    locks.releaseAll(b, ended)
    await env.timers.nextTurn()
    assert.equal(other.state, 'has it')
  }
})

test('nobody has a key beside an exclusive holder, and everybody is served or refused in the end', async () => {
  const step = fc.record({
    who: fc.nat(4),
    key: fc.constantFrom('x', 'y', 'z'),
    action: fc.constantFrom<LockMode | 'end'>('shared', 'shared', 'exclusive', 'end'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const env = new TestEnv()
      const locks = new LockTable(env)
      const owners = Array.from({ length: 5 }, (_, i) => owner(`t${i}`))
      const calls: { who: number; key: string; mode: LockMode; watched: ReturnType<typeof watch> }[] = []
      const end = (who: number): void => {
        locks.releaseAll(owners[who] ?? owner('?'), ended)
        for (let at = calls.length - 1; at >= 0; at--) if (calls[at]?.who === who) calls.splice(at, 1)
      }
      for (const { who, key, action } of steps) {
        if (action === 'end') end(who)
        else
          calls.push({
            who,
            key,
            mode: action,
            watched: watch(locks.acquire(owners[who] ?? owner('?'), [key], 1e9, action)),
          })
        await env.timers.nextTurn()
        for (const one of calls) {
          if (one.mode !== 'exclusive' || one.watched.state !== 'has it') continue
          const others = calls.filter((other) => other.key === one.key && other.who !== one.who)
          assert.ok(
            !others.some(({ watched }) => watched.state === 'has it'),
            `${one.key} is not ${one.who}'s alone`,
          )
        }
      }
      // There is no cycle, so whoever waits is served when those without a wait end, one after another.
      for (let round = 0; round < 5; round++) {
        const blocked = new Set(
          calls.filter(({ watched }) => watched.state === 'waits').map(({ who }) => who),
        )
        const free = [0, 1, 2, 3, 4].filter((who) => !blocked.has(who))
        assert.notDeepEqual(free, [])
        for (const who of free) end(who)
        await env.timers.nextTurn()
      }
      assert.deepEqual(calls, [])
      assert.equal(locks.isEmpty, true)
    }),
  )
})
