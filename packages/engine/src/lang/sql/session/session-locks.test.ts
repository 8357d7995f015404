import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import fc from 'fast-check'
import { LOCK_MODE, SessionLocks, type LockMode, type LockOwner, type LockRequest } from './session-locks.js'

const a: LockOwner = { processId: 1 }
const b: LockOwner = { processId: 2 }
const c: LockOwner = { processId: 3 }

const request = (
  key: string,
  mode: LockMode,
  extent: LockRequest['extent'] = 'transaction',
): LockRequest => ({
  key,
  mode,
  extent,
})

function waiting(timeoutMs = 0): {
  env: TestEnv
  controller: AbortController
  options: Parameters<SessionLocks['acquire']>[2]
} {
  const [env, controller] = [new TestEnv(), new AbortController()]
  return { env, controller, options: { env, signal: controller.signal, timeoutMs } }
}

/** Rows and columns in the order of the modes: which pairs conflict, as PostgreSQL's documentation has them. */
const CONFLICTS = [
  '.......x',
  '......xx',
  '....xxxx',
  '...xxxxx',
  '..xx.xxx',
  '..xxxxxx',
  '.xxxxxxx',
  'xxxxxxxx',
]

describe('locks of sessions', () => {
  test('modes keep one another away as PostgreSQL’s do', () => {
    const modes = Object.values(LOCK_MODE)
    const found = modes.map((held) =>
      modes
        .map((wanted) => {
          const locks = new SessionLocks()
          assert.ok(locks.tryAcquire(a, request('k', held)))
          assert.ok(locks.tryAcquire(a, request('k', wanted)), 'nobody keeps himself away')
          const other = new SessionLocks()
          other.tryAcquire(a, request('k', held))
          return other.tryAcquire(b, request('k', wanted)) ? '.' : 'x'
        })
        .join(''),
    )
    assert.deepEqual(found, CONFLICTS)
  })

  test('who waits is served in order, and a holder is not held up by those who wait', async () => {
    const locks = new SessionLocks()
    const { options } = waiting()
    const order: string[] = []
    locks.tryAcquire(a, request('k', LOCK_MODE.share))
    const second = locks.acquire(b, request('k', LOCK_MODE.exclusive), options).then(() => order.push('b'))
    const third = locks.acquire(c, request('k', LOCK_MODE.share), options).then(() => order.push('c'))
    assert.equal(locks.tryAcquire(a, request('k', LOCK_MODE.share)), true)
    assert.deepEqual(locks.blockersOf(2), [1])
    locks.releaseAll(a, 'transaction')
    await second
    assert.deepEqual(order, ['b'])
    locks.releaseAll(b, 'transaction')
    await third
    assert.deepEqual(order, ['b', 'c'])
    locks.releaseAll(c, 'transaction')
    assert.deepEqual([...locks.shown()], [])
  })

  test('they are counted, and each extent ends for itself', () => {
    const locks = new SessionLocks()
    const session = request('k', LOCK_MODE.exclusive, 'session')
    locks.tryAcquire(a, session)
    locks.tryAcquire(a, session)
    locks.tryAcquire(a, request('k', LOCK_MODE.exclusive))
    locks.releaseAll(a, 'transaction')
    assert.equal(locks.release(a, session), true)
    assert.equal(locks.tryAcquire(b, session), false)
    assert.equal(locks.release(a, session), true)
    assert.equal(locks.release(a, session), false)
    assert.equal(locks.tryAcquire(b, session), true)
  })

  test('a ring of waits fails the last to come', async () => {
    const locks = new SessionLocks()
    const { options } = waiting()
    for (const [who, key] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const)
      locks.tryAcquire(who, request(key, LOCK_MODE.exclusive))
    const first = locks.acquire(a, request('b', LOCK_MODE.exclusive), options)
    const second = locks.acquire(b, request('c', LOCK_MODE.exclusive), options)
    await assert.rejects(locks.acquire(c, request('a', LOCK_MODE.exclusive), options), {
      reason: 'deadlock detected',
    })
    locks.releaseAll(c, 'transaction')
    await second
    locks.releaseAll(b, 'transaction')
    await first
  })

  test('a wait ends with its time, and with its signal; the next in line is served', async () => {
    const locks = new SessionLocks()
    const { env, options } = waiting(1000)
    locks.tryAcquire(a, request('k', LOCK_MODE.share))
    const late = assert.rejects(locks.acquire(b, request('k', LOCK_MODE.exclusive), options), {
      reason: 'canceling statement due to lock timeout',
    })
    const next = locks.acquire(c, request('k', LOCK_MODE.share), waiting().options)
    await env.advance(1000)
    await late
    await next
    const { controller, options: other } = waiting()
    const cancelled = assert.rejects(locks.acquire(b, request('k', LOCK_MODE.exclusive), other), /enough/)
    controller.abort(new Error('enough'))
    await cancelled
  })

  test('whatever is taken and released, no two hold what conflicts, and nothing is left', () => {
    const owners = [a, b, c]
    const step = fc.record({
      who: fc.constantFrom(...owners),
      key: fc.constantFrom('x', 'y'),
      mode: fc.constantFrom(...Object.values(LOCK_MODE)),
      extent: fc.constantFrom<LockRequest['extent']>('transaction', 'session'),
      isRelease: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const locks = new SessionLocks()
        for (const { who, isRelease, ...wanted } of steps) {
          if (isRelease) locks.release(who, wanted)
          else locks.tryAcquire(who, wanted)
          const held = [...locks.shown()]
          for (const one of held)
            for (const two of held)
              if (one.key === two.key && one.processId !== two.processId)
                assert.equal(CONFLICTS[one.mode - 1]?.[two.mode - 1], '.')
        }
        for (const each of owners)
          for (const extent of ['session', 'transaction'] as const) locks.releaseAll(each, extent)
        assert.deepEqual([...locks.shown()], [])
      }),
    )
  })
})
