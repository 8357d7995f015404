import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, thrown } from '../harness/assertions.js'
import { bytes, commit, contents, get, scan } from '../harness/text.js'

export function registerSavepoints(suite: ConformanceSuite): void {
  registerUndo(suite)
  registerNesting(suite)
  registerRelease(suite)
  registerMisuse(suite)
}

function registerUndo(suite: ConformanceSuite): void {
  suite.test('undoes puts, overwrites, deletes and inserts since the savepoint', async ({ provider }) => {
    await commit(provider, { a: '1', b: '2' })
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('kept'))
    tx.put(bytes('c'), bytes('kept'))
    const savepoint = tx.savepoint()
    tx.put(bytes('a'), bytes('undone'))
    tx.delete(bytes('b'))
    tx.delete(bytes('c'))
    tx.insert(bytes('d'), bytes('undone'))
    tx.put(bytes('e'), bytes('undone'))
    tx.rollbackTo(savepoint)
    assert.deepEqual(await scan(tx), ['a=kept', 'b=2', 'c=kept'])
    assert.equal(await get(tx, 'd'), undefined)
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=kept', 'b=2', 'c=kept'])
  })

  suite.test('an insert that was undone asks for nothing at commit', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin()
    const savepoint = tx.savepoint()
    tx.insert(bytes('a'), bytes('undone'))
    tx.rollbackTo(savepoint)
    tx.put(bytes('a'), bytes('2'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2'])
  })

  suite.test(
    'an insert before the savepoint still counts after its overwrite was undone',
    async ({ provider }) => {
      await commit(provider, { a: '1' })
      const tx = await provider.begin()
      tx.insert(bytes('a'), bytes('2'))
      const savepoint = tx.savepoint()
      tx.put(bytes('a'), bytes('3'))
      tx.rollbackTo(savepoint)
      await failure(() => tx.commit(), 'KEY_EXISTS')
      assert.deepEqual(await contents(provider), ['a=1'])
    },
  )

  suite.test('a transaction whose writes were all undone has written nothing', async ({ provider }) => {
    const tx = await provider.begin()
    const savepoint = tx.savepoint()
    tx.put(bytes('a'), bytes('1'))
    tx.rollbackTo(savepoint)
    assert.equal((await tx.commit()).version, 0n)
    assert.deepEqual(await contents(provider), [])
  })

  suite.test('what was undone cannot conflict', async ({ provider }) => {
    const tx = await provider.begin()
    assert.equal(await get(tx, 'a'), undefined)
    const savepoint = tx.savepoint()
    tx.put(bytes('a'), bytes('undone'))
    tx.rollbackTo(savepoint)
    tx.put(bytes('b'), bytes('kept'))
    await commit(provider, { a: 'other' })
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=other', 'b=kept'])
  })
}

function registerNesting(suite: ConformanceSuite): void {
  suite.test('savepoints nest, and each goes back to its own point', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    const outer = tx.savepoint()
    tx.put(bytes('a'), bytes('2'))
    const inner = tx.savepoint()
    tx.put(bytes('a'), bytes('3'))
    tx.put(bytes('b'), bytes('3'))
    tx.rollbackTo(inner)
    assert.deepEqual(await scan(tx), ['a=2'])
    tx.rollbackTo(outer)
    assert.deepEqual(await scan(tx), ['a=1'])
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('a savepoint stays valid after it was used, also twice', async ({ provider }) => {
    const tx = await provider.begin()
    const savepoint = tx.savepoint()
    for (const value of ['1', '2', '3']) {
      tx.put(bytes('a'), bytes(value))
      tx.rollbackTo(savepoint)
      assert.deepEqual(await scan(tx), [])
    }
    tx.rollbackTo(savepoint)
    tx.put(bytes('a'), bytes('kept'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=kept'])
  })

  suite.test('two savepoints at one point are both valid', async ({ provider }) => {
    await using tx = await provider.begin()
    const first = tx.savepoint()
    const second = tx.savepoint()
    assert.notEqual(first.id, second.id)
    tx.put(bytes('a'), bytes('1'))
    tx.rollbackTo(second)
    tx.put(bytes('b'), bytes('1'))
    tx.rollbackTo(first)
    assert.deepEqual(await scan(tx), [])
  })

  suite.test('a new savepoint after going back works beside the old one', async ({ provider }) => {
    await using tx = await provider.begin()
    const outer = tx.savepoint()
    tx.put(bytes('a'), bytes('1'))
    tx.rollbackTo(outer)
    tx.put(bytes('b'), bytes('1'))
    const inner = tx.savepoint()
    tx.delete(bytes('b'))
    tx.rollbackTo(inner)
    assert.deepEqual(await scan(tx), ['b=1'])
    tx.rollbackTo(outer)
    assert.deepEqual(await scan(tx), [])
  })
}

function registerRelease(suite: ConformanceSuite): void {
  suite.test('what was written behind a savepoint stays when it is released', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    const savepoint = tx.savepoint()
    tx.put(bytes('a'), bytes('2'))
    tx.release(savepoint)
    thrown(() => tx.rollbackTo(savepoint), 'INVALID_ARGUMENT')
    thrown(() => tx.release(savepoint), 'INVALID_ARGUMENT')
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2'])
  })

  suite.test('a savepoint goes back behind those after it that were released', async ({ provider }) => {
    await using tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    const outer = tx.savepoint()
    const inner = tx.savepoint()
    tx.put(bytes('a'), bytes('2'))
    const innermost = tx.savepoint()
    tx.put(bytes('b'), bytes('2'))
    tx.release(inner)
    thrown(() => tx.rollbackTo(innermost), 'INVALID_ARGUMENT')
    tx.put(bytes('a'), bytes('3'))
    assert.deepEqual(await scan(tx), ['a=3', 'b=2'])
    tx.rollbackTo(outer)
    assert.deepEqual(await scan(tx), ['a=1'])
  })
}

function registerMisuse(suite: ConformanceSuite): void {
  suite.test('a savepoint that was undone is refused', async ({ provider }) => {
    await using tx = await provider.begin()
    const outer = tx.savepoint()
    const inner = tx.savepoint()
    tx.put(bytes('a'), bytes('1'))
    tx.rollbackTo(outer)
    tx.put(bytes('b'), bytes('1'))
    thrown(() => tx.rollbackTo(inner), 'INVALID_ARGUMENT')
    assert.deepEqual(await scan(tx), ['b=1'])
  })

  suite.test('an unknown savepoint is refused and undoes nothing', async ({ provider }) => {
    await using tx = await provider.begin()
    const savepoint = tx.savepoint()
    tx.put(bytes('a'), bytes('1'))
    thrown(() => tx.rollbackTo({ id: savepoint.id + 1_000 }), 'INVALID_ARGUMENT')
    assert.deepEqual(await scan(tx), ['a=1'])
  })

  suite.test('an ended transaction makes and uses no savepoint', async ({ provider }) => {
    const tx = await provider.begin()
    const savepoint = tx.savepoint()
    await tx.rollback()
    thrown(() => tx.rollbackTo(savepoint), 'TRANSACTION_CLOSED')
    thrown(() => tx.savepoint(), 'TRANSACTION_CLOSED')
  })
}
