import assert from 'node:assert/strict'
import { type OrbitError, hasCode } from '@orbit-ts/base'
import type { Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { quiesce } from '../harness/assertions.js'
import { bytes, commit, contents, get } from '../harness/text.js'

export function registerDeadlocks(suite: ConformanceSuite): void {
  if (!suite.offers('pessimistic')) return
  for (const size of [2, 3]) {
    suite.test(
      `a cycle of ${size} gives way at one place, named with its labels, and the rest goes on`,
      async ({ provider }) => {
        const labels = ['first', 'second', 'third'].slice(0, size)
        const ring = await Promise.all(labels.map((label) => provider.begin({ mode: 'pessimistic', label })))
        await breakRing(ring, labels)
      },
    )
  }

  suite.test('transactions that wait in line for one key are no deadlock', async ({ provider }) => {
    const transactions = await Promise.all(Array.from({ length: 4 }, () => provider.begin()))
    await Promise.all(
      transactions.map(async (tx) => {
        await tx.lock([bytes('a')])
        tx.put(bytes(tx.id), bytes('1'))
        await tx.commit()
      }),
    )
    assert.equal((await contents(provider)).length, 4)
  })

  suite.test('the same keys locked in one call each, in any order, never deadlock', async ({ provider }) => {
    const keys = ['a', 'b', 'c', 'd'].map(bytes)
    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await using tx = await provider.begin()
        await tx.lock([...keys.slice(index % 4), ...keys.slice(0, index % 4)])
      }),
    )
  })

  suite.test('transact runs the victim of a deadlock again', async ({ provider }) => {
    await commit(provider, { a: '0', b: '0' })
    let runs = 0
    const move = async (tx: Transaction, from: string, to: string): Promise<void> => {
      runs++
      const before = await get(tx, from)
      await quiesce()
      const after = await get(tx, to)
      tx.put(bytes(from), bytes(`${Number(before) + 1}`))
      tx.put(bytes(to), bytes(`${Number(after) + 1}`))
    }
    await Promise.all([
      provider.transact((tx) => move(tx, 'a', 'b'), { mode: 'pessimistic' }),
      provider.transact((tx) => move(tx, 'b', 'a'), { mode: 'pessimistic' }),
    ])
    assert.ok(runs > 2)
    assert.deepEqual(await contents(provider), ['a=2', 'b=2'])
  })

  suite.test('deadlocks are counted', async ({ provider }) => {
    const before = provider.metrics().deadlocks
    const labels = ['first', 'second']
    await breakRing(await Promise.all(labels.map((label) => provider.begin({ label }))), labels)
    assert.equal(provider.metrics().deadlocks, before + 1)
  })
}

/** Every transaction locks its own key and then its neighbour's; one must give way, the others must then finish. */
async function breakRing(ring: readonly Transaction[], labels: readonly string[]): Promise<void> {
  const keys = ring.map((_, index) => bytes(`key ${index}`))
  for (const [index, tx] of ring.entries()) await tx.lock(keys.slice(index, index + 1))
  const victims: OrbitError[] = []
  const waits = ring.map(async (tx, index) => {
    const next = (index + 1) % ring.length
    try {
      await tx.lock(keys.slice(next, next + 1))
      await tx.commit()
    } catch (error) {
      assert.ok(hasCode(error, 'TRANSACTION_DEADLOCK'), String(error))
      victims.push(error)
      await tx.rollback()
    }
  })
  await Promise.all(waits)
  assert.equal(victims.length, 1)
  const cycle = victims[0]?.details['cycle']
  assert.ok(Array.isArray(cycle))
  assert.equal(cycle.length, ring.length)
  for (const label of labels) assert.ok(JSON.stringify(cycle).includes(label), `${label} is in the cycle`)
  assert.equal(victims[0]?.retry, 'safe')
}
