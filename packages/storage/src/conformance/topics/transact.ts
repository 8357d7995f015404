import assert from 'node:assert/strict'
import { type ErrorCode, OrbitError } from '@orbit-ts/base'
import type { StorageProvider, Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import { bytes, commit, contents, get } from '../harness/text.js'

export function registerTransact(suite: ConformanceSuite): void {
  registerOutcomes(suite)
  registerRetries(suite)
}

function registerOutcomes(suite: ConformanceSuite): void {
  suite.test('commits and gives back what the closure returned', async ({ provider }) => {
    const result = await provider.transact(async (tx) => {
      tx.put(bytes('a'), bytes('1'))
      return { answer: await get(tx, 'a') }
    })
    assert.deepEqual(result, { answer: '1' })
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('passes its options on to the transaction', async ({ provider }) => {
    const isolation = suite.expected.isolationLevels.at(-1) ?? 'snapshot'
    const mode = suite.expected.modes.at(-1) ?? 'optimistic'
    const seen = await provider.transact(async (tx) => [tx.isolation, tx.mode, tx.status], {
      isolation,
      mode,
    })
    assert.deepEqual(seen, [isolation, mode, 'active'])
  })

  suite.test('rolls back and throws the same error when the closure throws, once', async ({ provider }) => {
    const problem = new Error('the closure gave up')
    const seen: Transaction[] = []
    const work = provider.transact(async (tx) => {
      seen.push(tx)
      tx.put(bytes('a'), bytes('1'))
      throw problem
    })
    await assert.rejects(work, (error) => error === problem)
    assert.deepEqual(
      seen.map(({ status }) => status),
      ['rolled-back'],
    )
    assert.deepEqual(await contents(provider), [])
  })

  suite.test('ends the transaction before it resolves', async ({ provider }) => {
    const tx = await provider.transact(async (inner) => inner)
    assert.equal(tx.status, 'committed')
    await failure(() => tx.get(bytes('a')), 'TRANSACTION_CLOSED')
  })
}

/** Makes `tx` fail at its commit: another transaction changes what it has read and will write. */
async function conflictWith(provider: StorageProvider, tx: Transaction, value: string): Promise<void> {
  await get(tx, 'a')
  await commit(provider, { a: `other ${value}` })
  tx.put(bytes('a'), bytes(`own ${value}`))
}

function registerRetries(suite: ConformanceSuite): void {
  suite.test('runs the whole closure again after a conflict, in a new transaction', async ({ provider }) => {
    const seen: Transaction[] = []
    await provider.transact(async (tx) => {
      seen.push(tx)
      tx.put(bytes(`run ${seen.length}`), bytes('1'))
      if (seen.length < 3) await conflictWith(provider, tx, String(seen.length))
    })
    assert.equal(new Set(seen.map(({ id }) => id)).size, 3)
    assert.deepEqual(
      seen.map(({ status }) => status),
      ['rolled-back', 'rolled-back', 'committed'],
    )
    assert.deepEqual(await contents(provider), ['a=other 2', 'run 3=1'])
  })

  suite.test('gives up after attemptsMax runs with the last error', async ({ provider }) => {
    for (const attemptsMax of [1, 3]) {
      let runs = 0
      const work = provider.transact((tx) => conflictWith(provider, tx, String(++runs)), {
        attemptsMax,
        backoffMs: 0,
      })
      await failure(() => work, 'TRANSACTION_CONFLICT')
      assert.equal(runs, attemptsMax)
      assert.deepEqual(await contents(provider), [`a=other ${attemptsMax}`])
    }
  })

  suite.test('runs ten times by default', async ({ provider }) => {
    let runs = 0
    const work = provider.transact((tx) => conflictWith(provider, tx, String(++runs)), { backoffMs: 0 })
    await failure(() => work, 'TRANSACTION_CONFLICT')
    assert.equal(runs, 10)
  })

  suite.test(
    'says that the store cannot be reached when the time of the caller passes over that',
    async ({ provider }) => {
      let runs = 0
      const deadline = new AbortController()
      const work = provider.transact(
        async (tx) => {
          runs++
          if (runs < 3) throw new OrbitError('STORAGE_UNAVAILABLE', 'nobody answers', { reason: 'test' })
          deadline.abort(new OrbitError('TRANSACTION_TIMEOUT', 'it took 5 ms', { timeoutMs: 5 }))
          return get(tx, 'a')
        },
        { backoffMs: 0, signal: deadline.signal },
      )
      const error = await failure(() => work, 'STORAGE_UNAVAILABLE')
      assert.equal(error.reason, 'nobody answers; this went on until it took 5 ms')
      assert.deepEqual(error.details, { reason: 'test', deadline: 'TRANSACTION_TIMEOUT', timeoutMs: 5 })
      assert.equal(runs, 3)
    },
  )

  suite.test('says that it was aborted when the caller gave up over that', async ({ provider }) => {
    const caller = new AbortController()
    const work = provider.transact(
      () => {
        caller.abort()
        throw new OrbitError('STORAGE_UNAVAILABLE', 'nobody answers')
      },
      { backoffMs: 0, signal: caller.signal },
    )
    await failure(() => work, 'ABORTED')
  })

  const codes: readonly [ErrorCode, number][] = [
    ['TRANSACTION_CONFLICT', 3],
    ['TRANSACTION_DEADLOCK', 3],
    ['SNAPSHOT_TOO_OLD', 3],
    ['STORAGE_UNAVAILABLE', 3],
    ['COMMIT_UNDETERMINED', 1],
    ['KEY_EXISTS', 1],
    ['INVALID_ARGUMENT', 1],
    ['LOCK_TIMEOUT', 1],
    ['TRANSACTION_TIMEOUT', 1],
    ['ABORTED', 1],
    ['STORAGE_CLOSED', 1],
  ]
  for (const [code, expected] of codes) {
    suite.test(
      `runs ${expected === 1 ? 'once' : 'again'} when the closure throws ${code}`,
      async ({ provider }) => {
        let runs = 0
        const work = provider.transact(
          async () => {
            runs++
            throw new OrbitError(code, 'thrown by the closure')
          },
          { attemptsMax: 3, backoffMs: 0 },
        )
        await failure(() => work, code)
        assert.equal(runs, expected)
      },
    )
  }
}
