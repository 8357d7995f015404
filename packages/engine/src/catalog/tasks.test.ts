import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import type { TransactOptions } from '@orbit-ts/storage'
import { openDatabase } from '../database.js'

/** Gives no answer until its signal ends it, as a lost cluster does. */
const unanswered = <T>(_: unknown, { signal }: TransactOptions = {}): Promise<T> =>
  new Promise<T>((_, reject) => {
    signal?.addEventListener('abort', () => reject(new OrbitError('ABORTED', 'ended by its signal')))
  })

describe('closing a database', () => {
  it('does not wait for a store that does not say what is left to do', async () => {
    const database = await openDatabase({ storage: { kind: 'memory' } })
    database.storage.transact = unanswered
    const resumed = assert.rejects(database.resume(), { code: 'ABORTED' })
    await database.close()
    await resumed
  })
})
