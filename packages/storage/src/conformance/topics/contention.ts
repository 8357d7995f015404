import assert from 'node:assert/strict'
import { TestEnv, type Env } from '@orbit-ts/base'
import type { Reader, StorageProvider, TransactOptions, Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { chance, whole } from '../harness/dice.js'
import { bytes, commit, get, getMany, scan } from '../harness/text.js'

/** Enough for every one of the contenders to lose against all the others. */
const PATIENT = { attemptsMax: 1_000, backoffMaxMs: 4 } as const

/** Many transactions at once on the same few keys: nothing is lost, nothing is invented. */
export function registerContention(suite: ConformanceSuite): void {
  for (const isolation of suite.expected.isolationLevels) {
    if (isolation === 'read-committed') continue
    for (const mode of suite.expected.modes) {
      const options = { ...PATIENT, ...suite.unsynced, isolation, mode }
      suite.test(
        `${isolation}, ${mode}: 64 concurrent increments of one key add up`,
        async ({ provider }) => {
          await assertCounter(provider, options)
        },
      )
      suite.test(`${isolation}, ${mode}: transfers keep the total that readers see`, async ({ provider }) => {
        await assertBank(provider, options, new TestEnv({ seed: suite.seed }))
      })
    }
  }

  if (!suite.offers('pessimistic')) return
  suite.test('pessimistic increments wait instead of running again', async ({ provider }) => {
    let runs = 0
    const increments = Array.from({ length: 64 }, () =>
      provider.transact(
        async (tx) => {
          runs++
          await increment(tx)
        },
        { ...suite.unsynced, mode: 'pessimistic' },
      ),
    )
    await Promise.all(increments)
    assert.equal(runs, 64)
    assert.equal(await provider.transact((tx) => get(tx, 'counter')), '64')
  })
}

async function increment(tx: Transaction): Promise<void> {
  const value = Number((await get(tx, 'counter')) ?? '0')
  tx.put(bytes('counter'), bytes(String(value + 1)))
}

async function assertCounter(provider: StorageProvider, options: TransactOptions): Promise<void> {
  await Promise.all(Array.from({ length: 64 }, () => provider.transact(increment, options)))
  assert.equal(await provider.transact((tx) => get(tx, 'counter')), '64')
}

const ACCOUNTS = Array.from({ length: 6 }, (_, index) => `account ${index}`)
const TOTAL = ACCOUNTS.length * 100

async function assertBank(provider: StorageProvider, options: TransactOptions, env: Env): Promise<void> {
  await commit(provider, Object.fromEntries(ACCOUNTS.map((account) => [account, '100'])))
  const work: Promise<unknown>[] = []
  for (let index = 0; index < 60; index++) {
    const [from, step, amount] = [
      whole(env, ACCOUNTS.length),
      1 + whole(env, ACCOUNTS.length - 1),
      whole(env, 50),
    ]
    const to = (from + step) % ACCOUNTS.length
    work.push(
      provider.transact((tx) => transfer(tx, ACCOUNTS[from] ?? '', ACCOUNTS[to] ?? '', amount), options),
    )
    if (index % 3 === 0) work.push(assertTotal(provider, options, chance(env, 0.5)))
  }
  await Promise.all(work)
  await assertTotal(provider, options, true)
}

async function transfer(tx: Transaction, from: string, to: string, amount: number): Promise<void> {
  const [source, target] = [Number(await get(tx, from)), Number(await get(tx, to))]
  tx.put(bytes(from), bytes(String(source - amount)))
  tx.put(bytes(to), bytes(String(target + amount)))
}

async function assertTotal(
  provider: StorageProvider,
  options: TransactOptions,
  byScan: boolean,
): Promise<void> {
  const balances = await provider.transact((tx) => (byScan ? scannedBalances(tx) : readBalances(tx)), options)
  assert.equal(
    balances.reduce((sum, balance) => sum + balance, 0),
    TOTAL,
  )
}

async function scannedBalances(reader: Reader): Promise<number[]> {
  const entries = await scan(reader, {}, { chunkSize: 2 })
  return entries.map((entry) => Number(entry.split('=')[1]))
}

async function readBalances(reader: Reader): Promise<number[]> {
  const [first, ...rest] = ACCOUNTS
  const alone = await get(reader, first ?? '')
  return [alone, ...(await getMany(reader, rest))].map(Number)
}
