import assert from 'node:assert/strict'
import type { StorageProvider, Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, quiesce, succeeds, watch } from '../harness/assertions.js'
import { assertFree, lock, locked } from '../harness/locking.js'
import { bytes, commit, contents, get } from '../harness/text.js'

function share(tx: Transaction, ...keys: string[]): Promise<void> {
  return tx.lock(keys.map(bytes), { mode: 'shared' })
}

/** Locks that many may have at once: what was read stays as it was until the commit. */
export function registerSharedLocks(suite: ConformanceSuite): void {
  if (!suite.offers('pessimistic')) return
  registerSharing(suite)
  registerWriters(suite)
  registerExclusive(suite)
}

function registerSharing(suite: ConformanceSuite): void {
  suite.test('any number of transactions share a key, none waits, all commit', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const sharers = await Promise.all(Array.from({ length: 12 }, () => provider.begin()))
    for (const [index, tx] of sharers.entries()) {
      assert.equal(await get(tx, 'parent'), '1')
      await tx.lock([bytes('parent')], { mode: 'shared', wait: 'nowait' })
      tx.put(bytes(`child ${index}`), bytes('1'))
    }
    await Promise.all(sharers.map((tx) => tx.commit()))
    assert.equal((await contents(provider)).length, 13)
    await assertFree(provider, 'parent')
  })

  suite.test('a shared lock is gone with its transaction', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const sharer = await provider.begin()
    await share(sharer, 'parent')
    await sharer.rollback()
    const writer = await provider.begin()
    await get(writer, 'parent')
    writer.put(bytes('parent'), bytes('2'))
    await writer.commit()
    assert.deepEqual(await contents(provider), ['parent=2'])
  })

  suite.test('a transaction may write what it shares', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const tx = await provider.begin()
    await share(tx, 'parent')
    tx.put(bytes('parent'), bytes('2'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['parent=2'])
  })

  suite.test('sharing alone writes nothing and cannot conflict', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const sharer = await provider.begin()
    await share(sharer, 'parent')
    await commit(provider, { parent: '2' })
    assert.equal((await sharer.commit()).version, 0n)
  })
}

function registerWriters(suite: ConformanceSuite): void {
  for (const isolation of suite.expected.isolationLevels) {
    if (isolation === 'read-committed') continue
    for (const [name, change] of [
      ['writes', (tx: Transaction) => tx.put(bytes('parent'), bytes('2'))],
      ['deletes', (tx: Transaction) => tx.delete(bytes('parent'))],
    ] as const) {
      for (const order of ['first', 'last', 'at once'] as const) {
        suite.test(
          `${isolation}: of one that shares and one that ${name}, the sharer ${order}, one commits`,
          async ({ provider }) => {
            await commit(provider, { parent: '1' })
            const [sharer, writer] = [
              await provider.begin({ isolation }),
              await provider.begin({ isolation }),
            ]
            for (const tx of [sharer, writer]) await get(tx, 'parent')
            await share(sharer, 'parent')
            sharer.put(bytes('child'), bytes('1'))
            change(writer)
            await assertOneCommits(
              order === 'last' ? [writer, sharer] : [sharer, writer],
              order === 'at once',
            )
          },
        )
      }
    }
  }

  suite.test(
    'sharing what changed since the first read conflicts, at the latest at commit',
    async ({ provider }) => {
      await commit(provider, { parent: '1' })
      const tx = await provider.begin()
      await get(tx, 'parent')
      await commit(provider, { parent: '2' })
      const sharing = async (): Promise<void> => {
        await share(tx, 'parent')
        tx.put(bytes('child'), bytes('1'))
        await tx.commit()
      }
      const error = await failure(sharing, 'TRANSACTION_CONFLICT')
      assert.equal(error.details['key'], Buffer.from('parent').toString('hex'))
      assert.deepEqual(await contents(provider), ['parent=2'])
    },
  )
}

async function assertOneCommits([first, second]: readonly Transaction[], atOnce: boolean): Promise<void> {
  if (first === undefined || second === undefined) throw new TypeError('two transactions are needed')
  const commits = (tx: Transaction): Promise<boolean> => succeeds(() => tx.commit(), 'TRANSACTION_CONFLICT')
  if (atOnce) {
    const outcomes = await Promise.all([commits(first), commits(second)])
    assert.equal(outcomes.filter(Boolean).length, 1)
  } else {
    assert.deepEqual([await commits(first), await commits(second)], [true, false])
  }
}

function registerExclusive(suite: ConformanceSuite): void {
  suite.test(
    'sharing waits for the exclusive holder, and does not wait where it was told so',
    async ({ provider }) => {
      await commit(provider, { parent: '1' })
      const [holder, sharer] = [await provider.begin(), await provider.begin()]
      await lock(holder, 'parent')
      await failure(
        () => sharer.lock([bytes('parent')], { mode: 'shared', wait: 'nowait' }),
        'LOCK_NOT_AVAILABLE',
      )
      await failure(() => sharer.lock([bytes('parent')], { mode: 'shared', wait: 1 }), 'LOCK_TIMEOUT')
      const sharing = watch(share(sharer, 'parent'))
      await quiesce()
      assert.equal(sharing.settled, false)
      holder.put(bytes('parent'), bytes('2'))
      await holder.commit()
      await sharing.promise
      assert.equal(await get(sharer, 'parent'), '2')
      sharer.put(bytes('child'), bytes('1'))
      await sharer.commit()
      assert.deepEqual(await contents(provider), ['child=1', 'parent=2'])
    },
  )

  suite.test('two that waited for the holder share the key then', async ({ provider }) => {
    const holder = await provider.begin()
    await lock(holder, 'parent')
    const sharers = [await provider.begin(), await provider.begin()]
    const sharing = sharers.map((tx) => watch(share(tx, 'parent')))
    await quiesce()
    await holder.rollback()
    await Promise.all(sharing.map(({ promise }) => promise))
    for (const [index, tx] of sharers.entries()) tx.put(bytes(`child ${index}`), bytes('1'))
    await Promise.all(sharers.map((tx) => tx.commit()))
    assert.equal((await contents(provider)).length, 2)
  })

  suite.test(
    'a sharer that meets an exclusive lock at commit waits, and conflicts with what was written',
    async ({ provider }) => {
      await commit(provider, { parent: '1' })
      const [sharer, owner] = [await provider.begin(), await provider.begin()]
      await share(sharer, 'parent')
      sharer.put(bytes('child'), bytes('1'))
      await lock(owner, 'parent')
      const committing = watch(sharer.commit())
      await quiesce()
      assert.equal(committing.settled, false)
      owner.put(bytes('parent'), bytes('2'))
      await owner.commit()
      await failure(() => committing.promise, 'TRANSACTION_CONFLICT')
      assert.deepEqual(await contents(provider), ['parent=2'])
    },
  )

  suite.test(
    'a commit that only locked a key counts as a change for those that want to write it',
    async ({ provider }) => {
      await commit(provider, { parent: '1' })
      const [owner, writer] = [await provider.begin(), await provider.begin()]
      await get(writer, 'parent')
      await lock(owner, 'parent')
      owner.put(bytes('child'), bytes('1'))
      await owner.commit()
      writer.put(bytes('parent'), bytes('2'))
      await failure(() => writer.commit(), 'TRANSACTION_CONFLICT')
      assert.deepEqual(await contents(provider), ['child=1', 'parent=1'])
    },
  )

  suite.test('a lock that follows on the commit of a sharer comes after it', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const [sharer, owner] = [await provider.begin(), await provider.begin()]
    for (const tx of [sharer, owner]) await get(tx, 'parent')
    await share(sharer, 'parent')
    sharer.put(bytes('child'), bytes('1'))
    const committing = sharer.commit()
    await failure(() => lock(owner, 'parent'), 'TRANSACTION_CONFLICT')
    await committing
    await owner.rollback()
    assert.deepEqual(await contents(provider), ['child=1', 'parent=1'])
  })

  suite.test(
    'of one that shares and one that only locks exclusively, the one that commits later conflicts',
    async ({ provider }) => {
      await commit(provider, { parent: '1' })
      const [sharer, owner] = [await provider.begin(), await provider.begin()]
      for (const tx of [sharer, owner]) await get(tx, 'parent')
      await share(sharer, 'parent')
      sharer.put(bytes('child'), bytes('1'))
      await lock(owner, 'parent')
      owner.put(bytes('other'), bytes('1'))
      await owner.commit()
      await failure(() => sharer.commit(), 'TRANSACTION_CONFLICT')
      assert.deepEqual(await contents(provider), ['other=1', 'parent=1'])
    },
  )

  if (suite.isolated('read-committed')) registerReadCommitted(suite)
}

/** Without a snapshot to compare with at commit, those who want to write wait instead. */
function registerReadCommitted(suite: ConformanceSuite): void {
  const begin = (provider: StorageProvider): Promise<Transaction> =>
    provider.begin({ isolation: 'read-committed' })

  suite.test('read-committed: sharing keeps writers away until the end', async ({ provider }) => {
    const sharer = await begin(provider)
    await share(sharer, 'parent')
    const other = await provider.begin()
    await locked(other, 'parent')
    await sharer.commit()
    await lock(other, 'parent')
    await other.rollback()
  })

  suite.test('read-committed: sharers do not wait for one another', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const sharers = await Promise.all(Array.from({ length: 5 }, () => begin(provider)))
    for (const [index, tx] of sharers.entries()) {
      await tx.lock([bytes('parent')], { mode: 'shared', wait: 'nowait' })
      tx.put(bytes(`child ${index}`), bytes('1'))
    }
    await Promise.all(sharers.map((tx) => tx.commit()))
    assert.equal((await contents(provider)).length, 6)
    await assertFree(provider, 'parent')
  })

  suite.test('read-committed: a writer waits until the last sharer has ended', async ({ provider }) => {
    await commit(provider, { parent: '1' })
    const sharers = [await begin(provider), await begin(provider)]
    for (const tx of sharers) await share(tx, 'parent')
    const writing = watch(commit(provider, { parent: '2' }))
    for (const tx of sharers) {
      await quiesce()
      assert.equal(writing.settled, false)
      await tx.rollback()
    }
    await writing.promise
    assert.deepEqual(await contents(provider), ['parent=2'])
  })

  suite.test('read-committed: who comes after a waiting writer waits behind it', async ({ provider }) => {
    const [first, second] = [await begin(provider), await begin(provider)]
    await share(first, 'parent')
    const writing = watch(commit(provider, { parent: '2' }))
    await quiesce()
    const sharing = watch(share(second, 'parent'))
    await quiesce()
    assert.deepEqual([writing.settled, sharing.settled], [false, false])
    await first.rollback()
    await Promise.all([writing.promise, sharing.promise])
    assert.equal(await get(second, 'parent'), '2')
    await second.rollback()
  })

  suite.test(
    'read-committed: of two sharers that both want to write, one is refused',
    async ({ provider }) => {
      const [first, second] = [await begin(provider), await begin(provider)]
      for (const tx of [first, second]) await share(tx, 'parent')
      first.put(bytes('parent'), bytes('1'))
      second.put(bytes('parent'), bytes('2'))
      const committing = watch(first.commit())
      await quiesce()
      assert.equal(committing.settled, false)
      await failure(() => second.commit(), 'TRANSACTION_DEADLOCK')
      await committing.promise
      assert.deepEqual(await contents(provider), ['parent=1'])
    },
  )
}
