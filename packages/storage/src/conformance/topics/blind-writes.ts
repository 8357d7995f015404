import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import { bytes, commit, contents, get, scan } from '../harness/text.js'

/** `write`: atomic and without reads. */
export function registerBlindWrites(suite: ConformanceSuite): void {
  suite.test('puts and deletes in one commit', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1' })
    await provider.write([
      { type: 'put', key: bytes('a'), value: bytes('2') },
      { type: 'delete', key: bytes('b') },
      { type: 'put', key: bytes('c'), value: bytes('2') },
    ])
    assert.deepEqual(await contents(provider), ['a=2', 'c=2'])
  })

  suite.test('the last operation on a key wins', async ({ provider }) => {
    await provider.write([
      { type: 'put', key: bytes('a'), value: bytes('1') },
      { type: 'delete', key: bytes('a') },
      { type: 'put', key: bytes('a'), value: bytes('2') },
      { type: 'put', key: bytes('b'), value: bytes('1') },
      { type: 'delete', key: bytes('b') },
    ])
    assert.deepEqual(await contents(provider), ['a=2'])
  })

  suite.test('a large batch is written whole', async ({ provider }) => {
    const batch = Array.from({ length: 5000 }, (_, index) => `k${String(index).padStart(4, '0')}`)
    await commit(provider, Object.fromEntries(batch.map((key) => [key, 'v'])))
    assert.deepEqual(
      await contents(provider),
      batch.map((key) => `${key}=v`),
    )
  })

  suite.test('nobody sees half of a batch', async ({ provider }) => {
    const keys = ['a', 'b', 'c', 'd']
    const all = (value: string): Record<string, string> => Object.fromEntries(keys.map((key) => [key, value]))
    await commit(provider, all('0'))
    const writers = Array.from({ length: 40 }, (_, index) => commit(provider, all(String(index))))
    const seen = await Promise.all(Array.from({ length: 40 }, () => contents(provider)))
    await Promise.all(writers)
    for (const entries of seen) {
      assert.equal(new Set(entries.map((entry) => entry.slice(2))).size, 1, entries.join(' '))
    }
  })

  suite.test(
    'concurrent batches on the same keys all succeed, and one of them is last',
    async ({ provider }) => {
      const versions = await Promise.all(
        Array.from({ length: 20 }, (_, index) => commit(provider, { a: String(index), b: String(index) })),
      )
      const last = versions.indexOf(versions.reduce((a, b) => (a > b ? a : b)))
      assert.deepEqual(await contents(provider), [`a=${last}`, `b=${last}`])
    },
  )

  suite.test('a transaction that wrote the same key conflicts', async ({ provider }) => {
    const tx = await provider.begin()
    await get(tx, 'a')
    tx.put(bytes('a'), bytes('own'))
    await commit(provider, { a: 'blind' })
    await failure(() => tx.commit(), 'TRANSACTION_CONFLICT')
    assert.deepEqual(await contents(provider), ['a=blind'])
  })

  if (!suite.isolated('serializable')) return
  suite.test(
    'a serializable transaction that read the key, or the range, conflicts',
    async ({ provider }) => {
      const [reader, scanner] = [
        await provider.begin({ isolation: 'serializable' }),
        await provider.begin({ isolation: 'serializable' }),
      ]
      await get(reader, 'a')
      await scan(scanner)
      for (const tx of [reader, scanner]) tx.put(bytes('z'), bytes('own'))
      await commit(provider, { a: 'blind' })
      for (const tx of [reader, scanner]) await failure(() => tx.commit(), 'TRANSACTION_CONFLICT')
      assert.deepEqual(await contents(provider), ['a=blind'])
    },
  )
}
