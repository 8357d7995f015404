import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import { bytes, commit, contents, entryText, get, getMany, range, scan, scanValues } from '../harness/text.js'

/** One snapshot for several reads, under `read-committed`. */
export function registerRefresh(suite: ConformanceSuite): void {
  if (suite.isolated('read-committed')) registerReadCommitted(suite)

  for (const isolation of suite.expected.isolationLevels) {
    if (isolation === 'read-committed') continue
    suite.test(`${isolation}: the snapshot stays where it is`, async ({ provider }) => {
      await commit(provider, { a: '1' })
      await using tx = await provider.begin({ isolation })
      await get(tx, 'a')
      await commit(provider, { a: '2' })
      await tx.refresh()
      assert.equal(await get(tx, 'a'), '1')
    })
  }

  for (const isolation of suite.expected.isolationLevels) {
    suite.test(`${isolation}: tells whether reads have moved on`, async ({ provider }) => {
      await using tx = await provider.begin({ isolation })
      await tx.refresh()
      await get(tx, 'a')
      const moves = [() => tx.refresh()]
      if (suite.offers('pessimistic')) {
        moves.push(() => tx.lock([bytes('b')]))
        moves.push(() => tx.lock([bytes('c')], { mode: 'shared' }))
      }
      for (const [at, move] of moves.entries()) {
        await commit(provider, { a: String(at) })
        const before = tx.snapshotCount
        await get(tx, 'a')
        assert.equal(tx.snapshotCount, before)
        await move()
        assert.equal(tx.snapshotCount > before, isolation === 'read-committed')
      }
    })
  }

  suite.test('a transaction that has ended refuses it', async ({ provider }) => {
    const tx = await provider.begin()
    await tx.rollback()
    await failure(() => tx.refresh(), 'TRANSACTION_CLOSED')
  })
}

function registerReadCommitted(suite: ConformanceSuite): void {
  const isolation = 'read-committed'

  suite.test('read-committed: reads stay at one moment until the next call', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1' })
    await using tx = await provider.begin({ isolation })
    await tx.refresh()
    await commit(provider, { a: '2', b: undefined, c: '2' })
    assert.deepEqual(await getMany(tx, ['a', 'b', 'c']), ['1', '1', undefined])
    assert.equal(await get(tx, 'a'), '1')
    assert.deepEqual(await scan(tx), ['a=1', 'b=1'])
    await tx.refresh()
    assert.deepEqual(await getMany(tx, ['a', 'b', 'c']), ['2', undefined, '2'])
    assert.deepEqual(await scan(tx), ['a=2', 'c=2'])
  })

  suite.test('read-committed: own writes show, whenever they were made', async ({ provider }) => {
    await commit(provider, { a: '1' })
    await using tx = await provider.begin({ isolation })
    tx.put(bytes('b'), bytes('own'))
    await tx.refresh()
    tx.put(bytes('c'), bytes('own'))
    await commit(provider, { b: 'other', d: 'other' })
    assert.deepEqual(await scan(tx), ['a=1', 'b=own', 'c=own'])
  })

  suite.test('read-committed: a scan under way keeps the moment it began at', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1', c: '1' })
    await using tx = await provider.begin({ isolation })
    await tx.refresh()
    const seen: string[] = []
    for await (const [entry] of tx.scan({}, { chunkSize: 1 })) {
      assert.ok(entry !== undefined)
      seen.push(String.fromCharCode(...entry.key, ...entry.value))
      await commit(provider, { b: '2', c: undefined, d: '2' })
      await tx.refresh()
    }
    assert.deepEqual(seen, ['a1', 'b1', 'c1'])
    assert.deepEqual(await scan(tx), ['a=1', 'b=2', 'd=2'])
  })

  suite.test('read-committed: a scan of values under way does, too', async ({ provider }) => {
    await commit(provider, { a: 'a1', b: 'b1', c: 'c1' })
    await using tx = await provider.begin({ isolation })
    for (const isRefreshed of [false, true]) {
      const seen: string[] = []
      for await (const chunk of tx.scan(range('a', 'z'), { chunkSize: 1, valuesOnly: true })) {
        seen.push(...chunk.map(entryText))
        await commit(provider, { a: 'a2', b: 'b2', c: undefined, d: 'd2' })
        if (isRefreshed) await tx.refresh()
      }
      assert.deepEqual(seen, ['=a1', '=b1', '=c1'])
      assert.deepEqual(await scanValues(tx, range('a', 'z')), ['=a2', '=b2', '=d2'])
      await commit(provider, { a: 'a1', b: 'b1', c: 'c1', d: undefined })
      if (!isRefreshed) await tx.refresh()
    }
  })

  for (const mode of ['exclusive', 'shared'] as const)
    suite.test(`read-committed: a lock (${mode}) takes the moment anew`, async ({ provider }) => {
      await commit(provider, { a: '1', b: '1' })
      await using tx = await provider.begin({ isolation })
      await tx.refresh()
      await commit(provider, { a: '2', b: '2' })
      assert.equal(await get(tx, 'a'), '1')
      await tx.lock([bytes('a')], { mode })
      assert.deepEqual(await getMany(tx, ['a', 'b']), ['2', '2'])
    })

  suite.test('read-committed: it does not make commits conflict', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin({ isolation })
    await tx.refresh()
    assert.equal(await get(tx, 'a'), '1')
    await commit(provider, { a: '2' })
    tx.put(bytes('a'), bytes('3'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=3'])
  })
}
