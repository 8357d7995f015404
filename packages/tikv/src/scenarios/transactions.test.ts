import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { newExecDetails } from '../telemetry/exec-details.js'
import { tikvMethods } from '../rpc/methods.js'
import { conflictOf } from '../txn/key-errors.js'
import { failsWith, put, scenario, text } from './scenario.fake.js'

const THREE_REGIONS = { splitKeys: [utf8('g'), utf8('p')] }
const TWO_PHASE = { asyncCommit: false, onePc: false }
const ROWS = { a: '1', h: '2', z: '3' }
const KEYS = Object.keys(ROWS).map(utf8)

describe('transactions', () => {
  scenario(
    '[S37] three keys in three regions are readable at the commit timestamp, not at the start',
    { cluster: THREE_REGIONS },
    async (bench) => {
      const { txn } = await bench.client()
      const transaction = await txn.begin()
      put(transaction, ROWS)
      const { startTs, commitTs = 0n } = await transaction.commit()
      assert.ok(commitTs > startTs)
      const other = await bench.connect()
      const at = async (timestamp: bigint): Promise<(string | undefined)[]> =>
        (await (await other.txn.snapshot(timestamp)).batchGet(KEYS)).map(text)
      assert.deepEqual(await at(commitTs), ['1', '2', '3'])
      assert.deepEqual(await at(startTs), [undefined, undefined, undefined])
    },
  )

  scenario('[S38] of two that write a key the second to commit conflicts', {}, async (bench) => {
    const one = await bench.client()
    const two = await bench.connect()
    const first = await one.txn.begin()
    const second = await two.txn.begin()
    put(first, { k: 'first' })
    put(second, { k: 'second', other: 'x' })
    const { commitTs } = await first.commit()
    const error = await failsWith(second.commit(), 'TRANSACTION_CONFLICT', /run the transaction again/)
    const facts = conflictOf(error)
    assert.equal(text(facts?.key), 'k')
    assert.equal(facts?.conflictTs, first.startTs)
    assert.equal(facts?.conflictCommitTs, commitTs)
    await two.settle()
    assert.equal(await bench.read('k'), 'first')
    assert.equal(await bench.read('other'), undefined)
    assert.deepEqual(bench.locks, [])
  })

  scenario('[S39] the size of the transaction is told, and batches are small', {}, async (bench) => {
    const { txn } = await bench.client()
    const transaction = await txn.begin(TWO_PHASE)
    for (let at = 0; at < 200; at++) transaction.put(utf8(`key-${at}`), new Uint8Array(1024).fill(7))
    bench.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 200 })
    const committing = transaction.commit()
    await bench.until(() => bench.locks.length === 200)
    assert.ok(bench.locks.every(({ txnSize }) => txnSize === 200n))
    await committing
    const batches = bench.requests(tikvMethods.kvPrewrite).map(({ mutations }) => mutations)
    assert.equal(batches.flat().length, 200)
    for (const mutations of batches) {
      const bytes = mutations.reduce((sum, { key, value }) => sum + key.length + value.length, 0)
      assert.ok(bytes <= 16 * 1024 + 1024 + 7, String(bytes))
    }
    await (await bench.client()).settle()
  })

  scenario('[S43] a lock of a newer transaction is a conflict at once', {}, async (bench) => {
    const { txn } = await bench.client()
    const older = await txn.begin(TWO_PHASE)
    const newer = await (await bench.connect()).txn.begin(TWO_PHASE)
    put(older, { k: 'older' })
    put(newer, { k: 'newer' })
    let letGo = (): void => undefined
    const until = new Promise<void>((resolve) => (letGo = resolve))
    bench.faults.add({ method: 'KvCommit' }, { kind: 'hold', until })
    const committing = newer.commit()
    await bench.until(() => bench.locks.length === 1)
    const elapsedMs = await bench.timed(failsWith(older.commit(), 'TRANSACTION_CONFLICT'))
    bench.tookAtMost(elapsedMs, 1000)
    assert.equal(bench.faults.callsOf('KvCheckTxnStatus').length, 0)
    letGo()
    await committing
    assert.equal(await bench.read('k'), 'newer')
  })

  scenario(
    '[S44] async commit is acknowledged after prewrite, and stands although the client dies',
    { cluster: THREE_REGIONS, speed: 4 },
    async (bench) => {
      const dying = await bench.connect()
      const commits = bench.faults.add({ method: 'KvCommit' }, { kind: 'drop' })
      const transaction = await dying.txn.begin()
      put(transaction, ROWS)
      const { asyncCommit, commitTs } = await transaction.commit()
      assert.equal(asyncCommit, true)
      await dying.close()
      commits.remove()
      assert.equal(bench.locks.length, 3)
      const reader = await bench.connect()
      const snapshot = await reader.txn.snapshot()
      assert.deepEqual((await snapshot.batchGet(KEYS)).map(text), ['1', '2', '3'])
      assert.equal((await snapshot.getVersioned(utf8('h')))?.commitTs, commitTs)
      await reader.settle()
      assert.deepEqual(bench.locks, [])
    },
  )

  scenario(
    '[S47] of one region a transaction needs no commit; of two it is not asked to do without',
    { cluster: THREE_REGIONS },
    async (bench) => {
      const client = await bench.client()
      const one = await client.txn.begin()
      put(one, { a: '1', b: '2' })
      assert.equal((await one.commit()).onePc, true)
      assert.equal(bench.requests(tikvMethods.kvCommit).length, 0)
      assert.deepEqual(
        bench.requests(tikvMethods.kvPrewrite).map(({ tryOnePc }) => tryOnePc),
        [true],
      )
      bench.faults.clearLog()
      const two = await client.txn.begin()
      put(two, { a: '3', h: '4' })
      assert.equal((await two.commit()).onePc, false)
      assert.deepEqual(
        bench.requests(tikvMethods.kvPrewrite).map(({ tryOnePc }) => tryOnePc),
        [false, false],
      )
      await client.settle()
      assert.equal(await bench.read('b'), '2')
      assert.equal(await bench.read('h'), '4')
    },
  )

  scenario('[S48] that follow each other have growing timestamps', {}, async (bench) => {
    const clients = [await bench.client(), await bench.connect()]
    let last = 0n
    for (let round = 0; round < 6; round++) {
      const client = clients[round % 2] ?? (await bench.client())
      const transaction = await client.txn.begin()
      put(transaction, { [`k${round}`]: 'v' })
      const { startTs, commitTs = 0n } = await transaction.commit()
      // A commit at the timestamp after the newest one may be what the next transaction starts at, which sees it.
      assert.ok(startTs >= last && commitTs > startTs, `${last}, ${startTs}, ${commitTs}`)
      last = commitTs
    }
    const tso = (): number => bench.cluster.pd.calls.get('Tso') ?? 0
    for (const [causalConsistency, timestamps] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const transaction = await clients[0]?.txn.begin({ causalConsistency })
      assert.ok(transaction)
      put(transaction, { k: String(causalConsistency) })
      const before = tso()
      await transaction.commit()
      assert.equal(tso() - before, timestamps)
    }
  })

  scenario(
    '[S52] locks live as long as the size of the transaction asks for',
    { speed: 4 },
    async (bench) => {
      const client = await bench.client()
      const ttlOf = async (megabytes: number, idleMs: number): Promise<number> => {
        const transaction = await client.txn.begin(TWO_PHASE)
        if (idleMs > 0) await bench.sleep(idleMs)
        if (megabytes === 0) put(transaction, { k: 'small' })
        for (let at = 0; at < megabytes; at++) transaction.put(utf8(`k${at}`), new Uint8Array(1024 * 1024))
        await transaction.commit()
        await client.settle()
        const ttl = Number(bench.requests(tikvMethods.kvPrewrite)[0]?.lockTtl)
        bench.faults.clearLog()
        return ttl
      }
      // Real timers may fire a few milliseconds early, and late by as much as the machine is busy.
      const around = (value: number, expected: number): void => {
        assert.ok(value >= expected - 50, `${value}, not ${expected}`)
        bench.tookAtMost(value, expected + 2500)
      }
      around(await ttlOf(0, 0), 3000)
      around(await ttlOf(0, 2000), 5000)
      around(await ttlOf(1, 0), 6000)
      around(await ttlOf(16, 0), 20_000)
    },
  )

  scenario(
    '[S55] an insert of a key that exists fails; of one deleted before it leaves nothing',
    { speed: 4 },
    async (bench) => {
      await bench.write({ k: 'v' })
      const client = await bench.client()
      const inserting = await client.txn.begin()
      inserting.insert(utf8('k'), utf8('again'))
      put(inserting, { other: 'x' })
      await failsWith(inserting.commit(), 'KEY_EXISTS')
      await client.settle()
      assert.equal(await bench.read('k'), 'v')
      assert.equal(await bench.read('other'), undefined)
      const ghost = await client.txn.begin(TWO_PHASE)
      ghost.insert(utf8('a'), utf8('x'))
      ghost.delete(utf8('a'))
      put(ghost, { b: 'kept' })
      bench.faults.add({ method: 'KvCommit' }, { kind: 'grpc-error', status: 3, message: 'no' })
      await ghost.commit().catch(() => undefined)
      bench.faults.clear()
      await bench.sleep(5000)
      // Whatever became of it, its locks lead to a primary key that knows.
      assert.equal(await bench.read('a'), undefined)
      assert.ok([undefined, 'kept'].includes(await bench.read('b')))
      await bench.write({ a: 'new', b: 'new' })
      assert.equal(await bench.read('a'), 'new')
    },
  )

  scenario('[S57] stages and savepoints undo what followed them', {}, async (bench) => {
    const { txn } = await bench.client()
    const transaction = await txn.begin()
    put(transaction, { a: 'first' })
    const stage = transaction.stage()
    put(transaction, { a: 'second', b: 'second' })
    transaction.cleanUpStage(stage)
    assert.equal(text(await transaction.get(utf8('a'))), 'first')
    const savepoint = transaction.savepoint()
    transaction.insert(utf8('c'), utf8('undone'))
    transaction.rollbackTo(savepoint)
    put(transaction, { d: 'kept' })
    await bench.write({ c: 'of another' })
    await transaction.commit()
    const snapshot = await txn.snapshot()
    const values = await snapshot.batchGet(['a', 'b', 'c', 'd'].map(utf8))
    assert.deepEqual(values.map(text), ['first', undefined, 'of another', 'kept'])
  })

  scenario(
    '[S58] a lock left by a client that died is resolved once it has expired',
    { cluster: THREE_REGIONS, speed: 4 },
    async (bench) => {
      await bench.write({ a: 'old', h: 'old' })
      const dying = await bench.connect()
      const hang = bench.faults.add({ method: 'KvCommit' }, { kind: 'hang' })
      const transaction = await dying.txn.begin(TWO_PHASE)
      put(transaction, { a: 'never', h: 'never' })
      const committing = failsWith(transaction.commit(), 'COMMIT_UNDETERMINED')
      await bench.until(() => hang.hits === 1)
      await dying.close()
      await committing
      bench.faults.clear()
      assert.equal(bench.locks.length, 2)
      const details = newExecDetails()
      const reader = await bench.connect()
      const snapshot = await reader.txn.snapshot(undefined, { details })
      const values = await snapshot.batchGet([utf8('a'), utf8('h')])
      assert.deepEqual(values.map(text), ['old', 'old'])
      assert.deepEqual([...details.sleeps], [])
      await reader.settle()
      await bench.write({ a: 'new', h: 'new' })
      assert.equal(await bench.read('h'), 'new')
      assert.deepEqual(bench.locks, [])
    },
  )

  scenario(
    '[S65] a start before the safe point is refused',
    { config: { safePointInterval: '100ms' } },
    async (bench) => {
      await bench.write({ k: 'v' })
      const client = await bench.client()
      const asked = (): number => bench.cluster.pd.calls.get('GetGCState') ?? 0
      const startTs = await client.txn.currentTimestamp()
      const transaction = await client.txn.begin({ startTs })
      await bench.sleep(50)
      const keeper = await bench.connect()
      const { txnSafePoint } = await keeper.admin.gc(await keeper.txn.currentTimestamp())
      assert.ok(txnSafePoint > startTs)
      await keeper.close()
      // One may be under way; the answer to the next is there before the one after it is asked.
      const before = asked()
      await bench.until(() => asked() >= before + 3)
      await failsWith(transaction.get(utf8('k')), 'SNAPSHOT_TOO_OLD', /safe point/)
      await failsWith(client.txn.begin({ startTs }), 'SNAPSHOT_TOO_OLD', /safe point/)
      await failsWith(client.txn.snapshot(startTs), 'SNAPSHOT_TOO_OLD')
      await transaction.rollback()
      assert.equal(await bench.read('k'), 'v')
    },
  )
})
