import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, OrbitError, utf8 } from '@orbit-ts/base'
import { Action, CommandPri, IsolationLevel, KeyError, type LockInfo } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { newExecDetails } from '../telemetry/exec-details.js'
import { composeTimestamp, MAX_TIMESTAMP, type Timestamp } from '../timestamp.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { FakeRows, FakeStores, lockInfo, SERVER_IS_BUSY } from './fake-stores.fake.js'
import { Snapshot } from './snapshot.js'
import type { KeyValue, ScanOptions, SnapshotOptions } from './snapshot-options.js'

const { kvGet, kvBatchGet, kvScan, kvCheckTxnStatus, kvResolveLock, kvBufferBatchGet } = tikvMethods

class Bench {
  readonly stores: FakeStores
  readonly rows = new FakeRows()
  readonly resolver: LockResolver
  readonly readTs: Timestamp
  visible = true

  constructor(splits: string[] = ['m']) {
    this.stores = new FakeStores(splits.map(utf8))
    this.resolver = new LockResolver(this.stores.core)
    this.readTs = this.ago(0)
    this.rows.serve(this.stores)
    this.stores.on(kvResolveLock, () => ({}))
  }

  ago(ms: number): Timestamp {
    return composeTimestamp(this.stores.env.clock.nowMs() - ms, 0)
  }

  put(...pairs: [string, string][]): this {
    for (const [key, value] of pairs) this.rows.put(utf8(key), utf8(value))
    return this
  }

  lock(key: string, ageMs: number, value: string | undefined, fields: Partial<LockInfo> = {}): LockInfo {
    const lock = lockInfo({ key: utf8(key), primaryLock: utf8('p'), lockVersion: this.ago(ageMs), ...fields })
    this.rows.lock(lock, value === undefined ? undefined : utf8(value))
    return lock
  }

  snapshot(options: SnapshotOptions = {}, readTs = this.readTs): Snapshot {
    const safePoint = {
      checkVisible: () => {
        if (!this.visible) throw new OrbitError('SNAPSHOT_TOO_OLD', 'too old')
      },
    }
    return new Snapshot({ core: this.stores.core, resolver: this.resolver, safePoint }, readTs, options)
  }
}

const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : fromUtf8(value)
const code = (code: Parameters<typeof hasCode>[1]) => (error: unknown) => hasCode(error, code)

async function rowsOf(chunks: AsyncIterable<KeyValue[]>): Promise<string[]> {
  const rows: string[] = []
  for await (const chunk of chunks) {
    assert.notEqual(chunk.length, 0)
    rows.push(...chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
  }
  return rows
}

const scan = (snapshot: Snapshot, start: string, end: string, options: ScanOptions = {}): Promise<string[]> =>
  rowsOf(snapshot.scan({ start: utf8(start), end: utf8(end) }, options))

describe('snapshot get', () => {
  it('tells an empty value from none, and refuses an empty key', async () => {
    const bench = new Bench().put(['a', '1'], ['empty', ''])
    const snapshot = bench.snapshot()
    assert.equal(text(await snapshot.get(utf8('a'))), '1')
    assert.equal(text(await snapshot.get(utf8('empty'))), '')
    assert.equal(await snapshot.get(utf8('none')), undefined)
    await assert.rejects(snapshot.get(utf8('')), code('INVALID_ARGUMENT'))
    await assert.rejects(snapshot.batchGet([utf8('a'), utf8('')]), code('INVALID_ARGUMENT'))
    assert.throws(() => bench.snapshot({}, 1n << 63n), code('INVALID_ARGUMENT'))
  })

  it('asks for each key once, for its commit timestamp too when that is wanted', async () => {
    const bench = new Bench().put(['a', '1'])
    const snapshot = bench.snapshot()
    for (let round = 0; round < 2; round++) {
      await snapshot.get(utf8('a'))
      await snapshot.get(utf8('none'))
      assert.deepEqual((await snapshot.batchGet([utf8('a'), utf8('none')])).map(text), ['1', undefined])
    }
    assert.equal(bench.stores.sent.length, 2)
    assert.deepEqual(await snapshot.getVersioned(utf8('a')), {
      value: new Uint8Array(utf8('1')),
      commitTs: 5n,
    })
    assert.deepEqual(
      bench.stores.requests(kvGet).map(({ needCommitTs }) => needCommitTs),
      [false, false, true],
    )
    await snapshot.getVersioned(utf8('a'))
    assert.equal(bench.stores.sent.length, 3)
  })

  it('keeps nothing at the largest timestamp, nor for read-committed, nor beyond its limit', async () => {
    const bench = new Bench().put(['a', '1'], ['b', '2'])
    const reads = async (snapshot: Snapshot): Promise<number> => {
      const before = bench.stores.sent.length
      for (const key of ['a', 'b', 'a', 'b']) await snapshot.get(utf8(key))
      return bench.stores.sent.length - before
    }
    assert.equal(await reads(bench.snapshot()), 2)
    assert.equal(await reads(bench.snapshot({}, MAX_TIMESTAMP)), 4)
    assert.equal(await reads(bench.snapshot({ isolation: 'read-committed' })), 4)
    assert.equal(await reads(bench.snapshot({ cacheBytesMax: 0 })), 4)
    assert.equal(await reads(bench.snapshot({ cacheBytesMax: 100 })), 4, 'room for one')
  })

  it('says so when a server gives no commit timestamp', async () => {
    const bench = new Bench().put(['a', '1'])
    bench.stores.on(kvGet, () => ({ value: utf8('1') }))
    await assert.rejects(bench.snapshot().getVersioned(utf8('a')), code('PROTOCOL_VIOLATION'))
  })

  it('sends its options with every request', async () => {
    const bench = new Bench().put(['a', '1'])
    const snapshot = bench.snapshot({
      isolation: 'read-committed',
      priority: 'low',
      notFillCache: true,
      taskId: 7n,
      busyThresholdMs: 50,
      resourceGroup: 'group',
      requestSource: 'test',
      traceId: Uint8Array.of(7),
      ignoreLocksOf: [3n],
      replicaRead: 'follower',
      labels: { zone: 'a' },
      readTimeoutMs: 500,
    })
    await snapshot.get(utf8('a'))
    await snapshot.batchGet([utf8('b')])
    await scan(snapshot, 'a', 'c', { keysOnly: true, sampleStep: 3 })
    for (const { request, options } of bench.stores.sent) {
      const { context } = request as { context: { [name: string]: unknown } }
      assert.equal(context['isolationLevel'], IsolationLevel.RC)
      assert.equal(context['priority'], CommandPri.Low)
      assert.equal(context['notFillCache'], true)
      assert.equal(context['taskId'], 7n)
      assert.equal(context['busyThresholdMs'], 50)
      assert.equal(context['requestSource'], 'test')
      assert.deepEqual(context['traceId'], Uint8Array.of(7))
      assert.deepEqual(context['resolvedLocks'], [3n])
      assert.equal(context['maxExecutionDurationMs'], 500n)
      assert.equal(options.timeoutMs, 500)
      assert.equal(options.replicaRead, 'follower')
      assert.deepEqual(options.labels, { zone: 'a' })
    }
    assert.deepEqual(
      bench.stores.requests(kvScan).map(({ keyOnly, sampleStep }) => [keyOnly, sampleStep]),
      [[true, 3]],
    )
  })

  it('gives the first attempt its own deadline, the later ones the usual', async () => {
    const bench = new Bench()
    let asked = 0
    bench.stores.on(kvGet, () => (asked++ === 0 ? SERVER_IS_BUSY : { value: utf8('1') }))
    await bench.snapshot({ readTimeoutMs: 500 }).get(utf8('a'))
    assert.deepEqual(
      bench.stores.sent.map(({ options }) => options.timeoutMs),
      [500, 30_000],
    )
  })

  it('[S65] refuses answers that garbage collection may have touched', async () => {
    const bench = new Bench().put(['a', '1'])
    bench.visible = false
    await assert.rejects(bench.snapshot().get(utf8('a')), code('SNAPSHOT_TOO_OLD'))
    await assert.rejects(bench.snapshot().batchGet([utf8('a')]), code('SNAPSHOT_TOO_OLD'))
    await assert.rejects(scan(bench.snapshot(), 'a', 'z'), code('SNAPSHOT_TOO_OLD'))
  })

  it('fails with what a key error says that is no lock', async () => {
    const bench = new Bench()
    bench.stores.on(kvGet, () => ({ error: KeyError.fromPartial({ conflict: { key: utf8('a') } }) }))
    await assert.rejects(bench.snapshot().get(utf8('a')), code('TRANSACTION_CONFLICT'))
  })
})

describe('snapshot and locks', () => {
  it('[S58] reads through the lock of an expired transaction, committed or rolled back', async () => {
    const bench = new Bench().put(['a', 'old'], ['b', 'old'])
    const committed = bench.lock('a', 9000, 'new')
    const rolledBack = bench.lock('b', 8000, 'never')
    bench.stores.on(kvCheckTxnStatus, ({ lockTs }) =>
      lockTs === committed.lockVersion
        ? { commitVersion: bench.readTs - 1n }
        : { action: Action.TTLExpireRollback },
    )
    const snapshot = bench.snapshot()
    assert.equal(text(await snapshot.get(utf8('a'))), 'new')
    assert.equal(text(await snapshot.get(utf8('b'))), 'old')
    const last = bench.stores.requests(kvGet).at(-1)?.context
    assert.deepEqual(last?.committedLocks, [committed.lockVersion])
    assert.deepEqual(last?.resolvedLocks, [rolledBack.lockVersion])
    await bench.stores.background.settle()
    assert.equal(bench.stores.requests(kvResolveLock).length, 2)
  })

  it('[S58] does not wait for a live transaction that was pushed behind the reader', async () => {
    const bench = new Bench().put(['a', 'old'])
    bench.lock('a', 100, 'new', { txnSize: 1_000_000n, lockTtl: 60_000n })
    bench.stores.on(kvCheckTxnStatus, () => ({ lockTtl: 60_000n, action: Action.MinCommitTSPushed }))
    assert.equal(text(await bench.snapshot().get(utf8('a'))), 'old')
    assert.equal(bench.stores.env.pendingTimers, 0)
    assert.deepEqual(bench.stores.requests(kvResolveLock), [])
  })

  it('waits for a live lock that blocks, 10 ms at first, and reads when it is gone', async () => {
    const bench = new Bench().put(['a', 'old'])
    bench.lock('a', 0, 'new')
    bench.stores.on(kvCheckTxnStatus, () => ({ lockTtl: 3000n }))
    const work = bench.snapshot().get(utf8('a'))
    await bench.stores.env.advance(0)
    assert.equal(bench.stores.requests(kvGet).length, 1)
    bench.rows.unlock(utf8('a'))
    bench.put(['a', 'new'])
    await bench.stores.env.advance(10)
    assert.equal(text(await work), 'new')
    assert.equal(bench.stores.requests(kvGet).length, 2)
  })

  it('gives up with LOCK_TIMEOUT when its budget is spent, and ABORTED when its signal says so', async () => {
    const bench = new Bench()
    bench.lock('a', 0, 'new', { lockTtl: 600_000n })
    bench.stores.on(kvCheckTxnStatus, () => ({ lockTtl: 600_000n }))
    const late = assert.rejects(bench.snapshot().get(utf8('a')), code('LOCK_TIMEOUT'))
    await bench.stores.env.advance(60_000)
    await late
    const controller = new AbortController()
    const aborted = assert.rejects(
      bench.snapshot().get(utf8('a'), { signal: controller.signal }),
      code('ABORTED'),
    )
    await bench.stores.env.advance(1)
    controller.abort()
    await aborted
    assert.equal(bench.stores.env.pendingTimers, 0)
  })

  it('pauses before it asks a server again that stops it at a lock it may pass', async () => {
    const bench = new Bench()
    let asked = 0
    const lock = bench.lock('a', 9000, 'x')
    bench.stores.on(kvGet, () =>
      asked++ < 4 ? { error: KeyError.fromPartial({ locked: lock }) } : { value: utf8('1') },
    )
    bench.stores.on(kvCheckTxnStatus, () => ({ action: Action.TTLExpireRollback }))
    const details = newExecDetails()
    assert.equal(text(await bench.stores.finish(bench.snapshot({ details }).get(utf8('a')))), '1')
    assert.equal(details.sleeps.get('txnLockFast')?.attempts, 3)
  })

  it('[S63] is stopped by the first lock only when it reads the latest version', async () => {
    const bench = new Bench().put(['a', 'old'])
    const first = bench.lock('a', 100, 'new')
    const second = lockInfo({ key: utf8('a'), lockVersion: bench.ago(50), primaryLock: utf8('p') })
    bench.stores.on(kvCheckTxnStatus, () => {
      bench.rows.lock(second, utf8('newer'))
      return { lockTtl: 3000n }
    })
    const snapshot = bench.snapshot({}, MAX_TIMESTAMP)
    assert.equal(text(await bench.stores.finish(snapshot.get(utf8('a')))), 'old')
    assert.deepEqual(
      bench.stores.requests(kvCheckTxnStatus).map(({ lockTs, callerStartTs }) => [lockTs, callerStartTs]),
      [[first.lockVersion, MAX_TIMESTAMP]],
    )
    assert.deepEqual(bench.stores.requests(kvGet).at(-1)?.context?.resolvedLocks, [second.lockVersion])
  })

  it('[S63] pauses before a later lock that the server shows although it was told to pass it', async () => {
    const bench = new Bench().put(['a', 'old'])
    const locks = [bench.lock('a', 100, 'new'), bench.lock('a', 50, 'newer')]
    let asked = 0
    bench.stores.on(kvGet, () => {
      asked += 1
      if (asked > 500) return { value: utf8('endless') }
      return { error: KeyError.fromPartial({ locked: locks[asked === 1 ? 0 : 1] }) }
    })
    bench.stores.on(kvCheckTxnStatus, () => ({ lockTtl: 300_000n }))
    const read = bench.stores.finish(bench.snapshot({}, MAX_TIMESTAMP).get(utf8('a')))
    await assert.rejects(read, code('LOCK_TIMEOUT'))
    assert.ok(asked < 100, `${asked} requests`)
  })

  it('[S63] does not wait for a transaction that it can push', async () => {
    const bench = new Bench().put(['a', 'old'])
    bench.lock('a', 100, 'new')
    bench.stores.on(kvCheckTxnStatus, () => ({ lockTtl: 3000n, action: Action.MinCommitTSPushed }))
    assert.equal(text(await bench.snapshot({}, MAX_TIMESTAMP).get(utf8('a'))), 'old')
    assert.equal(bench.stores.env.pendingTimers, 0)
  })

  it('goes to the leader after a stale read met a lock, without a busy threshold', async () => {
    const bench = new Bench().put(['a', 'old'])
    bench.lock('a', 9000, 'new')
    bench.stores.on(kvCheckTxnStatus, () => ({ action: Action.TTLExpireRollback }))
    const stale = bench.snapshot({ staleRead: true, replicaRead: 'mixed', busyThresholdMs: 9 })
    assert.equal(text(await stale.get(utf8('a'))), 'old')
    const seen = bench.stores.sent.filter(({ method }) => method === 'KvGet')
    assert.deepEqual(
      seen.map(({ options }) => [options.staleRead, options.replicaRead]),
      [
        [true, 'mixed'],
        [undefined, undefined],
      ],
    )
    assert.deepEqual(
      bench.stores.requests(kvGet).map(({ context }) => context?.busyThresholdMs),
      [9, 0],
    )
  })

  it('is a conflict when the snapshot takes no locks, except for those it ignores', async () => {
    const bench = new Bench().put(['a', 'old'])
    const lock = bench.lock('a', 10, 'new')
    await assert.rejects(bench.snapshot({ failOnLock: true }).get(utf8('a')), code('TRANSACTION_CONFLICT'))
    await assert.rejects(scan(bench.snapshot({ failOnLock: true }), 'a', 'b'), code('TRANSACTION_CONFLICT'))
    const own = bench.snapshot({ failOnLock: true, ignoreLocksOf: [lock.lockVersion] })
    assert.equal(text(await own.get(utf8('a'))), 'old')
  })
})

describe('snapshot batch get', () => {
  it('[S64] gives values in the order of the keys, from any regions, with repeats', async () => {
    const bench = new Bench(['b', 'c', 'd']).put(['a', '1'], ['c', '3'], ['x', ''])
    const keys = ['x', 'c', 'nope', 'a', 'c', 'b'].map(utf8)
    assert.deepEqual((await bench.snapshot().batchGet(keys)).map(text), [
      '',
      '3',
      undefined,
      '1',
      '3',
      undefined,
    ])
    assert.equal(bench.stores.requests(kvBatchGet).length, 4)
    assert.deepEqual(await bench.snapshot().batchGet([]), [])
  })

  it('[S64] asks for 10 000 keys of ten regions in ten requests, and 5120 at most in one', async () => {
    const splits = Array.from({ length: 9 }, (_, at) => `k${at + 1}`)
    const keys = Array.from({ length: 10_000 }, (_, at) =>
      utf8(`k${String((at * 7919) % 10_000).padStart(4, '0')}`),
    )
    const bench = new Bench(splits)
    for (const key of keys) bench.rows.put(key, key)
    const values = await bench.snapshot().batchGet(keys)
    assert.deepEqual(values.map(text), keys.map(text))
    assert.equal(bench.stores.requests(kvBatchGet).length, 10)
    const one = new Bench([])
    assert.equal((await one.snapshot().batchGet(keys)).length, 10_000)
    assert.deepEqual(
      one.stores.requests(kvBatchGet).map(({ keys: sent }) => sent.length),
      [5120, 4880],
    )
  })

  it('finds the values of a server that answers in another order, or once for a key that was asked for twice', async () => {
    const bench = new Bench([])
    bench.stores.on(kvBatchGet, ({ keys }) => ({
      pairs: [...new Set(keys.map(text))]
        .filter((key) => key !== 'none')
        .map((key) => utf8(key ?? ''))
        .reverse()
        .map((key) => ({ key, value: key, error: undefined, commitTs: 0n })),
    }))
    const wanted = ['b', 'a', 'none', 'b', 'c', 'a']
    assert.deepEqual(
      (await bench.snapshot().batchGet(wanted.map(utf8))).map(text),
      wanted.map((key) => (key === 'none' ? undefined : key)),
    )
  })

  it('asks again only for the locked keys', async () => {
    const bench = new Bench().put(['a', '1'], ['b', 'old'], ['c', '3'])
    bench.lock('b', 9000, 'new')
    bench.stores.on(kvCheckTxnStatus, () => ({ commitVersion: bench.readTs }))
    const values = await bench.snapshot().batchGet(['a', 'b', 'c'].map(utf8))
    assert.deepEqual(values.map(text), ['1', 'new', '3'])
    assert.deepEqual(
      bench.stores.requests(kvBatchGet).map(({ keys }) => keys.map(text)),
      [['a', 'b', 'c'], ['b']],
    )
  })

  it('trusts no pair of an answer with an error of its own', async () => {
    const bench = new Bench()
    const lock = bench.lock('a', 9000, undefined)
    bench.stores.on(kvCheckTxnStatus, () => ({ action: Action.TTLExpireRollback }))
    let asked = 0
    bench.stores.on(kvBatchGet, ({ keys }) =>
      asked++ === 0
        ? {
            error: KeyError.fromPartial({ locked: lock }),
            pairs: [{ key: utf8('a'), value: utf8('wrong'), error: undefined, commitTs: 0n }],
          }
        : {
            pairs: keys
              .slice(1)
              .map((key) => ({ key, value: utf8('right'), error: undefined, commitTs: 0n })),
          },
    )
    assert.deepEqual((await bench.snapshot().batchGet([utf8('a'), utf8('b')])).map(text), [
      undefined,
      'right',
    ])
    assert.deepEqual(
      bench.stores.requests(kvBatchGet).map(({ keys }) => keys.length),
      [2, 2],
    )
  })

  it('splits a batch whose region was split', async () => {
    const bench = new Bench([]).put(['a', '1'], ['n', '2'])
    bench.stores.split(utf8('m'))
    assert.deepEqual((await bench.snapshot().batchGet(['a', 'n'].map(utf8))).map(text), ['1', '2'])
    assert.equal(bench.stores.requests(kvBatchGet).length, 3)
  })

  it('fails as a whole with the first failure', async () => {
    const bench = new Bench(['b', 'c']).put(['a', '1'])
    bench.stores.on(kvBatchGet, (_, region) =>
      region.id === 2n ? { error: KeyError.fromPartial({ abort: 'no' }) } : {},
    )
    await assert.rejects(bench.snapshot().batchGet(['a', 'b', 'c'].map(utf8)), code('TRANSACTION_ABORTED'))
  })

  it('reads what the transaction itself has flushed, an empty value being a delete', async () => {
    const bench = new Bench()
    bench.stores.on(kvBufferBatchGet, () => ({
      pairs: [
        { key: utf8('a'), value: utf8('1'), error: undefined, commitTs: 0n },
        { key: utf8('b'), value: utf8(''), error: undefined, commitTs: 0n },
      ],
    }))
    assert.deepEqual((await bench.snapshot().flushedValues(['a', 'b', 'c'].map(utf8))).map(text), [
      '1',
      '',
      undefined,
    ])
  })
})

describe('snapshot scan', () => {
  const letters = Array.from('abcdefghij')
  const expected = letters.map((letter) => `${letter}=${letter}`)
  const filled = (splits: string[]): Bench =>
    new Bench(splits).put(...letters.map((letter): [string, string] => [letter, letter]))

  it('goes on behind a full page, and at the next region behind a short one', async () => {
    const bench = filled(['e'])
    assert.deepEqual(await scan(bench.snapshot(), '', '', { batchSize: 3 }), expected)
    assert.deepEqual(
      bench.stores
        .requests(kvScan)
        .map(({ startKey, endKey, limit }) => [text(startKey), text(endKey), limit]),
      [
        ['', 'e', 3],
        ['c\0', 'e', 3],
        ['e', '', 3],
        ['g\0', '', 3],
        ['j\0', '', 3],
      ],
    )
  })

  it('[S21] goes from the end over region boundaries', async () => {
    const bench = filled(['e'])
    assert.deepEqual(
      await scan(bench.snapshot(), 'b', 'i', { batchSize: 3, reverse: true }),
      expected.slice(1, 8).reverse(),
    )
    assert.deepEqual(
      bench.stores
        .requests(kvScan)
        .map(({ startKey, endKey, reverse }) => [text(startKey), text(endKey), reverse]),
      [
        ['i', 'e', true],
        ['f', 'e', true],
        ['e', 'b', true],
      ],
    )
  })

  it('asks for no more rows than its limit', async () => {
    const bench = filled(['e'])
    assert.deepEqual(await scan(bench.snapshot(), '', '', { limit: 6, batchSize: 4 }), expected.slice(0, 6))
    assert.deepEqual(
      bench.stores.requests(kvScan).map(({ limit }) => limit),
      [4, 2, 2],
    )
    assert.deepEqual(await scan(bench.snapshot(), '', '', { limit: 0 }), [])
    assert.deepEqual(await scan(bench.snapshot(), 'c', 'c'), [])
    assert.equal(bench.stores.sent.length, 3)
    await assert.rejects(scan(bench.snapshot(), '', '', { limit: -1 }), code('INVALID_ARGUMENT'))
    await assert.rejects(scan(bench.snapshot(), '', '', { batchSize: 0 }), code('INVALID_ARGUMENT'))
  })

  it('asks for 256 rows at once when nothing else is said', async () => {
    const bench = filled([])
    await scan(bench.snapshot(), '', '')
    assert.deepEqual(
      bench.stores.requests(kvScan).map(({ limit }) => limit),
      [256],
    )
  })

  it('[S64] leaves values out of a scan of keys, those of locked rows too', async () => {
    const bench = filled([])
    bench.lock('c', 9000, 'new')
    bench.lock('d', 8000, undefined)
    bench.stores.on(kvCheckTxnStatus, () => ({ commitVersion: bench.readTs }))
    const rows = await scan(bench.snapshot(), 'b', 'f', { keysOnly: true })
    assert.deepEqual(rows, ['b=', 'c=', 'e='])
  })

  it('reads a locked row by itself, several at once', async () => {
    const bench = filled([])
    bench.stores.on(kvCheckTxnStatus, () => ({ commitVersion: bench.readTs }))
    bench.lock('c', 9000, 'new')
    assert.deepEqual(await scan(bench.snapshot(), 'b', 'e'), ['b=b', 'c=new', 'd=d'])
    assert.equal(bench.stores.requests(kvGet).length, 2)
    bench.lock('d', 8000, undefined)
    assert.deepEqual(await scan(bench.snapshot(), 'b', 'e'), ['b=b', 'c=new'])
    assert.deepEqual(
      bench.stores.requests(kvBatchGet).map(({ keys }) => keys.map(text)),
      [
        ['c', 'd'],
        ['c', 'd'],
      ],
    )
  })

  it('resolves the lock of a whole page as a writer does, and asks for the page again', async () => {
    const bench = filled([])
    const lock = bench.lock('zz', 9000, undefined)
    bench.rows.unlock(utf8('zz'))
    bench.stores.on(kvCheckTxnStatus, () => ({ action: Action.TTLExpireRollback }))
    let asked = 0
    bench.stores.on(kvScan, () =>
      asked++ === 0
        ? {
            error: KeyError.fromPartial({ locked: lock }),
            pairs: [{ key: utf8('a'), value: utf8('wrong'), error: undefined, commitTs: 0n }],
          }
        : { pairs: [{ key: utf8('a'), value: utf8('right'), error: undefined, commitTs: 0n }] },
    )
    assert.deepEqual(await scan(bench.snapshot(), 'a', 'b'), ['a=right'])
    assert.deepEqual(
      bench.stores.sent.map(({ method }) => method),
      ['KvScan', 'KvCheckTxnStatus', 'KvResolveLock', 'KvScan'],
    )
  })

  it('stops asking when its consumer stops', async () => {
    const bench = filled(['c', 'e'])
    for await (const chunk of bench.snapshot().scan({ start: utf8(''), end: utf8('') })) {
      assert.equal(chunk.length, 2)
      break
    }
    assert.equal(bench.stores.sent.length, 1)
  })
})
