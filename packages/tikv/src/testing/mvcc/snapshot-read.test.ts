import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import {
  BatchGetRequest,
  BufferBatchGetRequest,
  FlushRequest,
  IsolationLevel,
  ScanLockRequest,
  type FlushResponse,
} from '../../gen/kvrpcpb.js'
import { MAX_TIMESTAMP } from '../../timestamp.js'
import { bytes, Del, everything, Insert, Lock, MvccDriver, Put } from './mvcc-driver.test.fixture.js'

describe('get', () => {
  it('sees the newest version at its timestamp, through deletions, locks and rollbacks', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'a', 1, 2)
    await driver.delete('k', 3, 4)
    await driver.put('k', 'b', 5, 6)
    await driver.mustPrewrite({ k: '' }, 7, { op: Lock })
    await driver.mustCommit('k', 7, 8)
    await driver.mustRollback('k', 9)
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 99].map((ts) => driver.value('k', ts)),
      [undefined, 'a', 'a', undefined, undefined, 'b', 'b', 'b'],
    )
  })

  it('tells an empty value from none', async () => {
    const driver = new MvccDriver()
    await driver.put('k', '', 1, 2)
    assert.equal(driver.value('k', 2), '')
    assert.equal(driver.get('l', 2).notFound, true)
  })

  it('tells the commit timestamp when asked', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    assert.equal(driver.get('k', 9, {}, true).commitTs, 2n)
    assert.equal(driver.get('k', 9).commitTs, 0n)
  })

  it('is blocked by a lock that might commit below it', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5, { minCommitTs: 8n })
    assert.equal(driver.value('k', 4), undefined)
    assert.equal(driver.value('k', 7), undefined)
    const { error } = driver.get('k', 8)
    assert.equal(error?.locked?.lockVersion, 5n)
    assert.deepEqual(error.locked.key, utf8('k'))
  })

  it('passes locks over that change nothing', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '' }, 5, { op: Lock })
    await driver.mustLock('b', 5, 5)
    assert.equal(driver.value('a', 9), undefined)
    assert.equal(driver.value('b', 9), undefined)
  })

  it('is blocked by a deletion as by any other change', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: '' }, 5, { op: Del })
    assert.equal(driver.get('k', 9).error?.locked?.lockVersion, 5n)
  })

  it('passes over the locks that it is told are resolved', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: 'w' }, 5)
    assert.equal(driver.value('k', 9, { resolvedLocks: [5n] }), 'v')
    assert.notEqual(driver.get('k', 9, { resolvedLocks: [4n] }).error, undefined)
  })

  it('reads through the locks that it is told are committed', async () => {
    const driver = new MvccDriver()
    const long = 'x'.repeat(300)
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: 'w', l: long }, 5)
    await driver.mustPrewrite({ m: '' }, 5, { op: Del })
    const committed = { committedLocks: [5n] }
    assert.equal(driver.value('k', 9, committed), 'w')
    assert.equal(driver.value('l', 9, committed), long)
    assert.equal(driver.value('m', 9, committed), undefined)
    // The lock cannot tell when it was committed.
    assert.equal(driver.get('k', 9, committed, true).error?.locked?.lockVersion, 5n)
  })

  it('of the latest version passes over the primary lock, and only that', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1', b: '1' }, 5)
    assert.equal(driver.value('a', MAX_TIMESTAMP), undefined)
    assert.equal(driver.get('b', MAX_TIMESTAMP).error?.locked?.lockVersion, 5n)
    await driver.mustPrewrite({ c: '1' }, 6, { useAsyncCommit: true })
    assert.equal(driver.get('c', MAX_TIMESTAMP).error?.locked?.lockVersion, 6n)
  })

  it('at read committed looks at no lock', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: 'w' }, 5)
    assert.equal(driver.value('k', 9, { isolationLevel: IsolationLevel.RC }), 'v')
  })

  it('at read committed with checked timestamp refuses anything newer', async () => {
    const driver = new MvccDriver()
    const context = { isolationLevel: IsolationLevel.RCCheckTS }
    await driver.put('k', 'v', 5, 6)
    assert.equal(driver.value('k', 6, context), 'v')
    assert.equal(driver.get('k', 5, context).error?.conflict?.conflictCommitTs, 6n)
    await driver.mustPrewrite({ k: 'w' }, 8)
    assert.equal(driver.get('k', 7, context).error?.conflict?.conflictTs, 8n)
    assert.equal(driver.value('k', 7, { ...context, resolvedLocks: [8n] }), 'v')
    assert.equal(driver.scan('', '', 7, { context }).error?.conflict?.conflictTs, 8n)
  })

  it('as a stale read leaves the commits of others where they are', async () => {
    const driver = new MvccDriver()
    driver.get('k', 50, { staleRead: true })
    assert.equal((await driver.mustPrewrite({ k: 'v' }, 10, { useAsyncCommit: true })).minCommitTs, 11n)
  })
})

describe('batch get', () => {
  it('answers what is there, and the locks one by one', async () => {
    const driver = new MvccDriver()
    await driver.put('a', '1', 1, 2)
    await driver.mustPrewrite({ b: '1' }, 5)
    const { pairs, error } = driver.store.batchGet(
      BatchGetRequest.create({ keys: bytes(['a', 'b', 'c']), version: 9n }),
    )
    assert.equal(error, undefined)
    assert.equal(pairs.length, 2)
    assert.equal(fromUtf8(pairs[0]?.value ?? utf8('')), '1')
    assert.equal(pairs[1]?.error?.locked?.lockVersion, 5n)
  })

  it('answers a lock in memory for all keys together', async () => {
    const driver = new MvccDriver()
    await driver.put('a', '1', 1, 2)
    const pending = driver.mustPrewrite({ b: '1' }, 5, { useAsyncCommit: true, call: { applyDelayMs: 5 } })
    await driver.env.advance(1)
    const { pairs, error } = driver.store.batchGet(
      BatchGetRequest.create({ keys: bytes(['a', 'b']), version: 9n }),
    )
    assert.equal(error?.locked?.lockVersion, 5n)
    assert.equal(pairs.length, 1)
    await driver.env.advance(5)
    await pending
  })
})

describe('scan', () => {
  const filled = async (): Promise<MvccDriver> => {
    const driver = new MvccDriver()
    for (const key of ['a', 'b', 'c', 'd', 'e']) await driver.put(key, key.toUpperCase(), 1, 2)
    await driver.delete('c', 3, 4)
    return driver
  }

  it('gives the rows of a range in order, up to the limit', async () => {
    const driver = await filled()
    assert.deepEqual(driver.rows('', '', 9), ['a=A', 'b=B', 'd=D', 'e=E'])
    assert.deepEqual(driver.rows('b', 'e', 9), ['b=B', 'd=D'])
    assert.deepEqual(driver.rows('', '', 9, { limit: 2 }), ['a=A', 'b=B'])
    assert.deepEqual(driver.rows('', '', 3, { limit: 3 }), ['a=A', 'b=B', 'c=C'])
    assert.deepEqual(driver.rows('', '', 9, { limit: 0 }), [])
  })

  it('goes down from its upper bound', async () => {
    const driver = await filled()
    assert.deepEqual(driver.rows('', 'e', 9, { reverse: true }), ['d=D', 'b=B', 'a=A'])
    assert.deepEqual(driver.rows('b', 'z', 9, { reverse: true, limit: 2 }), ['e=E', 'd=D'])
  })

  it('going down takes a missing upper bound for the smallest key, as TiKV does', async () => {
    const driver = await filled()
    assert.deepEqual(driver.rows('', '', 9, { reverse: true }), [])
  })

  it('leaves values out, and samples', async () => {
    const driver = await filled()
    assert.deepEqual(driver.rows('', '', 9, { keyOnly: true }), ['a=', 'b=', 'd=', 'e='])
    assert.deepEqual(driver.rows('', '', 9, { sampleStep: 2 }), ['a=A', 'd=D'])
    assert.deepEqual(driver.rows('', '', 9, { sampleStep: 3, limit: 2 }), ['a=A', 'e=E'])
  })

  it('answers a locked row in its place and goes on', async () => {
    const driver = await filled()
    await driver.mustPrewrite({ b: 'x' }, 5)
    assert.deepEqual(driver.rows('', '', 9), ['a=A', '!b', 'd=D', 'e=E'])
    assert.deepEqual(driver.rows('', 'e', 9, { reverse: true }), ['d=D', '!b', 'a=A'])
    assert.deepEqual(driver.rows('', '', 9, { limit: 2 }), ['a=A', '!b'])
    assert.deepEqual(driver.rows('', '', 4), ['a=A', 'b=B', 'd=D', 'e=E'])
  })

  it('reads a key that has nothing but a committed lock', async () => {
    const driver = await filled()
    await driver.mustPrewrite({ bb: 'x' }, 5)
    assert.deepEqual(driver.rows('b', 'c', 9, { context: { committedLocks: [5n] } }), ['b=B', 'bb=x'])
    assert.deepEqual(driver.rows('b', 'c', 9, { context: { resolvedLocks: [5n] } }), ['b=B'])
  })
})

describe('scan of locks', () => {
  const scanLock = (driver: MvccDriver, request: Parameters<typeof ScanLockRequest.create>[0]) =>
    driver.store.scanLock(ScanLockRequest.create(request), everything)

  it('gives the locks up to a timestamp, in order, up to the limit', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 5)
    await driver.mustLock('b', 6, 6)
    await driver.mustPrewrite({ c: '1' }, 9)
    const keys = (request: Parameters<typeof ScanLockRequest.create>[0]): string[] =>
      scanLock(driver, request).locks.map(({ key }) => fromUtf8(key))
    assert.deepEqual(keys({ maxVersion: 8n }), ['a', 'b'])
    assert.deepEqual(keys({ maxVersion: 9n, limit: 2 }), ['a', 'b'])
    assert.deepEqual(keys({ maxVersion: 9n, startKey: utf8('b'), endKey: utf8('c') }), ['b'])
  })

  it('refuses over a lock in memory, and counts as a read', async () => {
    const driver = new MvccDriver()
    const pending = driver.mustPrewrite({ a: '1' }, 5, { useAsyncCommit: true, call: { applyDelayMs: 5 } })
    await driver.env.advance(1)
    assert.equal(scanLock(driver, { maxVersion: 40n }).error?.locked?.lockVersion, 5n)
    await driver.env.advance(5)
    await pending
    assert.equal((await driver.mustPrewrite({ b: '1' }, 10, { useAsyncCommit: true })).minCommitTs, 41n)
  })
})

describe('pipelined transactions', () => {
  const flush = (
    driver: MvccDriver,
    startTs: number,
    generation: number,
    pairs: Record<string, string>,
    op: typeof Put | typeof Del | typeof Insert = Put,
  ): Promise<FlushResponse> =>
    driver.store.flush(
      FlushRequest.create({
        mutations: Object.entries(pairs).map(([key, value]) => ({ op, key: utf8(key), value: utf8(value) })),
        primaryKey: utf8('a'),
        startTs: BigInt(startTs),
        generation: BigInt(generation),
        lockTtl: 3000n,
      }),
    )
  const buffered = (driver: MvccDriver, startTs: number, keys: string[]): string[] =>
    driver.store
      .bufferBatchGet(BufferBatchGetRequest.create({ keys: bytes(keys), version: BigInt(startTs) }))
      .pairs.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`)

  it('flush locks, and read back what they flushed and nothing else', async () => {
    const driver = new MvccDriver()
    await driver.put('c', 'committed', 1, 2)
    await driver.mustPrewrite({ d: 'other' }, 4)
    assert.deepEqual((await flush(driver, 5, 1, { a: '1', b: 'x'.repeat(300) })).errors, [])
    await flush(driver, 5, 2, { e: '' }, Del)
    assert.deepEqual(buffered(driver, 5, ['a', 'b', 'c', 'd', 'e']), ['a=1', `b=${'x'.repeat(300)}`, 'e='])
    const [lock] = driver.store.locks()
    assert.equal(lock?.minCommitTs, 6n)
    assert.equal(lock.txnSize, 0xffff_ffff_ffff_ffffn)
  })

  it('overwrite with a later generation, not with an earlier one', async () => {
    const driver = new MvccDriver()
    await flush(driver, 5, 2, { a: 'second' })
    await flush(driver, 5, 1, { a: 'first' })
    assert.deepEqual(buffered(driver, 5, ['a']), ['a=second'])
    await flush(driver, 5, 3, { a: 'third' })
    assert.deepEqual(buffered(driver, 5, ['a']), ['a=third'])
    await driver.mustCommit('a', 5, 9)
    assert.equal(driver.value('a', 9), 'third')
  })

  it('conflict like others', async () => {
    const driver = new MvccDriver()
    await driver.put('a', '1', 6, 7)
    assert.equal((await flush(driver, 5, 1, { a: '2' })).errors[0]?.conflict?.conflictCommitTs, 7n)
    await driver.mustPrewrite({ b: '1' }, 8)
    assert.equal((await flush(driver, 9, 1, { b: '2' })).errors[0]?.locked?.lockVersion, 8n)
    assert.match((await flush(driver, 9, 0, { c: '2' })).errors[0]?.abort ?? '', /generation/)
  })

  it('know what they inserted themselves', async () => {
    const driver = new MvccDriver()
    await flush(driver, 5, 1, { a: '1' })
    assert.deepEqual((await flush(driver, 5, 2, { a: '2' }, Insert)).errors[0]?.alreadyExist?.key, utf8('a'))
    await flush(driver, 5, 2, { a: '' }, Del)
    assert.deepEqual((await flush(driver, 5, 3, { a: '3' }, Insert)).errors, [])
  })

  it('cannot be flushed again after a rollback, on any key', async () => {
    const driver = new MvccDriver()
    await flush(driver, 5, 1, { a: '1', b: '1' })
    await driver.mustRollback('b', 5)
    assert.deepEqual(driver.writesOf('b'), ['rollback@5-5!'])
    assert.notEqual((await flush(driver, 5, 2, { b: '2' })).errors[0]?.conflict, undefined)
  })
})
