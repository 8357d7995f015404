import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, utf8, type OrbitError } from '@orbit-ts/base'
import { Action, KeyError, Op, type CheckTxnStatusResponse, type LockInfo } from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import { FakeStores, lockInfo, SERVER_IS_BUSY } from '../../snapshot/fake-stores.fake.js'
import { composeTimestamp, MAX_TIMESTAMP, type Timestamp } from '../../timestamp.js'
import { LockResolver } from './lock-resolver.js'
import type { ResolveLocksOptions, ResolveLocksResult } from './resolve-types.js'

const { kvCheckTxnStatus, kvCheckSecondaryLocks, kvResolveLock, kvPessimisticRollback } = tikvMethods
const KEY = utf8('k')
const PRIMARY = utf8('p')

/** Resolves one lock after another against scripted answers. */
class Bench {
  readonly stores: FakeStores
  readonly resolver: LockResolver

  constructor(splits: string[] = ['m'], config: ConstructorParameters<typeof FakeStores>[1] = {}) {
    this.stores = new FakeStores(splits.map(utf8), config)
    this.resolver = new LockResolver(this.stores.core)
    this.stores.on(kvResolveLock, () => ({}))
    this.stores.on(kvPessimisticRollback, () => ({}))
  }

  /** A timestamp this long ago. */
  ago(ms: number): Timestamp {
    return composeTimestamp(this.stores.env.clock.nowMs() - ms, 0)
  }

  /** A lock of 3 s with another key as primary. */
  lock(ageMs: number, fields: Partial<LockInfo> = {}): LockInfo {
    return lockInfo({ key: KEY, primaryLock: PRIMARY, lockVersion: this.ago(ageMs), ...fields })
  }

  status(...answers: (Partial<CheckTxnStatusResponse> | typeof SERVER_IS_BUSY)[]): void {
    let asked = 0
    this.stores.on(kvCheckTxnStatus, () => answers[Math.min(asked++, answers.length - 1)] ?? {})
  }

  async resolve(locks: LockInfo[], options: Partial<ResolveLocksOptions> = {}): Promise<ResolveLocksResult> {
    const work = this.resolver.resolve(this.stores.core.backoffer(40_000), {
      locks,
      callerStartTs: this.ago(0),
      ...options,
    })
    return this.stores.finish(work)
  }

  get resolved(): { keys: string[]; commitVersion: bigint; startVersion: bigint }[] {
    return this.stores.requests(kvResolveLock).map(({ keys, commitVersion, startVersion }) => ({
      keys: keys.map((key) => Buffer.from(key).toString()),
      commitVersion,
      startVersion,
    }))
  }
}

const keyError = (fields: Parameters<typeof KeyError.fromPartial>[0]): KeyError =>
  KeyError.fromPartial(fields)
const notFound = { error: keyError({ txnNotFound: { startTs: 1n, primaryKey: PRIMARY } }) }

describe('lock resolver', () => {
  it('asks nothing for no locks', async () => {
    const bench = new Bench()
    assert.deepEqual(await bench.resolve([]), { waitMs: 0, ignorable: [], readable: [] })
    assert.deepEqual(bench.stores.sent, [])
  })

  it('asks the primary with the PD clock, and waits as long as a live lock lives', async () => {
    const bench = new Bench()
    bench.status({ lockTtl: 3000n })
    const lock = bench.lock(1000)
    const callerStartTs = bench.ago(0)
    const result = await bench.resolve([lock], { callerStartTs })
    assert.deepEqual(result, { waitMs: 2000, ignorable: [], readable: [] })
    const [asked] = bench.stores.requests(kvCheckTxnStatus)
    assert.deepEqual(
      { ...asked, context: undefined },
      {
        context: undefined,
        primaryKey: new Uint8Array(PRIMARY),
        lockTs: lock.lockVersion,
        callerStartTs,
        currentTs: callerStartTs,
        rollbackIfNotExist: false,
        forceSyncCommit: false,
        resolvingPessimisticLock: false,
        verifyIsPrimary: true,
        isTxnFile: false,
      },
    )
    assert.equal(asked?.context?.maxExecutionDurationMs, 20_000n)
    assert.deepEqual(bench.resolved, [])
  })

  it('never lets a caller spin on a lock that expires right now', async () => {
    const bench = new Bench()
    bench.status({ lockTtl: 3000n })
    assert.equal((await bench.resolve([bench.lock(3000)])).waitMs, 1)
  })

  it('waits for the lock that expires first', async () => {
    const bench = new Bench()
    bench.status({ lockTtl: 5000n }, { lockTtl: 3000n })
    const locks = [bench.lock(0), bench.lock(1, { key: utf8('l') })]
    assert.equal((await bench.resolve(locks)).waitMs, 2999)
  })

  it('commits the keys of a committed small transaction, one request for each region', async () => {
    const bench = new Bench()
    const lock = bench.lock(10_000)
    const commitVersion = bench.ago(9000)
    bench.status({ commitVersion })
    const more = ['l', 'x', 'y'].map((key) => ({ ...lock, key: utf8(key) }))
    const result = await bench.resolve([lock, ...more])
    assert.equal(result.waitMs, 0)
    assert.equal(bench.stores.requests(kvCheckTxnStatus).length, 1)
    const { lockVersion: startVersion } = lock
    assert.deepEqual(bench.resolved, [
      { keys: ['k', 'l'], commitVersion, startVersion },
      { keys: ['x', 'y'], commitVersion, startVersion },
    ])
  })

  it('rolls back the keys of a rolled-back transaction for each action that is final', async () => {
    for (const action of [Action.NoAction, Action.LockNotExistRollback, Action.TTLExpireRollback]) {
      const bench = new Bench()
      bench.status({ action })
      const lock = bench.lock(10_000)
      const result = await bench.resolve([lock])
      assert.deepEqual(result, { waitMs: 0, ignorable: [lock.lockVersion], readable: [] })
      assert.deepEqual(bench.resolved, [{ keys: ['k'], commitVersion: 0n, startVersion: lock.lockVersion }])
      await bench.resolve([{ ...lock, key: utf8('l') }])
      assert.equal(bench.stores.requests(kvCheckTxnStatus).length, 1, 'the final status is remembered')
    }
  })

  it('does not clean, nor remember, what is not final', async () => {
    for (const action of [Action.TTLExpirePessimisticRollback, Action.LockNotExistDoNothing]) {
      const bench = new Bench()
      bench.status({ action })
      const lock = bench.lock(10_000)
      assert.deepEqual(await bench.resolve([lock]), { waitMs: 1, ignorable: [], readable: [] })
      await bench.resolve([lock])
      assert.equal(bench.stores.requests(kvCheckTxnStatus).length, 2)
      assert.deepEqual(bench.resolved, [])
    }
  })

  it('needs no request for the primary itself, which was ended by asking', async () => {
    const bench = new Bench()
    bench.status({ action: Action.TTLExpireRollback })
    await bench.resolve([bench.lock(10_000, { key: PRIMARY })])
    assert.deepEqual(bench.resolved, [])
  })

  it('cleans a primary whose status was known from before', async () => {
    const bench = new Bench()
    bench.status({ action: Action.TTLExpireRollback })
    const lock = bench.lock(10_000)
    await bench.resolve([lock])
    await bench.resolve([{ ...lock, key: PRIMARY }])
    assert.deepEqual(
      bench.resolved.map(({ keys }) => keys),
      [['k'], ['p']],
    )
  })

  it('cleans the whole region for a large transaction, once for each region', async () => {
    const bench = new Bench()
    bench.status({ commitVersion: bench.ago(9000) })
    const lock = bench.lock(10_000, { txnSize: 512n })
    await bench.resolve([lock, { ...lock, key: utf8('l') }, { ...lock, key: utf8('x') }])
    assert.deepEqual(
      bench.resolved.map(({ keys }) => keys),
      [[], []],
    )
    assert.deepEqual(
      bench.stores.sent.filter(({ method }) => method === 'KvResolveLock').map(({ region }) => region.id),
      [1n, 2n],
    )
  })

  it('cleans only the keys of a large transaction when it is asked to', async () => {
    const bench = new Bench()
    bench.status({ commitVersion: bench.ago(9000) })
    await bench.resolve([bench.lock(10_000, { txnSize: 5000n })], { lite: true })
    assert.deepEqual(
      bench.resolved.map(({ keys }) => keys),
      [['k']],
    )
  })

  it('asks and cleans again after region errors', async () => {
    const bench = new Bench()
    bench.status(SERVER_IS_BUSY, { commitVersion: bench.ago(9000) })
    let cleaned = 0
    bench.stores.on(kvResolveLock, () => (cleaned++ === 0 ? SERVER_IS_BUSY : {}))
    await bench.resolve([bench.lock(10_000)])
    assert.equal(bench.stores.requests(kvCheckTxnStatus).length, 2)
    assert.equal(bench.resolved.length, 2)
  })

  it('fails when a server refuses to clean a lock', async () => {
    const bench = new Bench()
    bench.status({ commitVersion: bench.ago(9000) })
    bench.stores.on(kvResolveLock, () => ({ error: keyError({ abort: 'no' }) }))
    await assert.rejects(bench.resolve([bench.lock(10_000)]), (error: OrbitError) =>
      hasCode(error, 'TRANSACTION_ABORTED'),
    )
  })

  it('expands a shared lock into those that hold it', async () => {
    const bench = new Bench()
    bench.status({ lockTtl: 9000n })
    const holders = [bench.lock(1000), bench.lock(2000)]
    const result = await bench.resolve([bench.lock(0, { lockType: Op.SharedLock, sharedLockInfos: holders })])
    assert.equal(result.waitMs, 7000)
    assert.deepEqual(
      bench.stores.requests(kvCheckTxnStatus).map(({ lockTs }) => lockTs),
      holders.map(({ lockVersion }) => lockVersion),
    )
  })

  it('shows what is being resolved while it is', async () => {
    const bench = new Bench()
    const lock = bench.lock(1000)
    let seen: unknown
    bench.stores.on(kvCheckTxnStatus, () => {
      seen = bench.resolver.resolving()
      return { lockTtl: 3000n }
    })
    await bench.resolve([lock], { callerStartTs: 7n })
    assert.deepEqual(seen, [{ callerStartTs: 7n, lockTs: lock.lockVersion, key: KEY, primary: PRIMARY }])
    assert.deepEqual(bench.resolver.resolving(), [])
  })

  it('stops when the signal of its caller is aborted', async () => {
    const bench = new Bench()
    bench.status(notFound)
    const controller = new AbortController()
    const work = bench.resolver.resolve(bench.stores.core.backoffer(40_000, controller.signal), {
      locks: [bench.lock(0)],
      callerStartTs: 1n,
    })
    const rejected = assert.rejects(work, (error: OrbitError) => hasCode(error, 'ABORTED'))
    await bench.stores.env.advance(1)
    controller.abort()
    await rejected
    assert.equal(bench.stores.env.pendingTimers, 0)
  })
})

describe('lock resolver, transaction not found', () => {
  it('[S61] asks again after 2, 4, 8 ms while the lock has not expired', async () => {
    const bench = new Bench()
    const askedAt: number[] = []
    const startMs = bench.stores.env.clock.nowMs()
    bench.stores.on(kvCheckTxnStatus, () => {
      askedAt.push(bench.stores.env.clock.nowMs() - startMs)
      return askedAt.length < 4 ? notFound : { lockTtl: 3000n }
    })
    await bench.resolve([bench.lock(0)])
    assert.deepEqual(askedAt, [0, 2, 6, 14])
    assert.ok(bench.stores.requests(kvCheckTxnStatus).every(({ rollbackIfNotExist }) => !rollbackIfNotExist))
  })

  it('[S61] rolls the transaction back once its lock has expired', async () => {
    const bench = new Bench()
    bench.stores.on(kvCheckTxnStatus, ({ rollbackIfNotExist }) =>
      rollbackIfNotExist ? { action: Action.LockNotExistRollback } : notFound,
    )
    const lock = bench.lock(3000)
    assert.deepEqual((await bench.resolve([lock])).ignorable, [lock.lockVersion])
    assert.deepEqual(
      bench.stores.requests(kvCheckTxnStatus).map(({ rollbackIfNotExist }) => rollbackIfNotExist),
      [false, true],
    )
  })

  it('[S61] asks with the largest timestamp for a lock with a time to live of 0', async () => {
    const bench = new Bench()
    bench.status({ action: Action.TTLExpireRollback })
    await bench.resolve([bench.lock(0, { lockTtl: 0n })])
    assert.deepEqual(
      bench.stores.requests(kvCheckTxnStatus).map(({ currentTs }) => currentTs),
      [MAX_TIMESTAMP],
    )
  })

  it('waits for the time to live of a pessimistic lock', async () => {
    const bench = new Bench()
    bench.status(notFound)
    const lock = bench.lock(1000, { lockType: Op.PessimisticLock })
    assert.equal((await bench.resolve([lock], { callerStartTs: 0n })).waitMs, 2000)
    assert.equal(bench.stores.requests(kvCheckTxnStatus)[0]?.resolvingPessimisticLock, true)
    assert.deepEqual(bench.stores.requests(kvPessimisticRollback), [])
  })

  it('takes an expired pessimistic lock away', async () => {
    const bench = new Bench()
    bench.stores.on(kvCheckTxnStatus, ({ rollbackIfNotExist }) =>
      rollbackIfNotExist ? { action: Action.LockNotExistDoNothing } : notFound,
    )
    const lock = bench.lock(3000, { lockType: Op.PessimisticLock, lockForUpdateTs: 9n })
    assert.equal((await bench.resolve([lock], { callerStartTs: 0n })).waitMs, 0)
    assert.deepEqual(
      bench.stores.requests(kvPessimisticRollback).map(({ keys, forUpdateTs }) => [keys.length, forUpdateTs]),
      [[1, 9n]],
    )
  })

  it('gives up with LOCK_TIMEOUT when the budget is spent', async () => {
    const bench = new Bench()
    bench.status(notFound)
    const work = bench.resolver.resolve(bench.stores.core.backoffer(100), {
      locks: [bench.lock(0)],
      callerStartTs: 1n,
    })
    await assert.rejects(bench.stores.finish(work), (error: OrbitError) => hasCode(error, 'LOCK_TIMEOUT'))
  })
})

describe('lock resolver, pessimistic locks', () => {
  const pessimistic = { lockType: Op.PessimisticLock } as const

  it('[S62] takes a lock away whose primary does not know it', async () => {
    const bench = new Bench()
    bench.status({ error: keyError({ primaryMismatch: { lockInfo: bench.lock(0) } }) })
    const lock = bench.lock(1000, pessimistic)
    assert.deepEqual(await bench.resolve([lock], { callerStartTs: 0n }), {
      waitMs: 0,
      ignorable: [],
      readable: [],
    })
    assert.deepEqual(
      bench.stores.requests(kvPessimisticRollback).map(({ forUpdateTs }) => forUpdateTs),
      [MAX_TIMESTAMP],
    )
  })

  it('[S62] fails when the primary does not know a prewritten lock', async () => {
    const bench = new Bench()
    bench.status({ error: keyError({ primaryMismatch: { lockInfo: bench.lock(0) } }) })
    await assert.rejects(bench.resolve([bench.lock(1000)]), (error: OrbitError) =>
      hasCode(error, 'PROTOCOL_VIOLATION'),
    )
  })

  it('rolls back the whole region once for writers', async () => {
    const bench = new Bench()
    bench.status({ action: Action.TTLExpirePessimisticRollback })
    const lock = bench.lock(9000, pessimistic)
    const locks = ['k', 'l', 'x'].map((key) => ({ ...lock, key: utf8(key) }))
    await bench.resolve(locks, { callerStartTs: 0n, pessimisticRegionResolve: true })
    assert.deepEqual(
      bench.stores.sent
        .filter(({ method }) => method === 'KVPessimisticRollback')
        .map(({ region }) => region.id),
      [1n, 2n],
    )
    assert.ok(bench.stores.requests(kvPessimisticRollback).every(({ keys }) => keys.length === 0))
  })

  it('needs no request for an expired primary', async () => {
    const bench = new Bench()
    bench.status({ action: Action.TTLExpirePessimisticRollback })
    await bench.resolve([bench.lock(9000, { ...pessimistic, key: PRIMARY })], { callerStartTs: 0n })
    assert.deepEqual(bench.stores.requests(kvPessimisticRollback), [])
  })
})

describe('lock resolver, for reads', () => {
  it('tells which locks a reader ignores, reads through and waits for', async () => {
    const bench = new Bench()
    const callerStartTs = bench.ago(1000)
    const locks = [5000, 4000, 3500, 3000].map((age, at) => bench.lock(age, { key: utf8(`k${at}`) }))
    const [rolledBack, later, earlier, live] = locks.map(({ lockVersion }) => lockVersion)
    bench.status(
      { action: Action.TTLExpireRollback },
      { commitVersion: callerStartTs + 1n },
      { commitVersion: callerStartTs },
      { lockTtl: 4000n },
    )
    const result = await bench.resolve(locks, { callerStartTs, forRead: true })
    assert.deepEqual(result, { waitMs: 1000, ignorable: [rolledBack, later], readable: [earlier] })
    assert.notEqual(live, undefined)
  })

  it('[S58] ignores the lock of a live transaction that can only commit later', async () => {
    const bench = new Bench()
    bench.status({ lockTtl: 60_000n, action: Action.MinCommitTSPushed })
    const lock = bench.lock(1000)
    assert.deepEqual(await bench.resolve([lock], { forRead: true }), {
      waitMs: 0,
      ignorable: [lock.lockVersion],
      readable: [],
    })
    assert.equal((await bench.resolve([lock])).waitMs, 59_000, 'a writer waits')
    assert.deepEqual(bench.resolved, [])
  })

  it('cleans in the background, and keeps the errors of that to itself', async () => {
    const bench = new Bench()
    bench.status({ commitVersion: bench.ago(9000) })
    let answered = false
    bench.stores.on(kvResolveLock, () => {
      answered = true
      return { error: keyError({ abort: 'no' }) }
    })
    const result = await bench.resolve([bench.lock(10_000)], { forRead: true })
    assert.equal(result.readable.length, 1)
    await bench.stores.background.settle()
    assert.equal(answered, true)
  })

  it('cleans in line when the background is full, still without its errors', async () => {
    const bench = new Bench(['m'], { backgroundTasksMax: 1 })
    bench.status({ commitVersion: bench.ago(9000) })
    let release: () => void = () => undefined
    bench.stores.background.start('other', () => new Promise((resolve) => (release = resolve)))
    bench.stores.on(kvResolveLock, () => ({ error: keyError({ abort: 'no' }) }))
    await bench.resolve([bench.lock(10_000)], { forRead: true })
    assert.equal(bench.resolved.length, 1)
    release()
    await bench.stores.background.settle()
  })

  it('starts one clean-up of a region for many readers of a large transaction', async () => {
    const bench = new Bench()
    bench.status({ commitVersion: bench.ago(9000) })
    const lock = bench.lock(10_000, { txnSize: 5000n })
    const locks = Array.from({ length: 20 }, (_, at) => ({ ...lock, key: utf8(`k${at}`) }))
    await bench.resolve(locks, { forRead: true })
    await bench.stores.background.settle()
    assert.equal(bench.resolved.length, 1)
    await bench.resolve([lock], { forRead: true })
    await bench.stores.background.settle()
    assert.equal(bench.resolved.length, 2, 'a later reader finds it over')
  })
})

describe('lock resolver, async commit', () => {
  const secondaries = ['b', 'c', 'x'].map(utf8)

  function asyncBench(ageMs = 9000): { bench: Bench; lock: LockInfo; primaryLock: LockInfo } {
    const bench = new Bench()
    const lock = bench.lock(ageMs, { key: utf8('b'), useAsyncCommit: true })
    const primaryLock = { ...lock, key: PRIMARY, secondaries, minCommitTs: lock.lockVersion + 10n }
    bench.stores.on(kvCheckTxnStatus, ({ forceSyncCommit }) =>
      forceSyncCommit ? { action: Action.TTLExpireRollback } : { lockTtl: 3000n, lockInfo: primaryLock },
    )
    return { bench, lock, primaryLock }
  }

  it('leaves a transaction alone that has not expired', async () => {
    const { bench, lock } = asyncBench(1000)
    assert.equal((await bench.resolve([lock])).waitMs, 2000)
    assert.deepEqual(bench.stores.requests(kvCheckSecondaryLocks), [])
  })

  it('[S59] commits an expired transaction at the largest minimum of its locks, and cleans all keys at once', async () => {
    const { bench, lock } = asyncBench()
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) => ({
      locks: keys.map((key) =>
        lockInfo({
          key,
          lockVersion: startVersion,
          useAsyncCommit: true,
          minCommitTs: startVersion + (Buffer.from(key).toString() === 'x' ? 30n : 5n),
        }),
      ),
    }))
    const result = await bench.resolve([lock, { ...lock, key: utf8('c') }])
    assert.deepEqual(result, { waitMs: 0, ignorable: [], readable: [lock.lockVersion] })
    const commitVersion = lock.lockVersion + 30n
    assert.deepEqual(bench.resolved, [
      { keys: ['b', 'c'], commitVersion, startVersion: lock.lockVersion },
      { keys: ['x', 'p'], commitVersion, startVersion: lock.lockVersion },
    ])
    assert.deepEqual(await bench.resolver.transactionStatus(lock.lockVersion, PRIMARY), {
      kind: 'committed',
      commitTs: commitVersion,
    })
  })

  it('[S59] cleans behind a read in the background', async () => {
    const { bench, lock } = asyncBench()
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) => ({
      locks: keys.map((key) => lockInfo({ key, lockVersion: startVersion, useAsyncCommit: true })),
    }))
    const result = await bench.resolve([lock], { forRead: true })
    assert.deepEqual(result.readable, [lock.lockVersion])
    await bench.stores.background.settle()
    assert.equal(bench.resolved.length, 2)
  })

  it('[S60] commits at the timestamp of a secondary that is committed already', async () => {
    const { bench, lock } = asyncBench()
    const commitTs = lock.lockVersion + 40n
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) =>
      keys.length === 1
        ? { commitTs }
        : { locks: keys.map((key) => lockInfo({ key, lockVersion: startVersion, useAsyncCommit: true })) },
    )
    await bench.resolve([lock])
    assert.deepEqual(bench.resolved, [
      { keys: ['b', 'c'], commitVersion: commitTs, startVersion: lock.lockVersion },
      { keys: ['p'], commitVersion: commitTs, startVersion: lock.lockVersion },
    ])
  })

  it('[S60] rolls back when a secondary is missing and not committed', async () => {
    const { bench, lock } = asyncBench()
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) =>
      keys.length === 1
        ? { commitTs: 0n }
        : { locks: keys.map((key) => lockInfo({ key, lockVersion: startVersion, useAsyncCommit: true })) },
    )
    const result = await bench.resolve([lock])
    assert.deepEqual(result.ignorable, [lock.lockVersion])
    assert.ok(bench.resolved.every(({ commitVersion }) => commitVersion === 0n))
  })

  it('[S60] fails when regions disagree, and cleans nothing', async () => {
    for (const other of [0n, 50n]) {
      const { bench, lock } = asyncBench()
      bench.stores.on(kvCheckSecondaryLocks, ({ keys }) => ({
        commitTs: keys.length === 1 ? other : lock.lockVersion + 40n,
      }))
      await assert.rejects(bench.resolve([lock]), (error: OrbitError) => hasCode(error, 'PROTOCOL_VIOLATION'))
      assert.deepEqual(bench.resolved, [])
    }
  })

  it('[S60] fails when a commit timestamp is before the minimum of the primary', async () => {
    const { bench, lock } = asyncBench()
    bench.stores.on(kvCheckSecondaryLocks, () => ({ commitTs: lock.lockVersion + 9n }))
    await assert.rejects(bench.resolve([lock]), (error: OrbitError) => hasCode(error, 'PROTOCOL_VIOLATION'))
  })

  it('refuses to decide from locks without a minimum commit timestamp', async () => {
    const { bench, lock } = asyncBench()
    bench.stores.on(kvCheckTxnStatus, () => ({
      lockTtl: 3000n,
      lockInfo: { ...lock, key: PRIMARY, secondaries },
    }))
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) => ({
      locks: keys.map((key) => lockInfo({ key, lockVersion: startVersion, useAsyncCommit: true })),
    }))
    await assert.rejects(bench.resolve([lock]), (error: OrbitError) => hasCode(error, 'PROTOCOL_VIOLATION'))
    assert.deepEqual(bench.resolved, [])
  })

  it('falls back to the primary when a lock was not written for async commit', async () => {
    const { bench, lock } = asyncBench()
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) => ({
      locks: keys.map((key) => lockInfo({ key, lockVersion: startVersion, useAsyncCommit: keys.length > 1 })),
    }))
    assert.deepEqual((await bench.resolve([lock])).ignorable, [lock.lockVersion])
    assert.deepEqual(
      bench.stores.requests(kvCheckTxnStatus).map(({ forceSyncCommit }) => forceSyncCommit),
      [false, true],
    )
    assert.deepEqual(
      bench.resolved.map(({ keys }) => keys),
      [['b']],
    )
  })

  it('checks the secondaries again by their new regions after a split', async () => {
    const { bench, lock } = asyncBench()
    const checked: string[][] = []
    bench.stores.on(kvCheckSecondaryLocks, ({ keys, startVersion }) => {
      checked.push(keys.map((key) => Buffer.from(key).toString()))
      return { locks: keys.map((key) => lockInfo({ key, lockVersion: startVersion, useAsyncCommit: true })) }
    })
    bench.stores.on(kvCheckTxnStatus, () => {
      bench.stores.split(utf8('c'))
      return { lockTtl: 3000n, lockInfo: { ...lock, key: PRIMARY, secondaries, minCommitTs: 9n } }
    })
    assert.deepEqual((await bench.resolve([lock])).readable, [lock.lockVersion])
    assert.deepEqual(checked.sort(), [['b'], ['c'], ['x']])
  })
})
