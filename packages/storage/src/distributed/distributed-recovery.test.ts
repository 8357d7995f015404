import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasCode, utf8, type ErrorCode } from '@orbit-ts/base'
import {
  entriesOf,
  Freezer,
  getFrom,
  openMemoryStore,
  putBoth,
  TestStores,
} from './distributed-stores.test.suite.js'

const withCode = (code: ErrorCode) => (error: unknown) => hasCode(error, code)

/** Where the coordinator may stop, and what becomes of the transaction then. */
const STEPS: readonly (readonly [string, 'old' | 'new'])[] = [
  ['recorded', 'old'],
  ['prepared:a', 'old'],
  ['prepared:b', 'old'],
  ['all-prepared', 'old'],
  ['decided', 'new'],
  ['applied:a', 'new'],
  ['applied:b', 'new'],
  ['forgotten', 'new'],
]

describe('a coordinator that stops for ever', () => {
  for (const [step, value] of STEPS) {
    test(`at ${step} leaves the ${value} values, whoever looks first`, async () => {
      for (const first of ['recovery', 'reader', 'writer'] as const) {
        await using stores = await TestStores.open()
        const earlier = await stores.coordinator()
        await earlier.transact((tx) => putBoth(tx, 'k', 'old'))
        const freezer = new Freezer(step)
        const frozen = await stores.coordinator({ onStep: freezer.onStep })
        const tx = await frozen.begin()
        await putBoth(tx, 'k', 'new')
        const committing = tx.commit()
        await freezer.reached
        if (first === 'recovery') {
          await (await stores.coordinator()).recover()
        } else if (first === 'reader' && value === 'new') {
          // Without any recovery: a coordinator that was open before.
          for (const name of ['a', 'b']) assert.equal(await getFrom(earlier, name, 'k'), value)
        } else {
          const other = await stores.coordinator()
          await other.transact((next) => putBoth(next, 'l', 'next'))
        }
        const later = await stores.coordinator()
        for (const name of ['a', 'b']) assert.equal(await getFrom(later, name, 'k'), value)
        const l = first === 'writer' || (first === 'reader' && value === 'old') ? ['l=next'] : []
        const expected = ['a', 'b'].flatMap((name) => [`k=${value}`, ...l].map((entry) => `${name}/${entry}`))
        assert.deepEqual(await stores.everything(), expected)

        // The process was only asleep: what it does now changes nothing.
        freezer.thaw()
        if (value === 'new') assert.deepEqual(await committing, { state: 'Committed', pending: [] })
        else await assert.rejects(committing, withCode('TRANSACTION_TIMEOUT'))
        await (await stores.coordinator()).recover()
        assert.deepEqual(await stores.everything(), expected)
      }
    })
  }

  test('while it aborts leaves the old values', async () => {
    for (const step of ['abort-decided', 'rolled-back:a', 'rolled-back:b']) {
      await using stores = await TestStores.open()
      const freezer = new Freezer(step)
      const frozen = await stores.coordinator({ onStep: freezer.onStep })
      const tx = await frozen.begin()
      await putBoth(tx, 'k', 'new')
      await tx.prepare()
      const rollback = tx.rollback()
      await freezer.reached
      await stores.coordinator()
      assert.deepEqual(await stores.everything(), [])
      freezer.thaw()
      await rollback
      assert.equal(tx.state, 'Aborted')
      assert.deepEqual(await stores.everything(), [])
    }
  })
})

describe('a store out of reach', () => {
  test('before the decision aborts the transaction', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    stores.b.isOut = true
    await assert.rejects(tx.commit(), withCode('STORAGE_UNAVAILABLE'))
    stores.b.isOut = false
    await coordinator.recover()
    assert.deepEqual(await stores.everything(), [])
  })

  test('after the decision shows the new values as soon as it is back', async () => {
    for (const first of ['reader', 'snapshot', 'scan', 'recovery', 'read-committed'] as const) {
      await using stores = await TestStores.open()
      const coordinator = await stores.coordinator()
      await coordinator.transact((tx) => putBoth(tx, 'k', 'old'))
      const tx = await coordinator.begin()
      await putBoth(tx, 'k', 'new')
      await tx.prepare()
      stores.b.isOut = true
      const committing = tx.commit()
      await stores.env.advance(10_000)
      assert.deepEqual(await committing, { state: 'Committing', pending: ['b'] })
      assert.equal(await getFrom(coordinator, 'a', 'k'), 'new')
      const recovering = coordinator.recover()
      await stores.env.advance(10_000)
      const report = await recovering
      assert.deepEqual([report.committed, report.left, Object.keys(report.unreachable)], [0, [tx.id], ['b']])
      stores.b.isOut = false
      if (first === 'reader') assert.equal(await getFrom(coordinator, 'b', 'k'), 'new')
      if (first === 'snapshot') {
        await using snapshot = await coordinator.store('b').snapshot()
        assert.deepEqual(await snapshot.getMany([utf8('k')]), [Buffer.from('new')])
      }
      if (first === 'scan') {
        await using reader = await coordinator.store('b').begin()
        assert.deepEqual(await entriesOf(reader), ['k=new'])
      }
      if (first === 'read-committed') {
        await using reader = await coordinator.store('b').begin({ isolation: 'read-committed' })
        await reader.refresh()
        assert.deepEqual(await entriesOf(reader), ['k=new'])
      }
      assert.equal((await coordinator.recover()).committed, 1)
      assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=new'])
    }
  })

  test('is finished in the background', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator({ recoveryIntervalMs: 1_000 })
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await tx.prepare()
    stores.b.isOut = true
    const committing = tx.commit()
    await stores.env.advance(5_000)
    assert.equal((await committing).state, 'Committing')
    stores.b.isOut = false
    await stores.env.advance(5_000)
    assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=new'])
  })

  test('that holds the log closes the keys that depend on it, and no others', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await coordinator.store('b').write([{ type: 'put', key: utf8('free'), value: utf8('1') }])
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await tx.prepare()
    stores.a.isOut = true
    await using reader = await coordinator.store('b').begin()
    assert.deepEqual(await reader.get(utf8('free')), Buffer.from('1'))
    await assert.rejects(reader.get(utf8('k')), withCode('STORAGE_UNAVAILABLE'))
    await assert.rejects(entriesOf(reader), withCode('STORAGE_UNAVAILABLE'))
    await using snapshot = await coordinator.store('b').snapshot()
    await assert.rejects(snapshot.get(utf8('k')), withCode('STORAGE_UNAVAILABLE'))
    const write = coordinator.store('b').write([{ type: 'put', key: utf8('k'), value: utf8('x') }])
    const refused = assert.rejects(write, withCode('STORAGE_UNAVAILABLE'))
    await stores.env.advance(60_000)
    await refused
    stores.a.isOut = false
    await tx.commit()
    assert.equal(await getFrom(coordinator, 'b', 'k'), 'new')
  })
})

describe('a decision whose writing was cut off', () => {
  test('is found out at once when the log answers again', async () => {
    for (const fault of ['lost-before', 'lost-after'] as const) {
      await using stores = await TestStores.open()
      const coordinator = await stores.coordinator()
      const tx = await coordinator.begin()
      await putBoth(tx, 'k', 'new')
      await tx.prepare()
      stores.a.commitFaults.push(fault)
      if (fault === 'lost-after') {
        assert.equal((await tx.commit()).state, 'Committed')
        assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=new'])
      } else {
        await assert.rejects(tx.commit(), withCode('TRANSACTION_TIMEOUT'))
        assert.deepEqual(await stores.everything(), [])
      }
    }
  })

  test('stays open while it does not, and all stores agree later', async () => {
    for (const fault of ['lost-before', 'lost-after'] as const) {
      await using stores = await TestStores.open()
      const coordinator = await stores.coordinator()
      const tx = await coordinator.begin()
      await putBoth(tx, 'k', 'new')
      await tx.prepare()
      stores.a.commitFaults.push(fault, 'lost-before')
      await assert.rejects(tx.commit(), withCode('COMMIT_UNDETERMINED'))
      assert.equal(tx.state, 'Prepared')
      await tx.rollback()
      assert.equal(tx.state, 'Prepared')
      await coordinator.recover()
      const left = await stores.everything()
      assert.deepEqual(left, fault === 'lost-after' ? ['a/k=new', 'b/k=new'] : [])
      // Applied and forgotten, or aborted: the log has no record either way, and does not guess.
      await assert.rejects(tx.commit(), withCode('COMMIT_UNDETERMINED'))
      assert.deepEqual(await stores.everything(), left)
    }
  })

  test('can be asked again before anyone has cleaned up', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await tx.prepare()
    stores.a.commitFaults.push('lost-after', 'lost-before')
    await assert.rejects(tx.commit(), withCode('COMMIT_UNDETERMINED'))
    assert.equal((await tx.commit()).state, 'Committed')
    assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=new'])
  })

  test('while preparing does not matter: it is aborted', async () => {
    for (const fault of ['lost-before', 'lost-after'] as const) {
      await using stores = await TestStores.open()
      const coordinator = await stores.coordinator()
      const tx = await coordinator.begin()
      await putBoth(tx, 'k', 'new')
      stores.b.commitFaults.push(fault)
      await assert.rejects(tx.commit(), withCode('TRANSACTION_ABORTED'))
      assert.equal(tx.state, 'Aborted')
      assert.deepEqual(await stores.everything(), [])
    }
  })

  test('while applying leaves it to recovery', async () => {
    for (const fault of ['lost-before', 'lost-after'] as const) {
      await using stores = await TestStores.open()
      const coordinator = await stores.coordinator()
      const tx = await coordinator.begin()
      await putBoth(tx, 'k', 'new')
      await tx.prepare()
      stores.b.commitFaults.push(fault)
      assert.deepEqual(await tx.commit(), { state: 'Committing', pending: ['b'] })
      assert.equal(await getFrom(coordinator, 'b', 'k'), 'new')
      await coordinator.recover()
      assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=new'])
    }
  })
})

test('what was prepared for another log is never decided by this one', async () => {
  await using stores = await TestStores.open()
  const coordinator = await stores.coordinator()
  const tx = await coordinator.begin()
  await putBoth(tx, 'k', 'new')
  await tx.prepare()
  const other = await stores.coordinator({
    stores: { c: await openMemoryStore(stores.env), b: stores.b.provider },
    log: 'c',
  })
  await assert.rejects(
    getFrom(other, 'b', 'k'),
    (error) => hasCode(error, 'STORAGE_UNAVAILABLE') && error.message.includes('another decision log'),
  )
  assert.deepEqual(Object.keys((await other.recover()).unreachable), ['b'])
  await tx.commit()
  assert.equal(await getFrom(other, 'b', 'k'), 'new')
})
