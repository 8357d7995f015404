import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, quiesce, watch } from '../harness/assertions.js'
import { PESSIMISTIC, assertFree, lock, locked } from '../harness/locking.js'
import { bytes, commit, contents, get, getMany } from '../harness/text.js'

export function registerLocks(suite: ConformanceSuite): void {
  if (!suite.offers('pessimistic')) return
  registerHolding(suite)
  registerReads(suite)
  registerSnapshotRules(suite)
  registerWriters(suite)
}

function registerHolding(suite: ConformanceSuite): void {
  for (const end of ['commit', 'rollback'] as const) {
    suite.test(`a lock is held until ${end}`, async ({ provider }) => {
      const [holder, other] = [await provider.begin(), await provider.begin()]
      await lock(holder, 'a')
      await locked(other, 'a')
      await holder[end]()
      await lock(other, 'a')
      await other.rollback()
    })
  }

  suite.test(
    'a lock that is not available names the key and changes nothing of the transaction',
    async ({ provider }) => {
      const [holder, other] = [await provider.begin(), await provider.begin()]
      await lock(holder, 'a')
      other.put(bytes('b'), bytes('1'))
      const error = await failure(() => other.lock([bytes('a')], { wait: 'nowait' }), 'LOCK_NOT_AVAILABLE')
      assert.equal(error.details['key'], '61')
      assert.equal(other.status, 'active')
      await other.commit()
      await holder.rollback()
      assert.deepEqual(await contents(provider), ['b=1'])
    },
  )

  suite.test('locking again what one holds is harmless, absent keys can be locked', async ({ provider }) => {
    await using tx = await provider.begin(PESSIMISTIC)
    await lock(tx, 'a', 'a', 'b')
    await tx.lock([bytes('a'), bytes('b')], { wait: 'nowait' })
    assert.equal(await get(tx, 'a'), undefined)
    await lock(tx)
    assert.deepEqual(await contents(provider), [])
  })

  suite.test('several keys are locked all or not at all', async ({ provider }) => {
    const [holder, other] = [await provider.begin(), await provider.begin()]
    await lock(holder, 'b')
    await locked(other, 'a', 'b', 'c')
    await assertFree(provider, 'a', 'c')
    await holder.rollback()
    await other.rollback()
  })

  suite.test('a lock stays when its transaction goes back to a savepoint', async ({ provider }) => {
    const [holder, other] = [await provider.begin(), await provider.begin()]
    const savepoint = holder.savepoint()
    await lock(holder, 'a')
    holder.rollbackTo(savepoint)
    await locked(other, 'a')
    await holder.rollback()
    await other.rollback()
  })
}

function registerReads(suite: ConformanceSuite): void {
  suite.test('pessimistic get and getMany lock what they read', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const [holder, other] = [await provider.begin(PESSIMISTIC), await provider.begin()]
    assert.equal(await get(holder, 'a'), '1')
    assert.deepEqual(await getMany(holder, ['b', 'c']), [undefined, undefined])
    for (const key of ['a', 'b', 'c']) await locked(other, key)
    await holder.rollback()
    await other.rollback()
    await assertFree(provider, 'a', 'b', 'c')
  })

  suite.test('optimistic reads and snapshots neither lock nor wait', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const holder = await provider.begin(PESSIMISTIC)
    await lock(holder, 'a')
    holder.put(bytes('a'), bytes('2'))
    const reader = await provider.begin()
    assert.equal(await get(reader, 'a'), '1')
    assert.deepEqual(await contents(provider), ['a=1'])
    await holder.commit()
    await assertFree(provider, 'a')
    await reader.rollback()
  })

  suite.test('a pessimistic get that waited sees what the holder committed', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const [holder, waiter] = [await provider.begin(PESSIMISTIC), await provider.begin(PESSIMISTIC)]
    await get(holder, 'a')
    const read = watch(get(waiter, 'a'))
    holder.put(bytes('a'), bytes('2'))
    await quiesce()
    assert.equal(read.settled, false)
    await holder.commit()
    assert.equal(await read.promise, '2')
    waiter.put(bytes('a'), bytes('3'))
    await waiter.commit()
    assert.deepEqual(await contents(provider), ['a=3'])
  })

  suite.test('one transaction may wait for the same key twice at once', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const [holder, waiter] = [await provider.begin(PESSIMISTIC), await provider.begin(PESSIMISTIC)]
    await lock(holder, 'a')
    const reads = watch(Promise.all([get(waiter, 'a'), get(waiter, 'a'), getMany(waiter, ['a', 'b'])]))
    await quiesce()
    assert.equal(reads.settled, false)
    await holder.rollback()
    assert.deepEqual(await reads.promise, ['1', '1', ['1', undefined]])
    await waiter.commit()
    await assertFree(provider, 'a', 'b')
  })
}

function registerSnapshotRules(suite: ConformanceSuite): void {
  suite.test('a lock before the first read moves the snapshot forward', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin()
    await commit(provider, { a: '2' })
    await lock(tx, 'a')
    assert.equal(await get(tx, 'a'), '2')
    tx.put(bytes('a'), bytes('3'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=3'])
  })

  for (const isolation of suite.expected.isolationLevels) {
    const strict = isolation !== 'read-committed'
    suite.test(
      `${isolation}: locking a key that changed since the first read ${strict ? 'conflicts' : 'is fine'}`,
      async ({ provider }) => {
        await commit(provider, { a: '1', b: '1' })
        await using tx = await provider.begin({ isolation })
        await get(tx, 'b')
        await commit(provider, { a: '2' })
        if (!strict) {
          await lock(tx, 'a')
          assert.equal(await get(tx, 'a'), '2')
          return
        }
        const error = await failure(() => lock(tx, 'a'), 'TRANSACTION_CONFLICT')
        assert.equal(error.details['key'], '61')
      },
    )
  }

  suite.test('what is locked and read cannot conflict any more', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin(PESSIMISTIC)
    await get(tx, 'a')
    const other = await provider.begin({ lockWaitMs: 1 })
    await get(other, 'a')
    other.put(bytes('a'), bytes('other'))
    await failure(() => other.commit(), 'LOCK_TIMEOUT', 'LOCK_NOT_AVAILABLE', 'TRANSACTION_CONFLICT')
    tx.put(bytes('a'), bytes('own'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=own'])
  })
}

function registerWriters(suite: ConformanceSuite): void {
  suite.test('a blind write of a locked key waits for the lock and then applies', async ({ provider }) => {
    const holder = await provider.begin(PESSIMISTIC)
    await get(holder, 'a')
    holder.put(bytes('a'), bytes('holder'))
    const writing = watch(commit(provider, { a: 'blind', b: 'blind' }))
    await quiesce()
    assert.equal(writing.settled, false)
    assert.deepEqual(await contents(provider), [])
    const { version } = await holder.commit()
    assert.ok((await writing.promise) > version)
    assert.deepEqual(await contents(provider), ['a=blind', 'b=blind'])
    await assertFree(provider, 'a', 'b')
  })

  suite.test(
    'what a pessimistic get reads includes the commits that were on their way',
    async ({ provider }) => {
      await commit(provider, { a: '0' })
      for (let round = 1; round <= 10; round++) {
        const blind = commit(provider, { a: `blind ${round}` })
        const other = await provider.begin()
        other.put(bytes('a'), bytes(`other ${round}`))
        const committing = other.commit()
        const tx = await provider.begin(PESSIMISTIC)
        const seen = await get(tx, 'a')
        tx.put(bytes('a'), bytes(`after ${seen}`))
        await tx.commit()
        await Promise.all([blind, committing])
      }
      await assertFree(provider, 'a')
    },
  )

  suite.test(
    'an optimistic commit of a locked key does not get in before the holder',
    async ({ provider }) => {
      await commit(provider, { a: '1' })
      const [holder, other] = [await provider.begin(PESSIMISTIC), await provider.begin()]
      await get(other, 'a')
      other.put(bytes('a'), bytes('other'))
      await get(holder, 'a')
      const committing = watch(other.commit())
      await quiesce()
      holder.put(bytes('a'), bytes('holder'))
      await holder.commit()
      await failure(() => committing.promise, 'TRANSACTION_CONFLICT', 'LOCK_NOT_AVAILABLE')
      assert.deepEqual(await contents(provider), ['a=holder'])
      await assertFree(provider, 'a')
    },
  )
}
