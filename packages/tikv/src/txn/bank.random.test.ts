import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, OrbitError } from '@orbit-ts/base'
import { bytes, put, text, TransactionFixture } from './transaction-fixture.fake.js'
import type { TransactionOptions } from './transaction-options.js'

const ACCOUNTS = 6
const START = 100
const account = (at: number): string => `account-${at}`

const WAYS: readonly TransactionOptions[] = [
  {},
  { onePc: false },
  { onePc: false, asyncCommit: false },
  { causalConsistency: true },
  { mode: 'pessimistic', lockWait: 3000 },
  { mode: 'pessimistic', lockWait: 3000, onePc: false, asyncCommit: false },
  { isolation: 'serializable' },
]

describe('transfers while answers are lost, regions split and leaders move', () => {
  for (const seed of [11, 12, 13, 14, 15, 16, 17, 18]) {
    it(`keep the sum, and are as their outcome says (seed ${seed})`, () => transfers(seed))
  }
})

async function transfers(seed: number): Promise<void> {
  await using fixture = await TransactionFixture.start({
    seed,
    splitKeys: [bytes('account-3'), bytes('done')],
  })
  const { cluster, env, client } = fixture
  const { random } = env
  const pick = (count: number): number => Math.floor(random.float() * count)
  await fixture.write(
    Object.fromEntries(Array.from({ length: ACCOUNTS }, (_, at) => [account(at), String(START)])),
  )
  for (const kind of ['drop', 'lose-answer'] as const) {
    cluster.faults.add({ where: () => random.float() < 0.02 }, { kind })
  }
  cluster.faults.add({ where: () => random.float() < 0.1 }, { kind: 'delay', ms: 5 })
  const outcomes = new Map<string, 'committed' | 'failed' | 'undetermined'>()

  const transfer = async (marker: string): Promise<void> => {
    const options = WAYS[pick(WAYS.length)] ?? {}
    await using transaction = await client.txn.begin(options)
    const from = pick(ACCOUNTS)
    const to = (from + 1 + pick(ACCOUNTS - 1)) % ACCOUNTS
    const keys = [account(from), account(to)].map(bytes)
    const values =
      options.mode === 'pessimistic'
        ? await transaction.batchGetForUpdate(keys)
        : await transaction.batchGet(keys)
    const [left = 0, right = 0] = values.map((value) => Number(text(value)))
    const amount = pick(10)
    await delay(env, pick(20))
    put(transaction, { [account(from)]: String(left - amount), [account(to)]: String(right + amount) })
    transaction.insert(bytes(marker), bytes('x'))
    await transaction.commit()
  }
  const mover = async (name: string): Promise<void> => {
    for (let at = 0; at < 15; at++) {
      const marker = `done-${name}-${at}`
      try {
        await transfer(marker)
        outcomes.set(marker, 'committed')
      } catch (error) {
        assert.ok(error instanceof OrbitError && error.retry !== 'never', String(error))
        outcomes.set(marker, error.retry === 'undetermined' ? 'undetermined' : 'failed')
      }
    }
  }
  const sums = async (): Promise<void> => {
    for (let at = 0; at < 15; at++) {
      await delay(env, 10)
      assert.equal(await total(fixture), ACCOUNTS * START)
    }
  }
  const harm = async (): Promise<void> => {
    for (let at = 0; at < 10; at++) {
      await delay(env, 15)
      if (pick(2) === 0)
        cluster.splitAt(bytes(`${['account-', 'done-a', 'done-b'][pick(3)] ?? ''}${pick(10)}`))
      const { region } = cluster.regionOf(bytes(account(pick(ACCOUNTS))))
      const peer = region.peers[pick(region.peers.length)]
      if (peer !== undefined) cluster.state.transferLeader(region.id, peer.storeId)
    }
  }
  await fixture.run(() => Promise.all([...['a', 'b', 'c', 'd'].map(mover), sums(), harm()]))
  cluster.faults.clear()
  await fixture.run(client.settle())
  await fixture.pass(40_000)
  assert.equal(await fixture.run(total(fixture)), ACCOUNTS * START)
  const count = (wanted: string): number =>
    [...outcomes.values()].filter((outcome) => outcome === wanted).length
  assert.ok(count('committed') > 10, `${count('committed')} committed, ${count('failed')} failed`)
  for (const [marker, outcome] of outcomes) {
    const found = await fixture.read(marker)
    if (outcome !== 'undetermined') assert.equal(found, outcome === 'committed' ? 'x' : undefined, marker)
  }
}

async function total({ client }: TransactionFixture): Promise<number> {
  const snapshot = await client.txn.snapshot()
  const values = await snapshot.batchGet(Array.from({ length: ACCOUNTS }, (_, at) => bytes(account(at))))
  return values.reduce((sum, value) => sum + Number(text(value)), 0)
}
