import { OrbitError, delay, type Env, type ErrorCode } from '@orbit-ts/base'
import type { TransactOptions, Transaction, TransactionOptions } from '../provider.js'
import { checkNumber } from './arguments.js'
import { isDeadlineOver, namingOutage } from './outage.js'

const RETRIED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'TRANSACTION_CONFLICT',
  'TRANSACTION_DEADLOCK',
  'SNAPSHOT_TOO_OLD',
  'STORAGE_UNAVAILABLE',
])

/** True when running the whole unit of work again may succeed: nothing was changed, and the cause passes. */
export function isRetried(error: unknown): boolean {
  return error instanceof OrbitError && RETRIED.has(error.code) && !isDeadlineOver(error)
}

/** `StorageProvider.transact`, written once for all providers. */
export async function transact<T>(
  env: Env,
  begin: (options: TransactionOptions) => Promise<Transaction>,
  work: (tx: Transaction) => Promise<T>,
  options: TransactOptions,
): Promise<T> {
  const { attemptsMax = 10, backoffMs = 1, backoffMaxMs = 100 } = options
  if (typeof work !== 'function') {
    throw new OrbitError('INVALID_ARGUMENT', `work: a function is expected, got ${typeof work}`, {
      field: 'work',
    })
  }
  checkNumber('attemptsMax', attemptsMax, 1, true)
  checkNumber('backoffMs', backoffMs, 0, false)
  checkNumber('backoffMaxMs', backoffMaxMs, 0, false)
  return namingOutage(options.signal, async (failed) => {
    for (let attempt = 1; ; attempt++) {
      const tx = await begin(options)
      try {
        const result = await work(tx)
        // Also when it was rolled back by its timeout or its signal meanwhile: commit then says why.
        if (tx.status !== 'committed') await tx.commit()
        return result
      } catch (error) {
        await tx.rollback()
        if (tx.status !== 'rolled-back' || !isRetried(error) || attempt >= attemptsMax) throw error
        failed(error)
      }
      const ceilingMs = Math.min(backoffMaxMs, backoffMs * 2 ** (attempt - 1))
      await delay(env, ceilingMs * (0.5 + env.random.float() / 2), options.signal)
    }
  })
}
