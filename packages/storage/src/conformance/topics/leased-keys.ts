import assert from 'node:assert/strict'
import { toBinaryString } from '@orbit-ts/base'
import type { IsolationLevel, StorageProvider, Transaction, TransactionOptions } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, succeeds } from '../harness/assertions.js'
import { assertFree, lock, locked, PESSIMISTIC } from '../harness/locking.js'
import { bytes, commit, contents, get, scan } from '../harness/text.js'

const LEASED = { leased: true } as const

/** What stands for a definition, and the key by which those who rely on it protect it. */
const DEFINITION = 'definition'
const GUARD = 'guard'

async function define(tx: Transaction, value: string): Promise<void> {
  await tx.lock([bytes(DEFINITION), bytes(GUARD)], LEASED)
  tx.put(bytes(DEFINITION), bytes(value))
}

function definition(tx: Transaction): Promise<string | undefined> {
  return tx.get(bytes(DEFINITION), LEASED).then((value) => value && toBinaryString(value))
}

function protect(tx: Transaction): Promise<void> {
  return tx.lock([bytes(GUARD)], { mode: 'shared', ...LEASED })
}

/** Keys that may be read and shared out of memory: nobody can tell, but by how long it takes. */
export function registerLeasedKeys(suite: ConformanceSuite): void {
  if (!suite.offers('pessimistic')) return
  registerReads(suite)
  for (const isolation of suite.expected.isolationLevels) registerChanges(suite, isolation)
}

function registerReads(suite: ConformanceSuite): void {
  suite.test(
    'a leased key is read as any other: absent, written by others, by itself, deleted',
    async ({ provider }) => {
      const absent = await provider.begin()
      assert.equal(await definition(absent), undefined)
      await change(provider, '1')
      const tx = await provider.begin()
      assert.equal(await definition(absent), undefined)
      assert.equal(await definition(tx), '1')
      await define(tx, '2')
      assert.equal(await definition(tx), '2')
      tx.delete(bytes(DEFINITION))
      assert.equal(await definition(tx), undefined)
      await tx.commit()
      await absent.rollback()
      await provider.transact(async (next) => assert.equal(await definition(next), undefined))
    },
  )

  suite.test('a savepoint takes back what was written of a leased key', async ({ provider }) => {
    await change(provider, '1')
    await using tx = await provider.begin()
    await tx.lock([bytes(DEFINITION)], LEASED)
    const savepoint = tx.savepoint()
    tx.put(bytes(DEFINITION), bytes('2'))
    tx.rollbackTo(savepoint)
    assert.equal(await definition(tx), '1')
  })

  suite.test('a pessimistic transaction reads a leased key without locking it', async ({ provider }) => {
    await change(provider, '1')
    await using reader = await provider.begin(PESSIMISTIC)
    assert.equal(await definition(reader), '1')
    await assertFree(provider, DEFINITION)
    assert.equal(await get(reader, DEFINITION), '1')
    await using other = await provider.begin()
    await locked(other, DEFINITION)
  })

  suite.test('a leased lock is a lock', async ({ provider }) => {
    await using holder = await provider.begin()
    await define(holder, '1')
    await using other = await provider.begin()
    await locked(other, DEFINITION)
    await locked(other, GUARD)
    await lock(other, 'another')
  })
}

function registerChanges(suite: ConformanceSuite, isolation: IsolationLevel): void {
  const options: TransactionOptions = { isolation }

  suite.test(
    `${isolation}: what others have changed is seen by whoever begins after it`,
    async ({ provider }) => {
      for (const value of ['1', '2', '3']) {
        await change(provider, value)
        for (let time = 0; time < 3; time++) {
          await using tx = await provider.begin(options)
          assert.equal(await definition(tx), value)
        }
      }
    },
  )

  suite.test(
    `${isolation}: of one that protects a definition and one that changes it, the later fails or waits`,
    async ({ provider }) => {
      for (const writerFirst of [true, false]) {
        await change(provider, 'old')
        await commit(provider, { row: undefined })
        const writer = await provider.begin(options)
        await protect(writer)
        assert.equal(await definition(writer), 'old')
        writer.put(bytes('row'), bytes('old'))
        // A writer without a snapshot is waited for.
        const changing = (): Promise<unknown> => provider.transact((tx) => rewrite(tx, 'new'))
        if (writerFirst || isolation === 'read-committed') {
          await writer.commit()
          await changing()
          assert.deepEqual(await contents(provider), ['definition=new', 'row=new'])
        } else {
          await changing()
          await failure(() => writer.commit(), 'TRANSACTION_CONFLICT')
          assert.deepEqual(await contents(provider), ['definition=new'])
        }
      }
    },
  )

  suite.randomTest(
    `${isolation}: rows follow a definition that changes all the time`,
    async ({ provider }, env) => {
      await change(provider, '0')
      const attempt = async (work: (tx: Transaction) => Promise<void>): Promise<boolean> =>
        succeeds(
          () => provider.transact(work, { ...options, attemptsMax: 20 }),
          'TRANSACTION_CONFLICT',
          'TRANSACTION_DEADLOCK',
          'LOCK_TIMEOUT',
        )
      const write = (row: number): Promise<boolean> =>
        attempt(async (tx) => {
          await tx.refresh()
          await protect(tx)
          tx.put(bytes(`row ${row}`), bytes((await definition(tx)) ?? 'none'))
          if (env.random.float() < 0.3) await get(tx, 'other')
        })
      const redefine = (): Promise<boolean> =>
        attempt(async (tx) => {
          await tx.lock([bytes(DEFINITION), bytes(GUARD)], LEASED)
          const before = Number(await get(tx, DEFINITION))
          await rewrite(tx, String(before + 1))
        })
      for (let round = 0; round < 8; round++) {
        const done = await Promise.all([
          ...Array.from({ length: 6 }, (_, at) => write(round * 6 + at)),
          ...(env.random.float() < 0.6 ? [redefine()] : []),
        ])
        assert.ok(done.some(Boolean))
        const [now, ...rows] = await contents(provider)
        const value = now?.slice('definition='.length)
        for (const row of rows) assert.equal(row.slice(row.indexOf('=') + 1), value, row)
      }
    },
    0.5,
  )
}

/** Changes the definition and brings all rows to it. */
async function rewrite(tx: Transaction, value: string): Promise<void> {
  await define(tx, value)
  for (const entry of await scan(tx)) {
    const key = entry.slice(0, entry.indexOf('='))
    if (key !== DEFINITION) tx.put(bytes(key), bytes(value))
  }
}

async function change(provider: StorageProvider, value: string): Promise<void> {
  await provider.transact((tx) => define(tx, value))
}
