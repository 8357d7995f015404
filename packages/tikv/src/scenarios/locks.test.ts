import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { OrbitError, utf8 } from '@orbit-ts/base'
import { tikvMethods } from '../rpc/methods.js'
import { newExecDetails } from '../telemetry/exec-details.js'
import { MAX_TIMESTAMP } from '../timestamp.js'
import { deadlockOf } from '../txn/key-errors.js'
import { failsWith, put, scenario, text } from './scenario.fake.js'

const PESSIMISTIC = { mode: 'pessimistic' } as const
const THREE_REGIONS = { splitKeys: [utf8('g'), utf8('p')] }

describe('locks', () => {
  scenario('[S49] nowait fails at once, a wait of 200 ms when it is over', {}, async (bench) => {
    const holder = await (await bench.client()).txn.begin(PESSIMISTIC)
    await holder.lock([utf8('k')])
    const waiter = await (await bench.connect()).txn.begin(PESSIMISTIC)
    const nowait = await bench.timed(
      failsWith(waiter.lock([utf8('k')], { wait: 'nowait' }), 'LOCK_NOT_AVAILABLE'),
    )
    bench.tookAtMost(nowait, 500)
    assert.deepEqual(
      bench.requests(tikvMethods.kvPessimisticLock).map(({ waitTimeout }) => waitTimeout === -1n),
      [false, true],
    )
    const waited = await bench.timed(failsWith(waiter.lock([utf8('k')], { wait: 200 }), 'LOCK_TIMEOUT'))
    assert.ok(waited >= 200, String(waited))
    bench.tookAtMost(waited, 800)
    await waiter.rollback()
    await holder.rollback()
    await (await bench.client()).settle()
    assert.deepEqual(bench.locks, [])
  })

  scenario('[S50] of two that wait for each other exactly one learns of the deadlock', {}, async (bench) => {
    const clients = [await bench.client(), await bench.connect()]
    const [one, two] = await Promise.all(clients.map((client) => client.txn.begin(PESSIMISTIC)))
    assert.ok(one && two)
    await one.lock([utf8('a')])
    await two.lock([utf8('b')])
    const run = async (transaction: typeof one, key: string): Promise<OrbitError | undefined> => {
      try {
        await transaction.lock([utf8(key)])
        put(transaction, { a: key, b: key })
        await transaction.commit()
        return undefined
      } catch (error) {
        await transaction.rollback()
        return OrbitError.from(error)
      }
    }
    const errors = (await Promise.all([run(one, 'b'), run(two, 'a')])).filter((error) => error !== undefined)
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['TRANSACTION_DEADLOCK'],
    )
    const facts = deadlockOf(errors[0])
    const starts = facts?.waitChain.map(({ startTs }) => startTs).sort()
    assert.deepEqual(starts, [one.startTs, two.startTs].sort())
    for (const client of clients) await client.settle()
    assert.equal(await bench.read('a'), await bench.read('b'))
    assert.notEqual(await bench.read('a'), undefined)
  })

  scenario('[S51] heartbeats keep an idle transaction alive', { speed: 10 }, async (bench) => {
    const client = await bench.client()
    const transaction = await client.txn.begin(PESSIMISTIC)
    await transaction.lock([utf8('k')])
    const other = await (await bench.connect()).txn.begin(PESSIMISTIC)
    // The lock was to live for 20 s, and has lived for 30.
    await bench.until(() => bench.faults.callsOf('KvTxnHeartBeat').length >= 3)
    await failsWith(other.lock([utf8('k')], { wait: 'nowait' }), 'LOCK_NOT_AVAILABLE')
    put(transaction, { k: 'v' })
    await transaction.commit()
    await other.rollback()
    await client.settle()
    assert.equal(await bench.read('k'), 'v')
  })

  scenario(
    '[S51] the locks of a client that died are gone after their time',
    { speed: 20 },
    async (bench) => {
      const dying = await bench.connect()
      const transaction = await dying.txn.begin(PESSIMISTIC)
      await transaction.lock([utf8('k')])
      await dying.close()
      assert.equal(bench.locks.length, 1)
      const heir = await (await bench.connect()).txn.begin(PESSIMISTIC)
      const elapsedMs = await bench.timed(heir.lock([utf8('k')], { wait: 'always' }))
      if (bench.isVirtual) assert.ok(elapsedMs > 10_000, String(elapsedMs))
      bench.tookAtMost(elapsedMs, 30_000)
      put(heir, { k: 'heir' })
      await heir.commit()
      assert.equal(await bench.read('k'), 'heir')
    },
  )

  scenario(
    '[S53] a refreshed lock reads the newest value, and one that fails leaves none',
    {},
    async (bench) => {
      const { txn } = await bench.client()
      const transaction = await txn.begin(PESSIMISTIC)
      await bench.write({ k: 'newer' })
      await failsWith(transaction.lock([utf8('j'), utf8('k')], { conflict: 'fail' }), 'TRANSACTION_CONFLICT')
      await (await bench.client()).settle()
      assert.deepEqual(bench.locks, [])
      assert.equal(text(await transaction.getForUpdate(utf8('k'))), 'newer')
      put(transaction, { k: 'mine' })
      await transaction.commit()
      assert.equal(await bench.read('k'), 'mine')
    },
  )

  scenario('[S54] lock-only-if-exists, existence and values', {}, async (bench) => {
    await bench.write({ here: 'v' })
    const { txn } = await bench.client()
    const transaction = await txn.begin(PESSIMISTIC)
    const absent = await transaction.lock([utf8('absent')], { lockOnlyIfExists: true, returnValues: true })
    assert.deepEqual(
      absent.map(({ locked, exists }) => [locked, exists]),
      [[false, false]],
    )
    assert.deepEqual(bench.locks, [])
    const rows = await transaction.lock([utf8('here'), utf8('gone')], { returnValues: true })
    const seen = rows.map(({ locked, exists, value }) => [locked, exists, text(value)])
    assert.deepEqual(seen, [
      [true, true, 'v'],
      [true, false, undefined],
    ])
    await transaction.rollback()
    await (await bench.client()).settle()
    assert.deepEqual(bench.locks, [])
  })

  scenario('[S56] a fair lock is given in spite of a newer version', {}, async (bench) => {
    const { txn } = await bench.client()
    const late = await txn.begin(PESSIMISTIC)
    await bench.write({ k: 'newer' })
    const [row] = await late.lock([utf8('k')], { fair: true, returnValues: true })
    assert.equal(text(row?.value), 'newer')
    const [request] = bench.requests(tikvMethods.kvPessimisticLock)
    assert.equal(request?.wakeUpMode, 1)
    put(late, { k: 'mine' })
    await late.commit()
    assert.equal(await bench.read('k'), 'mine')
  })

  scenario(
    '[S58] [S63] a large live transaction stops no reader',
    // The locks must not expire while the readers are at work.
    { cluster: THREE_REGIONS, speed: 0.1 },
    async (bench) => {
      await bench.write({ a: 'old', z: 'old' })
      const writer = await bench.connect()
      const large = await writer.txn.begin({ asyncCommit: false, onePc: false })
      put(large, { a: 'new', z: 'new' })
      let letGo = (): void => undefined
      const until = new Promise<void>((resolve) => (letGo = resolve))
      bench.faults.add({ method: 'KvCommit' }, { kind: 'hold', until })
      const committing = large.commit()
      await bench.until(() => bench.locks.length === 2)
      const { txn } = await bench.client()
      const details = newExecDetails()
      for (const key of ['a', 'z']) {
        for (const readTs of [undefined, MAX_TIMESTAMP]) {
          const snapshot = await txn.snapshot(readTs, { details })
          assert.equal(text(await snapshot.get(utf8(key))), 'old')
        }
      }
      assert.deepEqual([...details.sleeps], [])
      assert.equal(bench.locks.length, 2)
      letGo()
      await committing
      await writer.settle()
      assert.equal(await bench.read('z'), 'new')
    },
  )

  scenario(
    '[S66] a pipelined transaction flushes, reads its own rows, and commits all',
    { speed: 4 },
    async (bench) => {
      const client = await bench.client()
      const rows = 20_000
      const keyOf = (row: number): Uint8Array => utf8(`row-${String(row).padStart(6, '0')}`)
      const fill = async (value: string, commit: boolean): Promise<void> => {
        const pipelined = { flushKeysMin: 2000, flushBytesMin: 1024 }
        const transaction = await client.txn.begin({ pipelined })
        for (let row = 0; row < rows; row++) {
          transaction.put(keyOf(row), utf8(value))
          if (row % 1000 === 0) await transaction.drain()
        }
        assert.deepEqual((await transaction.batchGet([keyOf(0), keyOf(rows - 1)])).map(text), [value, value])
        if (commit) await transaction.commit()
        else await transaction.rollback()
        await client.settle()
      }
      await fill('kept', true)
      const generations = bench.requests(tikvMethods.kvFlush).map(({ generation }) => generation)
      assert.ok(generations.length >= 5)
      assert.ok(new Set(generations).size >= 5)
      await fill('undone', false)
      assert.deepEqual(bench.locks, [])
      const values = new Map<string, number>()
      for await (const chunk of (await client.txn.snapshot()).scan({ start: utf8('row'), end: utf8('rox') }))
        for (const { value } of chunk) values.set(text(value) ?? '', (values.get(text(value) ?? '') ?? 0) + 1)
      assert.deepEqual([...values], [['kept', rows]])
    },
  )
})
