import assert from 'node:assert/strict'
import { TestEnv, equalBytes } from '@orbit-ts/base'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import { EDGE_KEYS } from './keys.js'
import { bytes, commit, contents, get } from '../harness/text.js'

/** What is there after the store was closed and opened again. Crashes are tested outside, with processes that die. */
export function registerDurability(suite: ConformanceSuite): void {
  if (!suite.durable) return
  registerReopen(suite)

  suite.test('commit versions go on increasing after a reopen', async ({ provider, reopen }) => {
    await commit(provider, { a: '1' })
    const before = await commit(provider, { a: '2' })
    const reopened = await reopen()
    assert.ok((await commit(reopened, { a: '3' })) > before)
  })

  suite.test(
    'versions of commits that changed nothing are not given out again',
    async ({ provider, reopen }) => {
      const before = await commit(provider, { absent: undefined })
      const reopened = await reopen()
      assert.ok((await commit(reopened, { absent: undefined })) > before)
    },
  )

  suite.test('reopening twice, and an empty store, are fine', async ({ reopen }) => {
    assert.deepEqual(await contents(await reopen()), [])
    const second = await reopen()
    await commit(second, { a: '1' })
    assert.deepEqual(await contents(await reopen()), ['a=1'])
  })

  suite.test('the provider that was closed for a reopen stays closed', async ({ provider, reopen }) => {
    await reopen()
    await failure(() => provider.begin(), 'STORAGE_CLOSED')
  })
}

function registerReopen(suite: ConformanceSuite): void {
  for (const durability of suite.expected.durability) {
    suite.test(
      `what was acknowledged with ${durability} is there, what was not is absent`,
      async ({ provider, reopen }) => {
        await provider.transact(
          async (tx) => {
            for (const key of EDGE_KEYS) tx.put(bytes(key), bytes(`v${key}`))
          },
          { durability },
        )
        await provider.write([{ type: 'delete', key: bytes('A') }], { durability })
        const expected = EDGE_KEYS.filter((key) => key !== 'A').map((key) => `${key}=v${key}`)
        const open = await provider.begin()
        open.put(bytes('never'), bytes('committed'))
        const rolledBack = await provider.begin()
        rolledBack.put(bytes('never'), bytes('committed'))
        await rolledBack.rollback()
        assert.deepEqual(await contents(await reopen()), expected)
      },
    )
  }

  suite.test('large values and many commits are there', async ({ provider, reopen, capabilities }) => {
    const size = Math.min(1_048_576, capabilities.valueSizeMaxBytes)
    const large = new TestEnv({ seed: suite.seed }).random.bytes(size)
    await provider.transact(async (tx) => tx.put(bytes('large'), large))
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => commit(provider, { [`k${index}`]: String(index) })),
    )
    const reopened = await reopen()
    await using tx = await reopened.begin()
    const found = await tx.get(bytes('large'))
    assert.ok(found !== undefined && equalBytes(found, large))
    for (let index = 0; index < 50; index++) assert.equal(await get(tx, `k${index}`), String(index))
  })

  suite.test('an insert finds what an earlier opening wrote', async ({ provider, reopen }) => {
    await commit(provider, { a: '1' })
    const reopened = await reopen()
    await failure(() => reopened.transact(async (tx) => tx.insert(bytes('a'), bytes('2'))), 'KEY_EXISTS')
    assert.deepEqual(await contents(reopened), ['a=1'])
  })

  suite.test(
    'closing at once after commits loses none that was acknowledged',
    async ({ provider, reopen }) => {
      const commits = Array.from({ length: 20 }, (_, index) =>
        commit(provider, { [`a${index}`]: '1', [`b${index}`]: '1' }).then(
          () => true,
          () => false,
        ),
      )
      const reopened = await reopen()
      const acknowledged = await Promise.all(commits)
      const found = await contents(reopened)
      for (const [index, committed] of acknowledged.entries()) {
        assert.equal(found.includes(`a${index}=1`), committed, `a${index}`)
        assert.equal(found.includes(`b${index}=1`), committed, `b${index}`)
      }
    },
  )
}
