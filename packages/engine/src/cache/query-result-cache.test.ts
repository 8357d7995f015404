import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defined, OrbitError, TestEnv } from '@orbit-ts/base'
import fc from 'fast-check'
import { QueryResultCache, type ReadMoment } from './query-result-cache.js'

const TTL_MS = 1000

function setUp(): { env: TestEnv; cache: QueryResultCache<string> } {
  const env = new TestEnv()
  const limits = { sizeMaxBytes: 10_000, resultSizeMaxBytes: 100 }
  return { env, cache: new QueryResultCache({ clock: env.clock, ttlMs: TTL_MS, ...limits }) }
}

function put(
  cache: QueryResultCache<string>,
  name: string,
  objects: readonly number[],
  since?: ReadMoment,
): boolean {
  return cache.put(name, `${name}!`, { objects, sizeBytes: 10, since: since ?? cache.begin() })
}

const done = (): Promise<void> => Promise.resolve()

interface Gate {
  readonly promise: Promise<void>
  resolve(): void
  reject(error: Error): void
}

function gate(): Gate {
  let settle: Pick<Gate, 'resolve' | 'reject'> | undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...defined(settle, 'the ends of a promise') }
}

describe('a result', () => {
  test('is given out until its snapshot is too old', async () => {
    const { env, cache } = setUp()
    const since = cache.begin()
    await env.advance(400)
    assert.equal(put(cache, 'q', [1], since), true)
    await env.advance(599)
    assert.equal(cache.get('q'), 'q!')
    await env.advance(1)
    assert.equal(cache.get('q'), undefined)
    const { entries, hits, misses, invalidations } = cache.metrics()
    assert.deepEqual([entries, hits, misses, invalidations], [0, 1, 1, 1])
  })

  test('goes with a commit that writes to what it reads, and with no other', async () => {
    const { cache } = setUp()
    put(cache, 'of 1', [1])
    put(cache, 'of 1 and 2', [1, 2])
    put(cache, 'of 3', [3])
    await cache.commit([2, 4], done)
    assert.deepEqual(
      ['of 1', 'of 1 and 2', 'of 3'].map((name) => cache.get(name)),
      ['of 1!', undefined, 'of 3!'],
    )
    cache.invalidateAll()
    assert.equal(cache.get('of 1'), undefined)
  })

  test('is not given out while such a commit is under way, and is gone after it, failed or not', async () => {
    const { cache } = setUp()
    put(cache, 'q', [1])
    const { promise, reject } = gate()
    const committing = cache.commit([1], () => promise)
    assert.equal(cache.get('q'), undefined)
    assert.equal(put(cache, 'other', [1]), false)
    reject(new OrbitError('TRANSACTION_CONFLICT', 'x'))
    await assert.rejects(committing, { code: 'TRANSACTION_CONFLICT' })
    assert.equal(cache.get('q'), undefined)
    assert.equal(put(cache, 'other', [1]), true)
  })

  test('that was read before or during a commit is not kept after it', async () => {
    const { cache } = setUp()
    const before = cache.begin()
    let during: ReadMoment | undefined
    await cache.commit([1], async () => {
      during = cache.begin()
    })
    assert.equal(put(cache, 'before', [1], before), false)
    assert.equal(put(cache, 'during', [1], during), false)
    assert.equal(put(cache, 'of another', [2], before), true)
    assert.equal(put(cache, 'after', [1]), true)
    assert.equal(cache.metrics().refusals, 2)
  })

  test('of what a commit without an outcome wrote to is not kept until the outcome stands', async () => {
    const { env, cache } = setUp()
    const unknown = new OrbitError('COMMIT_UNDETERMINED', 'x')
    await assert.rejects(
      cache.commit([1], () => Promise.reject(unknown)),
      unknown,
    )
    await env.advance(59_999)
    assert.equal(put(cache, 'q', [1]), false)
    await env.advance(1)
    assert.equal(put(cache, 'q', [1]), true)
  })

  test('that is too large is not kept', () => {
    const { cache } = setUp()
    assert.equal(cache.put('q', 'x', { objects: [1], sizeBytes: 101, since: cache.begin() }), false)
    assert.equal(cache.get('q'), undefined)
  })
})

test('changes of more objects than are remembered refuse all that began before', async () => {
  const { cache } = setUp()
  const before = cache.begin()
  await cache.commit(
    Array.from({ length: 10_001 }, (_, id) => id + 10),
    done,
  )
  assert.equal(put(cache, 'q', [1], before), false)
  assert.equal(put(cache, 'q', [1]), true)
})

/** A store of two objects whose commits take effect some time between their start and their end. */
test('no interleaving of reads and commits gives a result from before a commit that has returned', () => {
  const action = fc.record({
    kind: fc.constantFrom('begin', 'finish', 'commit', 'apply', 'return', 'advance'),
    object: fc.integer({ min: 0, max: 1 }),
    pick: fc.nat({ max: 3 }),
  })
  return fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const env = new TestEnv()
      const cache = new QueryResultCache<number>({
        clock: env.clock,
        ttlMs: TTL_MS,
        sizeMaxBytes: 10_000,
        resultSizeMaxBytes: 100,
      })
      const stored = [0, 0]
      const acknowledged = [0, 0]
      let version = 0
      const reads: { object: number; value: number; since: ReadMoment }[] = []
      const commits: { object: number; version: number; isApplied: boolean; end: () => Promise<void> }[] = []
      for (const { kind, object, pick } of actions) {
        if (kind === 'begin') {
          const since = cache.begin()
          const known = cache.get(`q${object}`)
          if (known !== undefined)
            assert.ok(known >= (acknowledged[object] ?? 0), 'a result from before a commit')
          reads.push({ object, value: stored[object] ?? 0, since })
        } else if (kind === 'finish') {
          const [read] = reads.splice(pick % Math.max(1, reads.length), 1)
          if (read === undefined) continue
          cache.put(`q${read.object}`, read.value, {
            objects: [read.object],
            sizeBytes: 1,
            since: read.since,
          })
        } else if (kind === 'commit') {
          const { promise, resolve } = gate()
          const ended = cache.commit([object], () => promise)
          commits.push({ object, version: ++version, isApplied: false, end: () => (resolve(), ended) })
        } else if (kind === 'apply') {
          const commit = commits[pick % Math.max(1, commits.length)]
          if (commit === undefined || commit.isApplied) continue
          commit.isApplied = true
          stored[commit.object] = Math.max(stored[commit.object] ?? 0, commit.version)
        } else if (kind === 'return') {
          const [commit] = commits.splice(pick % Math.max(1, commits.length), 1)
          if (commit === undefined) continue
          stored[commit.object] = Math.max(stored[commit.object] ?? 0, commit.version)
          await commit.end()
          acknowledged[commit.object] = Math.max(acknowledged[commit.object] ?? 0, commit.version)
        } else await env.advance(100 * pick)
      }
    }),
  )
})
